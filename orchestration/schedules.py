"""Schedules: when to ask a source for news. They are off until a person turns them on."""

from typing import Any

import dagster as dg

from orchestration.jobs import PULL_SNAPSHOT_JOB


def build_schedules(pull_jobs: list[Any]) -> list[dg.ScheduleDefinition]:
    """The weekly pull of the OpenAlex snapshot, early on Mondays (UTC)."""
    by_name = {job.name: job for job in pull_jobs}
    return [
        dg.ScheduleDefinition(
            name="weekly_openalex_snapshot",
            job=by_name[PULL_SNAPSHOT_JOB],
            cron_schedule="0 3 * * 1",
            execution_timezone="UTC",
            default_status=dg.DefaultScheduleStatus.STOPPED,
            description="Looks for a new release of the OpenAlex snapshot; costs nothing when there is none.",
        )
    ]
