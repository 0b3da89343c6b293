"""A machine that does not fit the store is told of, and a ledger is looked at whatever state it is in."""

import dataclasses
import os
import shutil
import sqlite3
from datetime import timedelta
from importlib import metadata
from pathlib import Path

import pytest

from assets.health import counts, deliveries, machine
from assets.health.findings import Code, Level
from assets.ledger_facts import CheckState
from assets.pipeline import Pipeline
from tests.ledgers import count_all
from tests.sound_stores import finding_of, looked_at, with_free

pytest_plugins = ("tests.sound_store_fixtures",)


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
    with_free(monkeypatch, free, files)
    assert finding_of(pipeline, machine.disk).code is code


def test_a_larger_build_needs_more_room(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    with_free(monkeypatch, 10**9)
    assert finding_of(pipeline, machine.disk).code is None
    with pipeline.store.build_file.open("wb") as file:
        file.truncate(2 * 10**9)
    finding = finding_of(pipeline, machine.disk)
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
    finding = finding_of(pipeline, machine.permissions)
    assert finding.code is Code.STORE_UNWRITABLE
    assert str(pipeline.store.records) in finding.what


def test_a_drop_this_user_may_not_read_is_named(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    drop, usual = pipeline.landing / "base", os.access

    def refuse(path: Path, mode: int, **more: bool) -> bool:
        return path != drop and usual(path, mode, **more)

    monkeypatch.setattr("assets.health.deliveries.os.access", refuse)
    finding = finding_of(pipeline, deliveries.landing)
    assert (finding.code, str(drop) in finding.what) == (Code.LANDING_UNREADABLE, True)


def test_a_clock_behind_the_ledger_is_told_of(pipeline: Pipeline) -> None:
    with looked_at(pipeline) as look:
        early = dataclasses.replace(look, now=look.now - timedelta(days=3))
        (finding,) = machine.clock(early)
    assert finding.code is Code.CLOCK_BEHIND


def test_a_catalogue_that_cannot_be_used_is_told_of(pipeline: Pipeline, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    (catalogue / "radar.toml").write_text("name = 3\n")
    options = dataclasses.replace(pipeline.options, catalogue=catalogue)
    finding = finding_of(dataclasses.replace(pipeline, options=options), counts.technologies)
    assert (finding.code, "radar" in finding.what) == (Code.TECHNOLOGIES_WRONG, True)


# The ledger is looked at whatever state it is in


def test_a_ledger_with_what_a_killed_writer_did_not_put_into_it_yet_is_read_whole(
    pipeline: Pipeline,
) -> None:
    connection = sqlite3.connect(pipeline.store.ledger_file)
    connection.execute("pragma wal_autocheckpoint = 0")
    connection.execute("update year_builds set checks = 'failed'")
    connection.commit()
    assert finding_of(pipeline, counts.checks).code is Code.CHECKS_FAILED
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
    assert finding_of(pipeline, counts.checks).code is Code.CHECKS_FAILED
    assert copies >= 2
