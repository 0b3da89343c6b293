"""The production profile: three processes over PostgreSQL, and what happens when one of the four dies.

One story in one test module, since starting the processes is what costs. After each fault another drop
is counted to the end with nobody's help; at the end the store equals one that nothing ever happened to.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assets.store import Store, open_store
from tests.comparison import assert_same_marts
from tests.delivered_works import Json, author, institution, work
from tests.derive import write_drop
from tests.end_to_end.production import Production, production
from tests.postgres_server import PostgresServer, postgres_server

_RUNS = "query {runsOrError {... on Runs {results {runId jobName status}}}}"
_FAILED = "query ($id: ID!) {logsForRun(runId: $id) {... on EventConnection {events {... on MessageEvent {message}}}}}"
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


def published_with(place: Production, year: int) -> bool:
    """Whether the published vintage counts a year, nothing is left to do and no run is under way."""
    report = place.status()
    counted = Store(place.store).warehouse_file.exists() and year in _published_years(place)
    return counted and report["up_to_date"] and all(run["status"] in _OVER for run in runs(place))


def _published_years(place: Production) -> set[int]:
    from tests.comparison import read_mart

    return {int(str(key[0])) for key in read_mart(Store(place.store).warehouse_file, "year_totals")}


def counting(place: Production, known: set[str]) -> str | None:
    """The id of a new run that counts years and has begun to do so."""
    for run in runs(place, "refresh_years"):
        if run["runId"] not in known and run["status"] == "STARTED":
            holder = open_store(place.store).lock_file.read_text()
            return str(run["runId"]) if "counting" in holder else None
    return None


def land_and_wait_for_counting(place: Production, year: int) -> str:
    known = {run["runId"] for run in runs(place)}
    land(place, year)
    return place.wait_for("a run that counts", lambda: counting(place, known))


def messages(place: Production, run_id: str) -> str:
    events = place.query(_FAILED, id=run_id)["logsForRun"]["events"]
    return "\n".join(event.get("message", "") for event in events)


def status_of(place: Production, run_id: str) -> str:
    return next(str(run["status"]) for run in runs(place) if run["runId"] == run_id)


def assert_nobody_holds_the_lock(place: Production) -> None:
    with Store(place.store).reading():
        pass


def test_a_drop_is_published_by_three_processes_over_postgresql(
    place: Production, database: PostgresServer
) -> None:
    land(place, 2019)

    place.wait_for("a published vintage", lambda: published_with(place, 2019))

    assert {run["status"] for run in runs(place)} == {"SUCCESS"}
    assert int(database.query("select count(*) from runs")) == len(runs(place))
    assert database.query('select "limit" from concurrency_limits') == "1"
    assert not list(place.store.glob("dagster/**/*.db"))
