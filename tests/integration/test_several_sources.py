"""Drops of three sources are counted as the brute-force computation says, in whatever order they arrive."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assets.pipeline import Options, Pipeline
from tests.arrivals import Arrival, arrive, count_at_once, expected_of, with_active_drops
from tests.comparison import assert_equals_oracle, assert_reconciled, assert_same_marts
from tests.oracle import OracleDrop
from tests.pipelines import count_without_dagster, make_pipeline, with_options
from tests.several_sources import FIRST_YEAR, YEARS_A_CASE, story

CASES = 40
# The first and the last year of all cases are out of scope.
SCOPE = Options(FIRST_YEAR + 1, FIRST_YEAR + CASES * YEARS_A_CASE - 2, quiet_seconds=0)


def assert_counted(pipeline: Pipeline, active: Sequence[OracleDrop], when: str) -> None:
    assert_equals_oracle(pipeline.store.build_file, expected_of(active, pipeline.options), when)
    assert_reconciled(pipeline.store.build_file)


def test_each_arrival_and_each_setting_is_counted_as_the_brute_force_computation_says(tmp_path: Path) -> None:
    pipeline = replace(make_pipeline(tmp_path / "one after the other"), options=SCOPE)
    active: Sequence[OracleDrop] = []
    for arrival, active in with_active_drops(story(CASES)):
        arrive(pipeline, arrival)
        assert_counted(pipeline, active, arrival.name)
    at_once = count_at_once(pipeline, active, tmp_path / "at once")
    assert_same_marts(pipeline.store.build_file, at_once.store.build_file)

    other = with_options(pipeline, source_preference=("scopus", "openalex", "wos"), use_address_links=False)
    count_without_dagster(other)
    assert_counted(other, active, "another order of preference, and links ignored")


def test_drops_that_arrive_the_other_way_round_are_counted_alike(tmp_path: Path) -> None:
    *arrivals, last = story(CASES)
    halves = {"the later half": arrivals[3:], "the earlier half": arrivals[:3]}
    turned = [
        Arrival(name, [drop for arrival in half for drop in arrival.drops]) for name, half in halves.items()
    ]
    pipeline = replace(make_pipeline(tmp_path), options=SCOPE)
    for arrival, active in with_active_drops([*turned, last]):
        arrive(pipeline, arrival)
        assert_counted(pipeline, active, arrival.name)


def test_the_story_holds_every_case() -> None:
    results = [expected_of(active, SCOPE) for _, active in with_active_drops(story(CASES))]
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
    technologies = {technology for _, technology in results[3].year_totals}
    assert technologies == {"all", "robots", "ice cores", "lasers"}
    assert {("wos", "ATLANTIS"), ("scopus", "ATLANTIS")} <= {key[1:] for key in results[3].unmapped_addresses}
    coverage = [row for (_, source), row in results[3].address_link_coverage.items() if source == "wos"]
    assert any(row.works_partly_linked for row in coverage)
    assert any(row.works_without_links for row in coverage)
    assert any(row.works_without_addresses for row in coverage)
