"""The command line says what it did or why it did not, and its exit status says it to scripts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import orchestration.headless
from orchestration import cli
from orchestration.headless import HeadlessRunner
from orchestration.partitions import RANGE_END_TAG, RANGE_START_TAG
from orchestration.settings import VARIABLES
from tests.delivered_works import work
from tests.integration.workshop import YEARS, Workshop, base_records, contents, works_of

pytest_plugins = ("tests.integration.workshop_fixtures",)

_CHECKOUT = Path(__file__).resolve().parents[2]
_HEAVY = ("dagster", "dagster_dbt", "dbt", "duckdb", "pyarrow", "pandas", "numpy", "matplotlib")


def _environment(workshop: Workshop, **settings: str) -> dict[str, str]:
    named = {"COLLAB_LANDING": str(workshop.landing), "COLLAB_STORE": str(workshop.store.root)}
    return {**os.environ, **named, "COLLAB_END_YEAR": "2026", **settings}


def _process(workshop: Workshop, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, over the dbt project of the checkout."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=_CHECKOUT,
        env=_environment(workshop, **settings),
        capture_output=True,
        text=True,
        check=False,
    )


# Nothing to do


def test_a_run_with_nothing_to_do_says_so_in_one_line_and_imports_nothing_heavy(workshop: Workshop) -> None:
    before = contents(workshop.store.ledger_file, workshop.store.build_file, workshop.store.dagster_home)
    code = (
        "import sys; from dataclasses import replace; from pathlib import Path;"
        "from orchestration import cli;"
        f"read = cli.read_pipeline; project = Path({str(workshop.project)!r});"
        "cli.read_pipeline = lambda: replace(read(), project=project);"
        "status = cli.main(['run']);"
        f"print(sorted({{name.partition('.')[0] for name in sys.modules}} & set({_HEAVY})));"
        "sys.exit(status)"
    )
    finished = _process(workshop, "-c", code)
    assert finished.returncode == 0, finished.stderr
    line, heavy = finished.stdout.splitlines()
    assert line.startswith("Nothing new: 1 drops ingested, vintage ")
    assert line.endswith(" is up to date.")
    assert heavy == "[]"
    assert finished.stderr == ""
    after = contents(workshop.store.ledger_file, workshop.store.build_file, workshop.store.dagster_home)
    assert after == before


def test_drops_that_wait_or_were_rejected_are_counted_and_say_why(workshop: Workshop) -> None:
    (workshop.landing / "empty").mkdir()
    (workshop.landing / "wrong").mkdir()
    (workshop.landing / "wrong" / "drop.toml").write_text("receved = 2026-03-02")
    said = workshop.run("run")
    assert said.status == 3
    summary, waiting, rejected = said.lines
    assert summary.startswith("Nothing new: 1 drops ingested, 1 waiting, 1 rejected, vintage ")
    assert waiting.startswith("Drop empty is waiting: no files yet")
    assert rejected.startswith("Drop wrong is rejected: drop.toml cannot be used")


# A dry run


def test_a_dry_run_over_a_new_store_names_every_year_and_reads_nothing_into_it(
    built_workshop: tuple[Workshop, Path],
) -> None:
    workshop, template = built_workshop
    workshop.restore(template, empty=True)
    workshop.land("base", base_records())
    said = workshop.run("run", "--dry-run")
    assert said.status == 0, said.text
    named = {line for line in said.lines if line.startswith("  ")}
    assert named == {f"  {year}: not counted yet: 3 works from base" for year in YEARS}
    assert "17 years would be refreshed in 1 run (2005-2021), in about " in said.lines[-1]
    assert workshop.pipeline().ledger.versions() == []
    assert contents(workshop.store.records, workshop.store.build_file) == {}


# Years on request


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Lets no run happen; gives the first and last year of each that would have."""
    asked: list[tuple[str, str]] = []

    def note(_: HeadlessRunner, job: str, tags: dict[str, str], *__: object) -> bool:
        asked.append((tags[RANGE_START_TAG], tags[RANGE_END_TAG]))
        return True

    monkeypatch.setattr(orchestration.headless.HeadlessRunner, "_run", note)
    return asked


