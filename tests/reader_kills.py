"""Readings that are killed just before the nth change to the disk, and done again; run as a program."""

import signal
import sys
from pathlib import Path

import pandas  # noqa: F401  # Arrow imports it when first used
import pyarrow.dataset  # noqa: F401

from assets.ingest import ingest
from assets.landing import ready_drops
from assets.pipeline import Pipeline
from tests.kills import ALWAYS, Changes, in_fork
from tests.pipelines import make_pipeline


def read(landing: Path, root: Path, kill_at: int | None) -> Pipeline:
    """Take in every drop of a landing folder, as a headless run does."""
    writing = ("w", "wb", "x", "xb", "a", "ab")
    sys.addaudithook(Changes(root, kill_at, modes=writing, events={*ALWAYS, "sqlite3.connect"}))
    pipeline = make_pipeline(root, landing)
    with pipeline.store.writing("reading", pipeline.announce):
        for drop in ready_drops(pipeline):
            ingest(pipeline, drop, lambda _: None)
    return pipeline


def main(landing: Path, places: Path) -> None:
    """Make `places/<n>` for each n: killed before the nth change, then read again."""
    at = 0
    killed = signal.SIGKILL.value
    while killed:
        at += 1
        root = places / str(at)
        root.mkdir(parents=True)
        killed = in_fork(lambda root=root, at=at: read(landing, root, at))  # type: ignore[misc]
        in_fork(lambda root=root: read(landing, root, None))  # type: ignore[misc]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
