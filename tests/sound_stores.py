"""Stores in which everything is in order, and looks at them, for tests of what is found when it is not."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from assets.health.findings import Finding
from assets.health.look import Look, look_at
from assets.pipeline import Pipeline
from assets.staleness import build_state
from tests.published import publish_by_hand

NO_PROCESS = 4_194_305
OLD = datetime(2026, 1, 5, tzinfo=UTC).timestamp()


def _write_marts(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts; create table marts.year_totals as select 2019 as year")


def publish_truly(pipeline: Pipeline, state: str | None = None) -> None:
    """Publish a vintage that tells the truth of its file."""
    draft = pipeline.store.work / "draft.duckdb"
    draft.unlink(missing_ok=True)
    _write_marts(draft)
    content = draft.read_bytes()
    draft.unlink()

    def write(file: Path) -> None:
        file.write_bytes(content)
        (file.parent.parent / "exports").mkdir()

    publish_by_hand(
        pipeline.store,
        build_state(pipeline.ledger) if state is None else state,
        write,
        rows={"year_totals": 1},
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


@contextmanager
def looked_at(pipeline: Pipeline) -> Iterator[Look]:
    with look_at(pipeline.store, pipeline.landing, pipeline.options) as look:
        copy = dataclasses.replace(look.pipeline, project=pipeline.project)
        yield dataclasses.replace(look, pipeline=copy)


def finding_of(pipeline: Pipeline, check: Callable[[Look], list[Finding]]) -> Finding:
    """The one thing a check says."""
    with looked_at(pipeline) as look:
        (finding,) = check(look)
    return finding


def with_free(monkeypatch: pytest.MonkeyPatch, free: int, files: int = 10**6) -> None:
    monkeypatch.setattr("assets.health.machine.shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    usual = SimpleNamespace(f_files=10**6, f_favail=files)
    monkeypatch.setattr("assets.health.machine.os.statvfs", lambda _: usual)
