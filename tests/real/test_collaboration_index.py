"""The index of collaboration reproduces a published set: AI articles of 60 countries, 2003-22, US NCSES."""

import csv
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest
from jinja2 import Environment

from assets.pipeline import PROJECT

_BESIDE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "oracles" / "ncses"


@pytest.fixture
def published() -> Path:
    if not _BESIDE_CHECKOUT.is_dir():
        pytest.skip(f"no published tables at {_BESIDE_CHECKOUT}")
    return _BESIDE_CHECKOUT


def test_every_cell_of_the_published_index_is_reproduced(published: Path) -> None:
    found, expected = computed(published), matrix(published / "collaboration_index_10062.csv")
    cells = {pair: value for pair, value in expected.items() if value}
    assert len(cells) == 3296
    wrong = {
        pair: (value, found[pair]) for pair, value in cells.items() if value not in two_decimals(found[pair])
    }
    assert not wrong


def computed(folder: Path) -> dict[tuple[str, str], float]:
    """The macro of the dbt project over joint papers and papers of several countries."""
    international = {
        row["region_country_or_economy"]: int(row["papers_involving_international_institutions_whole_"])
        for row in rows(folder / "totals_10059.csv")
    }
    source = (PROJECT / "macros" / "collaboration_index.sql").read_text("utf-8")
    macro = Environment().from_string(source).module.collaboration_index  # type: ignore[attr-defined]
    sql = f"select {macro('$joint', '$a', '$b', '$world')}"
    with duckdb.connect() as connection:
        return {
            (a, b): run(connection, sql, joint, international[a], international[b], international["World"])
            for (a, b), joint in matrix(folder / "joint_papers_10060.csv").items()
        }


def run(connection: duckdb.DuckDBPyConnection, sql: str, joint: Decimal, a: int, b: int, world: int) -> float:
    row = connection.execute(sql, {"joint": int(joint), "a": a, "b": b, "world": world}).fetchone()
    assert row is not None
    return float(row[0])


def two_decimals(value: float) -> set[Decimal]:
    """A half may be rounded either way."""
    exact = Decimal(repr(value))
    return {exact.quantize(Decimal("0.01"), rounding) for rounding in (ROUND_HALF_UP, ROUND_HALF_EVEN)}


def matrix(path: Path) -> dict[tuple[str, str], Decimal]:
    """Cells by row and column; a column's name is the row's in lower case with underscores."""
    table = rows(path)
    names = {
        row["region_country_or_economy"].lower().replace(" ", "_"): row["region_country_or_economy"]
        for row in table
    }
    return {
        (row["region_country_or_economy"], names[column]): Decimal(value)
        for row in table
        for column, value in row.items()
        if column in names
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
