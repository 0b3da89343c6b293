"""The probability that a year is the highest of a series, by numerical integration; nothing is drawn."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

# Normal density and distribution functions: the trapezoid rule is exact to 1e-9 at this width.
_NODES = np.linspace(-8.0, 8.0, 161)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.sqrt(2 * np.pi) * (_NODES[1] - _NODES[0])
_ROWS_AT_ONCE = 2000


def highest(values: Floats, errors: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the column of the greatest value of each row, and the probability that it is the greatest.

    The values are independent and normal with standard `errors`, so that of column t it is the integral of
    phi(z) times the product over the other columns s of Phi((v_t + e_t z - v_s) / e_s). NaN entries are left
    out; a row needs one value.
    """
    columns = np.nanargmax(values, axis=1) if len(values) else np.empty(0, dtype=np.int64)
    parts = [np.empty(0)]
    for start in range(0, len(values), _ROWS_AT_ONCE):
        chunk = slice(start, start + _ROWS_AT_ONCE)
        parts.append(_probability(columns[chunk], values[chunk], errors[chunk]))
    return np.asarray(columns, dtype=np.int64), np.concatenate(parts)


def _probability(columns: NDArray[np.int64], values: Floats, errors: Floats) -> Floats:
    rows = np.arange(len(values))
    at = values[rows, columns][:, None] + errors[rows, columns][:, None] * _NODES[None, :]
    product = np.ones_like(at)
    for column in range(values.shape[1]):
        others = (columns != column) & ~np.isnan(values[:, column])
        product[others] *= ndtr((at[others] - values[others, column, None]) / errors[others, column, None])
    return np.asarray(np.clip(product @ _WEIGHTS, 0.0, 1.0), dtype=np.float64)
