"""The dry run: which years a run would refresh, why, and about how long it would take.

The years a drop touches are known only when its records are: a work may leave a year no file of the drop
names. So the drops are read and resolved for real, but into a copy of the ledger and the build file that is
thrown away. It is the same code as a run, so it cannot disagree with one.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import median

from assets.build import prepare_build, record_resolution
from assets.ingest import Ingestion, ingest
from assets.ledger_facts import YearBuild
from assets.ledger_file import copy_of
from assets.pipeline import Pipeline
from assets.staleness import StaleYear, contiguous_ranges, stale_years
from assets.store import Store, open_store
from assets.technology_matches import update_matches
from orchestration.dbt import LEDGER_MODELS, prepare_project, run_dbt
from orchestration.plan import Plan

# Measured on two cores; scaled by what earlier runs on this machine took.
_RUN_SECONDS = 20.0
_WORKS_A_SECOND = 25_000.0


@dataclass(frozen=True)
class Preview:
    """What a run would do."""

    ingestions: list[Ingestion]
    stale: list[StaleYear]
    seconds: float
    """About how long counting would take, after the drops are read."""


def preview(pipeline: Pipeline, plan: Plan) -> Preview:
    """Read and resolve what is new in a scratch copy; the store itself stays as it is."""
    if not plan.ready and not plan.resolve:
        return _preview(pipeline, [])
    with pipeline.store.writing("dry run", pipeline.announce), _scratch_copy(pipeline) as scratch:
        prepare_project(scratch)
        ingestions = [
            ingest(
                scratch,
                drop,
                lambda progress: pipeline.show_progress(
                    f"Reading {progress.records:,} records, {progress.rate:,.0f} a second"
                ),
            )
            for drop in plan.ready
        ]
        update_matches(
            scratch,
            lambda version, progress: pipeline.show_progress(
                f"Finding technologies in {version.drop_id}: {progress.records:,} records"
            ),
        )
        prepare_build(scratch)
        # With the seeds: they are not there yet, or were edited.
        run_dbt(scratch, ["build", "--select", LEDGER_MODELS, "--exclude-resource-type", "test", "unit_test"])
        record_resolution(scratch, scratch.resolution_rules())
        return _preview(scratch, ingestions)


def _preview(pipeline: Pipeline, ingestions: list[Ingestion]) -> Preview:
    ledger = pipeline.ledger
    stale = stale_years(ledger, pipeline.counting_rules())
    contents = ledger.year_contents()
    works = sum(item.works for year in stale for item in contents.get(year.year, ()))
    runs = len(contiguous_ranges(item.year for item in stale))
    return Preview(ingestions, stale, _expected(runs, works) * _pace(list(ledger.year_builds().values())))


def _expected(runs: int, works: int) -> float:
    return runs * _RUN_SECONDS + works / _WORKS_A_SECOND


def _pace(builds: Sequence[YearBuild]) -> float:
    """How much slower than expected the runs so far were on this machine; 1 without any."""
    ratios = []
    finished = sorted((build for build in builds if build.built_at), key=lambda b: b.built_at)
    for _, run in groupby(finished, key=lambda b: b.built_at):
        years = list(run)
        works = sum(build.works for build in years)
        ratios.append(sum(build.seconds for build in years) / _expected(1, works))
    return median(ratios) if ratios else 1.0


@contextmanager
def _scratch_copy(pipeline: Pipeline) -> Iterator[Pipeline]:
    """The same pipeline over a copy of what a run writes; stored records are linked, not copied."""
    with tempfile.TemporaryDirectory(prefix="dry-run-", dir=pipeline.store.work) as folder:
        store = open_store(Path(folder) / "store")
        # Whoever asks for the status meanwhile has the ledger open; the build file is ours alone.
        copy_of(pipeline.store.ledger_file, store.ledger_file)
        _copy_build(pipeline.store.build_file, store.build_file)
        _link_records(pipeline, store)
        _link_matches(pipeline, store)
        yield replace(pipeline, store=store)


def _copy_build(source: Path, target: Path) -> None:
    for suffix in ("", ".wal"):
        part = source.with_name(source.name + suffix)
        if part.exists():
            shutil.copyfile(part, target.with_name(target.name + suffix))


def _link_records(pipeline: Pipeline, store: Store) -> None:
    for version in pipeline.ledger.versions():
        source = pipeline.store.records / version.drop_version
        if source.exists():
            link = store.records / version.drop_version
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(source)


def _link_matches(pipeline: Pipeline, store: Store) -> None:
    """File by file: new ones are written beside them."""
    for file in {item.file for item in pipeline.ledger.matches() if item.file}:
        link = store.matches / file
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(pipeline.store.matches / file)
