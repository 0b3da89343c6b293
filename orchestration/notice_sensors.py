"""Sensors that tell people: of runs that failed, of checks that warn, and of what a store shows by itself.

They start nothing. What is worth a notice is `orchestration.notice_events`; that nothing is told twice, and
that a channel that fails holds nothing up, is `assets.notice_outbox`.
"""

import dagster as dg

from assets.notice_outbox import Outbox
from assets.pipeline import Pipeline
from assets.store_notices import rejected_drops
from orchestration.notice_events import overdue_results, run_notices

_STANDING_SECONDS = 300


def build_notice_sensors(outbox: Outbox) -> list[dg.SensorDefinition]:
    """Three sensors, on when the settings name anyone to tell."""
    status = dg.DefaultSensorStatus.RUNNING if outbox.is_used else dg.DefaultSensorStatus.STOPPED

    # Headless runs are told of by themselves; where one was killed, this is who says so.
    @dg.run_failure_sensor(
        name="failure_notices",
        monitor_all_code_locations=True,
        default_status=status,
        description="Tells people of each run that failed and is not tried again, and of its failed checks.",
    )
    def failure_notices(context: dg.RunFailureSensorContext, pipeline: dg.ResourceParam[Pipeline]) -> None:
        notices = run_notices(pipeline, context.instance, context.dagster_run.run_id)
        outbox.tell(notices, context.log.warning)

    @dg.run_status_sensor(
        name="warning_notices",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitor_all_code_locations=True,
        default_status=status,
        description="Tells people what the checks of a run warn of, unless they said the same before.",
    )
    def warning_notices(context: dg.RunStatusSensorContext, pipeline: dg.ResourceParam[Pipeline]) -> None:
        notices = run_notices(pipeline, context.instance, context.dagster_run.run_id)
        outbox.tell(notices, context.log.warning)

    @dg.sensor(
        name="standing_notices",
        minimum_interval_seconds=_STANDING_SECONDS,
        default_status=status,
        description="Tells people of rejected drops and overdue results, and tries again what was not"
        " delivered.",
    )
    def standing(context: dg.SensorEvaluationContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.SkipReason:
        notices = [*rejected_drops(pipeline), *overdue_results(pipeline, context.instance)]
        outbox.tell(notices, context.log.warning)
        return dg.SkipReason("It only tells people, and starts nothing.")

    return [failure_notices, warning_notices, standing]
