"""The pipeline as its operators see it: real server, real daemon, a browser.

One story in one test module, since starting the processes is what costs: a drop lands, the sensor sees
it, runs go, checks pass, a vintage is published; years are backfilled from the UI; pages show it.
"""

import datetime
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assets.sample import generate_drop
from tests.derive import load_drop, published_in, sample, with_other_countries, write_drop
from tests.end_to_end.dagster_server import (
    LOOPBACK,
    DagsterServer,
    listening_addresses,
    processes_of,
    serving,
)

_RUNS = """query {runsOrError {... on Runs {results {
    runId jobName status tags {key value} assetSelection {path}}}}}"""
_BACKFILL = """mutation ($years: [String!], $assets: [AssetKeyInput!]) {
    launchPartitionBackfill(backfillParams: {assetSelection: $assets, partitionNames: $years}) {
        __typename ... on LaunchBackfillSuccess {backfillId}
        ... on PythonError {message}}}"""
_BACKFILL_STATE = """query ($id: String!) {partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill {status runs(limit: 20) {runId status}}}}"""
_CHECKS = """query {assetNodeOrError(assetKey: {path: ["country_output"]}) {... on AssetNode {
    assetChecksOrError {... on AssetChecks {checks {name blocking partitionStatuses {
        ... on AssetCheckTimePartitionStatuses {ranges {status startKey endKey}}}}}}}}}"""


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landing")
    generate_drop(folder / "sample", works=1000)
    return folder


@pytest.fixture(scope="module")
def server(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagsterServer]:
    folder = tmp_path_factory.mktemp("ui")
    with serving(folder / "store", landing, folder / "ui.log") as running:
        yield running


def _vintage(server: DagsterServer) -> str | None:
    report = server.status()
    vintage: str | None = report["vintage"] if report["up_to_date"] else None
    return vintage


def _runs(server: DagsterServer) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = server.query(_RUNS)["runsOrError"]["results"]
    return runs


def _finished_runs(server: DagsterServer) -> list[dict[str, Any]]:
    """All runs, once none is under way."""

    def finished() -> list[dict[str, Any]] | None:
        runs = _runs(server)
        return runs if {run["status"] for run in runs} <= {"SUCCESS", "FAILURE", "CANCELED"} else None

    return server.wait_for("the end of all runs", finished)


def _years(run: dict[str, Any]) -> tuple[str, str]:
    tags = {tag["key"]: tag["value"] for tag in run["tags"]}
    return tags["dagster/asset_partition_range_start"], tags["dagster/asset_partition_range_end"]


def test_a_drop_that_lands_is_published_without_anyone_asking(server: DagsterServer) -> None:
    assert server.wait_for("a published vintage", lambda: _vintage(server))

    runs = _finished_runs(server)

    assert {run["status"] for run in runs} == {"SUCCESS"}
    assert {run["jobName"] for run in runs} >= {"ingest_drops", "refresh_years"}


def test_only_this_machine_can_connect(server: DagsterServer) -> None:
    addresses = listening_addresses(processes_of(server.process))

    assert addresses
    assert addresses <= LOOPBACK


def test_each_year_shows_its_check_results(server: DagsterServer) -> None:
    checks = server.query(_CHECKS)["assetNodeOrError"]["assetChecksOrError"]["checks"]

    by_name = {check["name"]: check for check in checks}
    ranges = by_name["output_splits_exactly"]["partitionStatuses"]["ranges"]
    assert ranges == [{"status": "SUCCEEDED", "startKey": "2005", "endKey": "2024"}]
    assert by_name["output_splits_exactly"]["blocking"]


def test_another_drop_refreshes_only_the_years_it_touches(server: DagsterServer, landing: Path) -> None:
    before = _vintage(server)
    known = {run["runId"] for run in _finished_runs(server)}
    touched = published_in(load_drop(landing / "sample"), 2008, 2015)
    update = with_other_countries(sample(touched, 1, 20), 1)
    write_drop(landing / "update", update, date=datetime.date(2026, 6, 1))

    server.wait_for("the next vintage", lambda: (new := _vintage(server)) and new != before and new)

    new_runs = [run for run in _finished_runs(server) if run["runId"] not in known]
    refreshed = sorted(_years(run) for run in new_runs if run["jobName"] == "refresh_years")
    assert refreshed == [("2008", "2008"), ("2015", "2015")]


def test_a_backfill_of_twenty_years_is_one_run(server: DagsterServer) -> None:
    years = [str(year) for year in range(2005, 2025)]
    marts = [{"path": [name]} for name in _yearly_assets(server)]

    launched = server.query(_BACKFILL, years=years, assets=marts)["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched

    def completed() -> list[dict[str, str]] | None:
        state = server.query(_BACKFILL_STATE, id=launched["backfillId"])["partitionBackfillOrError"]
        assert "FAILED" not in state["status"], state
        runs: list[dict[str, str]] = state["runs"]
        return runs if state["status"] == "COMPLETED_SUCCESS" else None

    assert [run["status"] for run in server.wait_for("the backfill", completed)] == ["SUCCESS"]


def test_a_headless_run_is_in_the_run_history(server: DagsterServer) -> None:
    known = {run["runId"] for run in _finished_runs(server)}

    finished = server.command("backfill", "--years", "2011-2012")

    assert finished.returncode == 0, finished.stdout + finished.stderr
    new = [run for run in _finished_runs(server) if run["runId"] not in known]
    assert ("2011", "2012") in [_years(run) for run in new if run["jobName"] == "refresh_years"]


def test_a_mart_page_shows_partitions_and_checks(server: DagsterServer, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium; install the package of that name")
    page = f"{server.url}/assets/pair_collaboration?view=partitions"

    shown = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path}", "--window-size=1600,1000", "--virtual-time-budget=30000",
            "--dump-dom", page,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
    ).stdout  # fmt: skip

    assert "pair_collaboration" in shown
    assert all(str(year) in shown for year in range(2005, 2025))
    assert "Materialized (20)" in shown


def _yearly_assets(server: DagsterServer) -> list[str]:
    nodes = server.query("{assetNodes {assetKey {path} isPartitioned groupName}}")["assetNodes"]
    groups = {"staging", "intermediate", "marts"}
    return [
        node["assetKey"]["path"][-1]
        for node in nodes
        if node["isPartitioned"] and node["groupName"] in groups
    ]
