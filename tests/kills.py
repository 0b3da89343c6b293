"""Processes that kill themselves (SIGKILL) just before the nth change to the disk.

The interpreter tells of renames, removals, copies, files opened to be written and databases opened before
they happen, and there the process kills itself.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Set
from functools import partial
from pathlib import Path

ALWAYS = frozenset({"os.rename", "os.rmdir", "os.remove", "shutil.rmtree", "shutil.copyfile"})


class Changes:
    """Counts the changes to files below a folder, and kills the process before one of them.

    `modes` are those of files opened that count as changes, beside the `events`.
    """

    def __init__(
        self,
        root: Path,
        last: int | None,
        *,
        modes: tuple[str, ...],
        events: Set[str] = ALWAYS,
        kill: Callable[[], object] = lambda: os.kill(os.getpid(), signal.SIGKILL),
    ) -> None:
        self.seen: list[str] = []
        self._root = root
        self._last = last
        self._modes = modes
        self._events = events
        self._kill = kill
        self._lock = threading.Lock()

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in self._events or (event == "open" and arguments[1] in self._modes):
            self._count(event, Path(str(arguments[0])))

    def _count(self, event: str, path: Path) -> None:
        in_vain = event == "os.remove" and not path.exists()
        if in_vain or not path.is_relative_to(self._root):
            return
        with self._lock:
            self.seen.append(f"{event} {path}")
            if len(self.seen) == self._last:
                self._kill()


def in_fork(action: Callable[[], object]) -> int:
    """Run something in a fork; returns the signal that ended it, 0 for none."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    if os.WEXITSTATUS(status):
        sys.exit("the undisturbed part failed")
    return 0


def at_each_change(places: Path, action: Callable[[Path, int | None], object]) -> None:
    """Make `places/<n>` for each n: the action killed before the nth change, then done again in full."""
    at = 0
    killed = signal.SIGKILL.value
    while killed:
        at += 1
        root = places / str(at)
        root.mkdir(parents=True)
        killed = in_fork(partial(action, root, at))
        in_fork(partial(action, root, None))
