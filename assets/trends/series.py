"""The series trends are fitted to: read from the marts, on the scale their errors are normal on.

Which years of which series are used is decided here; what is made of them is not.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assets.errors import CollaborationError
from assets.trends.tables import KEYS

Floats = NDArray[np.float64]

RECENT_YEARS = 5
FEWEST_YEARS = 8
FEWEST_RECENT_YEARS = 3

# A last year with less than half the works of the year before is still being delivered.
_READ = """
with world as (
    select year, works, lag(works) over (order by year) as works_before
    from marts.year_totals
    where technology = 'all'
),

last_complete as (
    select max(year) as year
    from world
    where works_before is null or 2 * works >= works_before
),

measured as (
    select
        technology, view, country, partner, ranking.year,
        unnest(['weight', 'intensity', 'share']) as measure,
        unnest([weight, intensity, share_of_international]) as value,
        unnest([weight_low, intensity_low, share_low]) as low,
        unnest([weight_high, intensity_high, share_high]) as high
    from marts.partner_ranking as ranking
    inner join last_complete on ranking.year <= last_complete.year
    where not is_small
),

usable as (
    select * from measured where value > 0 and low > 0 and high > low and (measure != 'share' or high < 1)
),

fitted as (
    select technology, view, country, partner, measure
    from usable
    group by all
    having
        count(*) >= $fewest
        and count(case when year > (select year from last_complete) - $recent then 1 end) >= $fewest_recent
        and max(year) = (select year from last_complete)
)

select technology, view, country, partner, measure, year, value, low, high
from usable
semi join fitted using (technology, view, country, partner, measure)
order by all
"""


@dataclass(frozen=True, slots=True)
class Series:
    """Several series side by side: row i of each array is the series `keys.iloc[i]`, a column is a year.

    A year of a series that is missing or too small is NaN in `values` and `errors`.
    """

    keys: pd.DataFrame
    """One row a series: technology, view, country, partner, measure."""
    years: NDArray[np.int64]
    """The calendar years of the columns, ascending and without gaps."""
    values: Floats
    """Logarithms of weights and intensities, logits of shares."""
    errors: Floats
    """Standard errors of `values`, positive."""

    @property
    def are_shares(self) -> NDArray[np.bool_]:
        """Which series are shares."""
        return np.asarray(self.keys["measure"] == "share")

    def to_measure(self, values: Floats) -> Floats:
        """Turn values on the fitted scale into weights, intensities and shares."""
        raw = np.exp(values)
        return np.where(self.are_shares[:, None], raw / (1 + raw), raw)


def read_series(build_or_warehouse: Path) -> Series:
    """Read every series that is long enough, without its years of small numbers.

    A series has at least `FEWEST_YEARS` years whose effective number of papers is above the floor, the last
    complete year of the data and `FEWEST_RECENT_YEARS` of the last `RECENT_YEARS` among them.

    Raises:
        CollaborationError: The file has no `partner_ranking`.
    """
    limits = {"fewest": FEWEST_YEARS, "recent": RECENT_YEARS, "fewest_recent": FEWEST_RECENT_YEARS}
    try:
        with duckdb.connect(str(build_or_warehouse), read_only=True) as connection:
            rows = connection.execute(_READ, limits).df()
    except (duckdb.CatalogException, duckdb.IOException) as error:
        raise CollaborationError(
            f"Trends cannot be fitted to {build_or_warehouse} ({error}); "
            "count the years first, so that it has the marts partner_ranking and year_totals."
        ) from error
    return _side_by_side(rows)


def _side_by_side(rows: pd.DataFrame) -> Series:
    """Put each series into a row of arrays."""
    if rows.empty:
        nothing = np.empty((0, 0))
        return Series(rows.loc[:, list(KEYS)], np.empty(0, dtype=np.int64), nothing, nothing)
    series = rows.groupby(list(KEYS), sort=False, observed=True).ngroup().to_numpy()
    keys = rows.loc[:, list(KEYS)].drop_duplicates(ignore_index=True)
    found = rows["year"].to_numpy(dtype=np.int64)
    years = np.arange(found.min(), found.max() + 1)
    value, low, high = (
        _scaled(rows[column].to_numpy(dtype=np.float64), np.asarray(rows["measure"] == "share"))
        for column in ("value", "low", "high")
    )
    values = np.full((len(keys), len(years)), np.nan)
    errors = values.copy()
    values[series, found - years[0]] = value
    errors[series, found - years[0]] = (high - low) / (2 * 1.959964)
    return Series(keys, years, values, errors)


def _scaled(values: Floats, are_shares: NDArray[np.bool_]) -> Floats:
    """Logarithms, of shares the logits; the scales the intervals are symmetrical on."""
    rest = np.where(are_shares, 1 - values, 1.0)
    return np.asarray(np.log(values) - np.log(rest), dtype=np.float64)
