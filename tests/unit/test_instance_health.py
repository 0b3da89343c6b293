"""What stands in the way of runs in Dagster's instance is told of."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster._core.instance.config import PoolGranularity
from dagster._daemon.types import DaemonHeartbeat
from dagster_shared.error import SerializableErrorInfo

from assets.health.findings import Code, Level
from assets.pipeline import Pipeline
from assets.processes import identity
from orchestration import instance_health
from orchestration.dbt import BUILD_POOL
from orchestration.dead_runs import PROCESS_TAG
from tests.sound_stores import looked_at
from tests.unit.test_sensors import _job

pytest_plugins = ("tests.sound_store_fixtures",)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_a_pool_without_its_limit_is_told_of(instance: dg.DagsterInstance) -> None:
    (finding,) = instance_health.pool(instance)
    assert (finding.code, finding.level) == (Code.POOL_UNLIMITED, Level.ALARM)
    instance.event_log_storage.set_concurrency_slots(BUILD_POOL, 3)
    assert "has the limit 3" in instance_health.pool(instance)[0].what
    instance.event_log_storage.set_concurrency_slots(BUILD_POOL, 1)
    assert instance_health.pool(instance)[0].level is Level.OK


def test_runs_without_a_process_are_told_of(instance: dg.DagsterInstance) -> None:
    started = dg.DagsterRunStatus.STARTED
    instance.create_run_for_job(_job("refresh_years"), status=started, tags={PROCESS_TAG: identity()})
    assert instance_health.runs(instance)[0].what == "1 under way."
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        ended = identity(process.pid)
    run = instance.create_run_for_job(_job("publish"), status=started, tags={PROCESS_TAG: ended})
    (finding,) = instance_health.runs(instance)
    assert (finding.code, f"(publish, {run.run_id[:8]})" in finding.what) == (Code.RUNS_DEAD, True)


@pytest.mark.parametrize(
    ("silent_for", "errors", "code"),
    [
        (None, None, None),
        (30, None, None),
        (3600, None, Code.DAEMON_SILENT),
        (30, "lost", Code.DAEMON_FAILING),
    ],
)
def test_a_daemon_that_is_silent_or_fails_is_told_of(
    instance: dg.DagsterInstance, silent_for: float | None, errors: str | None, code: Code | None
) -> None:
    now = datetime.now(UTC)
    if silent_for is not None:
        failures = [SerializableErrorInfo(errors, [], None)] if errors else []
        beat = DaemonHeartbeat(now.timestamp() - silent_for, "SENSOR", "1", failures)
        instance.add_daemon_heartbeat(beat)
    (finding,) = instance_health.daemon(instance, now)
    assert finding.code is code
    assert (errors or "") in finding.what


@pytest.mark.parametrize(
    ("monitored", "limit", "granularity", "fragment"),
    [
        (True, 1, PoolGranularity.RUN, None),
        (False, 1, PoolGranularity.RUN, "runs that were killed stay started"),
        (True, None, PoolGranularity.RUN, "the limit of pools is None"),
        (True, 1, PoolGranularity.OP, "the granularity of pools is not run"),
    ],
)
def test_settings_under_which_runs_collide_are_told_of(
    tmp_path: Path, monitored: bool, limit: int | None, granularity: PoolGranularity, fragment: str | None
) -> None:
    pools = SimpleNamespace(default_pool_limit=limit, pool_granularity=granularity)
    instance = SimpleNamespace(
        run_monitoring_enabled=monitored, get_concurrency_config=lambda: SimpleNamespace(pool_config=pools)
    )
    (finding,) = instance_health.instance_settings(instance, tmp_path)  # type: ignore[arg-type]
    assert (finding.code is Code.INSTANCE_SETTINGS) is (fragment is not None)
    assert (fragment or "says what is needed") in finding.what


def test_an_instance_that_cannot_be_opened_is_told_of(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    home = pipeline.store.dagster_home
    (home / "dagster.yaml").write_text("storage: 3\n")
    with looked_at(pipeline) as look:
        codes = {item.code for item in instance_health.instance_findings(look)}
    assert Code.INSTANCE_SETTINGS in codes
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    (home / "history").write_text("no folder")
    with looked_at(pipeline) as look:
        codes = {item.code for item in instance_health.instance_findings(look)}
    assert Code.HISTORY_UNREADABLE in codes


def test_a_history_that_has_grown_large_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        (tmp_path / str(number)).write_bytes(b"12345")
    assert instance_health.history_size(tmp_path)[0].what == "5 files, 25 bytes of events and logs."
    monkeypatch.setattr(instance_health, "_LARGE_BYTES", 24)
    assert instance_health.history_size(tmp_path)[0].code is Code.HISTORY_LARGE
    monkeypatch.setattr(instance_health, "_MANY_FILES", 4)
    assert "more than 4 files" in instance_health.history_size(tmp_path)[0].what
