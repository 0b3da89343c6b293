"""Readings that are killed just before the nth change to the disk, and done again; run as a program."""

import sys
from functools import partial
from pathlib import Path

import pandas  # noqa: F401  # Arrow imports it when first used
import pyarrow.dataset  # noqa: F401

from assets.ingest import ingest
from assets.landing import ready_drops
from assets.pipeline import Pipeline
from tests.kills import ALWAYS, Changes, at_each_change
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


if __name__ == "__main__":
    at_each_change(Path(sys.argv[2]), partial(read, Path(sys.argv[1])))
