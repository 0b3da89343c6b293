"""The partners of one country, read from the published marts for the figure.

Only reads and chooses what to show; intensity and its rank are computed in `dbt_project`.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from assets.build import connect

_SHOWN = 9
_FEWEST_PAPERS = 5


@dataclass(frozen=True)
class PartnerSeries:
    """A country's intensity with its most intensive partners, in works of any critical technology."""

    country: str
    intensities: pd.DataFrame
    """One row a year, one column a partner (ISO code), the most intensive of the last year first."""
    vintage: str
    synthetic: bool


def most_intensive_partners(warehouse: Path, country: str) -> PartnerSeries:
    """The partners with the highest intensity in the last published year.

    A pair with fewer than five papers in that year is left out: its intensity says little.
    """
    with connect(warehouse) as connection:
        rows = connection.execute(
            "with pairs as ("
            "  select year, papers, intensity,"
            "    case when country_a = $1 then country_b else country_a end as partner"
            "  from marts.pair_collaboration"
            "  where technology = 'critical' and $1 in (country_a, country_b)"
            "    and country_a != 'ZZ' and country_b != 'ZZ'),"
            " shown as ("
            "  select partner, intensity as last from pairs"
            "  where year = (select max(year) from pairs) and papers >= $2"
            "  order by intensity desc, partner limit $3)"
            " select partner, year, intensity from pairs join shown using (partner)"
            " order by last desc, partner, year",
            [country, _FEWEST_PAPERS, _SHOWN],
        ).df()
        vintage, synthetic = connection.execute("select vintage, synthetic from marts.vintage").fetchall()[0]
    partners = list(rows["partner"].unique())
    intensities = rows.pivot(index="year", columns="partner", values="intensity")[partners]
    return PartnerSeries(country, intensities, vintage, synthetic)


def country_names(project: Path) -> dict[str, str]:
    """Code to name, from the seed the counts fold by."""
    with (project / "seeds" / "countries.csv").open(newline="", encoding="utf-8") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
