"""The marts made from the real OpenAlex drops equal the brute-force computation, however they arrive."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assets.drops import DropState, discover
from assets.pipeline import Pipeline
from tests.arrivals import arrive, count_at_once, expected_of, story, with_active_drops
from tests.comparison import assert_equals_oracle, assert_reconciled, assert_same_marts, read_mart
from tests.derive import load_drop, sample
from tests.oracle import OracleDrop
from tests.pipelines import bring_up_to_date, count_without_dagster
from tests.real_drops import make_real_pipeline, put

OLD, NEW = "openalex-2023-03", "openalex-2025-09"
STATED = {OLD: None, NEW: date(2026, 3, 2)}
LISTED_FILES = {OLD: 31, NEW: 102}
RECORDS = {OLD: 6279, NEW: 622}


@pytest.fixture(scope="module")
def delivered(real_landing: Path) -> Mapping[str, OracleDrop]:
    return {name: OracleDrop(name, STATED[name], load_drop(real_landing / name)) for name in (OLD, NEW)}


@pytest.fixture(scope="module")
def together(real_landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """Both drops at once, through Dagster, checked and published."""
    pipeline = make_real_pipeline(tmp_path_factory.mktemp("together"))
    put(pipeline, real_landing, (OLD, NEW))
    outcome = bring_up_to_date(pipeline)
    assert not outcome.failures
    assert not outcome.check_failures
    return pipeline


def test_the_real_drops_are_complete_as_their_manifests_list_them(real_landing: Path) -> None:
    drops = {drop.drop_id: drop for drop in discover(real_landing, quiet_seconds=0)}
    for name in (OLD, NEW):
        assert drops[name].state is DropState.READY
        assert len(drops[name].files) == LISTED_FILES[name]
        assert drops[name].listed_records == RECORDS[name]
        assert drops[name].stated_date == STATED[name]


def test_both_drops_together_are_published_as_the_brute_force_computation_says(
    together: Pipeline, delivered: Mapping[str, OracleDrop]
) -> None:
    published = together.store.warehouse_file
    assert_equals_oracle(published, expected_of(list(delivered.values()), together.options), "together")
    assert_reconciled(published)


def test_every_real_record_has_exactly_one_outcome(together: Pipeline) -> None:
    balance: Counter[object] = Counter()
    for (drop_id, *_), row in read_mart(together.store.warehouse_file, "record_balance").items():
        assert isinstance(row["records"], int)
        balance[drop_id] += row["records"]
    assert balance == RECORDS
    assert {version.drop_id: version.records for version in together.ledger.active_versions()} == RECORDS


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)], ids=["oldest first", "newest first"])
def test_drops_one_after_the_other_come_to_the_same_marts_in_either_order(
    order: Sequence[str],
    real_landing: Path,
    together: Pipeline,
    delivered: Mapping[str, OracleDrop],
    tmp_path: Path,
) -> None:
    pipeline = make_real_pipeline(tmp_path)
    active = []
    for name in order:
        put(pipeline, real_landing, [name])
        active.append(delivered[name])
        count_without_dagster(pipeline)
        assert_equals_oracle(pipeline.store.build_file, expected_of(active, pipeline.options), f"with {name}")
        assert_reconciled(pipeline.store.build_file)
    assert_same_marts(pipeline.store.build_file, together.store.warehouse_file)


def test_drops_derived_from_the_real_ones_are_counted_as_the_brute_force_computation_says(
    delivered: Mapping[str, OracleDrop], tmp_path: Path
) -> None:
    base = [replace(drop, records=sample(drop.records, 1, 500)) for drop in delivered.values()]
    pipeline = make_real_pipeline(tmp_path / "one after the other")
    active: Sequence[OracleDrop] = []
    for arrival, active in with_active_drops(story(base)):
        arrive(pipeline, arrival)
        assert_equals_oracle(pipeline.store.build_file, expected_of(active, pipeline.options), arrival.name)
        assert_reconciled(pipeline.store.build_file)
    at_once = count_at_once(pipeline, active, tmp_path / "at once")
    assert_same_marts(pipeline.store.build_file, at_once.store.build_file)
