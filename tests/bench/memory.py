"""How much memory something takes: of this process and all it starts, while it runs."""

import os
import threading
from pathlib import Path
from typing import Final

_LOOK_SECONDS: Final = 0.02


class MemoryPeak:
    """The highest sum of resident memory of this process and its workers, by looking often.

    Pages that processes share count in each.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "MemoryPeak":
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
