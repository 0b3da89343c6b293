"""Partitions: years that are fixed, drops that come, and the runs that cover exactly those wanted."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.pipeline import Options, Pipeline
from assets.staleness import YearRange
from assets.store import open_store
from orchestration.partitions import drop_ranges, range_tags, year_partitions, year_tags
from tests.ledgers import content, count, resolve, version


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(open_store(tmp_path / "store"), tmp_path, Options(start_year=2010, end_year=2013))


def test_the_years_in_scope_are_partitions(pipeline: Pipeline) -> None:
    assert year_partitions(pipeline).get_partition_keys() == ["2010", "2011", "2012", "2013"]


def test_years_counted_before_the_scope_was_narrowed_stay_partitions(pipeline: Pipeline) -> None:
    drop = version("base")
    pipeline.ledger.record(drop, "as delivered")
    resolve(pipeline.ledger, {2008: [content(drop)], 2015: [content(drop)]})
    count(pipeline.ledger, 2008, 2015)
    keys = year_partitions(pipeline).get_partition_keys()
    assert (keys[0], keys[-1], len(keys)) == ("2008", "2015", 8)


def test_a_run_over_a_range_is_tagged_with_both_ends() -> None:
    tags = {
        "dagster/asset_partition_range_start": "2018",
        "dagster/asset_partition_range_end": "2019",
    }
    assert year_tags(YearRange(2018, 2019)) == tags == range_tags("2018", "2019")


def test_drops_that_lie_beside_each_other_share_a_run() -> None:
    assert drop_ranges(["a", "b", "c", "d", "e"], {"a", "b", "e"}) == [["a", "b"], ["e"]]
    assert drop_ranges(["a", "b"], set()) == []


@given(st.lists(st.text(min_size=1), unique=True), st.data())
def test_runs_cover_exactly_the_drops_wanted_in_dagsters_order(known: list[str], data: st.DataObject) -> None:
    wanted = data.draw(st.sets(st.sampled_from(known)) if known else st.just(set()))
    ranges = drop_ranges(known, wanted)
    assert [key for part in ranges for key in part] == [key for key in known if key in wanted]
    for part in ranges:
        start = known.index(part[0])
        assert known[start : start + len(part)] == part
    starts = [known.index(part[0]) for part in ranges]
    ends = [known.index(part[-1]) for part in ranges]
    assert all(end + 1 < start for end, start in zip(ends, starts[1:], strict=False))
