"""A run whose process was killed is tried again a few times; one that failed by itself never is."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.tags import PARENT_RUN_ID_TAG, ROOT_RUN_ID_TAG

from assets.store import open_store
from orchestration.instance import open_instance

_MOST = 4
"""The first try and three more."""


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """As the settings of a store make it."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with open_instance(open_store(tmp_path / "store")) as instance:
        yield instance


@dg.op
def fails() -> None:
    raise dg.Failure("Blocking checks failed.")


@dg.job
def failing() -> None:
    fails()


def _will_be_tried_again(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.FAILURE
    return run.tags["dagster/will_retry"] == "true"


def test_a_run_that_is_killed_every_time_is_tried_a_few_times(instance: dg.DagsterInstance) -> None:
    first = instance.create_run_for_job(failing, status=dg.DagsterRunStatus.STARTED)
    run, tries = first, 1
    while True:
        instance.report_run_failed(run, "Its process was killed.")
        if not _will_be_tried_again(instance, run.run_id):
            break
        run = instance.create_run_for_job(
            failing,
            status=dg.DagsterRunStatus.STARTED,
            parent_run_id=run.run_id,
            root_run_id=first.run_id,
            tags={PARENT_RUN_ID_TAG: run.run_id, ROOT_RUN_ID_TAG: first.run_id},
        )
        tries += 1
        assert tries <= _MOST
    assert tries == _MOST


def test_a_check_or_a_step_that_failed_is_not_tried_again(instance: dg.DagsterInstance) -> None:
    result = failing.execute_in_process(instance=instance, raise_on_error=False)
    assert not _will_be_tried_again(instance, result.run_id)


def test_looks_that_found_nothing_are_not_kept_for_long(instance: dg.DagsterInstance) -> None:
    kept = instance.get_tick_retention_settings(dg._core.definitions.run_request.InstigatorType.SENSOR)
    assert {status.value: days for status, days in kept.items()} == {
        "STARTED": -1,
        "SKIPPED": 2,
        "SUCCESS": 90,
        "FAILURE": 30,
    }
