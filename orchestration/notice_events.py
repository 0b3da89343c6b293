"""What of Dagster's history is worth a notice: runs and checks that failed, warnings, overdue results.

Each is put into words here, with the name of its occasion. What is read of a run is its history, so that it
is told the same whoever started it.
"""

import hashlib
from collections.abc import Iterator, Sequence

import dagster as dg
from dagster._core.definitions.freshness import FreshnessState

from assets.notices import Kind, Notice
from assets.pipeline import Pipeline
from orchestration.automation import FRESHNESS_DAYS

_RETRIED = "dagster/will_retry"
_RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")


def run_notices(pipeline: Pipeline, instance: dg.DagsterInstance, run_id: str) -> list[Notice]:
    """What a run that has ended is worth: at most one notice."""
    run = instance.get_run_by_id(run_id)
    if run is None:
        return []
    if run.status is dg.DagsterRunStatus.FAILURE:
        return [] if run.tags.get(_RETRIED) == "true" else [_failure(pipeline, instance, run)]
    return list(_warnings(pipeline, instance, run))


def _failure(pipeline: Pipeline, instance: dg.DagsterInstance, run: dg.DagsterRun) -> Notice:
    checks = [
        evaluation
        for evaluation in _evaluations(instance, run.run_id)
        if not evaluation.passed and evaluation.severity is dg.AssetCheckSeverity.ERROR
    ]
    where = f"store {pipeline.store.root}, run {run.run_id[:8]} of {run.job_name}{_range(run)}"
    if checks:
        return Notice(
            Kind.CHECK_FAILED,
            f"Blocking checks failed in {run.job_name}{_range(run)}: nothing is published.",
            where,
            "Readers keep the last vintage. Look at the check in the UI or in `status`, mend the records or "
            "the rule, and run it again.",
            once=f"run {run.run_id}",
            details=_check_lines(checks),
            repeats=True,
        )
    return Notice(
        Kind.FAILED,
        f"The run {run.job_name}{_range(run)} failed.",
        where,
        "What was finished is kept and readers keep the last vintage. Read the run's log in the UI, then"
        " start it again, or `python -m orchestration run`.",
        once=f"run {run.run_id}",
        details=tuple(_causes(instance, run.run_id)),
        repeats=True,
    )


def _warnings(pipeline: Pipeline, instance: dg.DagsterInstance, run: dg.DagsterRun) -> Iterator[Notice]:
    """One notice for all that a run's checks warn of; not again while the checks say the same."""
    warned = [
        evaluation
        for evaluation in _evaluations(instance, run.run_id)
        if not evaluation.passed and evaluation.severity is dg.AssetCheckSeverity.WARN
    ]
    lines = _check_lines(warned)
    if lines:
        said = hashlib.blake2b("\n".join(sorted(lines)).encode(), digest_size=12).hexdigest()
        yield Notice(
            Kind.WARNING,
            f"{len(lines)} check{'s warn' if len(lines) > 1 else ' warns'} in {run.job_name}{_range(run)}; "
            "the numbers are published all the same.",
            f"store {pipeline.store.root}, run {run.run_id[:8]}",
            "Look whether a drop is cut short or lacks addresses; docs/sources.md says what to export.",
            once=f"warnings {said}",
            details=lines,
        )


def overdue_results(pipeline: Pipeline, instance: dg.DagsterInstance) -> Iterator[Notice]:
    """One notice for all assets that are overdue; the next when they are again after some were renewed."""
    records = instance.get_freshness_state_records(keys=list(instance.all_asset_keys()))
    late = {
        key.to_user_string(): record.updated_at
        for key, record in records.items()
        if record.freshness_state is FreshnessState.FAIL
    }
    if late:
        since = min(late.values())
        what = "The published vintage is" if "published_vintage" in late else f"{len(late)} marts are"
        yield Notice(
            Kind.OVERDUE,
            f"{what} older than {FRESHNESS_DAYS} allows.",
            f"store {pipeline.store.root}",
            "Look whether drops still arrive, and whether a failed check keeps the next vintage back"
            " (`status`).",
            once=f"overdue {since.isoformat()}",
            details=(f"overdue: {', '.join(sorted(late))}",),
        )


def _evaluations(instance: dg.DagsterInstance, run_id: str) -> list[dg.AssetCheckEvaluation]:
    entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    found = [entry.dagster_event.asset_check_evaluation_data for entry in entries if entry.dagster_event]
    by_year = {(item.asset_key, item.check_name) for item in found if item.partition}
    # Of checks with a result a year the one over all years says it a second time.
    return [item for item in found if item.partition or (item.asset_key, item.check_name) not in by_year]


def _check_lines(evaluations: Sequence[dg.AssetCheckEvaluation]) -> tuple[str, ...]:
    return tuple(
        f"{item.asset_key.to_user_string()}, {item.check_name.replace('_', ' ')}"
        f"{f', {item.partition}' if item.partition else ''}: {_first_line(item.description or 'failed')}"
        for item in evaluations
    )


def _causes(instance: dg.DagsterInstance, run_id: str) -> Iterator[str]:
    """The first line of each step's failure, or of the run's when no step failed."""
    steps = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    for entry in steps:
        event = entry.dagster_event
        if event is None:
            continue
        error = event.step_failure_data.error
        cause = error.cause if error is not None and error.cause is not None else error
        yield f"{event.step_key}: {_first_line(cause.message) if cause else 'failed'}"
    if not steps:
        for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE):
            message = entry.dagster_event.message if entry.dagster_event else None
            yield _first_line(message or "it was broken off")


def _range(run: dg.DagsterRun) -> str:
    first, last = (run.tags.get(name) for name in _RANGE)
    if first is None:
        return ""
    return f" of {first}" if first == last else f" of {first} to {last}"


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if lines else ""
