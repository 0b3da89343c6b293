"""The study follows the counts: drops that come one after the other leave what all at once would."""

from collections.abc import Sequence
from pathlib import Path

from tests.arrivals import Arrival, arrive, expected_of, study_of, with_active_drops
from tests.catalogues import write_catalogue
from tests.comparison import STUDY_KEYS, assert_mart, assert_same_marts
from tests.derive import land
from tests.oracle import OPENALEX, SCOPUS, WOS, OracleDrop
from tests.oracle_study import STUDY_MARTS
from tests.pipelines import count_without_dagster, make_pipeline, with_options
from tests.several_sources import CATALOGUE, FIRST_YEAR, YEARS_A_CASE, story

CASES = 20


def test_later_drops_leave_what_all_at_once_would(
    generated_drops: Sequence[OracleDrop], tmp_path: Path
) -> None:
    one_by_one, at_once = make_pipeline(tmp_path / "one by one"), make_pipeline(tmp_path / "at once")
    first, second = generated_drops
    # 2005 first, which all years are held against; after the others only they and the years after them.
    arrivals = [
        (first, None),
        (_of_years(second, 2005), [2005]),
        (_of_years(second, 2011, 2019), [2011, 2019]),
    ]
    for drop, counted in arrivals:
        land(one_by_one.landing, drop)
        years = count_without_dagster(one_by_one, study=True)
        assert counted in (years, None)
        land(at_once.landing, drop)
    count_without_dagster(at_once, study=True)
    made = [mart for mart in STUDY_KEYS if mart != "country_groups"]
    assert_same_marts(one_by_one.store.build_file, at_once.store.build_file, made)


def test_what_several_sources_leave_is_as_the_brute_force_computation_says(tmp_path: Path) -> None:
    pipeline = with_options(
        make_pipeline(tmp_path),
        start_year=FIRST_YEAR,
        end_year=FIRST_YEAR + CASES * YEARS_A_CASE - 1,
        catalogue=write_catalogue(tmp_path / "catalogue", CATALOGUE),
    )
    one, two, three, later, *_ = story(CASES)
    at_first = Arrival("three sources", [drop for each in (one, two, three) for drop in each.drops])
    for arrival, active in with_active_drops([at_first, later]):
        arrive(pipeline, arrival, study=True)
        study = study_of(expected_of(active, pipeline.options), active, pipeline.options)
        sources = {row["source"] for row in study.rows("high_impact_cutoffs").values()}
        assert sources >= {OPENALEX, WOS, SCOPUS}
        for mart in STUDY_MARTS:
            assert_mart(pipeline.store.build_file, mart, study.rows(mart), arrival.name)


def _of_years(drop: OracleDrop, *years: int) -> OracleDrop:
    records = [record for record in drop.records if record["publication_year"] in years]
    return OracleDrop(f"{drop.drop_id}-{years[0]}", drop.stated_date, records)
