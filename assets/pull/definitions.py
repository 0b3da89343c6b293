"""The assets that pull: each asks OpenAlex for records and lays them down as a drop.

They only call the plain code of this package and report what it did; the landing sensor takes the drop
from there. Jobs and the schedule are wired in `orchestration`.
"""

from datetime import date

import dagster as dg

from assets.definitions import OWNERS
from assets.errors import CollaborationError
from assets.pipeline import Pipeline
from assets.pull.asked import Asked
from assets.pull.into_landing import pull_new_partitions, pull_works


class SnapshotPullConfig(dg.Config):
    """What of the OpenAlex snapshot is pulled."""

    since: str | None = None
    """Only partitions of this day (such as 2026-03-02) or later; without it, all that is new or changed."""


class ApiPullConfig(dg.Config):
    """Which works are asked of the OpenAlex API: of technologies, or of a filter, a search or both."""

    filter: str | None = None
    """In the API's notation, such as `publication_year:2023,authorships.countries:au`."""
    search: str | None = None
    technologies: str | None = None
    """Ids of the catalogue separated by commas, or `all`."""
    years: str | None = None
    """Such as `2005-2024`, with technologies only; without it, all years in scope."""
    max_credits: int | None = None
    """What the pull may spend; without it, what is left of the free day."""
    name: str | None = None
    """Of the drop."""


@dg.asset(group_name="landing", kinds={"openalex", "s3"}, owners=OWNERS)
def openalex_snapshot(
    context: dg.AssetExecutionContext, config: SnapshotPullConfig, pipeline: dg.ResourceParam[Pipeline]
) -> dg.MaterializeResult[None]:
    """The OpenAlex snapshot as published: its new and changed partitions as a drop, every file verified.

    A pull of all of it also brings the ids of all works it holds, so that works gone from OpenAlex are
    retired. A pull that was broken off goes on where it stopped.
    """
    pulled = pull_new_partitions(pipeline, context.log.info, since=_day(config.since))
    return dg.MaterializeResult(
        metadata={
            "drop": pulled.drop.name if pulled.drop else "none: nothing is new",
            "mode": pulled.mode.value,
            "received": str(pulled.received),
            "files": pulled.files,
            "bytes": pulled.bytes,
            "records": pulled.records,
            "records without id": pulled.records_without_id,
            "unchanged files": pulled.unchanged_files,
            "works in the snapshot": "not looked at" if pulled.complete_ids is None else pulled.complete_ids,
        }
    )


@dg.asset(group_name="landing", kinds={"openalex"}, owners=OWNERS)
def openalex_api(
    context: dg.AssetExecutionContext, config: ApiPullConfig, pipeline: dg.ResourceParam[Pipeline]
) -> dg.MaterializeResult[None]:
    """Works that match technologies, a filter or a search, from the OpenAlex API, as a drop.

    Keeps to the credits allowed and says the cost before it starts. A pull that was broken off, or whose
    credits were spent, goes on at its last page.
    """
    pulled = pull_works(
        pipeline,
        context.log.info,
        Asked(
            filter=config.filter,
            search=config.search,
            technologies=config.technologies,
            years=config.years,
            max_credits=config.max_credits,
            name=config.name,
        ),
    )
    return dg.MaterializeResult(
        metadata={
            "drop": pulled.drop.name if pulled.drop else "none: no work matches",
            "works": pulled.tally.works,
            "works that match, those of several searches counted with each": pulled.expected,
            "works that may lack authors": pulled.tally.still_cut,
            "pages sent twice": pulled.repeated_pages,
            "credits": pulled.credits,
        }
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CollaborationError(f"since is {text!r}, which is no day: write it as 2026-03-02.") from None
