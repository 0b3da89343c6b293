"""The build file is told what a run of dbt covers, and is started anew where its tables may not fit."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import assets.build
from assets.build import connect, prepare_build
from assets.errors import CollaborationError
from assets.ledger_facts import CheckState, Resolution
from assets.pipeline import Pipeline
from assets.rules import CountingOptions, resolution_rules
from assets.staleness import resolution_due
from tests.delivered_works import work
from tests.ledgers import count_all, deliver, settled_pipeline, take_in
from tests.pipelines import with_options

_OPEN_BUILD = """
import sys
import duckdb

with duckdb.connect(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.readline()
"""

OPTIONS = CountingOptions(2005, 2026)


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """A pipeline whose build file was made by a finished run, and holds a table of it."""
    pipeline = settled_pipeline(tmp_path)
    pipeline.store.build_file.unlink()
    _prepare(pipeline)
    with connect(pipeline.store.build_file, read_only=False) as connection:
        connection.execute("create table built (year integer)")
        (build_id,) = connection.execute("select build_id from control.build").fetchall()[0]
    _resolved(pipeline, build_id)
    count_all(pipeline)
    return pipeline


def _resolved(pipeline: Pipeline, build_id: str) -> None:
    ledger = pipeline.ledger
    contents = [(year, item) for year, items in ledger.year_contents().items() for item in items]
    rules = resolution_rules(pipeline.project, OPTIONS)
    versions = tuple(item.drop_version for item in ledger.active_versions())
    resolution = Resolution(versions, rules, ledger.catalogue().stamp, build_id)
    ledger.record_resolution(resolution, contents, [])


def _prepare(pipeline: Pipeline, *years: int, start_year: int = OPTIONS.start_year) -> None:
    prepare_build(with_options(pipeline, start_year=start_year), years)


def _rows(pipeline: Pipeline, table: str) -> list[tuple[object, ...]]:
    with connect(pipeline.store.build_file) as connection:
        return connection.execute(f"select * from {table} order by all").fetchall()


def _keeps_its_tables(pipeline: Pipeline) -> bool:
    return bool(_rows(pipeline, "(from duckdb_tables() where table_name = 'built')"))


def test_dbt_is_told_the_years_the_drops_and_their_files(pipeline: Pipeline) -> None:
    _prepare(pipeline, 2018, 2019)
    (drop,) = pipeline.ledger.active_versions()
    assert _rows(pipeline, "control.refresh_years") == [(2018,), (2019,)]
    assert _rows(pipeline, "control.refresh_cells") == [
        (year, technologies) for year in (2018, 2019) for technologies in ("all", "critical")
    ]
    assert _rows(pipeline, "control.scope") == [(2005, 2026, False, False)]
    assert _rows(pipeline, "control.active_drops") == [
        ("base", drop.drop_version, "openalex", drop.stated_date, None, "delta", 2)
    ]
    ((version, folder, file),) = _rows(pipeline, "control.record_files")
    assert (version, folder) == (drop.drop_version, "year=2019")
    assert Path(str(file)).is_relative_to(pipeline.store.records)
    ((empty,),) = _rows(pipeline, "control.empty_records")
    assert Path(str(empty)).exists()


def test_what_is_not_active_is_not_told(pipeline: Pipeline) -> None:
    pipeline.ledger.withdraw("base")
    _prepare(pipeline)
    assert _rows(pipeline, "control.active_drops") == _rows(pipeline, "control.record_files") == []


def test_rejected_records_are_told_by_reason(pipeline: Pipeline) -> None:
    folder = pipeline.landing / "spoiled"
    folder.mkdir()
    (folder / "works.jsonl").write_bytes(b'{"id": "https://openalex.org/W1"}\n' + b"[]\n" * 2 + b"{\n")
    take_in(replace(pipeline, options=replace(pipeline.options, max_reject_share=1)), "spoiled")
    _prepare(pipeline)
    told = {
        (drop, reason): records for drop, _, reason, records in _rows(pipeline, "control.rejected_records")
    }
    (version,) = pipeline.ledger.versions("spoiled")
    assert told == {("spoiled", reason): n for reason, n in version.rejected_by_reason.items()}
    assert sum(version.rejected_by_reason.values()) == version.rejected >= 3


def test_a_run_leaves_nothing_in_the_control_tables_of_the_next(pipeline: Pipeline) -> None:
    _prepare(pipeline, 2018, 2019)
    _prepare(pipeline, 2008)
    assert _rows(pipeline, "control.refresh_years") == [(2008,)]
    assert len(_rows(pipeline, "control.record_files")) == 1


def _edit_seed(pipeline: Pipeline) -> None:
    (pipeline.project / "seeds" / "countries.csv").write_text("code,another_column\n")


def _edit_model(pipeline: Pipeline) -> None:
    (pipeline.project / "models").mkdir()
    (pipeline.project / "models" / "country_output.sql").write_text("select 1 as year")


def _lose_resolution(pipeline: Pipeline) -> None:
    """As after a first resolution that broke off: tables are there, but nobody knows of what."""
    pipeline.ledger.void_builds()


def _land_drop(pipeline: Pipeline) -> None:
    deliver(pipeline.landing / "new", work(3))
    take_in(pipeline, "new")


@pytest.mark.parametrize(
    ("change", "keeps"),
    [(_edit_seed, False), (_edit_model, False), (_lose_resolution, False), (_land_drop, True)],
)
def test_the_build_file_belongs_to_one_version_of_the_project(
    pipeline: Pipeline, change: Callable[[Pipeline], None], *, keeps: bool
) -> None:
    change(pipeline)
    _prepare(pipeline)
    assert _keeps_its_tables(pipeline) is keeps
    # What was counted into the old file does not stand in the new one.
    assert all(bool(build.fingerprint) is keeps for build in pipeline.ledger.year_builds().values())


def test_other_years_in_scope_have_every_work_decided_again_in_the_same_file(pipeline: Pipeline) -> None:
    _prepare(pipeline, start_year=2010)
    assert _rows(pipeline, "control.scope") == [(2010, 2026, True, False)]
    assert _keeps_its_tables(pipeline)


def test_the_ledger_knows_that_a_count_began(pipeline: Pipeline) -> None:
    _prepare(pipeline, 2019, 2020)
    builds = pipeline.ledger.year_builds()
    assert {year: (build.fingerprint, build.checks) for year, build in builds.items()} == {
        2019: ("", CheckState.PENDING),
        2020: ("", CheckState.PENDING),
    }
    assert pipeline.ledger.resolution().finished


def test_the_ledger_knows_that_a_decision_began(pipeline: Pipeline) -> None:
    _prepare(pipeline)
    assert not pipeline.ledger.resolution().finished
    assert pipeline.ledger.year_builds()[2019].fingerprint


@pytest.mark.parametrize("content", [b"", b"half a header", b"\0" * 100_000], ids=["empty", "short", "zeros"])
def test_a_build_file_whose_making_was_broken_off_is_made_anew_and_said(
    pipeline: Pipeline, content: bytes
) -> None:
    pipeline.store.build_file.write_bytes(content)
    said: list[str] = []
    prepare_build(replace(pipeline, announce=said.append))
    assert not _keeps_its_tables(pipeline)
    assert resolution_due(pipeline)
    if content:
        (sentence,) = said
        assert sentence.startswith(f"{pipeline.store.build_file} cannot be opened (")
        assert sentence.endswith("It is made anew from the record store; all years are counted again.")


def test_years_are_not_counted_into_a_new_build_file(pipeline: Pipeline) -> None:
    pipeline.store.build_file.unlink()
    with pytest.raises(CollaborationError, match="has to be decided again before years are counted"):
        _prepare(pipeline, 2019)
    assert resolution_due(pipeline)


def test_a_build_file_that_another_program_has_open_is_waited_for(pipeline: Pipeline) -> None:
    command = [sys.executable, "-c", _OPEN_BUILD, str(pipeline.store.build_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        threading.Timer(0.3, other.stdin.close).start()
        _prepare(pipeline)
        other.wait()
    assert _keeps_its_tables(pipeline)


def test_a_build_file_that_stays_open_elsewhere_is_named(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets.build, "_SECONDS_TO_WAIT", 0)
    command = [sys.executable, "-c", _OPEN_BUILD, str(pipeline.store.build_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(CollaborationError, match="is open in another program") as refused:
            _prepare(pipeline)
        other.kill()
    assert f"PID {other.pid}" in str(refused.value)
