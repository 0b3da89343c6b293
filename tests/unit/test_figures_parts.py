"""What the figures of the study are put together from: positions, colours, tiles, incomplete years."""

import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.figures.data import partial_years
from assets.figures.ranks import _stressed
from assets.figures.steps import step_names, steps_of
from assets.figures.style import spread, stretches, year_breaks
from assets.figures.tiles import tile_places
from assets.pipeline import PROJECT

FULL = {year: 1000 + 80 * (year - 2005) for year in range(2005, 2025)}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_labels_keep_their_order_and_distance_within_the_limits(values: list[float]) -> None:
    positions = spread(np.array(values), 0.05, 0.0, 1.0)
    order = np.argsort(values, kind="stable")
    assert (np.diff(positions[order]) >= 0.05 - 1e-9).all()
    assert positions.min() >= -1e-9
    assert positions.max() <= 1 + 1e-9


def test_labels_with_room_stay_where_their_lines_end() -> None:
    assert spread(np.array([0.9, 0.1, 0.5]), 0.05, 0, 1) == pytest.approx([0.9, 0.1, 0.5])


def test_labels_too_close_move_apart_evenly() -> None:
    assert spread(np.array([0.50, 0.50, 0.9]), 0.10, 0, 1) == pytest.approx([0.45, 0.55, 0.9])


def test_the_year_of_the_vintage_and_later_ones_are_incomplete() -> None:
    assert partial_years(FULL, 2024) == {2024}
    assert partial_years(FULL, 2026) == set()


def test_last_years_far_below_those_before_are_incomplete() -> None:
    assert partial_years({**FULL, 2025: 1100, 2026: 90}, 2026) == {2025, 2026}


def test_a_hole_between_full_years_is_incomplete() -> None:
    assert partial_years({**FULL, 2013: 300}, 2030) == {2013}


def test_a_first_year_far_below_is_growth() -> None:
    assert partial_years({2005: 10, 2006: 100, 2007: 110}, 2030) == set()


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (2005, 2024, [2005, 2010, 2015, 2020, 2024]),
        (2004, 2026, [2004, 2010, 2015, 2020, 2026]),
        (2019, 2021, [2019, 2020, 2021]),
        (2024, 2024, [2024]),
    ],
)
def test_the_year_axis_names_its_ends(first: int, last: int, expected: list[int]) -> None:
    assert year_breaks(first, last) == expected


def test_a_line_breaks_where_a_year_is_missing() -> None:
    rows = pd.DataFrame({"partner": ["US", "US", "US", "DE"], "year": [2019, 2021, 2020, 2021]})
    rows.loc[1, "year"] = 2023
    names = stretches(rows)
    assert names[0] == names[2]
    assert len({names[0], names[1], names[3]}) == 3


def test_each_value_lies_in_the_step_of_its_name() -> None:
    values = pd.Series([0.0012, 0.004, 0.011, 0.03, 0.05, 0.052])
    steps = steps_of(values)
    names = step_names(values, steps)
    assert names[0] == f"below {steps[1]:g}"
    assert names[5] == f"{steps[-1]:g} and more"
    assert len(set(names)) == len(steps)


def test_a_single_value_has_one_step() -> None:
    values = pd.Series([0.02])
    assert list(step_names(values, steps_of(values))) == ["any"]


def test_no_two_countries_share_a_tile_and_all_are_countries() -> None:
    places = tile_places()
    assert len(set(places.values())) == len(places)
    with (PROJECT / "seeds" / "countries.csv").open(newline="", encoding="utf-8") as file:
        codes = {row["reporting_code"] for row in csv.DictReader(file)}
    assert set(places) <= codes
    assert len(codes - set(places)) < 35


def test_neighbours_on_the_map_are_neighbours() -> None:
    places = tile_places()
    assert places["US"][1] == places["CA"][1] + 1
    assert places["PT"][0] < places["ES"][0] < places["IT"][0]
    assert places["NZ"][1] > places["AU"][1] > places["ID"][1] > places["CN"][1]


def test_the_subject_and_the_greatest_moves_are_stressed() -> None:
    rows = pd.DataFrame(
        [
            ("CN", 2005, 1),
            ("CN", 2024, 1),
            ("IN", 2005, 9),
            ("IN", 2024, 2),
            ("GB", 2005, 3),
            ("GB", 2024, 3),
        ],
        columns=["partner", "year", "rank_weight_stable"],
    )
    assert list(_stressed(rows, "CN")) == ["CN", "IN"]
