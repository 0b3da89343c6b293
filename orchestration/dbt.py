"""The wiring of dbt: its models as assets, in two groups.

The ledger models decide which record of a work counts, over all years at once. The yearly models count
the years of a partition range. What the models compute is `dbt_project`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)

from assets.build import prepare_build, record_resolution, record_years
from assets.definitions import OWNERS
from assets.errors import CollaborationError
from assets.leftovers import writing_turn
from assets.pipeline import Pipeline
from assets.staleness import YearRange, resolution_due
from assets.technology_matches import unmatched_versions
from orchestration.bound_process import ended_with_this_one
from orchestration.build_metadata import add_table_metadata, add_year_metadata

BUILD_POOL = "collaboration_build"
"""One run at a time: DuckDB has one writer. The store's writer lock holds where Dagster's queue does not."""

LEDGER_MODELS = "tag:ledger"

_STUDY = "study"

_TABLES_OF_MATCHES = frozenset({"technologies", "match_files", "empty_matches"})

DBT_EXECUTABLE = str(Path(sys.executable).with_name("dbt"))
"""The dbt of this environment, whatever is first on the path."""


class Translator(DagsterDbtTranslator):
    """Names of the dbt models in the asset graph: the key is the table's name.

    The group is the schema, but for what stands on the marts: as one group the way leads on from them.
    """

    def __init__(self) -> None:
        # All control tables stand for one of two assets, so several sources share a key.
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The table's name; all control tables are the record store, or the matches kept beside it."""
        if dbt_resource_props["resource_type"] == "source":
            matches = dbt_resource_props["name"] in _TABLES_OF_MATCHES
            return dg.AssetKey("technology_matches" if matches else "bibliographic_records")
        return dg.AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The schema the table lies in, or the study."""
        return _STUDY if _STUDY in dbt_resource_props["tags"] else str(dbt_resource_props["schema"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """Those who answer for every asset."""
        return OWNERS

    def get_partition_mapping(
        self, dbt_resource_props: Mapping[str, Any], dbt_parent_resource_props: Mapping[str, Any]
    ) -> dg.PartitionMapping | None:
        """A year may hold records of any drop; by default Dagster would look for a drop named 2019."""
        if dbt_parent_resource_props["resource_type"] == "source":
            return dg.AllPartitionMapping()
        return None


@dataclass(frozen=True)
class DbtAssets:
    """The two groups of dbt assets, and the project they come from."""

    ledger: dg.AssetsDefinition
    yearly: dg.AssetsDefinition
    project: DbtProject


@contextmanager
def dbt_environment(pipeline: Pipeline) -> Iterator[None]:
    """The environment variables `profiles.yml` reads, for the processes started meanwhile."""
    temporary = pipeline.store.work / "duckdb_temp"
    values = {
        "COLLAB_BUILD_FILE": str(pipeline.store.build_file),
        "COLLAB_TEMP_DIRECTORY": str(temporary),
        "COLLAB_MEMORY_LIMIT": pipeline.options.memory_limit,
        "COLLAB_DUCKDB_THREADS": str(os.cpu_count() or 1),
        # Where dbt keeps its parsed state; without it every run would parse the project again.
        "DBT_TARGET_PATH": str(pipeline.store.dbt_target),
        "DBT_LOG_PATH": str(pipeline.store.dbt_target),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def prepare_project(pipeline: Pipeline) -> DbtProject:
    """The dbt project with a manifest made from its files as they are now.

    Dagster makes the manifest itself only under `dagster dev`; tests, CI and headless runs need it, too.

    Raises:
        CollaborationError: dbt cannot parse the project; carries dbt's own words.
    """
    project = DbtProject(
        project_dir=pipeline.project,
        profiles_dir=pipeline.project,
        target_path=pipeline.store.dbt_target,
    )
    stamp = pipeline.store.dbt_target / "parsed"
    # A code location and a headless run may start at once, and each run of the UI has a process.
    with pipeline.store.alone("parsing"):
        digest = _project_digest(pipeline.project)
        if not stamp.exists() or stamp.read_text() != digest or not project.manifest_path.exists():
            # Broken off, it must not be taken for done: what was parsed before may lie there half-replaced.
            stamp.unlink(missing_ok=True)
            run_dbt(pipeline, ["parse", "--quiet"])
            stamp.write_text(digest)
    return project


def run_dbt(pipeline: Pipeline, arguments: Sequence[str]) -> None:
    """Run dbt outside a Dagster run.

    Raises:
        CollaborationError: dbt failed; carries what it printed.
    """
    command = [DBT_EXECUTABLE, "--no-use-colors", *arguments]
    command += ["--project-dir", str(pipeline.project), "--profiles-dir", str(pipeline.project)]
    with dbt_environment(pipeline):
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise CollaborationError(
            f"dbt {arguments[0]} failed on {pipeline.project}:\n{finished.stdout}{finished.stderr}"
        )


def build_dbt_assets(pipeline: Pipeline, years: dg.PartitionsDefinition[str]) -> DbtAssets:
    """The dbt models as assets: the ledger over all years, the rest partitioned by year."""
    project = prepare_project(pipeline)
    translator = Translator()

    @dbt_assets(
        manifest=project.manifest_path,
        select=LEDGER_MODELS,
        name="ledger_models",
        dagster_dbt_translator=translator,
        project=project,
        pool=BUILD_POOL,
    )
    def ledger_models(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[Any]:
        with writing_turn(pipeline, "resolving records", context.log.info):
            # An edit while dbt runs must count as not yet applied.
            rules = pipeline.resolution_rules()
            _require_matches(pipeline)
            prepare_build(pipeline)
            events = _build(context, dbt, pipeline, "Deciding which record of each work counts")
            record_resolution(pipeline, rules)
            add_table_metadata(context, pipeline.store.build_file)
        yield from events

    @dbt_assets(
        manifest=project.manifest_path,
        exclude=LEDGER_MODELS,
        name="yearly_models",
        partitions_def=years,
        backfill_policy=dg.BackfillPolicy.single_run(),
        dagster_dbt_translator=translator,
        project=project,
        pool=BUILD_POOL,
    )
    def yearly_models(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[Any]:
        wanted = sorted(int(key) for key in context.partition_keys)
        span = YearRange(wanted[0], wanted[-1])
        with writing_turn(pipeline, f"counting {span}", context.log.info):
            _require_resolution(pipeline)
            rules = pipeline.counting_rules()
            prepare_build(pipeline, wanted)
            started = time.monotonic()
            events = _build(context, dbt, pipeline, f"Counting {span}")
            # A person may have picked some of the models: the years are as stale as they were then.
            if context.selected_asset_keys == yearly_models.keys:
                record_years(pipeline.ledger, rules, wanted, time.monotonic() - started)
            add_year_metadata(context, pipeline.store.build_file, wanted)
        yield from events

    return DbtAssets(ledger_models, yearly_models, project)


def _build(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, pipeline: Pipeline, what: str
) -> list[Any]:
    """Run `dbt build` for the selected models to its end and give its events.

    The events are held back until dbt has closed the file, since what is added to them is read from it.
    """
    with dbt_environment(pipeline):
        invocation = dbt.cli(
            ["build", "--exclude-resource-type", "unit_test"],
            context=context,
            raise_on_error=False,
        )
        events = []
        steps = len(context.selected_asset_keys) + len(context.selected_asset_check_keys)
        pipeline.show_progress(f"{what}: starting dbt")
        try:
            with ended_with_this_one(invocation.process.pid):
                for event in invocation.stream():
                    events.append(event)
                    pipeline.show_progress(f"{what}: {len(events)} of {steps} models and tests")
        except BaseException:
            # Left alone, it would go on writing after the store's lock is let go.
            invocation.process.terminate()
            invocation.process.wait()
            raise
    shutil.rmtree(invocation.target_path, ignore_errors=True)
    if not invocation.is_successful():
        # The checks that failed are worth more to the reader than the exit code.
        for event in events:
            if isinstance(event, dg.AssetCheckResult) and not event.passed:
                context.log.error(f"Failed: {event.check_name} {dict(event.metadata or {})}")
        raise dg.Failure(
            description=(
                f"dbt build failed: {invocation.get_error() or 'see the log above'}. "
                "Nothing of this run counts; the years stay stale, readers keep the last vintage."
            ),
            allow_retries=False,
        )
    return events


def _require_matches(pipeline: Pipeline) -> None:
    missing = unmatched_versions(pipeline)
    if missing:
        raise dg.Failure(
            description=(
                f"{len(missing)} drops are not matched against the catalogue of technologies yet "
                f"({missing[0].drop_id} is one). Materialise technology_matches first, then this again."
            ),
            allow_retries=False,
        )


def _require_resolution(pipeline: Pipeline) -> None:
    if resolution_due(pipeline):
        raise dg.Failure(
            description=(
                "Drops, rules or technologies changed since it was last decided which record of each work "
                "counts. Run the job resolve_records first, then these years again."
            ),
            allow_retries=False,
        )


def _project_digest(project: Path) -> str:
    """A digest of every file dbt parses."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(project.rglob("*")):
        if path.is_file() and path.suffix in {".sql", ".yml", ".csv"} and "target" not in path.parts:
            digest.update(f"{path.relative_to(project)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
