"""The pipeline as its operators see it: real server, real daemon, a browser.

One story in one test module, since starting the processes is what costs: a drop lands, the sensor sees
it, runs go, checks pass, a vintage is published; years are backfilled from the UI; pages show it.
"""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from assets.sample import generate_drop
from tests.derive import load_drop, published_in, sample, with_other_countries, write_drop
from tests.end_to_end.asked_of_dagster import (
    completed_runs,
    failed_checks,
    finished_runs,
    launch_backfill,
    sensor_ticks,
    years_of,
)
from tests.end_to_end.dagster_server import (
    LOOPBACK,
    DagsterServer,
    listening_addresses,
    processes_of,
    serving,
)

_CHECKS = """query {assetNodeOrError(assetKey: {path: ["country_output"]}) {... on AssetNode {
    assetChecksOrError {... on AssetChecks {checks {name blocking partitionStatuses {
        ... on AssetCheckTimePartitionStatuses {ranges {status startKey endKey}}}}}}}}}"""
_PATIENCE = 120_000
"""Milliseconds a page may take on a machine that counts meanwhile."""


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


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(_PATIENCE)
    yield opened
    context.close()


def _read_report(page: Page, server: DagsterServer) -> tuple[str, list[str]]:
    """What a reader who opens the report from disk sees: which vintage, and the partners of 2015."""
    index = Path(server.environment["COLLAB_STORE"]) / "report" / "index.html"
    page.goto("about:blank")
    page.goto(f"{index.as_uri()}#page=partners&year=2015&technology=all&small=yes")
    page.wait_for_selector("body[data-ready]")
    partners = page.locator("#shown .table tbody tr").all_inner_texts()
    assert partners
    return str(page.evaluate("Report.site.vintage.name")), partners


def test_a_folder_that_is_dropped_is_seen_counted_checked_published_and_shown(
    server: DagsterServer, landing: Path, page: Page, tmp_path: Path
) -> None:
    """The whole story: nobody asks for anything but the drop."""
    before = server.wait_for("the first vintage", lambda: _vintage(server))
    known = {run["runId"] for run in finished_runs(server)}
    vintage_before, report_before = _read_report(page, server)

    touched = published_in(load_drop(landing / "sample"), 2008, 2015)
    update = with_other_countries(sample(touched, 1, 20), 1)
    write_drop(tmp_path / "update", update, date=datetime.date(2026, 6, 1)).rename(landing / "update")

    after = server.wait_for("the next vintage", lambda: (new := _vintage(server)) and new != before and new)
    runs = [run for run in finished_runs(server) if run["runId"] not in known]
    assert {run["status"] for run in runs} == {"SUCCESS"}
    (reading,) = [run for run in runs if run["jobName"] == "ingest_drops"]
    assert reading["runId"] in [
        run for tick in sensor_ticks(server, "landing_sensor") for run in tick["runIds"]
    ]
    refreshed = sorted(years_of(run) for run in runs if run["jobName"] == "refresh_years")
    assert refreshed == [("2008", "2008"), ("2015", "2015")]
    assert failed_checks(server) == []

    vintage_after, report_after = _read_report(page, server)
    assert (vintage_before, vintage_after) == (before, after)
    assert report_after != report_before

    page.goto(f"{server.url}/runs")
    for run in runs:
        page.get_by_text(run["runId"][:8]).first.wait_for()
    page.goto(f"{server.url}/assets/bibliographic_records?view=partitions&partition=update")
    page.get_by_text("update", exact=True).first.wait_for()


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


def test_a_backfill_of_twenty_years_is_one_run(server: DagsterServer) -> None:
    before = _vintage(server)
    backfill = launch_backfill(server, range(2005, 2025))

    (run,) = server.wait_for("the backfill", lambda: completed_runs(server, backfill))

    assert run["status"] == "SUCCESS"
    (of_history,) = [item for item in finished_runs(server) if item["runId"] == run["runId"]]
    assert years_of(of_history) == ("2005", "2024")
    # Counted again from the same records, every year is what it was.
    assert _vintage(server) == before


def test_a_headless_run_is_in_the_run_history(server: DagsterServer) -> None:
    known = {run["runId"] for run in finished_runs(server)}

    finished = server.command("backfill", "--years", "2011-2012")

    assert finished.returncode == 0, finished.stdout + finished.stderr
    new = [run for run in finished_runs(server) if run["runId"] not in known]
    assert ("2011", "2012") in [years_of(run) for run in new if run["jobName"] == "refresh_years"]


def test_a_mart_page_shows_partitions_and_checks(server: DagsterServer, page: Page) -> None:
    page.goto(f"{server.url}/assets/pair_collaboration?view=partitions")

    page.get_by_text("Materialized (20)").first.wait_for()

    shown = page.content()
    assert "pair_collaboration" in shown
    assert all(str(year) in shown for year in range(2005, 2025))
