"""Jobs: pulling drops, reading them, deciding which records count, counting years, publishing."""

from typing import Any

import dagster as dg

INGEST_JOB = "ingest_drops"
RESOLVE_JOB = "resolve_records"
REFRESH_JOB = "refresh_years"
PUBLISH_JOB = "publish"
PULL_SNAPSHOT_JOB = "pull_openalex_snapshot"
PULL_API_JOB = "pull_openalex_api"

# Steps after reading are short and share one file; processes of their own would cost more than they save.
_EXECUTOR = dg.in_process_executor


def build_jobs(ledger: dg.AssetsDefinition, yearly: dg.AssetsDefinition) -> list[Any]:
    """The four jobs that bring the store up to date, started by a person or a sensor."""
    resolution = dg.AssetSelection.assets("technology_matches", *ledger.keys)
    publication = dg.AssetSelection.assets("published_vintage", "figures", "report")
    return [
        dg.define_asset_job(
            INGEST_JOB,
            selection=dg.AssetSelection.assets("drops", "bibliographic_records") | resolution,
            description="Reads drops, finds their technologies and decides again which record of each work"
            " counts.",
            executor_def=_EXECUTOR,
        ),
        dg.define_asset_job(
            RESOLVE_JOB,
            selection=resolution,
            description="Finds technologies and decides which record of each work counts, after a query or"
            " a rule changed or a drop was withdrawn.",
            executor_def=_EXECUTOR,
        ),
        dg.define_asset_job(
            REFRESH_JOB,
            selection=dg.AssetSelection.assets(*yearly.keys),
            description="Counts a range of years and checks that their totals reconcile.",
            executor_def=_EXECUTOR,
        ),
        dg.define_asset_job(
            PUBLISH_JOB,
            selection=publication,
            description="Publishes the marts if every year is counted and checked.",
            executor_def=_EXECUTOR,
        ),
    ]


def build_pull_jobs() -> list[Any]:
    """The jobs that bring drops; nothing in the store waits for them."""
    return [
        dg.define_asset_job(
            PULL_SNAPSHOT_JOB,
            selection=dg.AssetSelection.assets("openalex_snapshot"),
            description="Pulls what is new in the OpenAlex snapshot into the landing folder.",
            executor_def=_EXECUTOR,
        ),
        dg.define_asset_job(
            PULL_API_JOB,
            selection=dg.AssetSelection.assets("openalex_api"),
            description="Pulls the works that match a filter or a search from the OpenAlex API.",
            executor_def=_EXECUTOR,
        ),
    ]
