"""What goes on by itself is said by one setting, and a slip in it is one clear sentence."""

from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from assets.errors import CollaborationError
from assets.notice_outbox import Outbox
from orchestration.automation import Automation, Part, read_automation
from orchestration.jobs import INGEST_JOB, PUBLISH_JOB, PULL_SNAPSHOT_JOB, REFRESH_JOB, RESOLVE_JOB
from orchestration.schedules import build_schedules
from orchestration.sensors import build_sensors


def _job(job_name: str) -> dg.JobDefinition:
    @dg.op
    def do_nothing() -> None: ...

    @dg.job(name=job_name)
    def job() -> None:
        do_nothing()

    return job


def _running(automation: Automation) -> list[str]:
    """Names of the sensors and schedules that start by themselves."""
    jobs = [_job(name) for name in (INGEST_JOB, RESOLVE_JOB, REFRESH_JOB, PUBLISH_JOB)]
    sensors = build_sensors(jobs, automation, Outbox(Path("unused"), []))
    schedules = build_schedules([_job(PULL_SNAPSHOT_JOB)], automation)
    states = {sensor.name: sensor.default_status.value for sensor in sensors}
    states |= {schedule.name: schedule.default_status.value for schedule in schedules}
    return [name for name, state in states.items() if state == "RUNNING"]


@pytest.mark.parametrize(
    ("setting", "running"),
    [
        ("", ["landing_sensor", "refresh_sensor", "publish_sensor"]),
        ("ingest,refresh,publish", ["landing_sensor", "refresh_sensor", "publish_sensor"]),
        ("pull", ["weekly_openalex_snapshot"]),
        (
            " Ingest, refresh ,PUBLISH,pull",
            ["landing_sensor", "refresh_sensor", "publish_sensor", "weekly_openalex_snapshot"],
        ),
        ("refresh", ["refresh_sensor"]),
        ("none", []),
    ],
)
def test_each_part_is_switched_by_its_word(setting: str, running: list[str]) -> None:
    assert _running(read_automation({"COLLAB_AUTOMATION": setting})) == running


def test_the_snapshot_of_hundreds_of_gigabytes_is_not_pulled_unless_asked_for() -> None:
    assert Part.PULL not in read_automation({}).parts


@pytest.mark.parametrize("setting", ["ingest,none", "all", "ingest refresh", "publsh"])
def test_a_word_that_is_no_part_is_refused(setting: str) -> None:
    with pytest.raises(CollaborationError, match=r"It must be none, or some of ingest, refresh"):
        read_automation({"COLLAB_AUTOMATION": setting})


def test_what_is_on_is_said_in_one_sentence() -> None:
    assert read_automation({}).text().startswith("ingest, refresh, publish on; pull off (")
    assert read_automation({"COLLAB_AUTOMATION": "none"}).text().startswith("ingest, refresh, publish, pull")


def test_results_may_grow_as_old_as_the_setting_says() -> None:
    assert read_automation({}).freshness == timedelta(days=45)
    assert read_automation({"COLLAB_FRESHNESS_DAYS": "0.5"}).freshness == timedelta(hours=12)
    assert read_automation({"COLLAB_FRESHNESS_DAYS": "0"}).freshness is None


@pytest.mark.parametrize("setting", ["soon", "-1", "nan", "inf", "1e9", "0.0001"])
def test_an_age_that_is_no_number_of_days_is_refused(setting: str) -> None:
    with pytest.raises(CollaborationError, match="it must be a number of days"):
        read_automation({"COLLAB_FRESHNESS_DAYS": setting})
