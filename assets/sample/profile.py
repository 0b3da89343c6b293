"""The stylised facts as numbers: growth, shares of the world and intensities, year by year.

Trajectories belong here, nothing about single works. They follow what the 2025 study of China's
research collaboration reports in words (who rises, who falls, when the United States peak); the
values between those words are invented. Knots are calendar years, straight lines run between
them, and the ends extend flat.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.sample.countries import CODES, COUNTRIES

Floats = NDArray[np.float64]
Knots = Sequence[tuple[int, float]]

CHINA = CODES.index("CN")
UNITED_STATES = CODES.index("US")

_FIRST, _LAST = 2005, 2024
_GROWTH = 5.0

_CHINA_SHARE: Knots = ((2005, 0.13), (2010, 0.19), (2016, 0.275), (2019, 0.325), (2024, 0.40))

_UNITED_STATES_PEAK: Knots = (
    (2005, 0.047), (2010, 0.063), (2016, 0.089), (2018, 0.096), (2019, 0.104),
    (2020, 0.087), (2022, 0.069), (2024, 0.047),
)  # fmt: skip
_UNITED_STATES_FLAT: Knots = ((2005, 0.047),)
_UNITED_STATES_SHARE: Knots = (
    (2005, 0.42), (2010, 0.43), (2016, 0.50), (2019, 0.455), (2022, 0.345), (2024, 0.27),
)  # fmt: skip

_CHINA_INTENSITY: dict[str, Knots] = {
    "PK": ((2005, 0.005), (2013, 0.009), (2017, 0.015), (2018, 0.0175), (2019, 0.0250),
           (2024, 0.039)),
    "JP": ((2005, 0.022), (2012, 0.022), (2018, 0.0210), (2024, 0.017)),
    "SA": ((2005, 0.003), (2010, 0.005), (2018, 0.016), (2024, 0.028)),
    "BY": ((2005, 0.002), (2015, 0.005), (2024, 0.020)),
    "IR": ((2005, 0.003), (2012, 0.005), (2018, 0.009), (2024, 0.015)),
    "RU": ((2005, 0.005), (2012, 0.006), (2018, 0.009), (2024, 0.016)),
    "GB": ((2005, 0.015), (2012, 0.020), (2018, 0.028), (2021, 0.031)),
    "IT": ((2005, 0.007), (2012, 0.007), (2024, 0.016)),
    "AU": ((2005, 0.016), (2012, 0.024), (2018, 0.035), (2024, 0.026)),
    "CA": ((2005, 0.017), (2012, 0.020), (2018, 0.026), (2024, 0.016)),
    "NL": ((2005, 0.011), (2012, 0.013), (2018, 0.017), (2024, 0.010)),
    "NZ": ((2005, 0.012),),
    "DE": ((2005, 0.010), (2019, 0.016), (2024, 0.014)),
    "FR": ((2005, 0.008), (2019, 0.010), (2024, 0.009)),
    "KR": ((2005, 0.012), (2024, 0.013)),
    "SG": ((2005, 0.020), (2019, 0.027), (2024, 0.025)),
    "TW": ((2005, 0.008), (2016, 0.009), (2024, 0.005)),
    "IN": ((2005, 0.004), (2024, 0.007)),
}  # fmt: skip

# Gravity outside China: intensity = strength * kinship * attraction(A) * attraction(B). The
# strength makes the share of international works rise as it does in the literature at large.
_STRENGTH: Knots = ((2005, 0.015), (2024, 0.020))
_SAME_GROUP = 1.8
_SMALLEST_FREE = 0.002


def _at(knots: Knots, year: int) -> float:
    years, values = zip(*knots, strict=True)
    return float(np.interp(year, years, values))


def growth(year: int) -> float:
    """Return the year's number of works relative to 2005: fivefold by 2024, exponential."""
    return float(_GROWTH ** ((year - _FIRST) / (_LAST - _FIRST)))


def shares(year: int) -> Floats:
    """Return each country's share of the world's known output, in the order of `CODES`; sum 1."""
    sizes = np.array(
        [_at(((_FIRST, country.size_2005), (_LAST, country.size_2024)), year) for country in COUNTRIES]
    )
    china = _at(_CHINA_SHARE, year)
    result = sizes / sizes.sum() * (1 - china)
    result[CHINA] = china
    return np.asarray(result, dtype=np.float64)


def intensities(year: int, peak: bool) -> Floats:
    """Return the symmetric matrix of target intensities I(A,B) (METHOD section 2); diagonal 0.

    With `peak` false the intensity between the United States and China stays at its 2005 level;
    all else is the same, so the two samples differ in that one fact.
    """
    share = shares(year)
    matrix = _gravity(year, share)
    partners = _china_partners(year, share, matrix[CHINA])
    if not peak:
        partners[UNITED_STATES] = _at(_UNITED_STATES_FLAT, year)
    matrix[CHINA, :] = partners
    matrix[:, CHINA] = partners
    return matrix


def _gravity(year: int, share: Floats) -> Floats:
    """Attraction grows with the fourth root of size, and slower below `_SMALLEST_FREE`.

    The slower branch keeps the international part of very small countries below their output.
    """
    attraction = np.minimum(share**0.25, share**0.5 / _SMALLEST_FREE**0.25)
    groups = np.array([country.group for country in COUNTRIES])
    kinship = np.where(groups[:, None] == groups[None, :], _SAME_GROUP, 1.0)
    matrix = _at(_STRENGTH, year) * kinship * np.outer(attraction, attraction)
    np.fill_diagonal(matrix, 0.0)
    return np.asarray(matrix, dtype=np.float64)


def _china_partners(year: int, share: Floats, gravity: Floats) -> Floats:
    """Return China's intensities: the table's, and gravity scaled to fill what they leave.

    The weight with the United States and its share of all give the total; what the named
    partners do not use is shared out among the others.
    """
    partners = gravity.copy()
    partners[UNITED_STATES] = _at(_UNITED_STATES_PEAK, year)
    named = {CODES.index(code): _at(knots, year) for code, knots in _CHINA_INTENSITY.items()}
    for country, intensity in named.items():
        partners[country] = intensity
    weights = partners * np.sqrt(share * share[CHINA])
    fixed = [*named, UNITED_STATES]
    total = weights[UNITED_STATES] / _at(_UNITED_STATES_SHARE, year)
    others = weights.sum() - weights[fixed].sum()
    scale = (total - weights[fixed].sum()) / others
    free = np.ones(len(partners), dtype=bool)
    free[fixed] = False
    partners[free] *= scale
    return partners
