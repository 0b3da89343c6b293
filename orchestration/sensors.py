"""Sensors: new drops start an ingestion, stale years a refresh, a finished build a publication.

What is ready or stale is asked of `assets`; a sensor only turns the answer into runs. Run keys name the
content, since Dagster remembers them for ever: the same state is never requested twice, so a run that
fails is not repeated until something changed or a person starts it.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from assets.drops import Inspection
from assets.errors import CollaborationError
from assets.landing import ready_drops
from assets.notice_outbox import Outbox
from assets.pipeline import Pipeline
from assets.rules import rules_digest
from assets.staleness import build_state, contiguous_ranges, publication_due, resolution_due, stale_years
from assets.store_notices import cannot_be_done
from assets.vintages import published
from orchestration.automation import Automation, Part
from orchestration.dead_runs import UNDER_WAY, end_dead_runs, has_process
from orchestration.jobs import (
    INGEST_JOB,
    PUBLISH_JOB,
    PULL_API_JOB,
    PULL_SNAPSHOT_JOB,
    REFRESH_JOB,
    RESOLVE_JOB,
)
from orchestration.partitions import drop_partitions, drop_ranges, range_tags, year_tags

_INTERVAL_SECONDS = 30
_LONGEST_UNSEEN = timedelta(hours=2)
"""A headless run of another machine is taken for killed when nothing was heard of it for so long."""

_EXPECTED = (CollaborationError, OSError, sqlite3.Error)
"""What a landing folder or a store that is not there for a while raises."""

Steps = Iterator[dg.RunRequest | dg.SkipReason]


def build_sensors(jobs: Sequence[Any], automation: Automation, outbox: Outbox) -> list[dg.SensorDefinition]:
    """The three sensors that keep a store up to date; `jobs` are those they may start."""
    by_name = {job.name: job for job in jobs}
    return [
        _landing_sensor(by_name[INGEST_JOB], automation, outbox),
        _step_sensor(
            "refresh_sensor",
            [by_name[RESOLVE_JOB], by_name[REFRESH_JOB]],
            refresh_steps,
            _status(automation, Part.REFRESH),
            outbox,
            "Decides which records count when drops or rules changed, then counts exactly the years that"
            " became stale, one run a contiguous range.",
        ),
        _step_sensor(
            "publish_sensor",
            [by_name[PUBLISH_JOB]],
            publish_steps,
            _status(automation, Part.PUBLISH),
            outbox,
            "Publishes once no year is stale and the last vintage differs from what is counted.",
        ),
    ]


def _landing_sensor(job: Any, automation: Automation, outbox: Outbox) -> dg.SensorDefinition:
    @dg.sensor(
        name="landing_sensor",
        job=job,
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=_status(automation, Part.INGEST),
        description="Looks for complete drops in the landing folder and reads all of them in one run.",
    )
    def landing_sensor(
        context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> dg.SensorResult | dg.SkipReason:
        try:
            return ingestion_of_ready_drops(context.instance, pipeline)
        except _EXPECTED as error:
            return _cannot_look(context, pipeline, outbox, error)

    return landing_sensor


def ingestion_of_ready_drops(
    instance: dg.DagsterInstance, pipeline: Pipeline
) -> dg.SensorResult | dg.SkipReason:
    """One run for the drops that became ready since the last look."""
    if _is_ingesting(instance):
        return dg.SkipReason("Drops are being read; those that come meanwhile are read together after it.")
    ready = {drop.drop_id: _delivery(pipeline, drop) for drop in ready_drops(pipeline)}
    if not ready:
        return dg.SkipReason(f"No new drop in {pipeline.landing}.")
    known = list(instance.get_dynamic_partitions("drops"))
    new = sorted(ready.keys() - set(known))
    requests = [
        dg.RunRequest(
            run_key=rules_digest({key: ready[key] for key in keys}),
            tags=range_tags(keys[0], keys[-1]),
        )
        for keys in drop_ranges([*known, *new], set(ready))
    ]
    additions = [drop_partitions.build_add_request(new)] if new else []
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=additions)


def _step_sensor(
    name: str,
    jobs: Sequence[Any],
    steps: Callable[[Pipeline], Steps],
    status: dg.DefaultSensorStatus,
    outbox: Outbox,
    description: str,
) -> dg.SensorDefinition:
    """A sensor that asks the ledger for the next steps while no run is under way."""

    @dg.sensor(
        name=name,
        jobs=jobs,
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=status,
        description=description,
    )
    def step_sensor(context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]) -> Steps:
        # In the middle of a run years are counted but not checked, drops read but not resolved.
        if _is_running(context.instance):
            yield dg.SkipReason("A run is under way; what is left to do is clear when it ends.")
            return
        try:
            yield from steps(pipeline)
        except _EXPECTED as error:
            yield _cannot_look(context, pipeline, outbox, error)

    return step_sensor


def _cannot_look(
    context: dg.SensorEvaluationContext, pipeline: Pipeline, outbox: Outbox, error: Exception
) -> dg.SkipReason:
    """Say why a sensor cannot do its work, in the UI at each look and to people now and then.

    A tick that raises would put the whole stack of calls into Dagster's database every half minute.
    """
    notice = cannot_be_done(f"The sensor {context.sensor_name}", error, pipeline.store.root)
    outbox.tell([notice], context.log.warning)
    return dg.SkipReason(f"It cannot look: {error}")


def refresh_steps(pipeline: Pipeline) -> Steps:
    """The runs the ledger asks for before something can be published: resolve, then refresh."""
    ledger = pipeline.ledger
    if not ledger.versions():
        yield dg.SkipReason("Nothing has been ingested yet.")
        return
    if resolution_due(pipeline):
        yield dg.RunRequest(run_key=_resolve_key(pipeline), job_name=RESOLVE_JOB)
        return
    stale = {item.year: item for item in stale_years(ledger, pipeline.counting_rules())}
    for years in contiguous_ranges(stale):
        # The other ranges are no part of the key: their progress must not request this one twice.
        attempts = {str(year): stale[year].attempt for year in years.years}
        yield dg.RunRequest(
            run_key=f"refresh-{years}-{rules_digest(attempts)}", job_name=REFRESH_JOB, tags=year_tags(years)
        )
    if not stale:
        yield dg.SkipReason("No year is stale.")


def publish_steps(pipeline: Pipeline) -> Steps:
    """The publication the ledger asks for, once everything is counted and checked."""
    ledger = pipeline.ledger
    if not ledger.versions():
        yield dg.SkipReason("Nothing has been ingested yet.")
    elif resolution_due(pipeline):
        yield dg.SkipReason("Which records count is to be decided again first.")
    elif stale := stale_years(ledger, pipeline.counting_rules()):
        years = ", ".join(map(str, contiguous_ranges(item.year for item in stale)))
        yield dg.SkipReason(f"To be counted and checked first: {years}.")
    elif not publication_due(pipeline):
        yield dg.SkipReason("No year is stale and the last vintage is published.")
    else:
        last = published(pipeline.store)
        after = last.name if last else "none"
        yield dg.RunRequest(run_key=f"publish-{build_state(ledger)}-after-{after}", job_name=PUBLISH_JOB)


def _status(automation: Automation, part: Part) -> dg.DefaultSensorStatus:
    on = part in automation.parts
    return dg.DefaultSensorStatus.RUNNING if on else dg.DefaultSensorStatus.STOPPED


def _is_running(instance: dg.DagsterInstance) -> bool:
    # A pull may take hours and touches nothing that is counted.
    return any(run.job_name not in (PULL_SNAPSHOT_JOB, PULL_API_JOB) for run in _under_way(instance))


def _is_ingesting(instance: dg.DagsterInstance) -> bool:
    """Whether a run that reads drops is under way or waits for its turn.

    What it is to read stays ready until it has read it, so another run would be asked for the same again.
    """
    if any(run.job_name == INGEST_JOB for run in _under_way(instance)):
        return True
    waiting = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED]
    return bool(instance.get_runs(dg.RunsFilter(job_name=INGEST_JOB, statuses=waiting), limit=1))


def _under_way(instance: dg.DagsterInstance) -> Iterator[dg.DagsterRun]:
    # What was killed stays "started" in the history; neither automation nor the queue must wait for it.
    end_dead_runs(instance, logging.getLogger(__name__).warning)
    recent = datetime.now(UTC) - _LONGEST_UNSEEN
    for record in instance.get_run_records(dg.RunsFilter(statuses=list(UNDER_WAY))):
        if record.update_timestamp > recent or has_process(instance, record.dagster_run):
            yield record.dagster_run


def _resolve_key(pipeline: Pipeline) -> str:
    """Names what is to be resolved and since when, since drops may come, go and come again."""
    ledger = pipeline.ledger
    active = {version.drop_version: "active" for version in ledger.active_versions()}
    asked = {**pipeline.resolution_rules(), **active, "catalogue": pipeline.catalogue_stamp()}
    return f"resolve-{rules_digest(asked)}-after-{ledger.resolution().resolved_at}"


def _delivery(pipeline: Pipeline, drop: Inspection) -> str:
    """Names one delivery of a drop: the same files may come back after others."""
    return f"{drop.signature} {pipeline.ledger.deliveries(drop.drop_id)}"
