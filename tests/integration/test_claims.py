"""The scorecard over generated works: it finds what was built in, and in a sample without a peak it does not.

The facts are those of `assets.sample.profile`. What a verdict follows from is tested beside the models; here
the samples are large enough for some statements and too small for others, and both have to show.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from assets.build import connect
from assets.pipeline import Pipeline
from assets.sample import generate_drop
from assets.sample.topics import TOPICS
from tests.catalogues import write_catalogue
from tests.pipelines import count_without_dagster, make_pipeline, with_options

WORKS = 20_000
REPRODUCED = {
    "us_weight_peak",
    "us_share_2016",
    "us_share_2024",
    "china_share_2024",
    "world_growth",
}
READINGS = {
    "main",
    "full_salton",
    "full_jaccard",
    "full_association",
    "full_index",
    "n_squared",
    "small_teams",
    "known_authors",
    "by_affiliation",
    "title_only",
}


@dataclass(frozen=True)
class Finding:
    verdict: str
    found: float | None
    low: float | None
    high: float | None
    reason: str | None


@pytest.fixture(scope="module")
def with_peak(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return counted(tmp_path_factory.mktemp("peak"), peak=True)


@pytest.fixture(scope="module")
def without_peak(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return counted(tmp_path_factory.mktemp("flat"), peak=False)


def test_the_facts_built_into_the_sample_are_reproduced(with_peak: Pipeline) -> None:
    found = findings(with_peak)
    assert {claim for claim in REPRODUCED if found[claim].verdict == "reproduced"} == REPRODUCED
    assert found["us_weight_peak"].found == 2019
    assert found["us_share_2016"].found == pytest.approx(0.5, abs=0.05)
    # The largest partner in all 20 years, yet 2005 has too few works to say so.
    assert found["us_largest_partner"].found == 20


def test_a_sample_without_a_peak_does_not_reproduce_it(without_peak: Pipeline) -> None:
    peak = findings(without_peak)["us_weight_peak"]
    assert peak.found is not None
    assert peak.verdict != "reproduced"
    assert peak.found > 2021


def test_what_rests_on_few_papers_cannot_be_told(with_peak: Pipeline) -> None:
    found = findings(with_peak)
    assert found["us_intensity_back"].reason == "small numbers"
    assert found["new_zealand_level"].reason == "small numbers"
    assert {found[claim].verdict for claim in found if "_rank_2005" in claim} == {"cannot be told"}
    # No work of the sample's catalogue is about this technology.
    assert found["pakistan_nanoscale_rise"].reason == "years are missing"


def test_every_query_finds_the_value_of_its_row(with_peak: Pipeline) -> None:
    with connect(with_peak.store.build_file) as connection:
        rows = connection.execute("select claim, query, found from marts.claims").fetchall()
        values = {claim: single_value(connection, query) for claim, query, _ in rows}
    assert len(rows) >= 29
    assert values == {claim: pytest.approx(found) for claim, _, found in rows}


def test_the_peak_survives_every_reading(with_peak: Pipeline) -> None:
    with connect(with_peak.store.build_file) as connection:
        rows = connection.execute(
            "select reading, verdict from marts.robustness where claim = 'us_weight_peak'"
        ).fetchall()
    assert dict(rows) == dict.fromkeys(READINGS, "reproduced")


def test_the_reading_by_titles_has_works_of_its_own(with_peak: Pipeline) -> None:
    with connect(with_peak.store.build_file) as connection:
        main, by_title = connection.execute(
            "select count(*), count(*) filter (by_title) from ledger.work_technologies"
        ).fetchall()[0]
        weight = single_value(
            connection,
            "select sum(weight) from marts.pair_collaboration"
            " where technology = 'critical' and 'ZZ' not in (country_a, country_b)",
        )
        weight_by_title = single_value(
            connection, "select sum(weight) from marts.reading_pairs where reading = 'title_only'"
        )
    assert weight is not None
    assert weight_by_title is not None
    assert main // 2 < by_title < main
    assert weight_by_title / weight == pytest.approx(by_title / main, rel=0.02)


def counted(folder: Path, *, peak: bool) -> Pipeline:
    """A store with a sample of which every work is critical, whatever it is about, most by title."""
    generate_drop(folder / "landing" / "sample", works=WORKS, peak=peak, workers=2)
    topics = [f"T{90_001 + number}" for number in range(len(TOPICS))]
    catalogue = write_catalogue(folder / "catalogue", {"anything": ("of OR for OR in", topics)})
    pipeline = with_options(make_pipeline(folder), catalogue=catalogue)
    count_without_dagster(pipeline, study=True)
    return pipeline


def findings(pipeline: Pipeline) -> dict[str, Finding]:
    with connect(pipeline.store.build_file) as connection:
        rows = connection.execute(
            "select claim, verdict, found, low, high, reason from marts.claims"
        ).fetchall()
    return {claim: Finding(*values) for claim, *values in rows}


def single_value(connection: duckdb.DuckDBPyConnection, query: str) -> float | None:
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]
