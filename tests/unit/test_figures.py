"""Small figures are pictures with one bar a year that need nothing from elsewhere."""

import base64
from collections.abc import Collection
from io import BytesIO
from itertools import groupby

import pytest
from matplotlib.image import imread

from assets.figures import markdown_image, year_bars

_BAR_PIXELS = 20
"""Wider than the axis and its ticks."""
VALUES = {2018: 5.0, 2019: 5.0, 2020: 5.0, 2021: 5.0}


def _bars(values: dict[int, float], refreshed: Collection[int] = ()) -> list[str]:
    """The tones of the bars from left to right, along a line through their middle."""
    picture = imread(BytesIO(year_bars(values, "works", refreshed)), format="png")
    row = picture[picture.shape[0] // 2, :, 0]
    tones = ("dark" if tone < 0.4 else "light" if tone < 0.9 else "none" for tone in row)
    stretches = ((tone, len(list(pixels))) for tone, pixels in groupby(tones))
    return [tone for tone, width in stretches if tone != "none" and width >= _BAR_PIXELS]


def test_each_year_has_a_bar_and_all_are_stressed_alike() -> None:
    assert _bars(VALUES) == ["dark", "dark", "dark", "dark"]


def test_the_years_just_refreshed_are_stressed() -> None:
    assert _bars(VALUES, [2020]) == ["light", "light", "dark", "light"]


@pytest.mark.parametrize("values", [{}, {2019: 0.0}, {2005: 1e-12, 2024: 7e6}])
def test_few_or_odd_values_give_a_picture_too(values: dict[int, float]) -> None:
    picture = imread(BytesIO(year_bars(values, "works", [2019])), format="png")
    assert picture.shape[1] > picture.shape[0] > 100


def test_a_picture_in_markdown_holds_the_picture_itself() -> None:
    text = markdown_image(b"\x89PNG", "works by year")
    assert text.startswith("![works by year](data:image/png;base64,")
    assert base64.b64decode(text.removesuffix(")").rpartition(",")[2]) == b"\x89PNG"
