"""Reading a generated drop to the record store against unpacking the same files with zcat.

Both use the same number of processes, in turns, in one run: only the ratio means something.
Standing alone: `python -m tests.bench.bench_reading [WORKS]`.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assets.drop_files import DropFile
from assets.reading import read_drop
from assets.sample.drop import generate_drop

WORKS = 100_000
MAX_RATIO = 2.5
"""Goal: reading takes at most so many times what zcat takes."""
MAX_PEAK_BYTES = 3 << 29
"""Goal: 1.5 GiB for all processes together."""
_ROUNDS = 4
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Cost:
    """What one way to go through the files took."""

    seconds: float
    processor_seconds: float
    """Of the processes it started."""


@dataclass(frozen=True)
class ReadingBench:
    """The best of the rounds each: what else the machine does can only make a round slower."""

    works: int
    workers: int
    zcat: Cost
    read: Cost
    peak_bytes: int
    """Highest resident memory of this process and its workers at one time; shared pages count in each."""

    @property
    def ratio(self) -> float:
        return self.read.seconds / self.zcat.seconds

    @property
    def processor_ratio(self) -> float:
        """The same by processor time, which other work on the machine disturbs far less."""
        return self.read.processor_seconds / self.zcat.processor_seconds

    @property
    def passed(self) -> bool:
        return self.ratio <= MAX_RATIO and self.peak_bytes <= MAX_PEAK_BYTES

    def __str__(self) -> str:
        return (
            f"reading {self.works:,} works, {self.workers} processes: {self.read.seconds:.2f} s, "
            f"zcat {self.zcat.seconds:.2f} s, ratio {self.ratio:.2f} (goal <= {MAX_RATIO}; "
            f"{self.processor_ratio:.2f} in processor time); "
            f"peak memory {self.peak_bytes / 2**30:.2f} GiB (goal <= {MAX_PEAK_BYTES / 2**30:.1f})"
        )


def bench_reading(drop: Path, *, works: int, workers: int = 2) -> ReadingBench:
    """Read the gzip files of a drop of so many works and unpack them with zcat, in turns."""
    files = _files(drop)
    paths = [drop / file.path for file in files]
    zcat: list[Cost] = []
    reading: list[Cost] = []
    with tempfile.TemporaryDirectory(dir=drop.parent) as store, _MemoryPeak() as peak:
        for turn in range(_ROUNDS):
            zcat.append(_cost(partial(_zcat, paths, workers)))
            reading.append(_cost(partial(_read, drop, files, Path(store) / str(turn), workers)))
    return ReadingBench(works, workers, _best(zcat), _best(reading), peak.bytes)


def _cost(work: Callable[[], None]) -> Cost:
    before, started = os.times(), time.perf_counter()
    work()
    seconds, after = time.perf_counter() - started, os.times()
    user = after.children_user - before.children_user
    return Cost(seconds, user + after.children_system - before.children_system)


def _best(costs: Sequence[Cost]) -> Cost:
    return Cost(min(c.seconds for c in costs), min(c.processor_seconds for c in costs))


def _files(drop: Path) -> list[DropFile]:
    states = [(path, path.stat()) for path in sorted(drop.rglob("*.gz"))]
    return [
        DropFile(path.relative_to(drop).as_posix(), state.st_size, state.st_mtime_ns, None)
        for path, state in states
    ]


def _zcat(paths: Sequence[Path], processes: int) -> None:
    subprocess.run(
        ["xargs", "-0", "-n", "1", "-P", str(processes), "zcat"],
        input="\0".join(map(str, paths)).encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _read(drop: Path, files: Sequence[DropFile], store: Path, workers: int) -> None:
    summary = read_drop(
        drop_id=drop.name,
        root=drop,
        files=files,
        destination=store / "version",
        quarantine_file=store / "quarantine.jsonl",
        workers=workers,
        on_progress=lambda progress: None,
    )
    if summary.rejected:
        raise RuntimeError(f"the benchmark's drop has rejects: {summary.rejected_by_reason}")


class _MemoryPeak:
    """The highest sum of resident memory of this process and its workers, by looking often."""

    def __init__(self) -> None:
        self.bytes = 0
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_MemoryPeak":
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            processes = ["self", *_children()]
            self.bytes = max(self.bytes, sum(map(_resident_bytes, processes)))


def _children() -> list[str]:
    """Process ids as the kernel knows them: asking multiprocessing would wait for dead ones."""
    lists = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    return " ".join(lists).split()


def _resident_bytes(process: str) -> int:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    works = int(sys.argv[1]) if len(sys.argv) > 1 else WORKS
    with tempfile.TemporaryDirectory() as folder:
        drop = Path(folder) / "drop"
        generate_drop(drop, works=works, workers=2)
        result = bench_reading(drop, works=works)
    print(result)
    return 0 if result.passed else 1


if __name__ == "__main__":
    sys.exit(main())
