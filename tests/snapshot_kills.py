"""Pulls that are killed (SIGKILL) just before the nth change to the disk; run as a program.

The interpreter tells of renames, removals, copies and the beginnings of downloads before they
happen, and there the process kills itself. Temporary files and new folders are no changes: nothing
is told by them until the next rename. Each pull is a fork of one process that has imported
everything, since an import takes longer than such a pull.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pandas  # noqa: F401  # Arrow imports it when first used
import pyarrow.dataset  # noqa: F401  # as does DuckDB

from assets.pull.snapshot import SnapshotRequest, pull_snapshot
from assets.pull.surroundings import Surroundings

ALWAYS = frozenset({"os.rename", "os.rmdir", "shutil.rmtree", "shutil.copyfile"})


class Changes:
    """Counts the changes to files below a folder, and kills the process before one of them."""

    def __init__(self, root: Path, last: int | None) -> None:
        self.seen: list[str] = []
        self._root = root
        self._last = last
        self._lock = threading.Lock()

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in ALWAYS or event == "os.remove" or (event == "open" and arguments[1] in ("a", "ab")):
            self._count(event, Path(str(arguments[0])))

    def _count(self, event: str, path: Path) -> None:
        in_vain = event == "os.remove" and not path.exists()
        if in_vain or not path.is_relative_to(self._root):
            return
        with self._lock:
            self.seen.append(f"{event} {path}")
            if len(self.seen) == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


def in_fork(action: Callable[[], None]) -> int:
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
        sys.exit("a pull failed")
    return 0


def pull(source: str, root: Path, kill_at: int | None) -> None:
    changes = Changes(root, kill_at)
    sys.addaudithook(changes)
    pull_snapshot(
        SnapshotRequest(source),
        root / "landing",
        root / "state",
        lambda _: None,
        lambda _: None,
        Surroundings(sleep=lambda _: None),
    )
    (root / "changes.json").write_text(json.dumps(changes.seen))


def main(source: str, places: Path) -> None:
    """Make `places/<n>` for each n: killed before the nth change, then pulled again."""
    at = 0
    killed = signal.SIGKILL.value
    while killed:
        at += 1
        root = places / str(at)
        root.mkdir(parents=True)
        killed = in_fork(lambda root=root, at=at: pull(source, root, at))  # type: ignore[misc]
        in_fork(lambda root=root: pull(source, root, None))  # type: ignore[misc]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
