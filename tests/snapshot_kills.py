"""Pulls that are killed (SIGKILL) just before the nth change to the disk; run as a program.

Temporary files and new folders are no changes: nothing is told by them until the next rename. Each pull
is a fork of one process that has imported everything, since an import takes longer than such a pull.
"""

import json
import sys
from functools import partial
from pathlib import Path

import pandas  # noqa: F401  # Arrow imports it when first used
import pyarrow.dataset  # noqa: F401  # as does DuckDB

from assets.pull.snapshot import SnapshotRequest, pull_snapshot
from assets.pull.surroundings import Surroundings
from tests.kills import Changes, at_each_change


def pull(source: str, root: Path, kill_at: int | None) -> None:
    changes = Changes(root, kill_at, modes=("a", "ab"))
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


if __name__ == "__main__":
    at_each_change(Path(sys.argv[2]), partial(pull, sys.argv[1]))
