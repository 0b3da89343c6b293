"""The study follows the counts: drops that come one after the other leave what both at once would."""

from collections.abc import Sequence
from pathlib import Path

from tests.comparison import STUDY_KEYS, assert_same_marts
from tests.derive import land
from tests.oracle import OracleDrop
from tests.pipelines import count_without_dagster, make_pipeline


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


def _of_years(drop: OracleDrop, *years: int) -> OracleDrop:
    records = [record for record in drop.records if record["publication_year"] in years]
    return OracleDrop(f"{drop.drop_id}-{years[0]}", drop.stated_date, records)
