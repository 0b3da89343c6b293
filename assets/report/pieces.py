"""Pieces: what the report loads on demand, each a script file that hands one object to the page.

A browser reads neither JSON files nor module scripts from disk, so a piece is a call of a function with its
data. Rows are stored by column; floating-point numbers have six significant digits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec
import numpy as np
import pyarrow as pa

SIGNIFICANT_DIGITS: Final = 6

_VALUES: Final = (
    "papers", "is_small", "weight", "weight_low", "weight_high", "intensity", "intensity_low",
    "intensity_high", "share_of_international", "share_low", "share_high", "share_including_unknown",
    "index_weight", "index_weight_low", "index_weight_high", "index_intensity",
    "index_weight_2005_2007", "index_intensity_2005_2007",
    "index_weight_2008_2010", "index_intensity_2008_2010",
    "rank_weight", "rank_intensity", "rank_weight_stable", "rank_intensity_stable",
    "weight_change_last_year", "intensity_change_last_year", "weight_change_base", "intensity_change_base",
)  # fmt: skip

_PARTNERS: Final = f"""
    with trend as (
        select view, country, partner, year,
            max(trend) filter (measure = 'weight') as trend_weight,
            max(trend) filter (measure = 'intensity') as trend_intensity,
            max(trend) filter (measure = 'share') as trend_share
        from marts.trends where technology = $technology
        group by all
    )
    select ranking.country, ranking.view, ranking.partner, ranking.year,
        {", ".join(f"ranking.{column}" for column in _VALUES)},
        trend.trend_weight, trend.trend_intensity, trend.trend_share
    from marts.partner_ranking as ranking
    left join trend using (view, country, partner, year)
    where ranking.technology = $technology
    order by ranking.country, ranking.view, ranking.partner, ranking.year
"""

_TREND_CLASSES: Final = """
    select country, view, partner, measure, trend_class, peak_year, peak_probability, slope_5_years
    from marts.trend_classes where technology = $technology
    order by all
"""

_ACROSS_TECHNOLOGIES: Final = """
    select country, view, partner, technology, papers, weight, weight_low, weight_high,
        intensity, intensity_low, intensity_high, share_of_international, share_low, share_high,
        index_weight, index_weight_low, index_weight_high, index_intensity,
        index_weight_2005_2007, index_intensity_2005_2007,
        index_weight_2008_2010, index_intensity_2008_2010
    from marts.partner_ranking where year = $year and not is_small
    order by country, view, partner, technology
"""

_OUTPUT: Final = """
    select country, year, output, output_low, output_high, share, share_low, share_high, is_small
    from marts.country_certainty where technology = $technology
    order by country, year
"""

_GROUPS: Final = """
    select country, group_set, group_name, year, papers, weight, intensity
    from marts.group_collaboration where technology = $technology
    order by country, group_set, group_name, year
"""

_PAPERS: Final = """
    with shown as (
        select country_a as country, country_b as partner, technology, rank, source, work_id, weight
        from marts.top_papers where year = $year
        union all
        select country_b, country_a, technology, rank, source, work_id, weight
        from marts.top_papers where year = $year
    )
    select shown.country, shown.technology, shown.partner, records.place, shown.weight
    from shown
    inner join year_records as records using (source, work_id)
    order by shown.country, shown.technology, shown.partner, shown.rank
"""

_YEAR_RECORDS: Final = """
    create or replace temp table year_records as
    select
        row_number() over (order by source, work_id) - 1 as place,
        source, work_id, title, doi, authors, cited_by_count
    from marts.top_paper_records where year = $year
"""

_RECORDS: Final = """
    select source, work_id, title, doi, authors, cited_by_count as citations
    from year_records order by place
"""


@dataclass(frozen=True)
class Technology:
    """A technology of the report; files are named by its number, as an id may be any text."""

    number: int
    id: str
    name: str


class PieceWriter:
    """Writes pieces below a folder and remembers how many and how large."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files = 0
        self.bytes = 0
        self._known: set[Path] = set()

    def write(self, name: str, content: object) -> None:
        """Write one piece.

        Args:
            name: Path below the folder of data, without a suffix; the page asks for the piece by it.
            content: What JSON can hold; numbers that are none become null.
        """
        path = self._folder / f"{name}.js"
        if path.parent not in self._known:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._known.add(path.parent)
        script = b"Report.give(%b,%b);\n" % (_encoded(name), _encoded(content))
        path.write_bytes(script)
        self.files += 1
        self.bytes += len(script)


def write_partners(
    connection: duckdb.DuckDBPyConnection, writer: PieceWriter, technology: Technology
) -> list[str]:
    """One piece a country with all its partners and years in a technology; returns the countries.

    Each holds, by view, the rows of `partner_ranking` and the class of each fitted trend.
    """
    about = {"technology": technology.id}
    classes = _rows_by_country(connection, _TREND_CLASSES, about)
    countries = []
    for country, rows in _by_first_column(_table(connection, _PARTNERS, about)):
        piece: dict[str, Any] = {
            "rows": {view: columns(part) for view, part in _by_first_column(rows)},
            "classes": classes.get(country, []),
        }
        writer.write(f"partners/{technology.number}/{country}", piece)
        countries.append(country)
    return countries


