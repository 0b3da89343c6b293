"""Headless runs that died: Dagster is told, since nobody else would.

Such a run would stand in the history as running for good, and hold its place in the pool before those of
the UI.
"""

from collections.abc import Mapping
from typing import Final

import dagster as dg

HEADLESS: Final[Mapping[str, str]] = {"collaboration/headless": "true"}
"""The tag of runs in a process that holds the store's lock from beginning to end."""

_UNDER_WAY: Final = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def report_broken_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark as failed what is under way by the history alone: the caller holds the lock. Gives run ids."""
    runs = instance.get_runs(dg.RunsFilter(tags=dict(HEADLESS), statuses=_UNDER_WAY))
    for run in runs:
        instance.report_run_failed(run, "The process of this headless run was ended before the run was.")
    return [run.run_id for run in runs]
