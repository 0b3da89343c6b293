"""The plan says what a run would do, from the landing folder and the ledger alone."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from assets.drops import DropState
from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.ledger_facts import CheckState
from assets.pipeline import Options, Pipeline
from assets.store import open_store
from orchestration.automation import Automation
from orchestration.plan import Plan, make_plan
from orchestration.status import StatusReport, status_report
from tests.delivered_works import work
from tests.ledgers import count_all, decide, deliver, settled_pipeline, take_in

_CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return settled_pipeline(tmp_path)


def _todo(plan: Plan) -> dict[str, object]:
    return {
        "ready": [drop.drop_id for drop in plan.ready],
        "resolve": plan.resolve,
        "stale": [item.year for item in plan.stale],
        "publish": plan.publish,
    }


def test_there_is_nothing_to_do_in_an_empty_store_over_an_empty_landing_folder(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    pipeline = Pipeline(open_store(tmp_path / "store"), tmp_path / "landing", Options(2005, 2026))
    assert make_plan(pipeline).nothing_to_do


def test_there_is_nothing_to_do_after_everything_was_done(pipeline: Pipeline) -> None:
    plan = make_plan(pipeline)
    assert plan.nothing_to_do, _todo(plan)
    assert [(drop.drop_id, drop.state) for drop in plan.drops] == [("base", DropState.INGESTED)]


def test_a_new_drop_is_to_be_ingested(pipeline: Pipeline) -> None:
    deliver(pipeline.landing / "new", work(3))
    assert _todo(make_plan(pipeline)) == {"ready": ["new"], "resolve": False, "stale": [], "publish": False}


def test_a_drop_that_waits_is_nothing_to_do(pipeline: Pipeline) -> None:
    drop = deliver(pipeline.landing / "new", work(3))
    next(drop.rglob("*.gz")).unlink()
    plan = make_plan(pipeline)
    assert plan.nothing_to_do
    assert [(item.drop_id, item.state) for item in plan.waiting] == [("new", DropState.WAITING)]


def test_a_drop_that_was_ingested_but_not_resolved_is_to_be_resolved(pipeline: Pipeline) -> None:
    deliver(pipeline.landing / "new", work(3))
    take_in(pipeline, "new")
    assert _todo(make_plan(pipeline)) == {"ready": [], "resolve": True, "stale": [], "publish": False}


def test_years_that_changed_are_to_be_counted_and_published(pipeline: Pipeline) -> None:
    decide(pipeline, base=3)
    assert _todo(make_plan(pipeline)) == {"ready": [], "resolve": False, "stale": [2019], "publish": False}
    count_all(pipeline)
    assert _todo(make_plan(pipeline)) == {"ready": [], "resolve": False, "stale": [], "publish": True}


def test_a_year_that_failed_its_checks_is_to_be_counted_again(pipeline: Pipeline) -> None:
    count_all(pipeline, CheckState.FAILED)
    assert _todo(make_plan(pipeline))["stale"] == [2019]


def test_an_edited_rule_is_to_be_applied_to_everything(pipeline: Pipeline) -> None:
    (pipeline.project / "seeds" / "countries.csv").write_text("code\nHK\n")
    plan = make_plan(pipeline)
    assert _todo(plan) == {"ready": [], "resolve": True, "stale": [2019], "publish": False}
    assert [item.reason for item in plan.stale] == ["rule changed: seeds/countries.csv"]


def test_other_years_in_scope_are_to_be_decided_on(pipeline: Pipeline) -> None:
    narrower = replace(pipeline, options=replace(pipeline.options, start_year=2010))
    assert _todo(make_plan(narrower))["resolve"] is True


def test_a_published_file_that_was_removed_is_to_be_published_again(pipeline: Pipeline) -> None:
    pipeline.store.warehouse_file.unlink()
    assert _todo(make_plan(pipeline)) == {"ready": [], "resolve": False, "stale": [], "publish": True}


def test_a_landing_folder_that_is_not_there_is_named_with_what_to_do(pipeline: Pipeline) -> None:
    lost = replace(pipeline, landing=pipeline.landing / "nowhere")
    with pytest.raises(CollaborationError, match=r"'.*nowhere' cannot be listed .* set COLLAB_LANDING"):
        make_plan(lost)


def test_planning_and_the_command_line_import_nothing_heavy() -> None:
    code = (
        "import sys, orchestration.cli, orchestration.plan\n"
        "heavy = {'dagster', 'dagster_dbt', 'dbt', 'duckdb', 'pyarrow', 'pandas', 'numpy', 'matplotlib'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=_CHECKOUT, capture_output=True, text=True, check=True
    )
    assert finished.stdout == "[]\n"


# The status is the plan, told


def _status(pipeline: Pipeline) -> StatusReport:
    return status_report(pipeline, make_plan(pipeline))


def test_the_status_names_drops_years_and_the_vintage(pipeline: Pipeline) -> None:
    report = _status(pipeline)
    (drop,) = report.drops
    assert (drop.drop, drop.state, drop.records, drop.rejected) == ("base", "ingested", 2, 0)
    assert (report.vintage, report.stale_years, report.up_to_date) == ("vintage", [], True)
    assert list(report.lines()) == [
        f"Store {pipeline.store.root}, landing folder {pipeline.landing}",
        "  base: ingested, 2 records",
        "Published: vintage",
        f"By itself: {Automation().text()}",
        "Up to date.",
    ]


def test_the_status_says_why_drops_wait_and_years_are_stale(pipeline: Pipeline) -> None:
    deliver(pipeline.landing / "new", work(3))
    (pipeline.landing / "empty").mkdir()
    (pipeline.project / "seeds" / "countries.csv").write_text("code\nHK\n")
    assert list(_status(pipeline).lines())[1:] == [
        "  base: ingested, 2 records",
        "  empty: waiting (no files yet: put the delivered files into the folder)",
        "  new: ready, 1 records",
        "  2019 is stale: rule changed: seeds/countries.csv",
        "Published: vintage",
        f"By itself: {Automation().text()}",
        "There is something to do: run it.",
    ]


def test_a_drop_that_left_the_landing_folder_is_still_listed(pipeline: Pipeline) -> None:
    (pipeline.landing / "base").rename(pipeline.landing.parent / "archive")
    report = _status(pipeline)
    assert [(drop.drop, drop.state, drop.records) for drop in report.drops] == [("base", "ingested", 2)]
    assert "no longer in the landing folder" in report.drops[0].reason
    assert report.up_to_date


def test_a_withdrawn_drop_is_listed_as_such(pipeline: Pipeline) -> None:
    pipeline.ledger.withdraw("base")
    report = _status(pipeline)
    assert [(drop.state, drop.reason) for drop in report.drops] == [
        ("ingested", "withdrawn: its records do not count")
    ]
    assert not report.up_to_date


def test_the_status_of_a_new_store_says_that_nothing_is_published(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    pipeline = Pipeline(open_store(tmp_path / "store"), tmp_path / "landing", Options(2005, 2026))
    assert list(_status(pipeline).lines())[1:] == [
        "Nothing is published yet",
        f"By itself: {Automation().text()}",
        "Up to date.",
    ]


def test_asking_for_the_status_changes_no_byte_of_the_ledger(pipeline: Pipeline) -> None:
    ledger = pipeline.store.ledger_file
    before = ledger.read_bytes()
    make_plan(replace(pipeline))
    assert Ledger(ledger).versions()
    assert ledger.read_bytes() == before
