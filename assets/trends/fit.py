"""From the marts to `trends.parquet` and `trend_classes.parquet`; the rule of the classes is here."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from assets.atomic_files import staged_file
from assets.trends.peaks import highest
from assets.trends.regression import Floats, slopes, smooth
from assets.trends.series import RECENT_YEARS, Series, read_series
from assets.trends.tables import KEYS

LEAST_SLOPE = 0.02
"""Logarithm a year: less is level, whatever the interval says."""
_Z = 1.959964

_KEY_FIELDS = [(key, pa.string()) for key in KEYS]
TRENDS_SCHEMA = pa.schema([*_KEY_FIELDS, ("year", pa.int32()), ("trend", pa.float64())])
CLASSES_SCHEMA = pa.schema(
    [
        *_KEY_FIELDS,
        ("peak_year", pa.int32()),
        ("peak_probability", pa.float64()),
        ("slope_5_years", pa.float64()),
        ("slope_low", pa.float64()),
        ("slope_high", pa.float64()),
        ("trend_class", pa.string()),
        ("years", pa.int32()),
    ]
)


@dataclass(frozen=True, slots=True)
class TrendSummary:
    """What was fitted."""

    series: int
    points: int
    rising: int
    plateau: int
    falling: int


def fit_trends(build_or_warehouse: Path, destination: Path) -> TrendSummary:
    """Fit every series of `partner_ranking` that is long enough; write the results below `destination`.

    `trends.parquet` has a row a series and year used, in the unit of its measure. `trend_classes.parquet`
    has a row a series; its slopes are logarithms a year, 0.05 is about 5% a year. Series that are too short
    or too small have no row.

    Raises:
        CollaborationError: The file lacks the marts.
    """
    series = read_series(build_or_warehouse)
    fitted = smooth(series.years, series.values)
    trends, classes = _trends(series, fitted), _classes(series, fitted)
    destination.mkdir(parents=True, exist_ok=True)
    _write(trends, TRENDS_SCHEMA, destination / "trends.parquet")
    _write(classes, CLASSES_SCHEMA, destination / "trend_classes.parquet")
    counts = classes["trend_class"].value_counts()
    return TrendSummary(
        len(classes), len(trends), *(int(counts.get(name, 0)) for name in ("rising", "plateau", "falling"))
    )


def _trends(series: Series, fitted: Floats) -> pd.DataFrame:
    rows, columns = np.nonzero(~np.isnan(fitted))
    frame = series.keys.iloc[rows].reset_index(drop=True)
    return frame.assign(year=series.years[columns], trend=series.to_measure(fitted)[rows, columns])


def _classes(series: Series, fitted: Floats) -> pd.DataFrame:
    columns, probability = highest(series.values, series.errors)
    slope, error = _recent_slopes(series, fitted)
    return series.keys.assign(
        peak_year=series.years[columns],
        peak_probability=probability,
        slope_5_years=slope,
        slope_low=slope - _Z * error,
        slope_high=slope + _Z * error,
        trend_class=trend_class(slope, error),
        years=np.count_nonzero(~np.isnan(fitted), axis=1),
    )


def _recent_slopes(series: Series, fitted: Floats) -> tuple[Floats, Floats]:
    """Slopes of the logarithm of the trend with their standard errors.

    The error of a share's logarithm is (1 - share) times that of its logit.
    """
    recent = series.years > series.years[-1:] - RECENT_YEARS
    trend = series.to_measure(fitted)[:, recent]
    rest = np.where(series.are_shares[:, None], 1 - trend, 1.0)
    return slopes(series.years[recent], np.log(trend), series.errors[:, recent] * rest)


def trend_class(slope: Floats, error: Floats) -> NDArray[np.str_]:
    """Name the direction of slopes (logarithm a year) with their standard errors.

    `rising` or `falling` where the slope is at least `LEAST_SLOPE` and its 95% interval leaves 0 out;
    `plateau` is everything else, a change that the intervals cannot tell from none among it.
    """
    is_sure = (np.abs(slope) >= LEAST_SLOPE) & (np.abs(slope) > _Z * error)
    return np.where(is_sure, np.where(slope > 0, "rising", "falling"), "plateau")


def _write(frame: pd.DataFrame, schema: pa.Schema, path: Path) -> None:
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    with staged_file(path) as staging:
        pq.write_table(table.replace_schema_metadata(), staging)
