"""What goes wrong leaves published numbers as they were, says why, and is made good by the next run."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import assets.ingest
import orchestration.dbt
from assets.errors import CollaborationError
from assets.pipeline import Pipeline
from assets.publish import publish
from assets.reading import read_drop
from assets.staleness import YearRange, stale_years
from orchestration.headless import HeadlessRunner
from orchestration.jobs import RESOLVE_JOB
from orchestration.plan import make_plan
from tests.delivered_works import work
from tests.derive import restamped
from tests.integration.graphql import YearStatuses, questions
from tests.integration.workshop import (
    YEARS,
    Row,
    Said,
    Workshop,
    base_records,
    contents,
    counted_years,
    numbers_of,
    pairs_of,
    silent,
    works_of,
)

pytest_plugins = ("tests.integration.workshop_fixtures",)

BROKEN = 2019
_PAIRS = "models/marts/pair_collaboration.sql"
_TOTALS = "models/marts/year_totals.sql"
_SEED = "seeds/countries.csv"
_WEIGHT = "    weight,\n    weight_squared,"
_HALVED = f"    case when year = {BROKEN} then 0.5 else 1 end * weight as weight,\n    weight_squared,"
_FOLDED, _ITSELF = "\nHK,Hong Kong,CN,", "\nHK,Hong Kong,HK,"


def _published(workshop: Workshop) -> Mapping[str, bytes]:
    return contents(workshop.store.warehouse_file, workshop.store.exports)


def _reasons(workshop: Workshop) -> dict[int, str]:
    pipeline = workshop.pipeline()
    return {item.year: item.reason for item in stale_years(pipeline.ledger, pipeline.counting_rules())}


# A model that counts wrongly, then is mended together with other edits


@dataclass(frozen=True)
class Mistake:
    """What became of a wrong model, and of mending it."""

    reasons: Mapping[int, str]
    broken: Said
    published_unchanged: bool
    statuses: Mapping[str, YearStatuses]
    reasons_afterwards: Mapping[int, str]
    refusal: str
    mended_reasons: Mapping[int, str]
    mended: Said
    counted: list[list[int]]
    columns: list[Row]
    outputs: Mapping[object, object]
    reasons_at_the_end: Mapping[int, str]


@pytest.fixture(scope="module")
def mistake(built_workshop: tuple[Workshop, Path]) -> Mistake:
    workshop, template = built_workshop
    workshop.restore(template)
    before = _published(workshop)
    workshop.edit(_PAIRS, _WEIGHT, _HALVED)
    reasons = _reasons(workshop)
    broken = workshop.run("run")
    unchanged = _published(workshop) == before
    with questions(workshop) as ui:
        statuses = ui.statuses("pair_collaboration")
    reasons_afterwards = _reasons(workshop)
    refusal = _refusal(workshop.pipeline())
    workshop.edit(_PAIRS, _HALVED, _WEIGHT)
    workshop.edit(_TOTALS, "    count(*) as works,\n", "    count(*) as works,\n    1 as another_column,\n")
    workshop.edit(_SEED, _FOLDED, _ITSELF)
    mended_reasons = _reasons(workshop)
    mended = workshop.run("run")
    with workshop.instance() as instance:
        counted = list(counted_years(instance).values())
    return Mistake(
        reasons,
        broken,
        unchanged,
        statuses,
        reasons_afterwards,
        refusal,
        mended_reasons,
        mended,
        counted,
        columns=numbers_of(workshop.store, "describe marts.year_totals"),
        outputs=pairs_of(
            workshop.store, "select country, output from marts.country_output where year = 2008"
        ),
        reasons_at_the_end=_reasons(workshop),
    )


def _refusal(pipeline: Pipeline) -> str:
    with pytest.raises(CollaborationError) as refused:
        publish(pipeline.store, pipeline.ledger, pipeline.counting_rules(), {})
    return str(refused.value)


def test_an_edited_model_makes_every_year_stale_and_is_named(mistake: Mistake) -> None:
    assert mistake.reasons == dict.fromkeys(YEARS, f"rule changed: {_PAIRS}")


def test_a_failed_blocking_check_ends_the_run_with_its_own_status(mistake: Mistake) -> None:
    assert mistake.broken.status == 4
    assert "Blocking checks failed for 2019; readers keep the last vintage." in mistake.broken.lines
    assert "weight_adds_up_to_multi_author_works" in mistake.broken.text
    assert "Published" not in mistake.broken.text


def test_a_failed_blocking_check_leaves_the_published_files_as_they_were(mistake: Mistake) -> None:
    assert mistake.published_unchanged


def test_the_failed_year_and_no_other_is_shown_as_failed(mistake: Mistake) -> None:
    status = mistake.statuses["weight_adds_up_to_multi_author_works"]
    assert status.failed == [BROKEN]
    assert status.succeeded == [year for year in YEARS if year != BROKEN]
    assert mistake.statuses["values_in_range"].failed == []


def test_only_the_failed_year_is_to_be_counted_again(mistake: Mistake) -> None:
    assert mistake.reasons_afterwards == {BROKEN: "its checks failed last time"}


def test_publishing_is_refused_while_a_check_has_failed(mistake: Mistake) -> None:
    assert mistake.refusal.startswith(
        "Not published: 2019 not counted and checked as of now (2019: its checks failed last time)."
    )


def test_several_edits_are_named_by_the_first_of_them(mistake: Mistake) -> None:
    assert mistake.mended_reasons == dict.fromkeys(YEARS, f"rule changed: {_PAIRS} and 2 more")


def test_the_next_run_after_mending_recovers(mistake: Mistake) -> None:
    assert mistake.mended.status == 0
    assert "Published vintage" in mistake.mended.text
    assert mistake.reasons_at_the_end == {}
    assert mistake.counted == [list(YEARS)] * 3


def test_a_column_added_to_a_model_is_published(mistake: Mistake) -> None:
    assert "another_column" in {name for name, *_ in mistake.columns}


def test_an_edited_seed_is_what_the_numbers_follow(mistake: Mistake) -> None:
    assert mistake.outputs == pytest.approx({"US": 1 + 1 / 2 + 1 / 3, "CN": 1 / 2 + 1 / 3, "HK": 1 / 3})


# dbt itself fails


@dataclass(frozen=True)
class Refused:
    """What became of years a data test of dbt's failed for."""

    said: Said
    published_unchanged: bool
    reasons: Mapping[int, str]
    log: str


