"""Reading a drop to the record store: against unpacking the same files, and how much memory it takes."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from assets.drop_files import DropFile
from assets.reading import read_drop
from tests.bench.ground import WORKERS, Ground, say
from tests.bench.lines import Goal, Line, Spread
from tests.bench.memory import MemoryPeak
from tests.bench.timing import Work, compared, in_turns

_MAX_RATIO: Final = 2.5
_MAX_PEAK_GIB: Final = 1.5
_ROUNDS: Final = 4


def bench_reading(ground: Ground) -> list[Line]:
    """The drop read to Parquet against unpacking the same files in as many processes."""
    files = data_files(ground.drop, "*.gz")
    paths = [ground.drop / file.path for file in files]
    with tempfile.TemporaryDirectory(dir=ground.folder) as folder, MemoryPeak() as peak:
        reading = Work(
            f"reading {ground.works:,} works, {WORKERS} processes",
            partial(read, ground.drop, files, Path(folder) / "store", WORKERS),
        )
        unpacking = Work(f"zcat, {WORKERS} at a time", partial(_zcat, paths, WORKERS))
        costs = in_turns((reading, unpacking), _ROUNDS, say)
    memory = Spread((peak.bytes / 2**30,))
    return [
        compared(reading, unpacking, costs, Goal(most=_MAX_RATIO)),
        Line("  peak memory, all processes", "GiB", memory, goal=Goal(most=_MAX_PEAK_GIB)),
    ]


def data_files(drop: Path, pattern: str) -> list[DropFile]:
    """The data files of a drop, by path."""
    states = [(path, path.stat()) for path in sorted(drop.rglob(pattern))]
    return [
        DropFile(path.relative_to(drop).as_posix(), state.st_size, state.st_mtime_ns, None)
        for path, state in states
    ]


def read(drop: Path, files: Sequence[DropFile], store: Path, workers: int) -> None:
    """Read a drop into a store that is made anew."""
    shutil.rmtree(store, ignore_errors=True)
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


def _zcat(paths: Sequence[Path], processes: int) -> None:
    subprocess.run(
        ["xargs", "-0", "-n", "1", "-P", str(processes), "zcat"],
        input="\0".join(map(str, paths)).encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
