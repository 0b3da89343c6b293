"""Published files for tests of revisions: a few numbers with intervals, written by hand.

The interval of a number reaches from 0.9 to 1.1 of it; one of fewer than 25 effective papers is small.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Country:
    """The numbers of a country."""

    output: float
    country: str = "CN"
    year: int = 2019
    technology: str = "all"
    papers: int = 100
    world_share: float | None = 0.5
    effective: float = 100


@dataclass(frozen=True)
class Pair:
    """The numbers of a pair."""

    weight: float
    pair: tuple[str, str] = ("CN", "US")
    year: int = 2019
    technology: str = "all"
    intensity: float = 0.01
    effective: float = 100


def write_published(
    path: Path, countries: Iterable[Country] = (), pairs: Iterable[Pair] = (), *, name: str = "vintage"
) -> Path:
    """Write the file; gives its path."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("begin")
        connection.execute(_TABLES)
        connection.execute("insert into marts.vintage values ($1)", [name])
        for row in countries:
            of = (row.year, row.technology, row.country)
            share = row.world_share
            bounds = (None, None) if share is None else (0.9 * share, 1.1 * share)
            connection.execute(
                "insert into marts.country_output values (?, ?, ?, ?, ?, ?)",
                [*of, row.papers, row.output, share],
            )
            connection.execute(
                "insert into marts.country_certainty values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [*of, 0.9 * row.output, 1.1 * row.output, *bounds, row.effective, row.effective < 25],
            )
        for pair in pairs:
            key = (pair.year, pair.technology)
            connection.execute(
                "insert into marts.pair_collaboration values (?, ?, ?, ?, ?, ?)",
                [*key, *pair.pair, pair.weight, pair.intensity],
            )
            sure = (0.9 * pair.weight, 1.1 * pair.weight, 0.9 * pair.intensity, 1.1 * pair.intensity)
            for view in ("countries", "eu27"):
                connection.execute(
                    "insert into marts.pair_certainty values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [*key, view, *pair.pair, *sure, pair.effective < 25],
                )
        connection.execute("commit")
    return path


_TABLES = """
create schema marts;
create table marts.vintage (vintage varchar);
create table marts.country_output (
    year integer, technology varchar, country varchar, papers bigint, output double, world_share double
);
create table marts.country_certainty (
    year integer, technology varchar, country varchar, output_low double, output_high double,
    share_low double, share_high double, effective_number double, is_small boolean
);
create table marts.pair_collaboration (
    year integer, technology varchar, country_a varchar, country_b varchar, weight double, intensity double
);
create table marts.pair_certainty (
    year integer, technology varchar, view varchar, party_a varchar, party_b varchar, weight_low double,
    weight_high double, intensity_low double, intensity_high double, is_small boolean
);
"""
