"""The definitions Dagster loads: everything assembled by one function."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
from dagster_dbt import DbtCliResource

from assets.data_package import MartDescription
from assets.definitions import drop_assets, technology_matches
from assets.pipeline import Pipeline
from assets.publication import publication
from assets.pull.definitions import openalex_api, openalex_snapshot
from orchestration.automation import Automation, read_automation
from orchestration.checks import balance_check, build_year_checks
from orchestration.dbt import BUILD_POOL, DBT_EXECUTABLE, build_dbt_assets
from orchestration.freshness import with_freshness
from orchestration.jobs import build_jobs, build_pull_jobs
from orchestration.notice_sensors import build_notice_sensors
from orchestration.notice_settings import open_outbox
from orchestration.partitions import drop_partitions, year_partitions
from orchestration.schedules import build_schedules
from orchestration.sensors import build_sensors
from orchestration.settings import read_pipeline

# Single-run backfills and partitioned checks are beta and preview; the version of Dagster is pinned exactly.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)


def build_definitions(
    pipeline: Pipeline | None = None,
    resources: Mapping[str, Any] | None = None,
    automation: Automation | None = None,
) -> dg.Definitions:
    """All assets, checks, jobs and sensors over one store.

    Args:
        pipeline: The store, landing folder and options; those of the environment when left out.
        resources: Takes the place of resources of the same name, so that tests swap parts.
        automation: What goes on by itself; as the environment says when left out.
    """
    pipeline = pipeline or read_pipeline()
    automation = automation or read_automation()
    outbox = open_outbox(pipeline.store)
    years = year_partitions(pipeline)
    dbt = build_dbt_assets(pipeline, years)
    marts = mart_descriptions(dbt.project.manifest_path)
    assets = [
        openalex_snapshot,
        openalex_api,
        *drop_assets(drop_partitions, BUILD_POOL),
        technology_matches(BUILD_POOL),
        dbt.ledger,
        dbt.yearly,
        publication(marts, BUILD_POOL),
    ]
    assets = [with_freshness(item, automation) for item in assets]
    jobs = build_jobs(dbt.ledger, dbt.yearly)
    pull_jobs = build_pull_jobs()
    return dg.Definitions(
        assets=assets,
        asset_checks=[build_year_checks(years, BUILD_POOL), balance_check],
        jobs=[*jobs, *pull_jobs],
        schedules=build_schedules(pull_jobs, automation),
        sensors=[*build_sensors(jobs, automation, outbox), *build_notice_sensors(outbox)],
        resources={
            "pipeline": pipeline,
            "dbt": DbtCliResource(project_dir=dbt.project, dbt_executable=DBT_EXECUTABLE),
            **(resources or {}),
        },
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `workspace.yaml` names; assembled only when Dagster asks for it."""
    return build_definitions()


def mart_descriptions(manifest: Path) -> dict[str, MartDescription]:
    """Each mart, and what the dbt project says of it; its key is what the test `unique_key` holds it to."""
    nodes = msgspec.json.decode(manifest.read_bytes())["nodes"].values()
    keys = {
        node["attached_node"]: node["test_metadata"]["kwargs"]["columns"]
        for node in nodes
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "unique_key"
    }
    return {
        node["name"]: MartDescription(
            text=node["description"].strip(),
            columns={name: column["description"].strip() for name, column in node["columns"].items()},
            key=tuple(keys.get(node["unique_id"], ())),
            schema=node["schema"],
        )
        for node in nodes
        if node["resource_type"] in {"model", "seed"} and _is_published(node)
    }


def _is_published(node: Mapping[str, Any]) -> bool:
    """Every mart, and the seeds that readers need beside them."""
    return bool(node["schema"] == "marts" or node["config"]["meta"].get("published"))
