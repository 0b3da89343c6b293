"""Drops that arrive one after the other are counted as the brute-force computation says."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from assets.pipeline import Pipeline
from assets.sample.drop import generate_drop
from tests.arrivals import (
    LEFT_YEAR,
    RETRACTED_YEAR,
    Arrival,
    arrive,
    count_at_once,
    expected_of,
    story,
    with_active_drops,
)
from tests.catalogues import Entries, write_catalogue
from tests.comparison import assert_equals_oracle, assert_reconciled, assert_technologies, read_mart
from tests.delivered_works import work
from tests.derive import load_drop
from tests.oracle import CRITICAL, TECHNOLOGY, UNKNOWN, OracleDrop, Record, Ways
from tests.pipelines import make_pipeline, with_options

WORKS = 800

CATALOGUE: Entries = {
    "dark-matter": ('TS="galaxy cluster$" OR AK="dark matter"', ("T90090",)),
    "numerics": ("(simulat* OR numerical*) NEAR/3 (industr* OR analys?s)", ()),
    "surveys": ("TI=(review* OR advance* OR progress) NOT AB=efficien*", ()),
    "topical": (None, ("T90093", "T90096")),
}
"""Technologies in the words and topics of generated works."""


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return with_options(make_pipeline(tmp_path), catalogue=write_catalogue(tmp_path / "catalogue", CATALOGUE))


@pytest.fixture(scope="module")
def generated_drops(tmp_path_factory: pytest.TempPathFactory) -> list[OracleDrop]:
    """Two drops of generated works that share no work; one states no date."""
    folder: Path = tmp_path_factory.mktemp("generated") / "sample"
    generate_drop(folder, works=WORKS, seed=20)
    records = load_drop(folder)
    return [
        OracleDrop("first", None, records[: WORKS // 2]),
        OracleDrop("second", date(2025, 9, 1), records[WORKS // 2 :], technology="numerics"),
    ]


def test_each_arrival_is_counted_as_the_brute_force_computation_says(
    generated_drops: Sequence[OracleDrop], pipeline: Pipeline
) -> None:
    base, *derived, replaced, _ = story(generated_drops)
    # The tests on real drops go through the story step by step.
    together = Arrival("derived drops", [drop for arrival in derived for drop in arrival.drops])
    for arrival, active in with_active_drops([base, together, replaced]):
        arrive(pipeline, arrival)
        expected = expected_of(active, pipeline.options)
        assert_technologies(pipeline.store.build_file, expected, arrival.name)
        assert_equals_oracle(pipeline.store.build_file, expected, arrival.name)
        assert_reconciled(pipeline.store.build_file)


def test_the_story_holds_every_case(generated_drops: Sequence[OracleDrop], pipeline: Pipeline) -> None:
    base, moved, authors, ties, replaced, again = (
        expected_of(active, pipeline.options) for _, active in with_active_drops(story(generated_drops))
    )
    for year in (RETRACTED_YEAR, LEFT_YEAR):
        assert (year, TECHNOLOGY) in base.year_totals
        assert all((year, TECHNOLOGY) not in later.year_totals for later in (moved, authors, ties))
    counted = {key[:2] for key in moved.country_output}
    assert {pair for pair in base.pair_collaboration if pair[:2] in counted} - moved.pair_collaboration.keys()
    ranks = [(year, row.rank) for (year, _, _), row in authors.country_output.items() if row.rank]
    assert len(set(ranks)) < len(ranks)
    countries = {country for _, _, country in authors.country_output}
    assert {"CN", "TW", UNKNOWN} <= countries
    assert not {"HK", "MO", "XX"} & countries
    assert any(row.papers and not row.weight for row in authors.pair_collaboration.values())
    outcomes = {(outcome, reason) for _, _, outcome, reason in ties.record_balance}
    reasons = {reason for outcome, reason in outcomes if outcome == "out_of_scope"}
    assert {("superseded", None), ("rejected", "missing_id")} <= outcomes
    assert {"document_type", "publication_year", "retracted", "paratext", "xpac", "no_authors"} == reasons
    assert {"authors", "tied-b"} <= {drop for drop, *_ in ties.record_balance}
    assert not {"authors", "tied-b"} & {drop for drop, *_ in again.record_balance}
    assert replaced.year_totals != again.year_totals
    assert {technology for _, technology in base.year_totals} == {TECHNOLOGY, CRITICAL, *CATALOGUE}
    ways = set(base.work_technologies.values())
    assert {Ways(by_query=True), Ways(by_topic=True), Ways(by_statement=True)} <= ways
    assert {Ways(True, True, False), Ways(True, False, True), Ways(by_query=True, by_title=True)} <= ways
    assert Ways(by_title=True) in base.technology_ways.values()
    main = {key[:1] + key[2:]: row for key, row in base.pair_collaboration.items() if key[1] == CRITICAL}
    assert base.title_pairs.keys() & main.keys()
    assert any(row.weight != main[key].weight for key, row in base.title_pairs.items() if key in main)
    shared = {pair[1:] for pair in base.technology_overlap}
    assert {("dark-matter", "numerics"), ("numerics", "surveys")} <= shared


def test_the_same_identities_hold_in_every_store_with_the_same_drops(tmp_path: Path) -> None:
    def works(numbers: range, **changes: object) -> list[Record]:
        return [work(number, publication_year=2010 + number % 3, **changes) for number in numbers]

    # 2010 and 2012 get records that do not count, 2011 loses all that did.
    later = [
        *works(range(3, 9), updated_date="2020-01-01", title="An older version"),
        *works(range(1, 12, 3), updated_date="2026-01-01", is_retracted=True),
        *works(range(30, 31), type="letter"),
    ]
    drops = [OracleDrop("base", None, works(range(12))), OracleDrop("later", None, later)]
    pipeline = make_pipeline(tmp_path / "one after the other")
    for drop in drops:
        arrive(pipeline, Arrival(drop.drop_id, [drop]))
    at_once = count_at_once(pipeline, drops, tmp_path / "at once")
    # Identity 5 of a year is as of its last count, and which country stands for identity 3 depends on
    # rounding, so the rows agree in what they say and not in every figure.
    kept = []
    for file in (pipeline.store.build_file, at_once.store.build_file):
        assert_reconciled(file)
        rows = read_mart(file, "reconciliation")
        kept.append({key for key in rows if not str(key[2]).startswith("5 ")})
    assert kept[0] == kept[1]
