"""A year is stale exactly when its records, its rules or its checks say so, and the reason says which."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.ledger import Ledger
from assets.ledger_facts import CheckState, DropContent, MatchedCatalogue, VersionState
from assets.pipeline import Options, Pipeline
from assets.rules import CountingOptions, changed_rules, counting_rules
from assets.staleness import (
    build_state,
    contiguous_ranges,
    resolution_due,
    stale_years,
    year_fingerprint,
)
from assets.store import open_store
from tests.ledgers import RULES, content, count, counted_ledger, resolve, version

BASE = version("base")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return counted_ledger(tmp_path / "ledger.sqlite", 2018, 2019)


def _reasons(ledger: Ledger, rules: dict[str, str] | None = None) -> dict[int, str]:
    return {item.year: item.reason for item in stale_years(ledger, rules or RULES)}


def test_nothing_is_stale_after_everything_was_counted_and_checked(ledger: Ledger) -> None:
    assert _reasons(ledger) == {}


def test_a_year_never_counted_is_stale(ledger: Ledger) -> None:
    resolve(ledger, {2018: [content(BASE)], 2019: [content(BASE)], 2020: [content(BASE, works=1)]})
    assert _reasons(ledger) == {2020: "not counted yet: 1 work from base"}


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ([content(BASE, works=12, content_total=120)], "2 works more of base"),
        ([content(BASE, works=9, content_total=90)], "1 work of base left"),
        ([content(BASE, content_total=101)], "records of base changed"),
        ([content(BASE), content(version("new"), works=1200)], "new brings 1,200 works"),
        ([content(version("new"), works=3)], "all 10 works of base left; new brings 3 works"),
        ([], "all 10 works of base left"),
    ],
)
def test_a_year_whose_records_changed_is_stale_and_names_the_drop(
    ledger: Ledger, now: Sequence[DropContent], reason: str
) -> None:
    ledger.record(version("new"), "theirs")
    resolve(ledger, {2018: [content(BASE)], 2019: now})
    assert _reasons(ledger) == {2019: reason}


def test_the_same_records_from_another_drop_change_nothing(ledger: Ledger) -> None:
    ledger.record(version("copy"), "theirs")
    halves = [content(BASE, 5, 70), content(version("copy"), 5, 30)]
    resolve(ledger, {2018: [content(version("copy"))], 2019: halves})
    assert _reasons(ledger) == {}


def test_a_changed_rule_makes_every_year_stale_and_names_the_file(ledger: Ledger) -> None:
    assert _reasons(ledger, {**RULES, "seeds/countries.csv": "2"}) == {
        2018: "rule changed: seeds/countries.csv",
        2019: "rule changed: seeds/countries.csv",
    }


def test_several_changed_rules_are_named_by_the_first_and_their_number(ledger: Ledger) -> None:
    changed = {**RULES, "seeds/countries.csv": "2", "models/new.sql": "1"}
    assert _reasons(ledger, changed)[2019] == "rule changed: models/new.sql and 1 more"


def test_records_and_rules_that_changed_are_both_named(ledger: Ledger) -> None:
    resolve(ledger, {2018: [content(BASE)], 2019: [content(BASE, 11, 1)]})
    reasons = _reasons(ledger, {**RULES, "seeds/countries.csv": "2"})
    assert reasons[2019] == "1 work more of base; rule changed: seeds/countries.csv"


def test_records_read_by_another_version_of_the_reader_make_a_year_stale(ledger: Ledger) -> None:
    again = version("base", 2, reader_version=2)
    ledger.record(again, "as delivered")
    resolve(ledger, {2018: [content(BASE)], 2019: [content(again)]})
    assert _reasons(ledger) == {2019: "its records were read again by another version of the reader"}


@pytest.mark.parametrize(
    ("checks", "reason"),
    [
        (CheckState.FAILED, "its checks failed last time"),
        (CheckState.PENDING, "counted, but not checked"),
    ],
)
def test_a_year_whose_checks_did_not_pass_stays_stale(
    ledger: Ledger, checks: CheckState, reason: str
) -> None:
    count(ledger, 2019, checks=checks)
    assert _reasons(ledger) == {2019: reason}


def test_a_new_build_file_makes_every_year_stale(ledger: Ledger) -> None:
    ledger.void_builds()
    resolve(ledger, {2018: [content(BASE)], 2019: [content(BASE)]})
    assert set(_reasons(ledger)) == {2018, 2019}
    assert "build file is new" in _reasons(ledger)[2019]


def test_a_year_whose_count_broke_off_is_stale_until_it_is_counted(ledger: Ledger) -> None:
    ledger.begin_year_builds([2019])
    assert _reasons(ledger) == {2019: "its last count did not finish"}
    count(ledger, 2019)
    assert _reasons(ledger) == {}


def test_a_first_count_that_broke_off_leaves_the_year_not_counted(ledger: Ledger) -> None:
    contents = {year: [content(BASE)] for year in (2018, 2019, 2020)}
    resolve(ledger, contents)
    (before,) = stale_years(ledger, RULES)
    ledger.begin_year_builds([2020])
    assert stale_years(ledger, RULES) == [before]
    assert before.reason == "not counted yet: 10 works from base"
    # What it was counted from is taken away: rows of it may be in the build file all the same.
    resolve(ledger, {year: contents[year] for year in (2018, 2019)})
    assert _reasons(ledger) == {2020: "its last count did not finish"}


def test_breaking_off_again_and_again_is_one_attempt(ledger: Ledger) -> None:
    resolve(ledger, {2018: [content(BASE)], 2019: [content(BASE, 11, 1)]})
    attempts = set()
    for _ in range(3):
        attempts.add(stale_years(ledger, RULES)[0].attempt)
        ledger.begin_year_builds([2019])
    assert len(attempts) == 1


def test_stale_years_come_in_order(ledger: Ledger) -> None:
    resolve(ledger, {year: [content(BASE, works=1)] for year in (2021, 2007, 2019, 2018)})
    assert list(_reasons(ledger)) == [2007, 2018, 2019, 2021]


totals = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(st.tuples(st.integers(1, 9), totals), min_size=1, max_size=5), st.randoms())
def test_the_fingerprint_of_a_year_does_not_depend_on_how_its_records_are_spread(
    parts: list[tuple[int, int]], random: object
) -> None:
    pieces = [content(version("a", number), *part) for number, part in enumerate(parts)]
    whole = content(version("b"), sum(works for works, _ in parts), sum(total for _, total in parts))
    readers = {item.drop_version: 1 for item in [*pieces, whole]}
    shuffled = sorted(pieces, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert year_fingerprint(shuffled, readers, RULES) == year_fingerprint([whole], readers, RULES)


@given(totals, totals)
def test_another_sum_of_hashes_is_another_fingerprint(before: int, after: int) -> None:
    readers = {BASE.drop_version: 1}
    prints = [
        year_fingerprint([content(BASE, content_total=total)], readers, RULES) for total in (before, after)
    ]
    assert (prints[0] == prints[1]) == (before == after)


@given(st.lists(st.integers(1990, 2030)))
def test_ranges_cover_exactly_the_years_and_no_two_touch(years: list[int]) -> None:
    ranges = contiguous_ranges(years)
    assert [year for part in ranges for year in part.years] == sorted(set(years))
    assert all(left.end + 1 < right.start for left, right in pairwise(ranges))


def test_a_range_reads_as_one_year_or_its_two_ends() -> None:
    assert [str(part) for part in contiguous_ranges([2019, 2008, 2009, 2010])] == ["2008-2010", "2019"]


# Which record of each work counts


def _project(folder: Path) -> Path:
    for name in ("models/marts/m.sql", "macros/m.sql", "seeds/s.csv", "dbt_project.yml", "models/m.yml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


OPTIONS = CountingOptions(2005, 2024)


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """A pipeline with one drop, for which nothing is decided yet."""
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "radar.toml").write_text("one query")
    return Pipeline(
        store=open_store(tmp_path / "store"),
        landing=tmp_path / "landing",
        options=Options(2005, 2024, catalogue=tmp_path / "catalogue"),
        project=_project(tmp_path / "project"),
    )


@pytest.fixture
def settled(pipeline: Pipeline) -> Pipeline:
    """The same with everything decided from the drops, rules and technologies of now."""
    pipeline.ledger.record(BASE, "as delivered")
    pipeline.ledger.record_catalogue(MatchedCatalogue(pipeline.catalogue_stamp()))
    resolve(pipeline.ledger, {2019: [content(BASE)]}, pipeline.resolution_rules())
    pipeline.store.build_file.touch()
    return pipeline


def test_an_empty_store_has_nothing_to_decide(pipeline: Pipeline) -> None:
    assert not resolution_due(pipeline)


def test_what_was_decided_stands_while_drops_and_rules_stay(settled: Pipeline) -> None:
    assert not resolution_due(settled)


def test_another_drop_version_asks_for_a_decision(settled: Pipeline) -> None:
    settled.ledger.record(version("base", 2), "other files")
    assert resolution_due(settled)


def test_a_rejected_drop_asks_for_none(settled: Pipeline) -> None:
    settled.ledger.record(version("bad", state=VersionState.REJECTED), "other files")
    assert not resolution_due(settled)


def test_withdrawing_the_last_drop_asks_for_a_decision(settled: Pipeline) -> None:
    settled.ledger.withdraw("base")
    assert resolution_due(settled)


def test_other_years_in_scope_ask_for_a_decision(settled: Pipeline) -> None:
    assert resolution_due(replace(settled, options=replace(settled.options, end_year=2025)))


def test_a_lost_build_file_asks_for_a_decision(settled: Pipeline) -> None:
    settled.store.build_file.unlink()
    assert resolution_due(settled)


def test_a_decision_that_broke_off_is_to_be_made_again(settled: Pipeline) -> None:
    settled.ledger.begin_resolution()
    assert resolution_due(settled)
    settled.ledger.withdraw("base")
    assert resolution_due(settled)


def _edit_query(catalogue: Path) -> None:
    (catalogue / "radar.toml").write_text("another query")


def _add_technology(catalogue: Path) -> None:
    (catalogue / "sonar.toml").write_text("one query")


def _remove_technology(catalogue: Path) -> None:
    (catalogue / "radar.toml").unlink()


@pytest.mark.parametrize("edit", [_edit_query, _add_technology, _remove_technology])
def test_an_edited_catalogue_asks_for_a_decision(settled: Pipeline, edit: Callable[[Path], None]) -> None:
    edit(settled.options.catalogue)
    assert resolution_due(settled)


def test_going_on_without_bad_technologies_asks_for_a_decision(settled: Pipeline) -> None:
    assert resolution_due(replace(settled, options=replace(settled.options, skip_bad_technologies=True)))


@pytest.mark.parametrize("name", ["models/marts/m.sql", "macros/m.sql", "seeds/s.csv", "dbt_project.yml"])
def test_an_edited_rule_asks_for_a_decision(settled: Pipeline, name: str) -> None:
    (settled.project / name).write_text("another")
    assert resolution_due(settled)


def test_an_edited_description_is_no_other_rule(settled: Pipeline) -> None:
    (settled.project / "models/m.yml").write_text("another description")
    assert not resolution_due(settled)


def test_rules_that_changed_came_or_went_are_named(tmp_path: Path) -> None:
    project = _project(tmp_path)
    before = counting_rules(project, OPTIONS)
    (project / "seeds/s.csv").unlink()
    (project / "seeds/t.csv").touch()
    (project / "macros/m.sql").write_text("another")
    assert changed_rules(before, counting_rules(project, OPTIONS)) == [
        "macros/m.sql",
        "seeds/s.csv",
        "seeds/t.csv",
    ]


# What there is to publish


def test_the_state_to_publish_is_that_of_years_checks_drops_and_rules(ledger: Ledger) -> None:
    states = [build_state(ledger)]
    count(ledger, 2019, checks=CheckState.FAILED)
    states.append(build_state(ledger))
    count(ledger, 2019)
    assert build_state(ledger) == states[0]
    resolve(ledger, {2018: [content(BASE)], 2019: [content(BASE)]}, {"another": "rule"})
    states.append(build_state(ledger))
    count(ledger, 2020)
    states.append(build_state(ledger))
    assert len(set(states)) == len(states)


def test_a_drop_that_is_merged_away_says_so_and_brings_no_works(settled: Pipeline) -> None:
    ledger = settled.ledger
    merged = version("scopus")
    ledger.record(merged, "signature")
    contents = {year: list(items) for year, items in ledger.year_contents().items()}
    for items in contents.values():
        items.append(content(merged, works=0, content_total=-5))
    count(ledger, 2019)
    resolve(ledger, contents)
    assert [item.reason for item in stale_years(ledger, RULES)] == ["scopus adds to its works"]
