"""Runs of killed processes are ended in the history; those of processes at work are left alone."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from assets.processes import identity
from assets.store import Store
from orchestration.dead_runs import PROCESS_TAG, STORE_TAG, end_dead_runs, has_process, headless_tags
from tests.unit.test_sensors import _job

STARTED = dg.DagsterRunStatus.STARTED
_NO_PROCESS = 4_194_305
"""No process has so high a number."""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def ended() -> str:
    """The name of a process that is gone."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        return identity(process.pid)


def _run(
    instance: dg.DagsterInstance, tags: dict[str, str] | None = None, status: dg.DagsterRunStatus = STARTED
) -> dg.DagsterRun:
    return instance.create_run_for_job(_job("refresh_years"), status=status, tags=tags or {})


def _told_by(instance: dg.DagsterInstance, number: int) -> dg.DagsterRun:
    """A run a process of this number said it works on, as a run of the daemon does."""
    run = _run(instance)
    instance.report_engine_event("Executing steps", run, EngineEventData({"pid": str(number)}))
    instance.report_engine_event("something else", run)
    return run


def _statuses(instance: dg.DagsterInstance, *runs: dg.DagsterRun) -> list[dg.DagsterRunStatus]:
    found = [instance.get_run_by_id(run.run_id) for run in runs]
    return [run.status for run in found if run is not None]


def test_a_run_says_of_which_process_it_is(instance: dg.DagsterInstance, ended: str, tmp_path: Path) -> None:
    assert has_process(instance, _run(instance, headless_tags(Store(tmp_path)))) is True
    assert has_process(instance, _run(instance, {PROCESS_TAG: ended})) is False
    assert has_process(instance, _run(instance, {PROCESS_TAG: "elsewhere 1 x"})) is None
    assert has_process(instance, _told_by(instance, os.getpid())) is True
    assert has_process(instance, _told_by(instance, _NO_PROCESS)) is False
    assert has_process(instance, _run(instance)) is None


def test_a_number_given_again_to_a_later_process_is_not_taken_for_the_run(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _told_by(instance, os.getpid())
    monkeypatch.setattr("orchestration.dead_runs.began_before", lambda *_: False)
    assert has_process(instance, run) is False


def test_dead_runs_fail_in_the_history_once_and_are_told(instance: dg.DagsterInstance, ended: str) -> None:
    dead = [_run(instance, {PROCESS_TAG: ended}), _told_by(instance, _NO_PROCESS)]
    dead += [_run(instance, {PROCESS_TAG: ended}, dg.DagsterRunStatus.NOT_STARTED)]
    told: list[str] = []
    end_dead_runs(instance, told.append)
    assert _statuses(instance, *dead) == [dg.DagsterRunStatus.FAILURE] * 3
    assert sorted(told) == sorted(
        f"Run {run.run_id[:8]} (refresh_years) of a process that was ended from outside is marked as failed "
        "in the history."
        for run in dead
    )
    end_dead_runs(instance, lambda _: pytest.fail("told again"))


def test_runs_at_work_or_about_to_start_are_left_alone(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    store = Store(tmp_path)
    alive = [
        _run(instance, headless_tags(store)),
        _told_by(instance, os.getpid()),
        _run(instance),
        _run(instance, status=dg.DagsterRunStatus.NOT_STARTED),
        _run(instance, {PROCESS_TAG: "elsewhere 1 x", STORE_TAG: "/another/store"}),
    ]
    before = _statuses(instance, *alive)
    end_dead_runs(instance, pytest.fail, writing=store)
    assert _statuses(instance, *alive) == before


def test_who_holds_the_lock_knows_that_no_other_machine_is_at_work(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    run = _run(instance, {PROCESS_TAG: f"not-{socket.gethostname()} 1 x", STORE_TAG: str(store.root)})
    end_dead_runs(instance, pytest.fail)
    told: list[str] = []
    end_dead_runs(instance, told.append, writing=store)
    assert (_statuses(instance, run), len(told)) == ([dg.DagsterRunStatus.FAILURE], 1)
