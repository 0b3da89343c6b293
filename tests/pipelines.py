"""Running the pipeline in tests: a store and a landing folder under a temporary directory."""

import io
from dataclasses import replace
from pathlib import Path

from assets.build import prepare_build, record_resolution, record_years
from assets.ingest import ingest
from assets.landing import ready_drops
from assets.pipeline import PROJECT, Options, Pipeline
from assets.staleness import stale_years
from assets.store import open_store
from assets.technology_matches import update_matches
from orchestration.dbt import LEDGER_MODELS
from orchestration.headless import HeadlessRunner, Outcome
from tests.warm_dbt import build_models


def make_pipeline(folder: Path, landing: Path | None = None, project: Path = PROJECT) -> Pipeline:
    """A pipeline over `folder`/store, quiet at once, so that drops without a manifest are ready, too."""
    landing = landing or folder / "landing"
    landing.mkdir(parents=True, exist_ok=True)
    options = Options(start_year=2005, end_year=2026, quiet_seconds=0, max_reject_share=1, write_report=False)
    return Pipeline(
        store=open_store(folder / "store"),
        landing=landing,
        options=options,
        project=project,
        announce=lambda _: None,
    )


def with_options(pipeline: Pipeline, **changes: object) -> Pipeline:
    """The same pipeline with other options."""
    return replace(pipeline, options=replace(pipeline.options, **changes))  # type: ignore[arg-type]


def bring_up_to_date(pipeline: Pipeline) -> Outcome:
    """Ingest, resolve, count and publish, as a headless run does."""
    return HeadlessRunner(pipeline, io.StringIO()).bring_up_to_date()


def resolve_without_dagster(pipeline: Pipeline) -> None:
    """Ingest, find technologies and decide which records count, as a headless run does."""
    with pipeline.store.writing("resolving", pipeline.announce):
        for drop in ready_drops(pipeline):
            ingest(pipeline, drop, lambda _: None)
        update_matches(pipeline, lambda _, __: None)
        prepare_build(pipeline)
        build_models(pipeline, "--select", LEDGER_MODELS)
        record_resolution(pipeline, pipeline.resolution_rules())


STUDY_MODELS = "tag:study"
"""The models that stand on the counts, which take as long again."""


def count_without_dagster(pipeline: Pipeline, *, study: bool = False) -> list[int]:
    """Ingest, resolve and count as a headless run does; gives the years that were counted.

    For tests whose subject is the SQL: several times faster than a whole run. dbt's data tests are left
    out, nothing is published, and the years are taken for checked: the caller has to look at the numbers.
    The marts of the study are made only where the test is about them.
    """
    resolve_without_dagster(pipeline)
    ledger = pipeline.ledger
    years = [item.year for item in stale_years(ledger, pipeline.counting_rules())]
    if years:
        with pipeline.store.writing("counting", pipeline.announce):
            prepare_build(pipeline, years)
            build_models(pipeline, "--exclude", LEDGER_MODELS, *([] if study else [STUDY_MODELS]))
            record_years(ledger, pipeline.counting_rules(), years, seconds=1)
            ledger.record_checks(dict.fromkeys(years, True))
    return years
