"""A server and daemon that are left alone over New Year count the new year, once, and show it.

The minutes around midnight pass at their own pace: only when the processes start is told to them wrongly.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.delivered_works import author, institution, work
from tests.derive import write_drop
from tests.end_to_end.production import PROCESSES, Production, production
from tests.faults.moved_clock import MovedClock, moved_clock

_RUNS = "query {runsOrError {... on Runs {results {runId jobName status tags {key value}}}}}"
_YEARS = """query {assetNodeOrError(assetKey: {path: ["year_totals"]}) {... on AssetNode {partitionKeys}}}"""
_TICKS = """query {instigationStateOrError(instigationSelector: {
    name: "refresh_sensor", repositoryName: "__repository__", repositoryLocationName: "collaboration"}) {
    ... on InstigationState {ticks(limit: 500) {timestamp status}}}}"""
_START = "dagster/asset_partition_range_start"
_MIDNIGHT = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock(tmp_path: Path) -> MovedClock:
    return moved_clock(tmp_path)


@pytest.fixture
def server(tmp_path: Path, clock: MovedClock) -> Iterator[Production]:
    """Processes that started in the old year, over a store that counted a drop with works of both."""
    authors = [author(institution(1, "A", "US")), author(institution(2, "B", "CN"))]
    records = [work(year, publication_year=year, authorships=authors) for year in (2025, 2026, 2027)]
    clock.set(datetime(2026, 12, 31, 12, tzinfo=UTC))
    settings = {**clock.environment, "COLLAB_END_YEAR": "", "COLLAB_REPORT": "skip"}
    with production(tmp_path, **settings) as running:
        for name in PROCESSES:
            running.kill(name)
        write_drop(running.landing / "early", records, date=date(2026, 12, 30))
        finished = running.command("run")
        assert finished.returncode == 0, finished.stdout
        clock.set(datetime(2026, 12, 31, 23, 55, tzinfo=UTC))
        for name in PROCESSES:
            running.start(name)
        running.wait_for("the web server", running.answers, 240)
        yield running


def _vintage(server: Production) -> str | None:
    report = server.status()
    vintage: str | None = report["vintage"] if report["up_to_date"] else None
    return vintage


def _ended_runs(server: Production) -> list[tuple[str, str]]:
    """Job and first year of all runs, once none is under way."""

    def ended() -> list[tuple[str, str]] | None:
        runs = server.query(_RUNS)["runsOrError"]["results"]
        if {run["status"] for run in runs} - {"SUCCESS", "FAILURE", "CANCELED"}:
            return None
        assert {run["status"] for run in runs} == {"SUCCESS"}, runs
        tags = [{tag["key"]: tag["value"] for tag in run["tags"]} for run in runs]
        return sorted((run["jobName"], tag.get(_START, "")) for run, tag in zip(runs, tags, strict=True))

    return server.wait_for("the end of all runs", ended)


def _years(server: Production) -> list[str]:
    keys: list[str] = server.query(_YEARS)["assetNodeOrError"]["partitionKeys"]
    return keys


def _looked_before_midnight(server: Production) -> bool:
    ticks = server.query(_TICKS)["instigationStateOrError"]["ticks"]
    return any(tick["timestamp"] < _MIDNIGHT.timestamp() for tick in ticks)


def test_a_daemon_that_lives_over_new_year_counts_the_new_year_once(server: Production) -> None:
    before, runs = _vintage(server), _ended_runs(server)
    assert before is not None
    assert _years(server)[-1] == "2026"

    def next_vintage() -> str | None:
        vintage = _vintage(server)
        return vintage if vintage != before else None

    after = server.wait_for("the vintage of the new year", next_vintage, 1500)
    assert _looked_before_midnight(server)
    assert (before[:10], after[:10]) == ("2026-12-31", "2027-01-01")
    assert _years(server)[-1] == "2027"
    new = [("publish", ""), ("refresh_years", "2027"), ("resolve_records", "")]
    assert sorted(_ended_runs(server)) == sorted([*runs, *new])
