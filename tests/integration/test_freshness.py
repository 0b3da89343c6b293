"""The daemon calls marts and vintage overdue when they were not renewed for too long, and the UI shows it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from dagster._core.workspace.context import IWorkspaceProcessContext, WorkspaceRequestContext
from dagster._daemon.freshness import FreshnessDaemon

from orchestration.notice_events import overdue_results
from tests.integration.graphql import Questions, questions
from tests.integration.workshop import Workshop

pytest_plugins = ("tests.integration.workshop_fixtures",)

_STATES = """{assetNodes {assetKey {path} groupName
    internalFreshnessPolicy {... on TimeWindowFreshnessPolicy {failWindowSeconds}}
    freshnessStatusInfo {freshnessStatus}}}"""
_CLOCK = "dagster._core.definitions.freshness_evaluator.get_current_timestamp"


@pytest.fixture(scope="module")
def place(built_workshop: tuple[Workshop, Path]) -> Iterator[tuple[Workshop, Questions]]:
    workshop, template = built_workshop
    workshop.restore(template)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLLAB_FRESHNESS_DAYS", "30")
        with questions(workshop) as ui:
            yield workshop, ui


def _states_after(ui: Questions, days: float) -> dict[str, Any]:
    """Asset to what the UI shows, once the daemon has looked so many days from now."""
    later = (datetime.now(UTC) + timedelta(days=days)).timestamp()
    context = cast(
        "IWorkspaceProcessContext[WorkspaceRequestContext]",
        SimpleNamespace(create_request_context=lambda: ui.context),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_CLOCK, lambda: later)
        list(FreshnessDaemon().run_iteration(context))
    return {node["assetKey"]["path"][-1]: node for node in ui.ask(_STATES)["assetNodes"]}


def test_what_readers_use_is_overdue_after_the_days_set(place: tuple[Workshop, Questions]) -> None:
    workshop, ui = place
    fresh = _states_after(ui, 29)
    watched = {name for name, node in fresh.items() if node["internalFreshnessPolicy"]}
    assert watched == {"published_vintage", *(n for n, node in fresh.items() if node["groupName"] == "marts")}
    assert {"country_output", "pair_collaboration"} < watched
    days = {fresh[name]["internalFreshnessPolicy"]["failWindowSeconds"] for name in watched}
    assert days == {30 * 24 * 3600}
    assert {fresh[name]["freshnessStatusInfo"]["freshnessStatus"] for name in watched} == {"HEALTHY"}
    pipeline = workshop.pipeline()
    assert list(overdue_results(pipeline, ui.context.instance)) == []

    late = _states_after(ui, 31)
    assert {late[name]["freshnessStatusInfo"]["freshnessStatus"] for name in watched} == {"DEGRADED"}
    (notice,) = overdue_results(pipeline, ui.context.instance)
    assert notice.what == "The published vintage is older than COLLAB_FRESHNESS_DAYS allows."
    (again,) = overdue_results(pipeline, ui.context.instance)
    assert again.once == notice.once
