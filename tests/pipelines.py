"""Running the pipeline in tests: a store and a landing folder under a temporary directory."""

import io
from dataclasses import replace
from pathlib import Path

from assets.pipeline import PROJECT, Options, Pipeline
from assets.store import open_store
from orchestration.headless import HeadlessRunner, Outcome


def make_pipeline(folder: Path, landing: Path | None = None, project: Path = PROJECT) -> Pipeline:
    """A pipeline over `folder`/store, quiet at once, so that drops without a manifest are ready, too."""
    landing = landing or folder / "landing"
    landing.mkdir(parents=True, exist_ok=True)
    options = Options(start_year=2005, end_year=2026, quiet_seconds=0, max_reject_share=1)
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
