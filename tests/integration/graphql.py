"""Asking what the UI asks: GraphQL over the definitions the workspace names, in this process.

Dagster's own test tools are used for it, which it keeps private; its version is pinned exactly.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dagster._core.test_utils import in_process_test_workspace
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceRequestContext
from dagster_graphql.test.utils import execute_dagster_graphql

from tests.integration.workshop import Workshop

_CHECKOUT = Path(__file__).resolve().parents[2]

_CHECKS = """query ($mart: [String!]!) {assetNodeOrError(assetKey: {path: $mart}) {... on AssetNode {
    assetChecksOrError {... on AssetChecks {checks {name blocking partitionStatuses {
        ... on AssetCheckTimePartitionStatuses {ranges {status startKey endKey}}}}}}}}}"""
_RUNS = "query {runsOrError {... on Runs {results {jobName status tags {key value}}}}}"
_MATERIALIZATIONS = """query ($mart: [String!]!, $years: [String!]) {
    assetNodeOrError(assetKey: {path: $mart}) {... on AssetNode {
        latestMaterializationByPartition(partitions: $years) {
            partition metadataEntries {label
                ... on IntMetadataEntry {intValue} ... on FloatMetadataEntry {floatValue}
                ... on MarkdownMetadataEntry {mdStr}
                ... on TableSchemaMetadataEntry {schema {columns {name type}}}}}}}}"""


@dataclass(frozen=True)
class YearStatuses:
    """The years a check passed and failed in, as the UI shows them."""

    blocking: bool
    succeeded: list[int]
    failed: list[int]


@dataclass(frozen=True)
class Questions:
    """The UI's view of a store."""

    context: WorkspaceRequestContext

    def ask(self, query: str, **variables: object) -> Any:
        """The data of an answer; fails on an error of GraphQL's."""
        result = execute_dagster_graphql(self.context, query, variables)
        assert not result.errors, result.errors
        return result.data

    def statuses(self, mart: str) -> dict[str, YearStatuses]:
        """Check to the years it passed and failed in; without the checks that have no years."""
        node = self.ask(_CHECKS, mart=[mart])["assetNodeOrError"]
        checks = node["assetChecksOrError"]["checks"]
        return {
            check["name"]: YearStatuses(
                check["blocking"],
                years_in(check["partitionStatuses"]["ranges"], "SUCCEEDED"),
                years_in(check["partitionStatuses"]["ranges"], "FAILED"),
            )
            for check in checks
            if check["partitionStatuses"]
        }

    def runs(self) -> list[dict[str, Any]]:
        """The run history."""
        runs: list[dict[str, Any]] = self.ask(_RUNS)["runsOrError"]["results"]
        return runs

    def metadata(self, mart: str, *years: int) -> dict[int, Mapping[str, Any]]:
        """Year to the metadata of its latest materialisation, by label."""
        asked = [str(year) for year in years]
        node = self.ask(_MATERIALIZATIONS, mart=[mart], years=asked)["assetNodeOrError"]
        return {
            int(event["partition"]): {entry["label"]: _value(entry) for entry in event["metadataEntries"]}
            for event in node["latestMaterializationByPartition"]
        }


def years_in(ranges: Iterable[Mapping[str, str]], status: str) -> list[int]:
    """The years of the ranges that have a status."""
    return [
        year
        for part in ranges
        if part["status"] == status
        for year in range(int(part["startKey"]), int(part["endKey"]) + 1)
    ]


def _value(entry: Mapping[str, Any]) -> Any:
    return next((value for key, value in entry.items() if key != "label" and value is not None), None)


@contextmanager
def questions(workshop: Workshop) -> Iterator[Questions]:
    """Ask about the store of a workshop."""
    target = LoadableTargetOrigin(
        module_name="orchestration.definitions", attribute="defs", working_directory=str(_CHECKOUT)
    )
    with pytest.MonkeyPatch.context() as patch, workshop.instance() as instance:
        patch.setenv("COLLAB_STORE", str(workshop.store.root))
        patch.setenv("COLLAB_LANDING", str(workshop.landing))
        patch.setenv("COLLAB_END_YEAR", "2026")
        with in_process_test_workspace(instance, target) as context:
            yield Questions(context)
