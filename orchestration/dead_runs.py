"""Runs whose process was killed: told from those at work, and ended in Dagster's history.

Nobody else does so. Dagster's daemon looks after runs it starts in containers; it cannot see whether a
process of this machine is alive, so a run whose machine went down would be "started" for ever, and whatever
waits for it would, too.
"""

from collections.abc import Callable
from typing import Final

import dagster as dg

from assets.processes import began_before, has_ended, identity, is_alive
from assets.store import Store

UNDER_WAY: Final = (
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
PROCESS_TAG: Final = "collaboration/process"
STORE_TAG: Final = "collaboration/store"
PROCESS_GONE: Final = (
    "Its process is gone and did not say how it ended: it was killed, the machine was restarted, or the run "
    "history could not be reached. What it finished is kept; the rest is done by the next run."
)


def headless_tags(store: Store) -> dict[str, str]:
    """What a headless run carries, so that it can be told when its process is gone."""
    return {PROCESS_TAG: identity(), STORE_TAG: str(store.root)}


def has_process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool | None:
    """Whether the process of a run that is under way is alive; None where that cannot be known from here."""
    if PROCESS_TAG in run.tags:
        ended = has_ended(run.tags[PROCESS_TAG])
        return None if ended is None else not ended
    told = _told_process(instance, run)
    if told is None:
        return None
    number, moment = told
    return is_alive(number) and began_before(number, moment)


def end_dead_runs(
    instance: dg.DagsterInstance, announce: Callable[[str], None], *, writing: Store | None = None
) -> None:
    """Let the runs that have no process any more fail in the history, and say so of each.

    `writing` is the store whose writer lock the caller holds: no other headless run over it can be alive, on
    whatever machine it was started.
    """
    statuses = [dg.DagsterRunStatus.NOT_STARTED, *UNDER_WAY]
    for run in instance.get_runs(dg.RunsFilter(statuses=statuses)):
        is_dead = has_process(instance, run) is False
        if is_dead or (writing is not None and _is_other_headless(run, writing)):
            instance.report_run_failed(run, PROCESS_GONE)
            announce(
                f"Run {run.run_id[:8]} ({run.job_name}) of a process that was ended from outside is marked "
                "as failed in the history."
            )


def _is_other_headless(run: dg.DagsterRun, store: Store) -> bool:
    return run.tags.get(STORE_TAG) == str(store.root) and run.tags.get(PROCESS_TAG) != identity()


def _told_process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> tuple[int, float] | None:
    """The process that said last that it works on a run, and when, in seconds since 1970."""
    events = instance.get_records_for_run(
        run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT, limit=1000, ascending=False
    ).records
    for record in events:
        event = record.event_log_entry.dagster_event
        data = event.engine_event_data if event is not None else None
        number = data.metadata.get("pid") if data is not None else None
        if number is not None and str(number.value).isdigit():
            return int(str(number.value)), record.event_log_entry.timestamp
    return None
