"""Each warning and alarm is given where it should be, with what to do next; a sound store has none."""

import dataclasses
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import duckdb
import pytest
from dagster._core.instance.config import PoolGranularity
from dagster._daemon.types import DaemonHeartbeat
from dagster_shared.error import SerializableErrorInfo

from assets.health import counts, deliveries, machine, results, turns
from assets.health.findings import Code, Finding, Level
from assets.health.look import Look, look_at
from assets.ledger_facts import CheckState
from assets.pipeline import Pipeline
from assets.processes import identity
from assets.record_store import drop_folder
from assets.staleness import build_state
from assets.store import Store
from orchestration import doctor, instance_health
from orchestration.dbt import BUILD_POOL
from orchestration.dead_runs import PROCESS_TAG
from orchestration.terminal import Terminal
from tests.delivered_works import work
from tests.ledgers import content, count_all, decide, deliver, resolve, settled_pipeline
from tests.published import publish_by_hand
from tests.unit.test_sensors import _job

_OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
_NO_PROCESS = 4_194_305
_OLD = datetime(2026, 1, 5, tzinfo=UTC).timestamp()


def _write_marts(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts; create table marts.year_totals as select 2019 as year")


def _publish(pipeline: Pipeline, state: str | None = None) -> None:
    """Publish a vintage that tells the truth of its file."""
    draft = pipeline.store.work / "draft.duckdb"
    draft.unlink(missing_ok=True)
    _write_marts(draft)
    content = draft.read_bytes()
    draft.unlink()

    def write(file: Path) -> None:
        file.write_bytes(content)
        (file.parent.parent / "exports").mkdir()

    publish_by_hand(
        pipeline.store,
        build_state(pipeline.ledger) if state is None else state,
        write,
        rows={"year_totals": 1},
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A pipeline with one drop that is ingested, counted and published, of which each test gets a copy."""
    pipeline = settled_pipeline(tmp_path_factory.mktemp("sound"))
    _publish(pipeline)
    return pipeline


@pytest.fixture
def pipeline(sound: Pipeline, tmp_path: Path) -> Pipeline:
    folder = tmp_path / "copy"
    shutil.copytree(sound.store.root.parent, folder, symlinks=True)
    return Pipeline(
        Store(folder / "store"), folder / "landing", sound.options, folder / "project", lambda _: None
    )


@contextmanager
def _look(pipeline: Pipeline) -> Iterator[Look]:
    with look_at(pipeline.store, pipeline.landing, pipeline.options) as look:
        looked_at = dataclasses.replace(look.pipeline, project=pipeline.project)
        yield dataclasses.replace(look, pipeline=looked_at)


def _found(pipeline: Pipeline, check: Callable[[Look], list[Finding]]) -> Finding:
    """The one thing a check says."""
    with _look(pipeline) as look:
        (finding,) = check(look)
    return finding


_CHECKS = [*doctor._OF_THE_STORE, *doctor._OF_THE_LEDGER]


def test_a_sound_store_has_no_finding(pipeline: Pipeline) -> None:
    with _look(pipeline) as look:
        assert not look.ledger_problem
        found = [finding for check in _CHECKS for finding in check(look)]
    bad = [f for f in found if f.level is not Level.OK and f.code is not Code.DISK_LOW]
    assert bad == []
    assert all(finding.what.endswith((".", ")")) for finding in found)


def test_looking_changes_nothing(pipeline: Pipeline) -> None:
    def everything() -> dict[str, tuple[int, int]]:
        root = pipeline.store.root
        return {str(p): (p.lstat().st_mtime_ns, p.lstat().st_size) for p in (root, *root.rglob("*"))}

    before = everything()
    with _look(pipeline) as look:
        for check in _CHECKS:
            check(look)
    assert everything() == before


# Each finding: what brings it about, and the check that gives it


def _leave_lock(file: Path, purpose: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"process {_NO_PROCESS} ({purpose})")


def _writer_died(pipeline: Pipeline) -> None:
    _leave_lock(pipeline.store.lock_file, "headless run")


def _pull_died(pipeline: Pipeline) -> None:
    _leave_lock(pipeline.store.pull_lock_file, "pulling")


def _pull_unfinished(pipeline: Pipeline) -> None:
    page = pipeline.landing / ".pull-openalex-api-1" / "page"
    page.parent.mkdir()
    page.touch()
    for path in (page, page.parent):
        os.utime(path, (_OLD, _OLD))


def _leftovers(pipeline: Pipeline) -> None:
    (pipeline.store.work / "dry-run-x").mkdir()


def _records_unknown(pipeline: Pipeline) -> None:
    (pipeline.store.records / drop_folder("gone") / "0123456789abcdef-r1").mkdir(parents=True)


def _records_lost(pipeline: Pipeline) -> None:
    (version,) = pipeline.ledger.versions()
    shutil.rmtree(pipeline.store.records / version.drop_version)


def _landing_gone(pipeline: Pipeline) -> None:
    shutil.rmtree(pipeline.landing)


def _aged(drop: Path) -> None:
    for path in (*drop.rglob("*"), drop):
        os.utime(path, (_OLD, _OLD))


def _drop_waiting(pipeline: Pipeline) -> None:
    drop = deliver(pipeline.landing / "late", work(7))
    next(drop.rglob("*.gz")).unlink()
    _aged(drop)


def _drop_untaken(pipeline: Pipeline) -> None:
    _aged(deliver(pipeline.landing / "new", work(7)))


def _drop_rejected(pipeline: Pipeline) -> None:
    (deliver(pipeline.landing / "bad", work(7)) / "drop.toml").write_text("source = 3\n")


def _checks_failed(pipeline: Pipeline) -> None:
    count_all(pipeline, CheckState.FAILED)


def _years_stale(pipeline: Pipeline) -> None:
    decide(pipeline, base=3)


def _rules_changed(pipeline: Pipeline) -> None:
    pipeline.store.build_file.unlink()


def _years_missing(pipeline: Pipeline) -> None:
    (drop,) = pipeline.ledger.active_versions()
    resolve(pipeline.ledger, {year: [content(drop)] for year in (2008, 2009, 2012)})


def _not_published(pipeline: Pipeline) -> None:
    pipeline.store.published.unlink()


def _other_state(pipeline: Pipeline) -> None:
    _publish(pipeline, "another state")


def _rolled_back(pipeline: Pipeline) -> None:
    _publish(pipeline, "another state")
    pipeline.ledger.pass_over(build_state(pipeline.ledger))


def _vintage_gone(pipeline: Pipeline) -> None:
    shutil.rmtree(pipeline.store.published.resolve())


def _vintage_changed(pipeline: Pipeline) -> None:
    file = pipeline.store.warehouse_file
    file.chmod(0o600)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def _vintage_cut(pipeline: Pipeline) -> None:
    file = pipeline.store.warehouse_file
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:2000])


def _not_described(pipeline: Pipeline) -> None:
    description = pipeline.store.published / "vintage.json"
    description.chmod(0o600)
    description.write_text("{")


def _exports_gone(pipeline: Pipeline) -> None:
    (pipeline.store.published / "exports").rmdir()


def _links_missing(pipeline: Pipeline) -> None:
    pipeline.store.exports.unlink()
    pipeline.store.exports.mkdir()


@pytest.mark.parametrize(
    ("harm", "check", "code", "fragment"),
    [
        (_writer_died, turns.writer, Code.WRITER_DIED, f"Process {_NO_PROCESS} (headless run) was killed"),
        (_pull_died, turns.puller, Code.PULL_DIED, f"Process {_NO_PROCESS} (pulling) was killed"),
        (_pull_unfinished, turns.unfinished_pulls, Code.PULL_UNFINISHED, "broken off on 2026-01-05"),
        (_leftovers, turns.leftovers, Code.LEFTOVERS, "work/dry-run-x: a dry run that did not finish"),
        (_records_unknown, turns.unknown, Code.RECORDS_UNKNOWN, "does not know 1 of"),
        (_records_lost, counts.records, Code.RECORDS_LOST, "(base)"),
        (_landing_gone, deliveries.landing, Code.LANDING_UNREADABLE, "There is no landing folder"),
        (_drop_waiting, deliveries.drops, Code.DROP_WAITING, "Drop late is incomplete"),
        (_drop_untaken, deliveries.drops, Code.DROP_UNTAKEN, "Drop new is complete since 2026-01-05"),
        (_drop_rejected, deliveries.drops, Code.DROP_REJECTED, "Drop bad is rejected: "),
        (_checks_failed, counts.checks, Code.CHECKS_FAILED, "The blocking checks of 2019 failed"),
        (_years_stale, counts.staleness, Code.YEARS_STALE, "2019: 1 work more of base"),
        (_rules_changed, counts.staleness, Code.YEARS_STALE, "changed since the records that count"),
        (_years_missing, counts.missing_years, Code.YEARS_MISSING, "No work is of 2010-2011"),
        (_not_published, results.vintage, Code.NOT_PUBLISHED, "nothing is published yet"),
        (_other_state, results.publication, Code.NOT_PUBLISHED, "something else is counted"),
        (_rolled_back, results.publication, Code.ROLLED_BACK, "to which somebody went back"),
        (_vintage_gone, results.vintage, Code.VINTAGE_DAMAGED, "leads to no vintage"),
        (_vintage_changed, results.vintage, Code.VINTAGE_DAMAGED, "the content of its DuckDB file changed"),
        (_vintage_cut, results.vintage, Code.VINTAGE_DAMAGED, "has 2,000 bytes instead of"),
        (_not_described, results.vintage, Code.VINTAGE_DAMAGED, "vintage.json cannot be read"),
        (_exports_gone, results.vintage, Code.VINTAGE_DAMAGED, "its exports are gone"),
        (_links_missing, results.links, Code.LINKS_MISSING, "exports in the store should be links"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_wrong_is_found_and_named(
    pipeline: Pipeline,
    harm: Callable[[Pipeline], None],
    check: Callable[[Look], list[Finding]],
    code: Code,
    fragment: str,
) -> None:
    assert _found(pipeline, check).level is Level.OK
    harm(pipeline)
    finding = _found(pipeline, check)
    assert (finding.code, fragment in finding.what) == (code, True), finding.what
    assert finding.next


def test_much_that_is_stuck_is_told_in_part(pipeline: Pipeline) -> None:
    for number in range(14):
        _aged(deliver(pipeline.landing / f"new-{number:02}", work(number + 10)))
    with _look(pipeline) as look:
        found = deliveries.drops(look)
    assert (len(found), found[-1].what) == (11, "4 more are stuck.")


# While a run is at work


def test_what_a_run_at_work_has_half_done_is_not_taken_for_wrong(pipeline: Pipeline) -> None:
    for harm in (_leftovers, _years_stale, _drop_untaken, _records_unknown, _not_published):
        harm(pipeline)
    with pipeline.store.writing("headless run"), pipeline.store.build_file.open():
        found = {
            check.__name__: _found(pipeline, check)
            for check in (
                turns.writer,
                turns.build_file,
                turns.leftovers,
                turns.unknown,
                counts.staleness,
                deliveries.drops,
                results.vintage,
            )
        }
    assert {finding.code for finding in found.values()} == {None}
    assert found["writer"].what.startswith(f"Process {os.getpid()} (headless run) is writing since 20")


def test_a_writer_that_takes_more_than_a_day_is_told_of(pipeline: Pipeline) -> None:
    with pipeline.store.writing("headless run"):
        os.utime(pipeline.store.lock_file, (_OLD, _OLD))
        finding = _found(pipeline, turns.writer)
    assert (finding.code, "since 2026-01-05" in finding.what) == (Code.WRITER_LONG, True)


def test_a_process_that_has_the_build_file_open_without_the_lock_is_told_of(pipeline: Pipeline) -> None:
    with pipeline.store.build_file.open():
        finding = _found(pipeline, turns.build_file)
    assert (finding.code, finding.level) == (Code.BUILD_HELD, Level.ALARM)
    assert f"Process {os.getpid()} has" in finding.what
    assert f"ps {os.getpid()}" in finding.next


# The machine


def _with_free(monkeypatch: pytest.MonkeyPatch, free: int, files: int = 10**6) -> None:
    monkeypatch.setattr("assets.health.machine.shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    usual = SimpleNamespace(f_files=10**6, f_favail=files)
    monkeypatch.setattr("assets.health.machine.os.statvfs", lambda _: usual)


@pytest.mark.parametrize(
    ("free", "files", "code"),
    [
        (10**8, 10**6, Code.DISK_SHORT),
        (4 * 10**8, 10**6, Code.DISK_LOW),
        (10**12, 10**6, None),
        (10**12, 400, Code.FILES_SHORT),
    ],
)
def test_room_is_held_against_what_the_next_vintage_needs(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, free: int, files: int, code: Code | None
) -> None:
    _with_free(monkeypatch, free, files)
    assert _found(pipeline, machine.disk).code is code


def test_a_larger_build_needs_more_room(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_free(monkeypatch, 10**9)
    assert _found(pipeline, machine.disk).code is None
    with pipeline.store.build_file.open("wb") as file:
        file.truncate(2 * 10**9)
    finding = _found(pipeline, machine.disk)
    assert (finding.code, "1.0 GB are free" in finding.what) == (Code.DISK_SHORT, True)


@pytest.mark.parametrize(("running", "code"), [((3, 10, 2), Code.PYTHON_UNSUPPORTED), ((3, 13, 1), None)])
def test_a_python_the_project_does_not_work_with_is_told_of(
    monkeypatch: pytest.MonkeyPatch, running: tuple[int, ...], code: Code | None
) -> None:
    monkeypatch.setattr("assets.health.machine.sys.version_info", running)
    assert machine.versions()[0].code is code


def test_the_environment_of_the_tests_is_the_locked_one() -> None:
    (finding,) = machine.versions()
    assert finding.level is Level.OK
    assert "Dagster 1." in finding.what


def test_a_package_of_another_version_than_the_locked_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = metadata.version
    other = {"duckdb": "0.1"}
    monkeypatch.setattr("assets.health.machine.metadata.version", lambda name: other.get(name) or usual(name))
    (finding,) = machine.versions()
    assert finding.code is Code.PACKAGES_DIFFER
    assert finding.what.startswith("Installed otherwise than requirements.lock says: ")
    assert "duckdb 0.1 instead of 1." in finding.what


def test_a_store_of_another_user_is_told_of(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = os.access

    def refuse(path: Path, mode: int, **more: bool) -> bool:
        return path != pipeline.store.records and usual(path, mode, **more)

    monkeypatch.setattr("assets.health.machine.os.access", refuse)
    finding = _found(pipeline, machine.permissions)
    assert finding.code is Code.STORE_UNWRITABLE
    assert str(pipeline.store.records) in finding.what


def test_a_drop_this_user_may_not_read_is_named(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    drop, usual = pipeline.landing / "base", os.access

    def refuse(path: Path, mode: int, **more: bool) -> bool:
        return path != drop and usual(path, mode, **more)

    monkeypatch.setattr("assets.health.deliveries.os.access", refuse)
    finding = _found(pipeline, deliveries.landing)
    assert (finding.code, str(drop) in finding.what) == (Code.LANDING_UNREADABLE, True)


def test_a_clock_behind_the_ledger_is_told_of(pipeline: Pipeline) -> None:
    with _look(pipeline) as look:
        early = dataclasses.replace(look, now=look.now - timedelta(days=3))
        (finding,) = machine.clock(early)
    assert finding.code is Code.CLOCK_BEHIND


def test_a_catalogue_that_cannot_be_used_is_told_of(pipeline: Pipeline, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    (catalogue / "radar.toml").write_text("name = 3\n")
    options = dataclasses.replace(pipeline.options, catalogue=catalogue)
    finding = _found(dataclasses.replace(pipeline, options=options), counts.technologies)
    assert (finding.code, "radar" in finding.what) == (Code.TECHNOLOGIES_WRONG, True)


# The ledger is looked at whatever state it is in


def test_a_ledger_with_what_a_killed_writer_did_not_put_into_it_yet_is_read_whole(
    pipeline: Pipeline,
) -> None:
    connection = sqlite3.connect(pipeline.store.ledger_file)
    connection.execute("pragma wal_autocheckpoint = 0")
    connection.execute("update year_builds set checks = 'failed'")
    connection.commit()
    assert _found(pipeline, counts.checks).code is Code.CHECKS_FAILED
    connection.close()


def test_a_ledger_that_is_written_meanwhile_is_looked_at_as_of_one_moment(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    copyfile = shutil.copyfile
    copies = 0

    def disturbed(source: Path, target: Path) -> None:
        nonlocal copies
        copyfile(source, target)
        copies += 1
        if copies == 1:
            count_all(pipeline, CheckState.FAILED)

    monkeypatch.setattr("assets.health.look.shutil.copyfile", disturbed)
    assert _found(pipeline, counts.checks).code is Code.CHECKS_FAILED
    assert copies >= 2


# The whole


def _environment(pipeline: Pipeline, **more: str) -> dict[str, str]:
    return {"COLLAB_STORE": str(pipeline.store.root), "COLLAB_LANDING": str(pipeline.landing), **more}


def _codes(environment: dict[str, str]) -> dict[Code, Finding]:
    return {item.code: item for item in doctor.examine(environment) if item.code is not None}


@pytest.mark.parametrize(
    ("content", "fragment"), [('{"format_version": 1}', "has format 1"), ("{", "has format unknown")]
)
def test_a_store_of_another_format_is_not_looked_into(
    pipeline: Pipeline, content: str, fragment: str
) -> None:
    pipeline.store.format_file.write_text(content)
    (finding,) = _codes(_environment(pipeline)).values()
    assert (finding.code, fragment in finding.what) == (Code.STORE_FORMAT, True)


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "something else"])
def test_where_there_is_no_store_none_is_made(tmp_path: Path, there: str) -> None:
    root = tmp_path / "store"
    if there != "nothing":
        root.mkdir()
    if there == "something else":
        (root / "thesis.docx").touch()
    before = sorted(tmp_path.rglob("*"))
    (finding,) = _codes({"COLLAB_STORE": str(root)}).values()
    assert finding.code is Code.STORE_MISSING
    assert ("something, but no store" in finding.what) is (there == "something else")
    assert sorted(tmp_path.rglob("*")) == before


def test_wrong_settings_are_told_and_the_rest_is_looked_at(pipeline: Pipeline) -> None:
    found = list(doctor.examine(_environment(pipeline, COLLAB_START_YEAR="soon")))
    assert (found[0].code, "COLLAB_START_YEAR" in found[0].what) == (Code.SETTINGS_WRONG, True)
    assert len(found) > 15


@pytest.mark.parametrize("harm", [b"SQLite format 3", b"", None])
def test_a_damaged_ledger_is_told_of_and_hides_nothing_else(pipeline: Pipeline, harm: bytes | None) -> None:
    if harm is None:
        content = bytearray(pipeline.store.ledger_file.read_bytes())
        content[4096:] = b"\x55" * (len(content) - 4096)
        harm = bytes(content)
    pipeline.store.ledger_file.write_bytes(harm)
    found = list(doctor.examine(_environment(pipeline)))
    codes = {item.code for item in found}
    # SQLite takes an empty file for an empty database.
    assert (Code.LEDGER_DAMAGED in codes) is (harm != b"")
    assert "writer" in {item.subject for item in found}
    assert pipeline.store.ledger_file.read_bytes() == harm


def test_a_check_that_fails_itself_hides_no_other(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Look) -> list[Finding]:
        raise RuntimeError("no\nreason")

    monkeypatch.setattr(doctor, "_OF_THE_STORE", (broken, turns.writer))
    found = list(doctor.examine(_environment(pipeline)))
    (finding,) = [item for item in found if item.code is Code.CHECK_BROKEN]
    assert (finding.subject, "RuntimeError: no reason" in finding.what) == ("broken", True)
    assert "writer" in {item.subject for item in found}


@pytest.mark.parametrize(("is_missing", "status"), [(True, 1), (False, 0)])
def test_the_exit_status_says_whether_there_is_an_alarm_and_json_says_it_to_scripts(
    pipeline: Pipeline,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_missing: bool,
    status: int,
) -> None:
    _with_free(monkeypatch, 10**12)
    environment = _environment(pipeline)
    if is_missing:
        environment["COLLAB_STORE"] = str(tmp_path / "elsewhere")
    shown = tmp_path / "shown.txt"
    texts = []
    for as_json in (True, False):
        with shown.open("w", encoding="utf-8") as out, redirect_stdout(out), Terminal() as terminal:
            found = doctor.show_health(as_json=as_json, terminal=terminal, environment=environment)
        assert found == status
        texts.append(shown.read_text("utf-8"))
    told = json.loads(texts[0])
    assert {"subject", "level", "what", "next", "code"} == set(told[0])
    assert ("alarm" in {item["level"] for item in told}) is is_missing
    assert ("[store-missing]" in texts[1]) is is_missing
    assert ("docs/operations.md tells of each." in texts[1]) is is_missing or "warn" in texts[1]


# Dagster's instance


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
    with _look(pipeline) as look:
        codes = {item.code for item in instance_health.instance_findings(look)}
    assert Code.INSTANCE_SETTINGS in codes
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    (home / "history").write_text("no folder")
    with _look(pipeline) as look:
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


# What is written of them


def _sections() -> dict[str, str]:
    """Code to the first words of its section."""
    text = _OPERATIONS.read_text("utf-8")
    return dict(re.findall(r"^### `([a-z-]+)`\n\n(.+)$", text, re.MULTILINE))


def _given(kind: str) -> set[str]:
    """The codes that the checks give as warnings, or as alarms."""
    checkout = _OPERATIONS.parents[1]
    sources = [*(checkout / "assets" / "health").glob("*.py")]
    sources += [checkout / "orchestration" / name for name in ("doctor.py", "instance_health.py")]
    found = re.findall(
        rf"\b{kind}\(\s*[^,()]+,\s*(?:Code\.([A-Z_]+)|(died)),",
        "".join(path.read_text("utf-8") for path in sources),
    )
    names = {name for name, _ in found if name}
    return {Code[name].value for name in names}


def test_each_code_has_a_section_and_each_section_a_code() -> None:
    assert set(_sections()) == {code.value for code in Code}


def test_alarms_and_no_warnings_are_told_in_italics() -> None:
    alarms = {code for code, text in _sections().items() if text.startswith("*")}
    assert alarms == _given("alarm")
    assert _given("warning") & alarms == set()
    assert _given("warning") | alarms | {"writer-died", "pull-died"} == {code.value for code in Code}
