"""Robust local regression of series over years, and the slope at their end.

Arrays in, arrays out, NaN where a series has no value; what the numbers stand for is decided elsewhere.
"""

import numpy as np
from numpy.typing import NDArray
from statsmodels.nonparametric.smoothers_lowess import lowess

Floats = NDArray[np.float64]

# Three years to either side. With ten, a series that rises for long and then falls for five years was
# fitted as rising to its end: the reweighting took the fall for odd years.
_NEIGHBOURS = 7
# Weighed once more by the residuals, so that a single odd year bends no line (Cleveland, JASA 74, 1979).
_REWEIGHTINGS = 1


def smooth(years: NDArray[np.int64], values: Floats) -> Floats:
    """Return the local regression of each row of `values` over `years`, NaN where the row is NaN.

    Equal rows are fitted once: the weight of A with B is that of B with A.
    """
    distinct, places = np.unique(values, axis=0, return_inverse=True, equal_nan=True)
    fitted = np.full_like(distinct, np.nan)
    for row, line in zip(distinct, fitted, strict=True):
        known = ~np.isnan(row)
        line[known] = _smooth_one(years[known].astype(np.float64), row[known])
    return np.asarray(fitted[places.reshape(-1)], dtype=np.float64)


def _smooth_one(years: Floats, values: Floats) -> Floats:
    fitted = _local_regression(years, values, _REWEIGHTINGS)
    # A line that meets every value leaves no residual to weigh by.
    return _local_regression(years, values, 0) if np.isnan(fitted).any() else fitted


def _local_regression(years: Floats, values: Floats, reweightings: int) -> Floats:
    # The share of the values is rounded down to a number of them.
    share = min(1.0, (_NEIGHBOURS + 0.5) / len(years))
    fitted = lowess(
        values, years, frac=share, it=reweightings, is_sorted=True, missing="none", return_sorted=False
    )
    return np.asarray(fitted, dtype=np.float64)


def slopes(years: NDArray[np.int64], values: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Return the least-squares slope of each row, a year, and its standard error.

    `errors` are the standard errors of independent yearly values: Var = sum (x - mean x)^2 se^2 / Sxx^2.
    NaN entries are left out; every row needs two values.
    """
    known = ~np.isnan(values)
    count = known.sum(axis=1, keepdims=True)
    at = np.where(known, years[None, :].astype(np.float64), 0.0)
    centred = np.where(known, at - at.sum(axis=1, keepdims=True) / count, 0.0)
    spread = (centred**2).sum(axis=1)
    slope = (centred * np.where(known, values, 0.0)).sum(axis=1) / spread
    error = np.sqrt((centred**2 * np.where(known, errors, 0.0) ** 2).sum(axis=1)) / spread
    return slope, error
