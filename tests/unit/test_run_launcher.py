"""Run monitoring is told whether the process of a run lives, so that a dead run holds nothing up."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.launcher.base import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG

from assets.store import open_store
from orchestration.dead_runs import PROCESS_TAG
from orchestration.instance import open_instance
from orchestration.run_launcher import WatchedRunLauncher

STORY = """
import os, signal
import dagster as dg
from pathlib import Path
from assets.store import open_store
from orchestration.dead_runs import PROCESS_TAG
from orchestration.instance import open_instance

@dg.op
def die():
    os.kill(os.getpid(), signal.SIGKILL)

@dg.job(executor_def=dg.in_process_executor)
def story():
    die()

if __name__ == "__main__":
    with open_instance(open_store(Path({store!r}))) as instance:
        story.execute_in_process(instance=instance)
"""


def test_a_run_whose_process_was_killed_is_told_from_one_that_runs(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    program = STORY.format(store=str(store.root))
    killed = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL

    with open_instance(store) as instance:
        (run,) = instance.get_runs()
        assert run.status is dg.DagsterRunStatus.STARTED
        launcher = instance.run_launcher
        assert isinstance(launcher, WatchedRunLauncher)
        health = launcher.check_run_worker_health(run)

    assert launcher.supports_check_run_worker_health
    assert health.status is WorkerStatus.FAILED
    assert "Its process is gone and did not say how it ended" in str(health)


def test_a_run_that_is_under_way_is_left_alone(tmp_path: Path) -> None:
    seen = []

    @dg.op
    def ask(context: dg.OpExecutionContext) -> None:
        launcher = context.instance.run_launcher
        assert isinstance(launcher, WatchedRunLauncher)
        seen.append(launcher.check_run_worker_health(context.run).status)

    @dg.job(executor_def=dg.in_process_executor)
    def story() -> None:
        ask()

    with open_instance(open_store(tmp_path / "store")) as instance:
        story.execute_in_process(instance=instance)

    assert seen == [WorkerStatus.RUNNING]


@pytest.mark.parametrize(("seconds_ago", "status"), [(1, WorkerStatus.RUNNING), (3600, WorkerStatus.FAILED)])
def test_a_run_that_noted_no_process_gets_time_to(
    tmp_path: Path, seconds_ago: float, status: WorkerStatus
) -> None:
    with open_instance(open_store(tmp_path / "store")) as instance:
        run = instance.add_run(dg.DagsterRun("story", status=dg.DagsterRunStatus.NOT_STARTED))
        started = dg.DagsterEvent("PIPELINE_START", "story", message="Started")
        instance.report_dagster_event(started, run.run_id, timestamp=time.time() - seconds_ago)
        health = instance.run_launcher.check_run_worker_health(run)

    assert health.status is status


def test_a_headless_run_of_another_machine_is_left_alone(tmp_path: Path) -> None:
    with open_instance(open_store(tmp_path / "store")) as instance:
        tags = {PROCESS_TAG: "elsewhere 1 x"}
        run = instance.add_run(dg.DagsterRun("story", status=dg.DagsterRunStatus.NOT_STARTED, tags=tags))
        started = dg.DagsterEvent("PIPELINE_START", "story", message="Started")
        instance.report_dagster_event(started, run.run_id, timestamp=time.time() - 3600)

        health = instance.run_launcher.check_run_worker_health(run)

    assert health.status is WorkerStatus.RUNNING


def test_a_run_that_died_with_its_code_location_is_told_when_that_is_back(tmp_path: Path) -> None:
    # Marked as failed while nobody could try it again, it was given up for good, and its year never counted.
    tags = {GRPC_INFO_TAG: '{"host": "127.0.0.1", "port": 1}'}
    answers = iter([False, True, False, True, True])
    with open_instance(open_store(tmp_path / "store")) as instance, pytest.MonkeyPatch.context() as patch:
        run = instance.add_run(dg.DagsterRun("story", status=dg.DagsterRunStatus.NOT_STARTED, tags=tags))
        started = dg.DagsterEvent("PIPELINE_START", "story", message="Started")
        instance.report_dagster_event(started, run.run_id, timestamp=time.time() - 3600)
        launcher = instance.run_launcher
        assert isinstance(launcher, WatchedRunLauncher)
        patch.setattr(launcher, "_location_answers", lambda _: next(answers))

        told = [launcher.check_run_worker_health(run).status for _ in range(5)]

    assert told == [*[WorkerStatus.RUNNING] * 4, WorkerStatus.FAILED]


def test_a_code_location_that_is_not_there_does_not_answer(tmp_path: Path) -> None:
    # Nobody listens on port 1; after so many looks the run is told all the same, or it would block the queue.
    tags = {GRPC_INFO_TAG: '{"host": "127.0.0.1", "port": 1}'}
    with open_instance(open_store(tmp_path / "store")) as instance:
        run = instance.add_run(dg.DagsterRun("story", status=dg.DagsterRunStatus.NOT_STARTED, tags=tags))
        started = dg.DagsterEvent("PIPELINE_START", "story", message="Started")
        instance.report_dagster_event(started, run.run_id, timestamp=time.time() - 3600)

        told = [instance.run_launcher.check_run_worker_health(run).status for _ in range(21)]

    assert told == [*[WorkerStatus.RUNNING] * 20, WorkerStatus.FAILED]