@pytest.fixture(scope="module")
def refused(built_workshop: tuple[Workshop, Path]) -> Refused:
    workshop, template = built_workshop
    workshop.restore(template)
    before = _published(workshop)
    minimum = "{{at_least: {{arguments: {{minimum: {}}}}}}}"
    workshop.edit(
        "models/marts/marts.yml",
        f'"Full count: works with both countries."\n        data_tests: [{minimum.format(1)}]',
        f'"Full count: works with both countries."\n        data_tests: [{minimum.format(99)}]',
    )
    said = workshop.run("backfill", "--years", "2008")
    log = (workshop.store.work / "headless.log").read_text()
    return Refused(said, _published(workshop) == before, _reasons(workshop), log)


def test_a_failed_data_test_of_dbts_fails_the_run_and_is_named(refused: Refused) -> None:
    assert refused.said.status == 1
    assert "at_least_pair_collaboration_papers__99" in refused.said.text + refused.log
    assert "Nothing of this run counts; the years stay stale" in refused.said.text
    assert "dagster._core" not in refused.said.text


def test_a_failed_data_test_of_dbts_leaves_the_published_files_as_they_were(refused: Refused) -> None:
    assert refused.published_unchanged


def test_a_year_dbt_broke_off_is_stale_for_its_tables_may_be_half_new(refused: Refused) -> None:
    assert refused.reasons == {2008: "its last count did not finish"}


# A process that dies while dbt is at work


def _die(*_: object) -> None:
    raise RuntimeError("killed")


