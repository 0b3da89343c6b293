"""A clock that is moved back takes no drop away, asks for nothing twice and hides no run."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from assets.landing import ready_drops
from assets.pipeline import Pipeline
from assets.staleness import stale_years
from orchestration.partitions import year_partitions
from orchestration.sensors import refresh_steps
from tests.delivered_works import work
from tests.ledgers import content, count, count_all, decide, deliver, resolve, settled_pipeline
from tests.pipelines import with_options

_YEAR = timedelta(days=365)


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return settled_pipeline(tmp_path)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The moments the ledger is told, each before the one before it."""
    moments: list[str] = []

    def backwards() -> str:
        moments.append((datetime(2026, 3, 2, tzinfo=UTC) - len(moments) * _YEAR).isoformat())
        return moments[-1]

    monkeypatch.setattr("assets.ledger._now", backwards)
    return moments


def _keys(pipeline: Pipeline) -> list[str]:
    return [str(step.run_key) for step in refresh_steps(pipeline) if isinstance(step, dg.RunRequest)]


def test_what_changed_is_asked_for_once_each_time_while_the_clock_runs_backwards(
    pipeline: Pipeline, clock: list[str]
) -> None:
    seed = pipeline.project / "seeds" / "countries.csv"
    asked: list[str] = []
    for text in ("HK\n", "code\n", "HK\n", "code\n"):
        seed.write_text(text)
        asked += _keys(pipeline)
        decide(pipeline)
        asked += _keys(pipeline)
        count_all(pipeline)
        assert _keys(pipeline) == []
        assert stale_years(pipeline.ledger, pipeline.counting_rules()) == []
    assert len(asked) == len(set(asked)) == 8
    assert clock == sorted(clock, reverse=True)


def test_a_drop_delivered_in_the_future_is_taken(pipeline: Pipeline) -> None:
    drop = deliver(pipeline.landing / "early", work(3))
    ahead = (datetime.now(UTC) + _YEAR).timestamp()
    for path in (drop, *drop.rglob("*")):
        os.utime(path, (ahead, ahead))
    assert [item.drop_id for item in ready_drops(with_options(pipeline, quiet_seconds=60))] == ["early"]


def test_years_follow_the_clock_over_new_year_and_back(pipeline: Pipeline) -> None:
    partitions = year_partitions(with_options(pipeline, end_year=None))
    this_year = datetime.now(UTC).year
    for year in (this_year, this_year + 1, this_year + 2, this_year):
        with dg.partition_loading_context(effective_dt=datetime(year, 1, 1, 0, 0, 1, tzinfo=UTC)):
            assert partitions.get_last_partition_key() == str(year)
            keys = partitions.get_partition_keys()
            assert keys == [str(item) for item in range(2005, year + 1)]


def test_a_fixed_last_year_stays_whatever_the_clock_says(pipeline: Pipeline) -> None:
    for fixed in (2015, 2026, 2030):
        partitions = year_partitions(with_options(pipeline, end_year=fixed))
        for year in (2026, 2027, 2035):
            with dg.partition_loading_context(effective_dt=datetime(year, 1, 1, 0, 0, 1, tzinfo=UTC)):
                assert partitions.get_partition_keys()[-1] == str(max(fixed, 2019))


def test_a_year_counted_before_the_clock_was_moved_back_can_still_be_emptied(pipeline: Pipeline) -> None:
    ahead = datetime.now(UTC).year + 1
    (drop,) = pipeline.ledger.active_versions()
    resolve(pipeline.ledger, {ahead: [content(drop)]})
    count(pipeline.ledger, ahead)
    keys = year_partitions(with_options(pipeline, end_year=None)).get_partition_keys()
    assert keys[-1] == str(ahead)


def test_years_long_ago_are_partitions_too(pipeline: Pipeline) -> None:
    keys = year_partitions(with_options(pipeline, start_year=1500, end_year=2026)).get_partition_keys()
    assert keys == [str(year) for year in range(1500, 2027)]
