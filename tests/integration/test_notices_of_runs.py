"""People are told of what headless runs and the daemon come to, each thing once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.notice_outbox import Outbox
from assets.store_notices import rejected_drops
from orchestration.notice_events import run_notices
from orchestration.notice_settings import open_outbox
from tests.delivered_works import work
from tests.integration.workshop import Said, Workshop
from tests.listeners import web_listener

pytest_plugins = ("tests.integration.workshop_fixtures",)

_PAIRS = "models/marts/pair_collaboration.sql"
_WEIGHT = "    weight,\n    weight_squared,"
_HALVED = "    case when year = 2019 then 0.5 else 1 end * weight as weight,\n    weight_squared,"


@dataclass(frozen=True)
class Night:
    """What was told when a model was wrong and a drop could not be used."""

    first: Said
    told: list[dict[str, Any]]
    """By the run."""
    again: list[dict[str, Any]]
    """By a later run, which met the same."""
    by_daemon: list[dict[str, Any]]
    """By the sensors that see the same runs afterwards."""


@pytest.fixture(scope="module")
def night(built_workshop: tuple[Workshop, Path]) -> Night:
    workshop, template = built_workshop
    workshop.restore(template)
    workshop.edit(_PAIRS, _WEIGHT, _HALVED)
    bad = workshop.land("bad <!channel>", [{**work(1), "authorships": 5}, {**work(2), "authorships": 5}])
    with web_listener() as web, pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLLAB_NOTICE_WEBHOOK", web.url)
        first = workshop.run("run")
        told = list(web.received)
        # The next run is about 2019 alone, which is another thing; the one after it meets the same.
        workshop.run("run")
        before = len(web.received)
        workshop.run("run")
        again = web.received[before:]
        before = len(web.received)
        _as_the_daemon(workshop)
        assert bad.exists()
        return Night(first, told, again, web.received[before:])


def _as_the_daemon(workshop: Workshop) -> None:
    pipeline = workshop.pipeline()
    outbox: Outbox = open_outbox(pipeline.store)
    with workshop.instance() as instance:
        for run in instance.get_runs():
            outbox.tell(run_notices(pipeline, instance, run.run_id), lambda _: None)
    outbox.tell(list(rejected_drops(pipeline)), lambda _: None)


def _of(notices: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [notice for notice in notices if notice["kind"] == kind]


def test_a_failed_check_is_told_once_with_the_year_and_what_to_do(night: Night) -> None:
    assert night.first.status == 4
    (notice,) = _of(night.told, "check failed")
    assert "refresh_years of 2005 to 2021" in notice["what"]
    assert any("2019" in line and "pair_collaboration" in line for line in notice["details"])
    assert "Readers keep the last vintage" in notice["next"]
    assert _of(night.told, "failed") == []


def test_a_rejected_drop_is_told_with_its_reason_and_calls_nobody(night: Night) -> None:
    (notice,) = _of(night.told, "drop rejected")
    assert notice["what"].startswith("Drop bad ")
    assert "<!channel>" not in notice["text"]


def test_the_same_again_is_not_told_again(night: Night) -> None:
    assert night.again == []


def test_the_daemon_tells_nothing_a_headless_run_has_told(night: Night) -> None:
    assert _of(night.by_daemon, "check failed") == _of(night.by_daemon, "drop rejected") == []


def test_a_command_that_cannot_do_its_work_is_told(workshop: Workshop) -> None:
    with web_listener() as web, pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLLAB_NOTICE_WEBHOOK", web.url)
        workshop.landing.rename(workshop.root / "elsewhere")
        for _ in range(3):
            assert workshop.run("run").status == 1
    (notice,) = web.received
    assert notice["what"].startswith("The command run failed: the landing folder")


def test_a_webhook_that_is_gone_changes_nothing_but_a_line(workshop: Workshop) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLLAB_NOTICE_WEBHOOK", "http://127.0.0.1:9/secret-token")
        workshop.landing.rename(workshop.root / "elsewhere")
        said = workshop.run("run")
    assert said.status == 1
    assert said.lines[-1].startswith(
        "Notice not delivered, it is tried again later: the webhook of 127.0.0.1"
    )
    assert "secret-token" not in said.text


def test_a_test_notice_says_whether_it_was_sent(workshop: Workshop) -> None:
    with web_listener() as web, pytest.MonkeyPatch.context() as patch:
        assert workshop.run("notify").text.startswith("Error: Nobody is named to be told.")
        patch.setenv("COLLAB_NOTICE_WEBHOOK", web.url)
        assert workshop.run("notify").lines == ["A test was sent 1 way; see whether it arrived."]
        assert [notice["kind"] for notice in web.received] == ["test"]
        web.answer = 403
        said = workshop.run("notify")
    assert (said.status, said.lines) == (
        1,
        ["Error: The test did not arrive: the webhook of 127.0.0.1 answered 403."],
    )


def test_a_run_that_is_tried_again_is_not_told_of(workshop: Workshop) -> None:
    pipeline = workshop.pipeline()
    with workshop.instance() as instance:
        run = instance.create_run_for_job(
            _job(), status=dg.DagsterRunStatus.FAILURE, tags={"dagster/will_retry": "true"}
        )
        assert run_notices(pipeline, instance, run.run_id) == []
        final = instance.create_run_for_job(
            _job(), status=dg.DagsterRunStatus.FAILURE, tags={"dagster/will_retry": "false"}
        )
        (notice,) = run_notices(pipeline, instance, final.run_id)
        assert notice.what == "The run nothing failed."


def _job() -> dg.JobDefinition:
    @dg.op
    def do_nothing() -> None: ...

    @dg.job
    def nothing() -> None:
        do_nothing()

    return nothing
