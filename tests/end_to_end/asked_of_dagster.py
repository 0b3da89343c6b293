"""What the tests ask of a running Dagster through the API its UI uses: runs, backfills, assets."""

from collections.abc import Sequence
from typing import Any

from tests.end_to_end.dagster_server import DagsterServer

_RUNS = """query {runsOrError {... on Runs {results {
    runId jobName status startTime endTime tags {key value} assetSelection {path}}}}}"""
_ASSETS = "{assetNodes {assetKey {path} isPartitioned jobNames}}"
_BACKFILL = """mutation ($years: [String!], $assets: [AssetKeyInput!]) {
    launchPartitionBackfill(backfillParams: {assetSelection: $assets, partitionNames: $years}) {
        __typename ... on LaunchBackfillSuccess {backfillId}
        ... on PythonError {message}}}"""
_BACKFILL_STATE = """query ($id: String!) {partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill {status runs(limit: 20) {runId status}}}}"""
_TICKS = """query ($sensor: SensorSelector!) {sensorOrError(sensorSelector: $sensor) {
    ... on Sensor {sensorState {ticks(limit: 200) {status runIds}}}}}"""
_REPOSITORY = """{workspaceOrError {... on Workspace {locationEntries {locationOrLoadError {
    ... on RepositoryLocation {name repositories {name}}}}}}}"""
_CHECKS = """{assetNodes {assetKey {path} assetChecksOrError {... on AssetChecks {checks {
    name blocking executionForLatestMaterialization {status}}}}}}"""
_OVER = {"SUCCESS", "FAILURE", "CANCELED"}


def runs_of(server: DagsterServer) -> list[dict[str, Any]]:
    """The run history."""
    runs: list[dict[str, Any]] = server.query(_RUNS)["runsOrError"]["results"]
    return runs


def finished_runs(server: DagsterServer) -> list[dict[str, Any]]:
    """All runs, once none is under way."""

    def finished() -> list[dict[str, Any]] | None:
        runs = runs_of(server)
        return runs if {run["status"] for run in runs} <= _OVER else None

    return server.wait_for("the end of all runs", finished)


def years_of(run: dict[str, Any]) -> tuple[str, str]:
    """The first and the last year of a run."""
    tags = {tag["key"]: tag["value"] for tag in run["tags"]}
    return tags["dagster/asset_partition_range_start"], tags["dagster/asset_partition_range_end"]


def launch_backfill(server: DagsterServer, years: Sequence[int]) -> str:
    """Ask for every yearly asset in these years, as the UI does; gives the backfill's id."""
    yearly = [
        {"path": node["assetKey"]["path"]}
        for node in server.query(_ASSETS)["assetNodes"]
        if node["isPartitioned"] and "refresh_years" in node["jobNames"]
    ]
    launched = server.query(_BACKFILL, years=[str(year) for year in years], assets=yearly)
    result = launched["launchPartitionBackfill"]
    assert result["__typename"] == "LaunchBackfillSuccess", result
    backfill: str = result["backfillId"]
    return backfill


def completed_runs(server: DagsterServer, backfill: str) -> list[dict[str, str]] | None:
    """The runs of a backfill once it is completed, None before; fails when it failed."""
    state = server.query(_BACKFILL_STATE, id=backfill)["partitionBackfillOrError"]
    assert "FAILED" not in state["status"], state
    runs: list[dict[str, str]] = state["runs"]
    return runs if state["status"] == "COMPLETED_SUCCESS" else None


def sensor_ticks(server: DagsterServer, sensor: str) -> list[dict[str, Any]]:
    """The looks of a sensor, latest first, with the runs each asked for."""
    workspace = server.query(_REPOSITORY)["workspaceOrError"]
    (location,) = [entry["locationOrLoadError"] for entry in workspace["locationEntries"]]
    selector = {
        "repositoryLocationName": location["name"],
        "repositoryName": location["repositories"][0]["name"],
        "sensorName": sensor,
    }
    ticks: list[dict[str, Any]] = server.query(_TICKS, sensor=selector)["sensorOrError"]["sensorState"][
        "ticks"
    ]
    return ticks


def failed_checks(server: DagsterServer) -> list[str]:
    """The blocking checks that did not pass when they were last made."""
    return [
        f"{'/'.join(node['assetKey']['path'])}: {check['name']}"
        for node in server.query(_CHECKS)["assetNodes"]
        for check in node["assetChecksOrError"].get("checks", [])
        if check["blocking"] and (made := check["executionForLatestMaterialization"])
        if made["status"] not in ("SUCCEEDED", "SKIPPED")
    ]
