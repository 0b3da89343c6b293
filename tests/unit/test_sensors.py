"""The sensors ask for what is to be done, once, and again only when something changed."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.ledger_facts import CheckState
from assets.notice_outbox import Outbox
from assets.pipeline import Pipeline
from assets.staleness import build_state
from orchestration.automation import Automation
from orchestration.dead_runs import PROCESS_TAG
from orchestration.jobs import INGEST_JOB, PUBLISH_JOB, PULL_SNAPSHOT_JOB, REFRESH_JOB, RESOLVE_JOB
from orchestration.partitions import RANGE_END_TAG, RANGE_START_TAG
from orchestration.sensors import build_sensors, ingestion_of_ready_drops, publish_steps, refresh_steps
from tests.delivered_works import work
from tests.ledgers import (
    content,
    count_all,
    decide,
    deliver,
    resolve,
    settled_pipeline,
    take_in,
)
from tests.published import publish_by_hand


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return settled_pipeline(tmp_path)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("drops", ["base"])
        yield instance


def _look(pipeline: Pipeline, instance: dg.DagsterInstance) -> dg.SensorResult | str:
    """What the landing sensor says; partitions it asks for are added, as the daemon would."""
    result = ingestion_of_ready_drops(instance, pipeline)
    if isinstance(result, dg.SkipReason):
        return str(result.skip_message)
    for request in result.dynamic_partitions_requests or []:
        assert isinstance(request, dg.AddDynamicPartitionsRequest)
        instance.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
    return result


def _requests(result: dg.SensorResult | str) -> list[dg.RunRequest]:
    assert isinstance(result, dg.SensorResult)
    return list(result.run_requests or [])


def _key(result: dg.SensorResult | str) -> str:
    (request,) = _requests(result)
    assert request.run_key is not None
    return request.run_key


def _range(request: dg.RunRequest) -> tuple[str, str]:
    return request.tags[RANGE_START_TAG], request.tags[RANGE_END_TAG]


# The landing sensor


def test_an_unchanged_landing_folder_asks_for_nothing(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    assert _look(pipeline, instance) == f"No new drop in {pipeline.landing}."


def test_all_ready_drops_are_asked_for_in_one_run(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    for number in range(30):
        deliver(pipeline.landing / f"new-{number:02}", work(number))
    (pipeline.landing / "empty").mkdir()
    (request,) = _requests(_look(pipeline, instance))
    assert _range(request) == ("new-00", "new-29")
    assert "empty" not in instance.get_dynamic_partitions("drops")


def test_ready_drops_with_another_between_them_are_asked_for_apart(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    deliver(pipeline.landing / "late", work(3))
    instance.add_dynamic_partitions("drops", ["late", "between"])
    deliver(pipeline.landing / "new", work(4))
    first, second = _requests(_look(pipeline, instance))
    assert (_range(first), _range(second)) == (("late", "late"), ("new", "new"))


def test_looking_again_before_the_run_has_started_asks_for_the_same_run(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    deliver(pipeline.landing / "new", work(3))
    assert _key(_look(pipeline, instance)) == _key(_look(pipeline, instance))


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (dg.DagsterRunStatus.NOT_STARTED, False),
        (dg.DagsterRunStatus.STARTED, False),
        (dg.DagsterRunStatus.SUCCESS, True),
        (dg.DagsterRunStatus.FAILURE, True),
    ],
)
def test_drops_that_come_while_others_are_read_wait_to_be_read_together(
    pipeline: Pipeline, instance: dg.DagsterInstance, status: dg.DagsterRunStatus, asked: bool
) -> None:
    """Each look at hundreds of drops that kept coming asked for all of them, those being read included."""
    instance.create_run_for_job(_job(INGEST_JOB), status=status)
    deliver(pipeline.landing / "new", work(3))

    result = _look(pipeline, instance)

    assert isinstance(result, dg.SensorResult) if asked else str(result).startswith("Drops are being read")


def _put(pipeline: Pipeline, number: int) -> None:
    """Let a drop have the content of a number; the same number gives the very same files."""
    shutil.rmtree(pipeline.landing / "new", ignore_errors=True)
    for file in deliver(pipeline.landing / "new", work(number)).rglob("*"):
        os.utime(file, (1_700_000_000 + number,) * 2)


def test_content_that_goes_back_and_forth_is_asked_for_each_time(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    keys = []
    for number in (3, 4, 3, 4, 3, 4):
        _put(pipeline, number)
        keys.append(_key(_look(pipeline, instance)))
        take_in(pipeline, "new")
        assert _look(pipeline, instance) == f"No new drop in {pipeline.landing}."
    assert len(set(keys)) == len(keys)


# The refresh sensor


def _steps(pipeline: Pipeline) -> list[tuple[str, str]]:
    """Job and run key of what is asked for; nothing for a reason to skip."""
    return [
        (str(step.job_name), str(step.run_key))
        for steps in (refresh_steps, publish_steps)
        for step in steps(pipeline)
        if isinstance(step, dg.RunRequest)
    ]


def _skipped(pipeline: Pipeline) -> list[str]:
    """Why refreshing and publishing have nothing to do."""
    reasons = [*refresh_steps(pipeline), *publish_steps(pipeline)]
    return [str(reason.skip_message) for reason in reasons if isinstance(reason, dg.SkipReason)]


def test_nothing_is_asked_for_when_everything_is_done(pipeline: Pipeline) -> None:
    assert _steps(pipeline) == []
    assert _skipped(pipeline) == [
        "No year is stale.",
        "No year is stale and the last vintage is published.",
    ]


def test_nothing_is_published_before_everything_is_counted(pipeline: Pipeline) -> None:
    decide(pipeline, base=3)
    assert _skipped(pipeline) == ["To be counted and checked first: 2019."]
    (pipeline.project / "seeds" / "countries.csv").write_text("code\nHK\n")
    assert _skipped(pipeline) == ["Which records count is to be decided again first."]


def test_nothing_is_asked_for_before_the_first_drop(tmp_path: Path) -> None:
    pipeline = settled_pipeline(tmp_path)
    pipeline.store.ledger_file.unlink()
    assert _skipped(Pipeline(pipeline.store, pipeline.landing, pipeline.options, pipeline.project)) == (
        ["Nothing has been ingested yet."] * 2
    )


def test_a_change_is_resolved_then_counted_then_published(pipeline: Pipeline) -> None:
    (pipeline.project / "seeds" / "countries.csv").write_text("code\nHK\n")
    asked = []
    while steps := _steps(pipeline):
        ((job, _),) = steps
        asked.append(job)
        match job:
            case "resolve_records":
                decide(pipeline)
            case "refresh_years":
                count_all(pipeline)
            case "publish":
                publish_by_hand(pipeline.store, build_state(pipeline.ledger))
    assert asked == [RESOLVE_JOB, REFRESH_JOB, PUBLISH_JOB]


def test_each_contiguous_range_of_stale_years_is_one_run(pipeline: Pipeline) -> None:
    (drop,) = pipeline.ledger.active_versions()
    new = {year: [content(drop)] for year in (2008, 2015, 2018, 2019)}
    resolve(pipeline.ledger, new, pipeline.ledger.resolution().rules)
    requests = [step for step in refresh_steps(pipeline) if isinstance(step, dg.RunRequest)]
    assert [request.job_name for request in requests] == [REFRESH_JOB] * 3
    assert [_range(request) for request in requests] == [
        ("2008", "2008"),
        ("2015", "2015"),
        ("2018", "2019"),
    ]
    assert len({request.run_key for request in requests}) == 3


def test_a_run_that_failed_is_not_asked_for_again_until_something_changed(pipeline: Pipeline) -> None:
    decide(pipeline, base=3)
    first = _steps(pipeline)
    assert _steps(pipeline) == first
    decide(pipeline, base=4)
    assert _steps(pipeline) != first


def test_a_year_that_fails_its_checks_is_not_counted_over_and_over(pipeline: Pipeline) -> None:
    decide(pipeline, base=3)
    asked = set()
    for _ in range(5):
        asked.update(_steps(pipeline))
        count_all(pipeline, CheckState.FAILED)
    assert len(asked) <= 2


def test_rules_that_go_back_and_forth_are_asked_for_each_time(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = pipeline.project / "seeds" / "countries.csv"
    keys = []
    for minute, text in enumerate(("HK\n", "code\n", "HK\n", "code\n")):
        monkeypatch.setattr("assets.ledger._now", lambda minute=minute: f"2026-03-02T10:{minute:02}:00")
        seed.write_text(text)
        ((job, key),) = _steps(pipeline)
        assert job == RESOLVE_JOB
        keys.append(key)
        decide(pipeline)
        ((job, key),) = _steps(pipeline)
        assert job == REFRESH_JOB
        keys.append(key)
        count_all(pipeline)
        ((job, key),) = _steps(pipeline)
        assert job == PUBLISH_JOB
        keys.append(key)
        publish_by_hand(pipeline.store, build_state(pipeline.ledger))
        assert _steps(pipeline) == []
    assert len(set(keys)) == len(keys)


def _job(job_name: str) -> dg.JobDefinition:
    @dg.op
    def do_nothing() -> None: ...

    @dg.job(name=job_name)
    def job() -> None:
        do_nothing()

    return job


_JOBS = (INGEST_JOB, RESOLVE_JOB, REFRESH_JOB, PUBLISH_JOB)


def _ticked(
    pipeline: Pipeline, instance: dg.DagsterInstance, name: str = "refresh_sensor"
) -> tuple[list[str | None], str]:
    """One tick of a sensor as the daemon does it: jobs asked for, why none."""
    jobs = [_job(job) for job in _JOBS]
    outbox = Outbox(pipeline.store.root / "notices", [])
    sensors = {sensor.name: sensor for sensor in build_sensors(jobs, Automation(), outbox)}
    with dg.build_sensor_context(
        instance=instance,
        resources={"pipeline": pipeline},
        definitions=dg.Definitions(jobs=jobs, sensors=list(sensors.values())),
    ) as context:
        ticked = sensors[name].evaluate_tick(context)
    return [request.job_name for request in ticked.run_requests or []], ticked.skip_message or ""


def test_each_sensor_starts_its_own_job(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    deliver(pipeline.landing / "new", work(3))
    requested, _ = _ticked(pipeline, instance, "landing_sensor")
    assert len(requested) == 1
    decide(pipeline, base=3)
    assert _ticked(pipeline, instance) == ([REFRESH_JOB], "")
    count_all(pipeline)
    assert _ticked(pipeline, instance, "publish_sensor") == ([PUBLISH_JOB], "")


def test_a_pull_that_runs_for_hours_holds_up_nothing(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    decide(pipeline, base=3)
    instance.create_run_for_job(_job(PULL_SNAPSHOT_JOB), status=dg.DagsterRunStatus.STARTED)
    assert _ticked(pipeline, instance) == ([REFRESH_JOB], "")


@pytest.mark.parametrize(
    ("status", "waits"),
    [
        (dg.DagsterRunStatus.STARTED, True),
        (dg.DagsterRunStatus.SUCCESS, False),
        (dg.DagsterRunStatus.FAILURE, False),
    ],
)
def test_nothing_more_is_asked_for_while_a_run_is_under_way(
    pipeline: Pipeline, instance: dg.DagsterInstance, status: dg.DagsterRunStatus, *, waits: bool
) -> None:
    decide(pipeline, base=3)
    instance.create_run_for_job(_job(REFRESH_JOB), status=status)
    requested, skipped = _ticked(pipeline, instance)
    assert bool(requested) is not waits
    assert skipped.startswith("A run is under way") is waits


def test_a_run_whose_process_was_killed_holds_up_nothing(
    pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    decide(pipeline, base=3)
    killed = {PROCESS_TAG: f"{socket.gethostname()} 4194305 long-ago"}
    run = instance.create_run_for_job(_job(REFRESH_JOB), status=dg.DagsterRunStatus.STARTED, tags=killed)
    assert _ticked(pipeline, instance) == ([REFRESH_JOB], "")
    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE
