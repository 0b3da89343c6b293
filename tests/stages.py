"""The stages of a run as plain code, without Dagster: what a headless run does, stage by stage.

For tests that do one stage many times. dbt is forked from a process that has parsed the project, so a
program that uses this calls `parse` before anything else.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from assets.build import prepare_build, record_resolution, record_years
from assets.ingest import ingest
from assets.landing import ready_drops
from assets.leftovers import writing_turn
from assets.pipeline import Pipeline
from assets.publish import publish
from assets.staleness import contiguous_ranges, stale_years
from assets.technology_matches import update_matches
from assets.vintages import Vintage
from orchestration.checks import record_findings, year_findings
from orchestration.dbt import LEDGER_MODELS, dbt_environment
from orchestration.definitions import mart_descriptions
from orchestration.plan import make_plan
from tests.warm_dbt import ParsedProject


def parse(project: Path, build_file: Path) -> None:
    """Have the dbt project ready for all forks to come; every build file has the name of this one."""
    os.environ["COLLAB_BUILD_FILE"] = str(build_file)
    ParsedProject.load(project)
    del os.environ["COLLAB_BUILD_FILE"]


def read(pipeline: Pipeline) -> None:
    with writing_turn(pipeline, "reading drops"):
        for drop in ready_drops(pipeline):
            ingest(pipeline, drop, lambda _: None)


def match(pipeline: Pipeline) -> None:
    with writing_turn(pipeline, "finding technologies"):
        update_matches(pipeline, lambda _, __: None)


def resolve(pipeline: Pipeline) -> None:
    with writing_turn(pipeline, "resolving records"):
        rules = pipeline.resolution_rules()
        prepare_build(pipeline)
        _build(pipeline, "--select", LEDGER_MODELS)
        record_resolution(pipeline, rules)


def count(pipeline: Pipeline) -> None:
    for years in contiguous_ranges(_stale(pipeline)):
        with writing_turn(pipeline, f"counting {years}"):
            rules = pipeline.counting_rules()
            prepare_build(pipeline, years.years)
            _build(pipeline, "--exclude", LEDGER_MODELS)
            record_years(pipeline.ledger, rules, years.years, seconds=1)


def check(pipeline: Pipeline) -> None:
    years = _stale(pipeline)
    with pipeline.store.writing("checking", pipeline.announce):
        record_findings(pipeline, years, year_findings(pipeline.store.build_file, pipeline.options, years))


def put_out(pipeline: Pipeline) -> None:
    marts = mart_descriptions(pipeline.store.dbt_target / "manifest.json")
    with writing_turn(pipeline, "publishing"):
        publish(
            pipeline.store,
            pipeline.ledger,
            pipeline.counting_rules(),
            marts,
            keep=pipeline.options.keep_vintages,
            furnish=_furnish,
        )


STAGES: Mapping[str, Callable[[Pipeline], None]] = {
    "reading": read,
    "matching": match,
    "resolving": resolve,
    "counting": count,
    "checking": check,
    "publishing": put_out,
}
"""In the order of a run."""


def finish(pipeline: Pipeline) -> None:
    """Everything that is to be done now, in the order and for the reasons a headless run does it."""
    if make_plan(pipeline).ready:
        read(pipeline)
    if make_plan(pipeline).resolve:
        match(pipeline)
        resolve(pipeline)
    if _stale(pipeline):
        count(pipeline)
        check(pipeline)
    if make_plan(pipeline).publish:
        put_out(pipeline)
    if not make_plan(pipeline).nothing_to_do:
        raise RuntimeError(f"{pipeline.store.root} has something left to do")


def _furnish(folder: Path, vintage: Vintage) -> None:
    """Stands in for figures and the report, which are files in the same folder and take far longer."""
    for name in ("figures", "report"):
        (folder / name).mkdir()
        for number in range(100):
            (folder / name / f"{number}.txt").write_text(vintage.name)


def _stale(pipeline: Pipeline) -> list[int]:
    return [item.year for item in stale_years(pipeline.ledger, pipeline.counting_rules())]


def _build(pipeline: Pipeline, *selection: str) -> None:
    """Build models in a fork, since DuckDB lets go of the file only when its process ends."""
    command = ["build", "--exclude-resource-type", "unit_test", "test", *selection]
    reading, writing = os.pipe()
    with dbt_environment(pipeline):
        child = os.fork()
        if child == 0:
            failures = ParsedProject.run(command, os.environ)
            os.write(writing, "\n".join(failures).encode())
            os._exit(1 if failures else 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    if os.waitpid(child, 0)[1]:
        raise RuntimeError(f"dbt {' '.join(command)} failed:\n{said}")