def test_a_backfill_of_scattered_years_is_one_run_a_contiguous_range(
    workshop: Workshop, runs: list[tuple[str, str]]
) -> None:
    said = workshop.run("backfill", "--years", "2019,2005-2007,2008,2018")
    assert runs == [("2005", "2008"), ("2018", "2019")]
    assert said.status == 0
    counting = [line for line in said.lines if line.startswith("Counting ")]
    assert counting == ["Counting years 2005-2008.", "Counting years 2018-2019."]
    assert [line.split()[0] for line in said.lines if line[:4].isdigit()] == [
        "2005",
        "2006",
        "2007",
        "2008",
        "2018",
        "2019",
    ]


@pytest.mark.usefixtures("runs")
def test_a_backfill_says_when_other_years_keep_it_from_being_published(workshop: Workshop) -> None:
    workshop.pipeline().ledger.begin_year_builds([2010, 2012])
    said = workshop.run("backfill", "--years", "2005")
    assert said.lines[-1] == "Not published: 2010, 2012 stale, too. Run it to refresh them."


@pytest.mark.parametrize("years", ["2004", "2005-2030"])
def test_years_outside_the_scope_are_refused(
    workshop: Workshop, runs: list[tuple[str, str]], years: str
) -> None:
    said = workshop.run("backfill", "--years", years)
    assert said.status == 1
    outside = "2004" if years == "2004" else "2027"
    assert said.lines == [
        f"Error: {outside} is not in scope, which is 2005-2026: set COLLAB_START_YEAR or COLLAB_END_YEAR, "
        "or leave the year out."
    ]
    assert runs == []


def test_a_backfill_before_the_first_drop_is_refused(built_workshop: tuple[Workshop, Path]) -> None:
    workshop, template = built_workshop
    workshop.restore(template, empty=True)
    said = workshop.run("backfill", "--years", "2008")
    assert said.status == 1
    assert said.lines == [f"Error: Nothing in {workshop.store.root} to count yet: run it first."]


@pytest.mark.parametrize("years", ["soon", "2005-", "-2005", "2010-2005", ",", "2005;2006", "20O5"])
def test_what_is_no_year_is_wrong_usage(years: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["backfill", f"--years={years}"])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "argument --years: " in error
    assert "year" in error.splitlines()[-1].partition("argument --years: ")[2]


# Single drops


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("reread", "dorp"), "There is no drop 'dorp' in {landing}. It holds: base, empty."),
        (
            ("reread", "empty"),
            "Drop empty cannot be read, it is waiting: no files yet:"
            " put the delivered files into the folder.",
        ),
        (("withdraw", "dorp"), "No drop 'dorp' counts now. Those that do: base."),
    ],
)
def test_a_drop_that_cannot_be_meant_is_refused(
    workshop: Workshop, runs: list[tuple[str, str]], arguments: tuple[str, str], message: str
) -> None:
    (workshop.landing / "empty").mkdir()
    said = workshop.run(*arguments)
    assert (said.status, said.lines) == (1, [f"Error: {message.format(landing=workshop.landing)}"])
    assert runs == []
    with workshop.instance() as instance:
        assert list(instance.get_dynamic_partitions("drops")) == ["base"]


