"""Trends: which series are fitted, what the line follows, how sure a peak and a direction are."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from assets.errors import CollaborationError
from assets.trends.fit import fit_trends, trend_class
from assets.trends.peaks import highest
from assets.trends.regression import slopes, smooth

YEARS = np.arange(2005, 2025)


def line_to(kink: int) -> np.ndarray:
    """Up by 0.1 a year until `kink`, then down by as much."""
    return 0.1 * (kink - 2005) - 0.1 * np.abs(YEARS - kink)


def test_a_straight_line_is_its_own_trend() -> None:
    values = np.array([0.05 * (YEARS - 2005), np.zeros(20)])
    assert smooth(YEARS, values) == pytest.approx(values, abs=1e-9)


def test_a_rise_that_turned_five_years_ago_is_followed_down() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, 20)
    fitted = smooth(YEARS, (line_to(2019) + noise)[None, :])[0]
    assert fitted[-1] - fitted[-5] == pytest.approx(-0.4, abs=0.06)
    assert YEARS[np.argmax(fitted)] in (2018, 2019, 2020)


def test_one_odd_year_bends_the_line_by_a_tenth_of_itself() -> None:
    values = np.random.default_rng(1).normal(0, 0.05, (20, 20))
    odd = values.copy()
    odd[:, 10] += 0.4
    assert np.abs(smooth(YEARS, odd) - smooth(YEARS, values)).max(axis=1).mean() < 0.04


def test_missing_years_stay_missing_and_equal_series_get_equal_lines() -> None:
    values = np.vstack([line_to(2015), line_to(2010), line_to(2015)])
    values[0, 3] = values[2, 3] = np.nan
    fitted = smooth(YEARS, values)
    assert np.isnan(fitted).sum() == 2
    assert np.array_equal(fitted[0], fitted[2], equal_nan=True)
    assert not np.array_equal(fitted[0], fitted[1], equal_nan=True)


def test_the_probability_of_a_peak_is_that_of_simulated_years() -> None:
    values, errors = np.array([[0.0, 0.3, 0.2, np.nan]]), np.array([[0.1, 0.2, 0.1, np.nan]])
    column, probability = highest(values, errors)
    draws = np.random.default_rng(2).normal(values[0, :3], errors[0, :3], (200_000, 3))
    assert column.tolist() == [1]
    assert probability[0] == pytest.approx((draws.argmax(axis=1) == 1).mean(), abs=0.005)


def test_equal_years_share_the_probability_of_the_peak() -> None:
    assert highest(np.zeros((1, 4)), np.full((1, 4), 0.1))[1] == pytest.approx([0.25])
    assert highest(np.array([[1.0, 0.0]]), np.full((1, 2), 0.01))[1] == pytest.approx([1])


def test_the_error_of_a_slope_is_that_of_simulated_years() -> None:
    years, errors = np.arange(5), np.array([0.1, 0.2, 0.1, 0.3, 0.1])
    slope, error = slopes(years, np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]), errors[None, :])
    draws = np.random.default_rng(3).normal(0, errors, (50_000, 5))
    assert slope == pytest.approx([1.0])
    assert error == pytest.approx([np.polyfit(years, draws.T, 1)[0].std()], rel=0.02)


def test_a_direction_has_to_be_large_and_sure() -> None:
    slope = np.array([0.05, 0.05, 0.019, -0.05, 0.0])
    error = np.array([0.025, 0.026, 0.001, 0.02, 0.001])
    assert trend_class(slope, error).tolist() == ["rising", "plateau", "plateau", "falling", "plateau"]


def test_values_come_back_in_the_unit_of_their_measure(tmp_path: Path) -> None:
    store = write_marts(tmp_path, {"US": 0.05 * (YEARS - 2005)})
    summary = fit_trends(store, tmp_path)
    trends = pd.read_parquet(tmp_path / "trends.parquet").query("year == 2024").set_index("measure")
    classes = pd.read_parquet(tmp_path / "trend_classes.parquet").set_index("measure")
    assert (summary.series, summary.points, summary.rising) == (3, 60, 3)
    assert trends.loc["weight", "trend"] == pytest.approx(np.exp(0.95))
    assert trends.loc["intensity", "trend"] == pytest.approx(np.exp(0.95) / 10)
    assert trends.loc["share", "trend"] == pytest.approx(np.exp(0.95) / 10, rel=0.01)
    assert classes["slope_5_years"].to_list() == pytest.approx([0.05] * 3, rel=0.02)
    assert classes["peak_year"].to_list() == [2024] * 3


def test_only_series_with_enough_years_up_to_the_last_are_fitted(tmp_path: Path) -> None:
    ended, short, recent = np.zeros(20), np.zeros(20), np.zeros(20)
    ended[-1] = short[:-7] = np.nan
    recent[-5:-2] = np.nan
    store = write_marts(tmp_path, {"US": np.zeros(20), "GB": ended, "JP": short, "DE": recent})
    fit_trends(store, tmp_path)
    assert set(pd.read_parquet(tmp_path / "trends.parquet")["partner"]) == {"US"}


def test_a_last_year_that_is_still_being_delivered_is_left_out(tmp_path: Path) -> None:
    store = write_marts(tmp_path, {"US": np.zeros(20)}, works_of_last=49)
    fit_trends(store, tmp_path)
    assert pd.read_parquet(tmp_path / "trends.parquet")["year"].max() == 2023


def test_without_a_series_both_files_are_there_and_empty(tmp_path: Path) -> None:
    summary = fit_trends(write_marts(tmp_path, {}), tmp_path)
    assert summary.series == 0
    assert pd.read_parquet(tmp_path / "trends.parquet").empty
    assert "trend_class" in pd.read_parquet(tmp_path / "trend_classes.parquet").columns


def test_a_file_without_the_marts_says_so(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(CollaborationError, match="count the years first"):
        fit_trends(tmp_path / "empty.duckdb", tmp_path)


def write_marts(folder: Path, partners: Mapping[str, np.ndarray], works_of_last: int = 100) -> Path:
    """A file with the series of China; the values are logarithms of weights, NaN is a small year."""
    path = folder / "build.duckdb"
    rows = [
        (year, partner, float(np.exp(value)), bool(np.isnan(value)))
        for partner, values in partners.items()
        for year, value in zip(YEARS.tolist(), values.tolist(), strict=True)
    ]
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table given (year integer, partner varchar, weight double, is_small boolean)"
        )
        if rows:
            connection.executemany("insert into given values (?, ?, ?, ?)", rows)
        connection.execute(
            """
            create table marts.partner_ranking as
            select
                'critical' as technology, 'countries' as view, 'CN' as country, partner, year, is_small,
                weight, weight * 0.98 as weight_low, weight / 0.98 as weight_high,
                weight / 10 as intensity, weight * 0.098 as intensity_low, weight / 9.8 as intensity_high,
                weight / 10 as share_of_international, weight * 0.098 as share_low, weight / 9.8 as share_high
            from given
            """
        )
        connection.execute(
            "create table marts.year_totals as select 'all' as technology, range as year,"
            f" case when range = 2024 then {works_of_last} else 100 end as works from range(2005, 2025)"
        )
    return path
