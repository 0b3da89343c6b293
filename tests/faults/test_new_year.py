"""A server and daemon that are left alone over New Year count the new year, once, and show it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.delivered_works import author, institution, work
from tests.derive import write_drop
from tests.end_to_end.dagster_server import DagsterServer, serving
from tests.faults.moved_clock import MovedClock, moved_clock

_RUNS = "query {runsOrError {... on Runs {results {runId jobName status tags {key value}}}}}"
_YEARS = """query {assetNodeOrError(assetKey: {path: ["year_totals"]}) {... on AssetNode {partitionKeys}}}"""
_START = "dagster/asset_partition_range_start"


@pytest.fixture
def clock(tmp_path: Path) -> MovedClock:
    clock = moved_clock(tmp_path)
    clock.set(datetime(2026, 12, 31, 12, tzinfo=UTC))
    return clock


@pytest.fixture
def server(tmp_path: Path, clock: MovedClock) -> Iterator[DagsterServer]:
    authors = [author(institution(1, "A", "US")), author(institution(2, "B", "CN"))]
    records = [
        work(number, publication_year=year, authorships=authors)
        for number, year in enumerate((2025, 2026, 2027))
    ]
    write_drop(tmp_path / "landing" / "early", records, date=date(2026, 12, 30))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**clock.environment, "COLLAB_REPORT": "skip"}.items():
            patch.setenv(name, value)
        patch.delenv("COLLAB_END_YEAR", raising=False)
        with serving(tmp_path / "store", tmp_path / "landing", tmp_path / "ui.log") as running:
            yield running


def _vintage(server: DagsterServer) -> str | None:
    report = server.status()
    vintage: str | None = report["vintage"] if report["up_to_date"] else None
    return vintage


def _ended_runs(server: DagsterServer) -> list[tuple[str, str]]:
    """Job and first year of all runs, once none is under way."""

    def ended() -> list[tuple[str, str]] | None:
        runs = server.query(_RUNS)["runsOrError"]["results"]
        if {run["status"] for run in runs} - {"SUCCESS", "FAILURE", "CANCELED"}:
            return None
        assert {run["status"] for run in runs} == {"SUCCESS"}, runs
        tags = [{tag["key"]: tag["value"] for tag in run["tags"]} for run in runs]
        return sorted((run["jobName"], tag.get(_START, "")) for run, tag in zip(runs, tags, strict=True))

    return server.wait_for("the end of all runs", ended)


def _years(server: DagsterServer) -> list[str]:
    keys: list[str] = server.query(_YEARS)["assetNodeOrError"]["partitionKeys"]
    return keys


def test_a_daemon_that_lives_over_new_year_counts_the_new_year_once(
    server: DagsterServer, clock: MovedClock
) -> None:
    before = server.wait_for("the vintage of the old year", lambda: _vintage(server), 900)
    assert _years(server)[-1] == "2026"
    runs = _ended_runs(server)

    clock.set(datetime(2027, 1, 1, 0, 0, 20, tzinfo=UTC))

    def next_vintage() -> str | None:
        vintage = _vintage(server)
        return vintage if vintage != before else None

    after = server.wait_for("the vintage of the new year", next_vintage, 900)
    assert before.startswith("2026-12-31")
    assert after.startswith("2027-01-01")
    assert _years(server)[-1] == "2027"
    new = [("publish", ""), ("refresh_years", "2027"), ("resolve_records", "")]
    assert _ended_runs(server) == sorted([*runs, *new])