@pytest.mark.parametrize(
    ("step", "left_over"),
    [
        (lambda runner: runner.refresh([YearRange(2008, 2009)]), {"stale": [2008, 2009], "resolve": False}),
        (lambda runner: runner._run(RESOLVE_JOB, {}), {"stale": [], "resolve": True}),
    ],
    ids=["counting", "resolving"],
)
def test_dying_half_way_leaves_it_to_be_done_again(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    step: Callable[[HeadlessRunner], object],
    left_over: dict[str, Any],
) -> None:
    runner = HeadlessRunner(workshop.pipeline(), silent())
    monkeypatch.setattr(orchestration.dbt, "_build", _die)
    step(runner)
    assert [failure for failure in runner.outcome.failures if "killed" in failure]
    plan = make_plan(workshop.pipeline())
    assert {"stale": [item.year for item in plan.stale], "resolve": plan.resolve} == left_over


# Drops that are not as they should be


@dataclass(frozen=True)
class BadDrops:
    """What became of a run over good and bad drops."""

    said: Said
    numbers_unchanged: bool
    states: Mapping[str, Mapping[str, Any]]
    quarantine: list[Mapping[str, Any]]


@pytest.fixture(scope="module")
def bad_drops(built_workshop: tuple[Workshop, Path]) -> BadDrops:
    workshop, template = built_workshop
    workshop.restore(template)
    marts = "from marts.country_output order by all"
    before = numbers_of(workshop.store, marts)
    workshop.land("good", restamped(base_records(), 1, days=-30))
    workshop.land("spoiled", [*works_of(2019), *([{"id": None}] * 2)])
    restless = workshop.land("restless", [work(77, publication_year=2019)])
    incomplete = workshop.land("incomplete", works_of(2019))
    next(incomplete.rglob("*.gz")).unlink()

    def read_late(**arguments: Any) -> object:
        if arguments["drop_id"] == "restless":
            next(restless.rglob("*.gz")).touch()
        return read_drop(**arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assets.ingest, "read_drop", read_late)
        said = workshop.run("run")
    status = json.loads(workshop.run("status", "--json").text)
    (file,) = workshop.store.quarantine.rglob("*.jsonl")
    return BadDrops(
        said,
        numbers_of(workshop.store, marts) == before,
        {drop["drop"]: drop for drop in status["drops"]},
        [json.loads(line) for line in file.read_text().splitlines()],
    )


def test_a_rejected_drop_gives_the_run_a_status_of_its_own(bad_drops: BadDrops) -> None:
    assert bad_drops.said.status == 3


def test_a_rejected_drop_is_named_with_its_reason_and_its_quarantine(bad_drops: BadDrops) -> None:
    (line,) = [line for line in bad_drops.said.lines if line.startswith("Rejected spoiled")]
    pattern = (
        "Rejected spoiled: 2 of 5 records could not be read (* 2), more than the 1.0% allowed; see *.jsonl."
    )
    assert fnmatchcase(line, pattern)
    assert bad_drops.states["spoiled"]["state"] == "rejected"
    assert bad_drops.states["spoiled"]["reason"] in line
    assert [(entry["drop"], entry["position"]) for entry in bad_drops.quarantine] == [
        ("spoiled", 4),
        ("spoiled", 5),
    ]


def test_no_number_changes_by_drops_that_are_not_taken(bad_drops: BadDrops) -> None:
    assert bad_drops.numbers_unchanged


def test_a_drop_that_changes_while_it_is_read_is_left_for_the_next_run(bad_drops: BadDrops) -> None:
    (line,) = [line for line in bad_drops.said.lines if line.startswith("Drop restless was not taken")]
    assert "changed while it was read" in line
    assert bad_drops.states["restless"]["state"] == "ready"


def test_a_drop_that_waits_is_listed_with_its_reason(bad_drops: BadDrops) -> None:
    (line,) = [line for line in bad_drops.said.lines if line.startswith("Drop incomplete is waiting: ")]
    assert "part_0000.gz" in line
    assert bad_drops.states["incomplete"]["state"] == "waiting"


def test_good_drops_are_taken_beside_bad_ones(bad_drops: BadDrops) -> None:
    assert bad_drops.states["good"]["state"] == "ingested"
    assert any(line.startswith("Read good: 51 records in ") for line in bad_drops.said.lines)
