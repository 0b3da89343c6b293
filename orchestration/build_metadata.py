"""What a materialisation of a dbt model shows in the UI: rows, totals, columns, a small plot.

Read over one short connection after dbt has closed the file; an open one would lock dbt out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from assets.build import connect
from assets.figures import markdown_image, year_bars


@dataclass(frozen=True)
class _Measure:
    """What is totalled and drawn of a table."""

    column: str
    label: str


_MEASURES: Mapping[str, _Measure] = {
    "country_output": _Measure("output", "output (fractional count of works)"),
    "pair_collaboration": _Measure("weight", "weight of all pairs (works)"),
    "year_totals": _Measure("works", "works"),
    "country_basis": _Measure("authors", "authorships"),
    "unknown_country_codes": _Measure("authors", "authorships with an unknown code"),
    "reconciliation": _Measure("cast(passed as integer)", "identities that hold"),
    "record_balance": _Measure("records", "records"),
    "int_author_groups": _Measure("authors", "authorships"),
    "int_work_countries": _Measure("output", "output (fractional count of works)"),
    "int_work_pairs": _Measure("weight", "weight of all pairs (works)"),
}


def add_year_metadata(context: dg.AssetExecutionContext, build_file: Path, years: Sequence[int]) -> None:
    """Add to each selected yearly model what its table holds, year by year."""
    with connect(build_file) as connection:
        for key in context.selected_asset_keys:
            table = _table(connection, key)
            if table is None:
                continue
            context.add_asset_metadata(_columns(connection, table), asset_key=key)
            if "year" not in _column_names(connection, table) or table.schema == "staging":
                continue
            _add_years(context, connection, key, table, years)


def add_table_metadata(context: dg.AssetExecutionContext, build_file: Path) -> None:
    """Add to each selected unpartitioned model what its table holds."""
    with connect(build_file) as connection:
        for key in context.selected_asset_keys:
            table = _table(connection, key)
            if table is None:
                continue
            measure = _MEASURES.get(table.name)
            total = f"sum({measure.column})" if measure else "null"
            rows, value = _one(connection, f"select count(*), {total} from {table}")
            metadata = {**_columns(connection, table), "dagster/row_count": rows}
            if measure:
                metadata[f"total {measure.label}"] = _number(value)
            context.add_asset_metadata(metadata, asset_key=key)


@dataclass(frozen=True)
class _Table:
    schema: str
    name: str

    def __str__(self) -> str:
        return f'"{self.schema}"."{self.name}"'


def _table(connection: duckdb.DuckDBPyConnection, key: dg.AssetKey) -> _Table | None:
    row = connection.execute(
        "select table_schema, table_name from information_schema.tables where table_name = ?",
        [key.path[-1]],
    ).fetchone()
    return None if row is None else _Table(*row)


def _column_names(connection: duckdb.DuckDBPyConnection, table: _Table) -> list[str]:
    return [name for name, *_ in connection.execute(f"describe {table}").fetchall()]


def _columns(connection: duckdb.DuckDBPyConnection, table: _Table) -> dict[str, Any]:
    described = connection.execute(f"describe {table}").fetchall()
    columns = [dg.TableColumn(name, data_type) for name, data_type, *_ in described]
    return {"columns": dg.MetadataValue.table_schema(dg.TableSchema(columns))}


def _add_years(
    context: dg.AssetExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    key: dg.AssetKey,
    table: _Table,
    years: Sequence[int],
) -> None:
    measure = _MEASURES.get(table.name)
    total = f"sum({measure.column})" if measure else "count(*)"
    found = connection.execute(
        f"select year, count(*), {total} from {table} group by year order by year"
    ).fetchall()
    rows = {year: count for year, count, _ in found}
    totals = {year: _number(value) for year, _, value in found}
    if totals:
        label = measure.label if measure else "rows"
        picture = year_bars(totals, f"{table.name}: {label}", years)
        context.add_asset_metadata(
            {
                "dagster/row_count": sum(rows.values()),
                "plot": dg.MetadataValue.md(markdown_image(picture, f"{label} by year")),
            },
            asset_key=key,
        )
    for year in years:
        metadata: dict[str, Any] = {"dagster/partition_row_count": rows.get(year, 0)}
        if measure:
            metadata[f"total {measure.label}"] = totals.get(year, 0)
        context.add_asset_metadata(metadata, asset_key=key, partition_key=str(year))


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, object]:
    row = connection.execute(query).fetchone()
    return row if row is not None else (0, None)


def _number(value: object) -> float | int:
    """Totals of whole numbers come as 128-bit integers, which metadata cannot hold."""
    if value is None:
        return 0
    number = float(str(value))
    return int(number) if number.is_integer() else number
