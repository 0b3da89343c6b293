"""Backups that are killed just before the nth change to the disk, and made again; run as a program."""

import shutil
import sys
from functools import partial
from pathlib import Path

from assets.store import Store
from tests.backed_up import backed_up, restored
from tests.kills import ALWAYS, Changes, at_each_change


def back_up(store: Store, earlier: Path, root: Path, kill_at: int | None) -> None:
    """Back a store up beside an earlier backup; after the kill restore what there is, and go on."""
    folder = root / "backup"
    if kill_at is None:
        restored(folder, root / "after_kill")
    else:
        shutil.copytree(earlier, folder)
        # Hooks see nothing of the copy before.
        writing = ("w", "wb", "x", "xb", "a", "ab")
        sys.addaudithook(Changes(root, kill_at, modes=writing, events={*ALWAYS, "sqlite3.connect"}))
    backed_up(store, folder)
    if kill_at is None:
        restored(folder, root / "at_the_end")


if __name__ == "__main__":
    at_each_change(Path(sys.argv[3]), partial(back_up, Store(Path(sys.argv[1])), Path(sys.argv[2])))
