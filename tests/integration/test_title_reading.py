"""The reading by titles is counted as brute force says, and again when it changes though all else stands."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from assets.build import connect
from assets.pipeline import Pipeline
from tests.arrivals import expected_of
from tests.catalogues import Entries, write_catalogue
from tests.comparison import assert_technologies, assert_title_reading, read_mart
from tests.derive import land
from tests.oracle import CRITICAL, OracleDrop
from tests.pipelines import count_without_dagster, make_pipeline, with_options

BEFORE: Entries = {
    "surveys": ("TI=(review* OR advance* OR progress) NOT AB=efficien*", ()),
    "topical": (None, ("T90093", "T90096")),
}
AFTER: Entries = {**BEFORE, "studies": ("TI=investigation NOT AB=(the OR a OR of)", ())}
"""Each abstract has these words, so that what is new is found by titles alone."""
_UNTOUCHED = 1_000_000


@pytest.fixture(scope="module")
def drops(generated_drops: Sequence[OracleDrop]) -> list[OracleDrop]:
    """Works with an abstract; some are stated to be of a technology."""
    first, second = (
        replace(drop, records=[record for record in drop.records if record["abstract_inverted_index"]])
        for drop in generated_drops
    )
    return [first, replace(second, records=second.records[:60], technology="stated")]


@pytest.fixture(scope="module")
def pipeline(drops: Sequence[OracleDrop], tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    folder = tmp_path_factory.mktemp("titles")
    pipeline = with_options(make_pipeline(folder), catalogue=write_catalogue(folder / "catalogue", BEFORE))
    for drop in drops:
        land(pipeline.landing, drop)
    count_without_dagster(pipeline, study=True)
    return pipeline


def test_it_is_counted_as_the_brute_force_computation_says_and_again_when_titles_alone_match_anew(
    pipeline: Pipeline, drops: Sequence[OracleDrop]
) -> None:
    file = pipeline.store.build_file
    before = expected_of(drops, pipeline.options)
    assert_technologies(file, before, "at first")
    assert_title_reading(file, before, "at first")

    with connect(file, read_only=False) as connection:
        connection.execute(f"update marts.year_totals set works = {_UNTOUCHED}")
    write_catalogue(pipeline.options.catalogue, AFTER)
    counted = count_without_dagster(pipeline, study=True)
    after = expected_of(drops, pipeline.options)
    assert after.work_technologies == before.work_technologies
    assert after.title_pairs != before.title_pairs
    assert_technologies(file, after, "with more titles")
    assert_title_reading(file, after, "with more titles")
    works = {key: row["works"] for key, row in read_mart(file, "year_totals").items()}
    assert {key for key, count in works.items() if count != _UNTOUCHED} == {
        (year, CRITICAL) for year in counted
    }
    assert {year for year, _ in works} > set(counted)