def write_across_technologies(
    connection: duckdb.DuckDBPyConnection, writer: PieceWriter, years: Sequence[int]
) -> dict[int, list[str]]:
    """One piece a year and country: its partners in every technology; returns the countries of each year.

    Small numbers, which are most of those of one technology and year, stand in `write_partners` only.
    """
    countries: dict[int, list[str]] = {year: [] for year in years}
    for year in years:
        for country, rows in _by_first_column(_table(connection, _ACROSS_TECHNOLOGIES, {"year": year})):
            by_view = {view: columns(part) for view, part in _by_first_column(rows)}
            writer.write(f"technologies/{year}/{country}", by_view)
            countries[year].append(country)
    return countries


def write_papers(
    connection: duckdb.DuckDBPyConnection,
    writer: PieceWriter,
    years: Sequence[int],
    technologies: Sequence[Technology],
) -> None:
    """One piece a year and country: the papers that give most to its weight with each partner.

    Each holds the papers once and, by number of a technology, rows in the order of their ranks: the partner,
    the place of the paper in the piece, and what it gives.
    """
    numbers = {technology.id: technology.number for technology in technologies}
    for year in years:
        connection.execute(_YEAR_RECORDS, {"year": year})
        records = connection.execute(_RECORDS).to_arrow_table()
        for country, rows in _by_first_column(_table(connection, _PAPERS, {"year": year})):
            places, own = np.unique(rows.column("place").to_numpy(), return_inverse=True)
            ranked = rows.set_column(rows.column_names.index("place"), "paper", pa.array(own))
            piece = {
                "papers": columns(records.take(places)),
                "rows": {numbers[item]: columns(part) for item, part in _by_first_column(ranked)},
            }
            writer.write(f"papers/{year}/{country}", piece)


def write_by_technology(
    connection: duckdb.DuckDBPyConnection, writer: PieceWriter, technology: Technology
) -> None:
    """The output of all countries, and every country's collaboration with groups."""
    about = {"technology": technology.id}
    writer.write(f"output/{technology.number}", columns(_table(connection, _OUTPUT, about)))
    writer.write(f"groups/{technology.number}", columns(_table(connection, _GROUPS, about)))


def columns(table: pa.Table) -> dict[str, list[Any]]:
    """Column to its values; a floating-point number that is none is NaN, which JSON writes as null."""
    return {name: _values(table.column(name)) for name in table.column_names}


def rounded(table: pa.Table) -> pa.Table:
    """The table with floating-point numbers of six significant digits and whole numbers of 64 bits."""
    for place, column in enumerate(table.columns):
        name = table.column_names[place]
        if pa.types.is_floating(column.type):
            table = table.set_column(place, name, pa.array(_six_digits(column.to_numpy())))
        elif pa.types.is_decimal(column.type):
            # A sum of whole numbers is wider than 64 bits in DuckDB.
            table = table.set_column(place, name, column.cast(pa.int64()))
    return table


def _values(column: pa.ChunkedArray) -> list[Any]:
    floating = pa.types.is_floating(column.type)
    values: list[Any] = column.to_numpy().tolist() if floating else column.to_pylist()
    return values


def _six_digits(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rounded to six significant digits; whole numbers keep all of theirs."""
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.floor(np.log10(np.abs(values)))
    digits = np.clip(SIGNIFICANT_DIGITS - 1 - np.nan_to_num(exponent, posinf=0, neginf=0), 0, 22)
    scale = 10.0**digits
    found: np.ndarray[Any, Any] = np.round(values * scale) / scale
    return found


def _table(connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any]) -> pa.Table:
    return rounded(connection.execute(query, parameters).to_arrow_table().combine_chunks())


def _by_first_column(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Value of the first column, by which the table is ordered, and the rest of its rows."""
    if table.num_rows == 0:
        return
    runs = table.column(0).combine_chunks().dictionary_encode()
    numbers = runs.indices.to_numpy()
    names = runs.dictionary.to_pylist()
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    rest = table.remove_column(0)
    for start, end in zip(starts, [*starts[1:], table.num_rows], strict=True):
        yield names[numbers[start]], rest.slice(start, end - start)


def _rows_by_country(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any]
) -> dict[str, dict[str, list[Any]]]:
    return {
        country: columns(rows) for country, rows in _by_first_column(_table(connection, query, parameters))
    }


def _encoded(content: object) -> bytes:
    """JSON that stays data wherever it stands: `</script>` in a title ends no script."""
    return msgspec.json.encode(content).replace(b"<", b"\\u003c")
