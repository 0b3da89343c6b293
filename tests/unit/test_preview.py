"""How long a run would take is guessed from what earlier runs on the same machine took."""

from pathlib import Path

import pytest

from assets.pipeline import Pipeline
from orchestration.plan import make_plan
from orchestration.preview import preview
from tests.ledgers import content, count, decide, resolve, settled_pipeline


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return settled_pipeline(tmp_path)


def _seconds(pipeline: Pipeline) -> float:
    return preview(pipeline, make_plan(pipeline)).seconds


def _counted_in(pipeline: Pipeline, seconds: float) -> None:
    decide(pipeline)
    count(pipeline.ledger, 2019, rules=pipeline.counting_rules(), seconds=seconds)
    decide(pipeline, base=3)


def test_nothing_stale_takes_no_time(pipeline: Pipeline) -> None:
    found = preview(pipeline, make_plan(pipeline))
    assert (found.stale, found.ingestions, found.seconds) == ([], [], 0)


def test_years_that_are_stale_by_the_ledger_are_named_without_running_anything(pipeline: Pipeline) -> None:
    decide(pipeline, base=3)
    found = preview(pipeline, make_plan(pipeline))
    assert [(item.year, item.reason) for item in found.stale] == [(2019, "1 work more of base")]
    assert found.seconds > 0


def test_a_slower_machine_takes_longer(pipeline: Pipeline) -> None:
    _counted_in(pipeline, seconds=30)
    before = _seconds(pipeline)
    _counted_in(pipeline, seconds=90)
    assert _seconds(pipeline) == pytest.approx(3 * before)


def test_each_range_of_years_adds_a_run(pipeline: Pipeline) -> None:
    (drop,) = pipeline.ledger.active_versions()
    rules = pipeline.ledger.resolution().rules
    base = [content(drop, 2, 2)]
    resolve(pipeline.ledger, {2015: base, 2016: base, 2019: base}, rules)
    together = _seconds(pipeline)
    resolve(pipeline.ledger, {2013: base, 2016: base, 2019: base}, rules)
    assert _seconds(pipeline) == pytest.approx(2 * together, rel=0.01)


def test_a_count_that_broke_off_says_nothing_about_the_machine(pipeline: Pipeline) -> None:
    decide(pipeline, base=3)
    before = _seconds(pipeline)
    pipeline.ledger.begin_year_builds([2005])
    resolve(pipeline.ledger, dict(pipeline.ledger.year_contents()), pipeline.ledger.resolution().rules)
    assert _seconds(pipeline) == pytest.approx(2 * before, rel=0.01)
