"""The production profile: three processes over PostgreSQL, and what happens when one of the four dies.

One story in one test module, since starting the processes is what costs. After each fault another drop
is counted to the end with nobody's help; at the end the store equals one that nothing ever happened to.
"""

import re
import urllib.error
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assets.ledger import Ledger
from assets.ledger_facts import CheckState
from assets.processes import is_alive
from assets.store import Store
from tests.comparison import assert_same_marts
from tests.delivered_works import Json, author, institution, work
from tests.derive import write_drop
from tests.end_to_end.dagster_server import LOOPBACK, listening_addresses, processes_of
from tests.operation.production import Production, production
from tests.postgres_server import PostgresServer, postgres_server

_RUNS = "query {runsOrError {... on Runs {results {runId jobName status tags {key value}}}}}"
_EVENTS = """query ($id: ID!) {logsForRun(runId: $id) {... on EventConnection {
    events {... on MessageEvent {message}}}}}"""
_OVER = {"SUCCESS", "FAILURE", "CANCELED"}


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def place(database: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("production")
    with production(folder, COLLAB_DAGSTER_DATABASE=database.address) as running:
        yield running


def works_of(year: int) -> list[Json]:
    """Three works of a year: by one author, by two of two countries, by three of two."""
    authors = [author(institution(1, "A", "US")), author(institution(2, "B", "CN"))]
    authors += [author(institution(3, "C", "HK"))]
    return [work(year * 10 + n, publication_year=year, authorships=authors[: n + 1]) for n in range(3)]


def land(place: Production, year: int) -> None:
    write_drop(place.landing / f"drop-{year}", works_of(year), date=date(2026, 3, 2))


def runs(place: Production, job: str | None = None) -> list[dict[str, Any]]:
    found = place.query(_RUNS)["runsOrError"]["results"]
    return [run for run in found if job in (None, run["jobName"])]


def published(place: Production) -> bool:
    """Whether everything that landed is published and no run is under way."""
    report = place.status()
    return report["up_to_date"] and all(run["status"] in _OVER for run in runs(place))


def counted(place: Production, year: int) -> bool:
    """Whether a year is counted and checked, and is not to be counted again."""
    ledger = Ledger(Store(place.store).ledger_file)
    build = ledger.year_builds().get(year)
    passed = build is not None and build.checks is CheckState.PASSED
    return passed and not place.status()["stale_years"]


def counting(place: Production, known: set[str]) -> str | None:
    """The id of a new run that counts years and has begun to do so."""
    for run in runs(place, "refresh_years"):
        if run["runId"] not in known and run["status"] == "STARTED":
            holder = Store(place.store).lock_file.read_text()
            return str(run["runId"]) if "counting" in holder else None
    return None


def land_and_wait_for_counting(place: Production, year: int) -> str:
    known = {run["runId"] for run in runs(place)}
    land(place, year)
    return place.wait_for("a run that counts", lambda: counting(place, known))


def messages(place: Production, run_id: str) -> str:
    events = place.query(_EVENTS, id=run_id)["logsForRun"]["events"]
    return "\n".join(event.get("message", "") for event in events)


def status_of(place: Production, run_id: str) -> str:
    return next(str(run["status"]) for run in runs(place) if run["runId"] == run_id)


def shows_runs(place: Production) -> bool:
    try:
        return bool(runs(place))
    except urllib.error.HTTPError:
        return False


def process_of(place: Production, run_id: str) -> int:
    found = re.search(r"Started process for run \(pid: (\d+)\)", messages(place, run_id))
    assert found
    return int(found[1])


def years_counted(place: Production, year: int) -> list[str]:
    """The runs that set out to count a year."""
    return [
        run["runId"]
        for run in runs(place, "refresh_years")
        if {"key": "dagster/asset_partition_range_start", "value": str(year)} in run["tags"]
    ]


def assert_nobody_holds_the_lock(place: Production) -> None:
    with Store(place.store).reading():
        pass


def test_a_drop_is_published_by_three_processes_over_postgresql(
    place: Production, database: PostgresServer
) -> None:
    land(place, 2019)

    place.wait_for("a published vintage", lambda: published(place))

    assert {run["status"] for run in runs(place)} == {"SUCCESS"}
    assert int(database.query("select count(*) from runs")) == len(runs(place))
    assert database.query('select "limit" from concurrency_limits') == "1"
    assert not list(place.store.glob("dagster/**/*.db"))


def test_only_this_machine_can_connect(place: Production) -> None:
    everyone = [process for main in place.running.values() for process in processes_of(main.pid)]

    addresses = listening_addresses(everyone)

    assert addresses
    assert addresses <= LOOPBACK


def test_a_stop_of_postgresql_in_the_middle_of_a_run_delays_the_count(
    place: Production, database: PostgresServer
) -> None:
    run = land_and_wait_for_counting(place, 2020)
    process = process_of(place, run)
    database.stop()
    place.wait_for("the end of the run's process", lambda: not is_alive(process), 300)
    assert_nobody_holds_the_lock(place)
    database.start()

    place.wait_for("the count of 2020", lambda: counted(place, 2020))

    # What the web server kept open to the database is found broken by the first who ask.
    place.wait_for("the web server's way back to the database", lambda: shows_runs(place))
    assert status_of(place, run) == "FAILURE"
    assert "the run history could not be reached" in messages(place, run)
    assert len(years_counted(place, 2020)) == 2


def test_a_run_goes_on_without_daemon_and_web_server(place: Production) -> None:
    run = land_and_wait_for_counting(place, 2021)
    place.kill("daemon")
    place.restart("webserver")
    place.wait_for("the web server", place.answers, 240)
    place.wait_for("the end of the run", lambda: status_of(place, run) in _OVER)
    place.start("daemon")

    place.wait_for("the count of 2021", lambda: counted(place, 2021))

    assert status_of(place, run) == "SUCCESS"
    assert years_counted(place, 2021) == [run]


def test_a_run_killed_with_the_code_location_is_noticed_and_done_again(place: Production) -> None:
    run = land_and_wait_for_counting(place, 2022)
    place.restart("code")

    place.wait_for("the count of 2022", lambda: counted(place, 2022))

    assert status_of(place, run) == "FAILURE"
    assert "Its process is gone and did not say how it ended" in messages(place, run)
    assert len(years_counted(place, 2022)) == 2
    assert_nobody_holds_the_lock(place)


def test_after_all_that_the_store_is_one_that_nothing_happened_to(place: Production, tmp_path: Path) -> None:
    place.wait_for("a published vintage", lambda: published(place))
    undisturbed = {**place.environment, "COLLAB_STORE": str(tmp_path / "store")}
    del undisturbed["COLLAB_DAGSTER_DATABASE"]

    finished = replace(place, environment=undisturbed).command("run")

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert_same_marts(Store(tmp_path / "store").warehouse_file, Store(place.store).warehouse_file)


def test_the_password_is_seen_nowhere(place: Production) -> None:
    everyone = [process for main in place.running.values() for process in processes_of(main.pid)]
    commands = [Path(f"/proc/{process}/cmdline").read_bytes().decode() for process in everyone]
    shown = place.query("{instance {info}}")["instance"]["info"]
    runs_shown = [messages(place, run["runId"]) for run in runs(place)]

    assert "COLLAB_DAGSTER_DATABASE" in shown
    for text in (place.logs(), shown, *commands, *runs_shown):
        assert not re.search(r"pa(:|%3A)ss", text)
