"""The study follows the counts: drops that come one after the other leave what both at once would."""

from collections.abc import Sequence
from pathlib import Path

from tests.comparison import STUDY_KEYS, assert_same_marts
from tests.derive import land
from tests.oracle import OracleDrop
from tests.pipelines import count_without_dagster, make_pipeline


def test_a_later_drop_leaves_what_both_at_once_would(
    generated_drops: Sequence[OracleDrop], tmp_path: Path
) -> None:
    one_by_one, at_once = make_pipeline(tmp_path / "one by one"), make_pipeline(tmp_path / "at once")
    first, second = generated_drops
    # Some of the years, 2005 among them, which the others are held against.
    touched = [record for record in second.records if record["publication_year"] in {2005, 2011, 2019}]
    later = OracleDrop(second.drop_id, second.stated_date, touched)
    land(one_by_one.landing, first)
    count_without_dagster(one_by_one, study=True)
    land(one_by_one.landing, later)
    assert count_without_dagster(one_by_one, study=True) == [2005, 2011, 2019]
    for drop in (first, later):
        land(at_once.landing, drop)
    count_without_dagster(at_once, study=True)
    made = [mart for mart in STUDY_KEYS if mart != "country_groups"]
    assert_same_marts(one_by_one.store.build_file, at_once.store.build_file, made)
