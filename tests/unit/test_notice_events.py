"""What of a run's history is told: that it failed and why, which checks failed or warn, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.errors import CollaborationError
from assets.notice_outbox import Outbox
from assets.notices import Kind, Notice
from assets.pipeline import Pipeline
from orchestration.notice_events import run_notices
from orchestration.notice_sensors import build_notice_sensors
from tests.ledgers import settled_pipeline

_HALVED = "2019: expected 3 works, found 1.5"


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return settled_pipeline(tmp_path)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _check(name: str, severity: dg.AssetCheckSeverity, description: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset="mart", name=name, blocking=severity is dg.AssetCheckSeverity.ERROR)
    def check() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=not description, severity=severity, description=description)

    return check


def _run(instance: dg.DagsterInstance, *, failed: str = "", warned: str = "", broken: str = "") -> str:
    """A run of a mart with a blocking check and one that warns; gives its id."""

    @dg.asset
    def mart() -> None:
        if broken:
            raise CollaborationError(broken)

    checks = [
        _check("adds_up", dg.AssetCheckSeverity.ERROR, failed),
        _check("unknown_share", dg.AssetCheckSeverity.WARN, warned),
    ]
    definitions = dg.Definitions(
        assets=[mart], asset_checks=checks, jobs=[dg.define_asset_job("refresh_years", selection="*")]
    )
    job = definitions.resolve_job_def("refresh_years")
    return job.execute_in_process(instance=instance, raise_on_error=False).run_id


def test_a_run_that_went_well_is_worth_nothing(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    assert run_notices(pipeline, instance, _run(instance)) == []
    assert run_notices(pipeline, instance, "unknown run") == []


def test_a_failed_check_is_told_with_what_it_found(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    (notice,) = run_notices(pipeline, instance, _run(instance, failed=_HALVED, warned="and 40% unknown"))
    assert notice.kind is Kind.CHECK_FAILED
    assert notice.what == "Blocking checks failed in refresh_years: nothing is published."
    assert notice.details == (f"mart, adds up: {_HALVED}",)
    assert "Readers keep the last vintage" in notice.next_step


def test_a_step_that_failed_is_told_with_its_cause(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    (notice,) = run_notices(pipeline, instance, _run(instance, broken="The disk is full.\nMore of it."))
    assert notice.kind is Kind.FAILED
    assert notice.what == "The run refresh_years failed."
    (cause,) = notice.details
    assert cause.startswith("mart: ")
    assert cause.endswith("The disk is full.")


def test_the_same_failure_of_two_runs_is_one_thing_on_two_occasions(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    (first,), (second,) = (run_notices(pipeline, instance, _run(instance, failed=_HALVED)) for _ in range(2))
    assert first.once != second.once
    assert (first.what, first.details) == (second.what, second.details)
    assert first.repeats


def test_a_warning_is_one_occasion_as_long_as_it_says_the_same(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    warned = ("2005: 40% unknown", "2005: 40% unknown", "2005: 41% unknown")
    first, same, other = (run_notices(pipeline, instance, _run(instance, warned=text))[0] for text in warned)
    assert first.kind is Kind.WARNING
    assert first.details == ("mart, unknown share: 2005: 40% unknown",)
    assert first.once == same.once != other.once


def test_a_run_that_is_tried_again_is_not_told_of(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    run_id = _run(instance, broken="it")
    instance.add_run_tags(run_id, {"dagster/will_retry": "true"})
    assert run_notices(pipeline, instance, run_id) == []
    instance.add_run_tags(run_id, {"dagster/will_retry": "false"})
    assert len(run_notices(pipeline, instance, run_id)) == 1


class _Kept:
    """A channel that keeps what it is given."""

    name = "kept"

    def __init__(self) -> None:
        self.told: list[Notice] = []

    def deliver(self, notice: Notice) -> None:
        self.told.append(notice)


def test_the_daemon_and_a_headless_run_tell_the_same_run_once(
    pipeline: Pipeline, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    channel = _Kept()
    outbox = Outbox(tmp_path / "notices.sqlite", [channel])
    run_id = _run(instance, failed=_HALVED)
    outbox.tell(run_notices(pipeline, instance, run_id), lambda _: None)
    run = instance.get_run_by_id(run_id)
    (record,) = instance.fetch_run_status_changes(dg.DagsterEventType.RUN_FAILURE, limit=1).records
    event = record.event_log_entry.dagster_event
    assert run is not None
    assert event is not None
    sensors = {sensor.name: sensor for sensor in build_notice_sensors(outbox)}
    context = dg.build_run_status_sensor_context(
        sensor_name="failure_notices",
        dagster_event=event,
        dagster_instance=instance,
        dagster_run=run,
        resources={"pipeline": pipeline},
    )
    sensors["failure_notices"](context.for_run_failure())
    assert [notice.kind for notice in channel.told] == [Kind.CHECK_FAILED]


def test_the_sensors_that_tell_are_on_when_there_is_anyone_to_tell(tmp_path: Path) -> None:
    for channels, status in (([_Kept()], "RUNNING"), ([], "STOPPED")):
        sensors = build_notice_sensors(Outbox(tmp_path / "notices.sqlite", channels))
        assert {sensor.default_status.value for sensor in sensors} == {status}
