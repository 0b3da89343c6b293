"""Schedules: when to ask a source for news."""

from typing import Any

import dagster as dg

from orchestration.automation import Automation, Part
from orchestration.jobs import PULL_SNAPSHOT_JOB


def build_schedules(pull_jobs: list[Any], automation: Automation) -> list[dg.ScheduleDefinition]:
    """The weekly pull of the OpenAlex snapshot, early on Mondays (UTC)."""
    on = Part.PULL in automation.parts
    by_name = {job.name: job for job in pull_jobs}
    return [
        dg.ScheduleDefinition(
            name="weekly_openalex_snapshot",
            job=by_name[PULL_SNAPSHOT_JOB],
            cron_schedule="0 3 * * 1",
            execution_timezone="UTC",
            default_status=dg.DefaultScheduleStatus.RUNNING if on else dg.DefaultScheduleStatus.STOPPED,
            description="Looks for a new release of the OpenAlex snapshot; costs nothing when there is none.",
        )
    ]
