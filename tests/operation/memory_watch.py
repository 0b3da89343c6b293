"""How much memory the processes of a running Dagster hold over time, by what they are."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from tests.end_to_end.dagster_server import processes_of

_SECONDS = 2.0
_KINDS = {
    "webserver": "dagster_webserver",
    "daemon": "dagster._daemon",
    "code server": "dagster api grpc",
    "runs": "multiprocessing.spawn",
}
"""Each with what its command line holds."""
LASTING = ("webserver", "daemon", "code server")
"""Those that live for months; a run ends."""


@dataclass
class MemoryWatch:
    """Resident bytes of each kind of process, one value a look."""

    samples: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def thirds(self, kind: str) -> tuple[float, float]:
        """The mean over the first and the last third of the looks, in MiB."""
        values = [value / (1 << 20) for value in self.samples[kind]]
        third = max(len(values) // 3, 1)
        return mean(values[:third]), mean(values[-third:])

    def peak(self, kind: str) -> float:
        """MiB."""
        return max(self.samples[kind], default=0) / (1 << 20)


@contextmanager
def watching_memory(group: int) -> Iterator[MemoryWatch]:
    """Look at the processes of a group until the block ends."""
    watch, stop = MemoryWatch(), threading.Event()

    def look() -> None:
        while not stop.wait(_SECONDS):
            by_kind: dict[str, int] = defaultdict(int)
            for process in processes_of(group):
                if kind := _kind(process):
                    by_kind[kind] += _resident(process)
            for kind, resident in by_kind.items():
                watch.samples[kind].append(resident)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()


def _kind(process: int) -> str:
    command = _read(Path(f"/proc/{process}/cmdline")).replace("\0", " ")
    return next((kind for kind, mark in _KINDS.items() if mark in command), "")


def _resident(process: int) -> int:
    for line in _read(Path(f"/proc/{process}/status")).splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    return 0


def _read(path: Path) -> str:
    """The text of a file of a process, empty when the process is gone."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
