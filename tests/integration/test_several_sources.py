"""Drops of three sources are counted as the brute-force computation says, in whatever order they arrive."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from assets.pipeline import Pipeline
from tests.arrivals import Arrival, arrive, count_at_once, expected_of, with_active_drops
from tests.catalogues import write_catalogue
from tests.comparison import (
    assert_equals_oracle,
    assert_reconciled,
    assert_same_marts,
    assert_technologies,
)
from tests.oracle import CRITICAL, OPENALEX, TECHNOLOGY, OracleDrop, Ways
from tests.pipelines import count_without_dagster, make_pipeline, with_options
from tests.several_sources import (
    CATALOGUE,
    EDITED_CATALOGUE,
    FIRST_YEAR,
    YEARS_A_CASE,
    story,
)

CASES = 40


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """Of the years of all cases, the first and the last are out of scope."""
    return with_options(
        make_pipeline(tmp_path / "one after the other"),
        start_year=FIRST_YEAR + 1,
        end_year=FIRST_YEAR + CASES * YEARS_A_CASE - 2,
        catalogue=write_catalogue(tmp_path / "catalogue", CATALOGUE),
    )


def assert_counted(pipeline: Pipeline, active: Sequence[OracleDrop], when: str) -> None:
    expected = expected_of(active, pipeline.options)
    # First, since it names the works that others only count.
    assert_technologies(pipeline.store.build_file, expected, when)
    assert_equals_oracle(pipeline.store.build_file, expected, when)
    assert_reconciled(pipeline.store.build_file)


def test_each_arrival_and_each_setting_is_counted_as_the_brute_force_computation_says(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    active: Sequence[OracleDrop] = []
    for arrival, active in with_active_drops(story(CASES)):
        arrive(pipeline, arrival)
        assert_counted(pipeline, active, arrival.name)
    write_catalogue(pipeline.options.catalogue, EDITED_CATALOGUE)
    count_without_dagster(pipeline)
    assert_counted(pipeline, active, "another catalogue")
    at_once = count_at_once(pipeline, active, tmp_path / "at once")
    assert_same_marts(pipeline.store.build_file, at_once.store.build_file)

    other = with_options(pipeline, source_preference=("scopus", "openalex", "wos"), use_address_links=False)
    count_without_dagster(other)
    assert_counted(other, active, "another order of preference, and links ignored")


def test_drops_that_arrive_the_other_way_round_are_counted_alike(pipeline: Pipeline) -> None:
    *arrivals, last = story(CASES)
    halves = {"the later half": arrivals[3:], "the earlier half": arrivals[:3]}
    turned = [
        Arrival(name, [drop for arrival in half for drop in arrival.drops]) for name, half in halves.items()
    ]
    for arrival, active in with_active_drops([*turned, last]):
        arrive(pipeline, arrival)
        assert_counted(pipeline, active, arrival.name)


def test_the_story_holds_every_case(pipeline: Pipeline) -> None:
    results = [expected_of(active, pipeline.options) for _, active in with_active_drops(story(CASES))]
    outcomes = {(outcome, reason) for result in results for _, _, outcome, reason in result.record_balance}
    reasons = ("document_type", "publication_year", "retracted", "paratext", "no_authors")
    excluded = {("out_of_scope", reason) for reason in reasons}
    kept = {("current", None), ("superseded", None), ("merged", "doi"), ("retired", None)}
    assert outcomes == excluded | kept
    relations = Counter(
        (source, link.counted_source, link.relation) for (source, _), link in results[3].work_links.items()
    )
    pairs = [("wos", "openalex"), ("scopus", "openalex"), ("scopus", "wos")]
    for relation in ("merged", "different_title"):
        assert all(relations[(*pair, relation)] >= 3 for pair in pairs), relations
    assert {("wos", "ATLANTIS"), ("scopus", "ATLANTIS")} <= {key[1:] for key in results[3].unmapped_addresses}
    coverage = [row for (_, source), row in results[3].address_link_coverage.items() if source == "wos"]
    assert any(row.works_partly_linked for row in coverage)
    assert any(row.works_without_links for row in coverage)
    assert any(row.works_without_addresses for row in coverage)


def test_the_story_holds_every_way_into_a_technology(pipeline: Pipeline) -> None:
    *_, (_, active) = with_active_drops(story(CASES)[:4])
    result = expected_of(active, pipeline.options)
    technologies = {technology for _, technology in result.year_totals}
    assert technologies == {TECHNOLOGY, CRITICAL, "ice cores", *CATALOGUE}
    found = {replace(way, by_title=False) for way in result.work_technologies.values()}
    combinations = {Ways(*ways) for ways in product((True, False), repeat=3)} - {Ways()}
    assert found == combinations
    titles = {way.by_title for way in result.work_technologies.values() if way.by_query}
    assert titles == {True, False}
    # What only a record of another source says, which is merged into it.
    alone = expected_of([drop for drop in active if drop.source == OPENALEX], pipeline.options)
    by_text = {key for key, ways in alone.work_technologies.items() if ways.by_query}
    merged = [key for key, ways in result.work_technologies.items() if ways.by_query and key not in by_text]
    assert Counter(source for source, *_ in merged)[OPENALEX] >= 3
    assert any(row.works_only_here for row in result.technology_size.values())
    assert {pair[1:] for pair in result.technology_overlap} >= {("ice cores", "lasers"), ("lasers", "robots")}