def test_a_drop_is_withdrawn_and_what_follows_is_run(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def note(_: HeadlessRunner, job: str, *__: object) -> bool:
        asked.append(job)
        return False

    monkeypatch.setattr(HeadlessRunner, "_run", note)
    said = workshop.run("withdraw", "base")
    assert said.lines[0] == "Withdrew base: its 51 records do not count any more."
    assert asked == ["resolve_records"]
    assert workshop.pipeline().ledger.active_versions() == []


def test_a_drop_read_again_is_asked_for_as_such(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def note(_: HeadlessRunner, job: str, tags: dict[str, str], config: object = None) -> bool:
        asked.append((job, tags[RANGE_START_TAG], config))
        return False

    monkeypatch.setattr(HeadlessRunner, "_run", note)
    workshop.run("reread", "base")
    config = {"ops": {"bibliographic_records": {"config": {"again": True}}}}
    assert asked == [("ingest_drops", "base", config)]


# The status


def test_the_status_for_scripts_is_json_with_fixed_names(workshop: Workshop) -> None:
    workshop.land("new", works_of(2010))
    (workshop.landing / "empty").mkdir()
    workshop.edit("seeds/countries.csv", "\nHK,Hong Kong,CN,", "\nHK,Hong Kong,HK,")
    said = workshop.run("status", "--json")
    report = json.loads(said.text)
    assert said.status == 0
    assert report.keys() == {
        *("store", "landing", "vintage", "published_at", "synthetic", "rolled_back"),
        *("drops", "stale_years", "automation", "up_to_date"),
    }
    base, empty, new = report["drops"]
    assert base.keys() == {"drop", "state", "reason", "records", "rejected", "version"}
    assert (base["drop"], base["state"], base["records"], base["rejected"]) == ("base", "ingested", 51, 0)
    assert (empty["state"], empty["records"], empty["version"]) == ("waiting", None, None)
    assert (new["state"], new["records"]) == ("ready", 3)
    assert report["stale_years"][0] == {"year": 2005, "reason": "rule changed: seeds/countries.csv"}
    assert [item["year"] for item in report["stale_years"]] == list(YEARS)
    assert report["up_to_date"] is False
    assert (report["store"], report["synthetic"]) == (str(workshop.store.root), False)


def test_the_status_for_people_has_a_line_a_drop_and_the_vintage(workshop: Workshop) -> None:
    said = workshop.run("status")
    assert said.status == 0
    assert said.lines[1] == "  base: ingested, 51 records"
    assert said.lines[2].startswith("Published: 20")
    assert said.lines[3].startswith("By itself: ingest, refresh, publish on; pull off")
    assert said.lines[4:] == ["Up to date."]


# Wrong settings and stores


def test_help_names_the_commands_the_settings_and_the_exit_statuses(workshop: Workshop) -> None:
    finished = _process(workshop, "-m", "orchestration", "--help")
    assert finished.returncode == 0
    for word in ("run", "backfill", "reread", "withdraw", "status", "sample", "ui", *VARIABLES):
        assert word in finished.stdout
    assert "3 a drop was rejected, 4 a blocking check failed" in finished.stdout


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "COLLAB_LANDNIG",
            "x",
            "Error: There is no setting COLLAB_LANDNIG. Those there are: COLLAB_LANDING, ",
        ),
        ("COLLAB_WORKERS", "many", "Error: COLLAB_WORKERS is 'many', which is no number."),
        ("COLLAB_START_YEAR", "2030", "Error: The years in scope are 2030 to 2026: "),
        ("COLLAB_LANDING", "/nowhere", "Error: the landing folder '/nowhere' cannot be listed "),
    ],
)
def test_a_wrong_setting_is_one_clear_sentence(
    workshop: Workshop, name: str, value: str, message: str
) -> None:
    finished = _process(workshop, "-m", "orchestration", "status", **{name: value})
    assert finished.returncode == 1
    assert finished.stdout.startswith(message)
    assert finished.stdout.count("\n") == 1
    assert finished.stderr == ""


def test_no_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_a_store_of_another_format_is_refused_before_anything_is_done(workshop: Workshop) -> None:
    workshop.store.format_file.write_text('{"format_version": 99}')
    finished = _process(workshop, "-m", "orchestration", "run")
    assert finished.returncode == 1
    assert finished.stdout.startswith(f"Error: The store {workshop.store.root} has format version 99; ")


def test_stopping_a_command_says_that_what_was_finished_is_kept(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    workshop.land("new", [work(1)])
    monkeypatch.setattr(HeadlessRunner, "bring_up_to_date", interrupt)
    said = workshop.run("run")
    assert (said.status, said.lines[-1]) == (
        130,
        "Stopped. What was finished is kept; run again to go on.",
    )
