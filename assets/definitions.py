"""The software-defined assets from a drop to its technologies: drops, bibliographic records, matches.

Each only calls plain code of this package and reports what it did. Partitions, jobs and sensors are
wired in `orchestration`, which hands the partitions in.
"""

from collections.abc import Callable
from typing import Any

import dagster as dg

from assets.drops import DropState
from assets.errors import CollaborationError, StorageError
from assets.ingest import Action, Ingestion, ingest
from assets.landing import inspect_one
from assets.leftovers import writing_turn
from assets.pipeline import Pipeline
from assets.progress import Progress, ProgressTexts, duration
from assets.technology_matches import MatchUpdate, update_matches

OWNERS = ["team:bibliometrics"]


class ReadingConfig(dg.Config):
    """How drops are to be read."""

    again: bool = False
    """Read a drop again although its content has been read before."""


def drop_assets(drops: dg.DynamicPartitionsDefinition, pool: str) -> list[dg.AssetsDefinition]:
    """The assets with one partition a drop: `drops` and `bibliographic_records`."""

    @dg.asset(
        name="drops",
        partitions_def=drops,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="landing",
        kinds={"file"},
        owners=OWNERS,
    )
    def landed_drops(context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> None:
        """What was delivered: each folder of the landing folder, complete and recognised.

        A drop with a manifest is complete when every listed file is there with its length; one without
        when nothing in it has changed for a while, or it holds a `_SUCCESS` file.
        """
        for key in context.partition_keys:
            drop = inspect_one(pipeline, key)
            context.add_asset_metadata(
                {
                    "state": drop.state.value,
                    "reason": drop.reason or "complete",
                    "source": drop.source or "unknown",
                    "format": drop.format or "unknown",
                    "files": len(drop.files),
                    "bytes": drop.bytes,
                    "stated date": str(drop.stated_date or "none"),
                    "synthetic": drop.synthetic,
                    "technology": drop.technology or "none stated",
                    "mode": drop.mode.value,
                    "path": dg.MetadataValue.path(str(drop.root)),
                },
                partition_key=key,
            )

    @dg.asset(
        name="bibliographic_records",
        partitions_def=drops,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[landed_drops],
        group_name="records",
        kinds={"python", "parquet"},
        owners=OWNERS,
        pool=pool,
    )
    def bibliographic_records(
        context: dg.AssetExecutionContext,
        config: ReadingConfig,
        pipeline: dg.ResourceParam[Pipeline],
    ) -> None:
        """Each drop read once: one row a delivered version of a work, by publication year.

        A record that cannot be read goes to the quarantine and is counted by its reason; a drop with too
        many of them is rejected whole and changes no number.
        """
        with writing_turn(pipeline, "reading drops", context.log.info):
            for key in context.partition_keys:
                ingestion = _ingest(context, pipeline, key, again=config.again)
                if ingestion is not None:
                    context.add_asset_metadata(_reading_metadata(ingestion), partition_key=key)

    return [landed_drops, bibliographic_records]


def technology_matches(pool: str) -> dg.AssetsDefinition:
    """The asset that says which technologies each stored record belongs to."""

    # Not partitioned by drop: a query that changes concerns every drop, a new drop every query.
    @dg.asset(
        name="technology_matches",
        deps=[dg.AssetDep("bibliographic_records", partition_mapping=dg.AllPartitionMapping())],
        group_name="records",
        kinds={"python", "parquet"},
        owners=OWNERS,
        pool=pool,
    )
    def matches(
        context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> dg.MaterializeResult[None]:
        """The technologies of each stored record, by its title, abstract, keywords and topics.

        Matched once: a new drop against the whole catalogue, all drops against a query that changed.
        """
        texts = ProgressTexts(pipeline.show_progress, context.log.info)
        with writing_turn(pipeline, "finding technologies", context.log.info):
            update = update_matches(
                pipeline,
                lambda version, progress: texts.show(
                    f"Finding technologies in {version.drop_id}: {progress.records:,} records, "
                    f"{progress.rate:,.0f} a second, {duration(progress.seconds_left)} left"
                ),
            )
        for problem in update.problems:
            context.log.warning(problem)
            pipeline.announce(f"Technology left out: {problem}")
        for item in update.versions:
            pipeline.announce(
                f"Matched {item.version.drop_id} against {_technologies(item.technologies)}: "
                f"{item.summary.works_matched:,} of {item.summary.works:,} records belong to one, in "
                f"{item.summary.seconds:.1f} s."
            )
        return dg.MaterializeResult(metadata=_match_metadata(pipeline, update))

    return matches


def _ingest(
    context: dg.AssetExecutionContext, pipeline: Pipeline, drop_id: str, *, again: bool
) -> Ingestion | None:
    """Ingest one drop; a drop that is not ready, or changes meanwhile, does not hold up the others."""
    drop = inspect_one(pipeline, drop_id)
    if drop.state is not DropState.READY:
        context.log.warning(f"Drop {drop_id} is {drop.state.value}: {drop.reason}")
        return None
    try:
        result = ingest(pipeline, drop, _reporter(context, pipeline, drop_id), again=again)
    except StorageError:
        raise
    except CollaborationError as error:
        context.log.error(str(error))
        pipeline.announce(f"Drop {drop_id} was not taken: {error}")
        return None
    for warning in result.warnings:
        context.log.warning(f"Drop {drop_id}: {warning}")
    pipeline.announce(_outcome(result))
    return result


def _reporter(
    context: dg.AssetExecutionContext, pipeline: Pipeline, drop_id: str
) -> Callable[[Progress], None]:
    texts = ProgressTexts(pipeline.show_progress, context.log.info)

    def report(progress: Progress) -> None:
        texts.show(
            f"Reading {drop_id}: {progress.records:,} records, {progress.rate:,.0f} a second, "
            f"{duration(progress.seconds_left)} left"
        )

    return report


def _outcome(result: Ingestion) -> str:
    version = result.version
    match result.action:
        case Action.READ:
            rejected = f", {version.rejected:,} rejected" if version.rejected else ""
            return (
                f"Read {version.drop_id}: {version.records:,} records{rejected} in {version.seconds:.1f} s."
            )
        case Action.UNCHANGED:
            return f"Drop {version.drop_id} was delivered again unchanged."
        case Action.RESTORED:
            return f"Drop {version.drop_id} has its earlier content again; it was not read twice."
        case Action.REJECTED:
            return f"Rejected {version.drop_id}: {version.reason}."


def _technologies(number: int) -> str:
    return "1 technology" if number == 1 else f"{number} technologies"


def _match_metadata(pipeline: Pipeline, update: MatchUpdate) -> dict[str, Any]:
    by_records = sorted(update.technologies, key=lambda technology: -update.records[technology.id])
    return {
        "technologies": len(update.technologies),
        "technologies left out": list(update.problems),
        "catalogue": dg.MetadataValue.path(str(pipeline.options.catalogue)),
        "drops matched": len(update.versions),
        "records matched against": sum(item.summary.works for item in update.versions),
        "seconds": round(sum(item.summary.seconds for item in update.versions), 3),
        "records by technology": dg.MetadataValue.table(
            [
                dg.TableRecord(
                    {"technology": item.id, "version": item.version, "records": update.records[item.id]}
                )
                for item in by_records
            ],
            schema=dg.TableSchema(
                [
                    dg.TableColumn("technology", "string"),
                    dg.TableColumn("version", "int"),
                    dg.TableColumn("records", "int"),
                ]
            ),
        ),
    }


def _reading_metadata(result: Ingestion) -> dict[str, Any]:
    version = result.version
    return {
        "action": result.action.value,
        "state": version.state.value,
        "reason": version.reason or "none",
        "dagster/partition_row_count": version.accepted,
        "records": version.records,
        "rejected": version.rejected,
        "rejected by reason": dict(version.rejected_by_reason),
        "records by year": dict(version.records_by_year),
        "seconds": round(version.seconds, 3),
        "drop version": version.drop_version,
        "reader version": version.reader_version,
    }
