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
from assets.figures import bars, markdown_image, year_bars

_COLUMN_SCHEMA = "dagster/column_schema"


@dataclass(frozen=True)
class _Measure:
    """What is totalled and drawn of a table."""

    expression: str
    label: str


_ROWS = _Measure("count(*)", "rows")
_MEASURES: Mapping[str, _Measure] = {
    "country_output": _Measure("sum(output)", "output (fractional count of works)"),
    "pair_collaboration": _Measure("sum(weight)", "weight of all pairs (works)"),
    "year_totals": _Measure("sum(works)", "works"),
    "year_quality": _Measure("sum(works)", "works"),
    "country_basis": _Measure("sum(authors)", "authorships"),
    "unknown_country_codes": _Measure("sum(authors)", "authorships with an unknown code"),
    "reconciliation": _Measure("count(*) filter (passed)", "identities that hold"),
    "record_balance": _Measure("sum(records)", "records"),
    "year_contents": _Measure("sum(works)", "current works"),
    "int_author_groups": _Measure("sum(authors)", "authorships"),
    "int_work_countries": _Measure("sum(output)", "output (fractional count of works)"),
    "int_work_pairs": _Measure("sum(weight)", "weight of all pairs (works)"),
}


@dataclass(frozen=True)
class _Table:
    schema: str
    name: str
    columns: Mapping[str, str]
    """Name to type."""

    def __str__(self) -> str:
        return f'"{self.schema}"."{self.name}"'

    @property
    def measure(self) -> _Measure:
        return _MEASURES.get(self.name, _ROWS)


def add_year_metadata(context: dg.AssetExecutionContext, build_file: Path, years: Sequence[int]) -> None:
    """Add to each selected yearly model what its table holds, year by year."""
    with connect(build_file) as connection:
        for key, table in _tables(connection, context):
            context.add_asset_metadata(_schema(context, key, table), asset_key=key)
            if "year" not in table.columns:
                rows, _ = _one(connection, f"select count(*), null from {table}")
                context.add_asset_metadata({"dagster/row_count": rows}, asset_key=key)
                continue
            if table.schema == "marts":
                _add_whole(context, connection, key, table, years)
            # A view in staging shows the years of the last run alone and counts nothing.
            if table.schema != "staging":
                _add_years(context, connection, key, table, years)


def add_table_metadata(context: dg.AssetExecutionContext, build_file: Path) -> None:
    """Add to each selected model over all years what its table holds."""
    with connect(build_file) as connection:
        for key, table in _tables(connection, context):
            rows, total = _one(connection, f"select count(*), {table.measure.expression} from {table}")
            metadata = {**_schema(context, key, table), "dagster/row_count": rows}
            if table.measure is not _ROWS:
                metadata[f"total {table.measure.label}"] = _number(total)
            if "outcome" in table.columns and table.schema == "marts":
                metadata["plot"] = _outcome_plot(connection, table)
            context.add_asset_metadata(metadata, asset_key=key)


def _tables(
    connection: duckdb.DuckDBPyConnection, context: dg.AssetExecutionContext
) -> list[tuple[dg.AssetKey, _Table]]:
    found: dict[str, _Table] = {}
    for schema, name, column, data_type in connection.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
        " where table_schema != 'control' order by all"
    ).fetchall():
        known = found.get(name, _Table(schema, name, {}))
        found[name] = _Table(schema, name, {**known.columns, column: data_type})
    return [
        (key, found[key.path[-1]]) for key in sorted(context.selected_asset_keys) if key.path[-1] in found
    ]


def _schema(context: dg.AssetExecutionContext, key: dg.AssetKey, table: _Table) -> dict[str, Any]:
    """The columns as the dbt project describes them, with the types the file has."""
    described = context.assets_def.specs_by_key[key].metadata.get(_COLUMN_SCHEMA)
    if not isinstance(described, dg.TableSchema):
        return {}
    columns = [
        dg.TableColumn(column.name, table.columns.get(column.name, "?"), column.description)
        for column in described.columns
    ]
    return {_COLUMN_SCHEMA: dg.TableSchema(columns)}


def _add_whole(
    context: dg.AssetExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    key: dg.AssetKey,
    table: _Table,
    years: Sequence[int],
) -> None:
    """All years of a mart; where something is totalled, as a plot with those of this run in a darker tone."""
    found = connection.execute(
        f"select year, count(*), {table.measure.expression} from {table} group by year order by year"
    ).fetchall()
    metadata: dict[str, Any] = {"dagster/row_count": sum(rows for _, rows, _ in found)}
    if table.measure is not _ROWS:
        totals = {year: float(_number(total)) for year, _, total in found}
        picture = year_bars(totals, f"{table.name}: {table.measure.label}", years)
        metadata["plot"] = dg.MetadataValue.md(markdown_image(picture, f"{table.measure.label} by year"))
    context.add_asset_metadata(metadata, asset_key=key)


def _add_years(
    context: dg.AssetExecutionContext,
    connection: duckdb.DuckDBPyConnection,
    key: dg.AssetKey,
    table: _Table,
    years: Sequence[int],
) -> None:
    found = connection.execute(
        f"select year, count(*), {table.measure.expression} from {table}"
        " where list_contains(?, year) group by year",
        [list(years)],
    ).fetchall()
    by_year = {year: (rows, _number(total)) for year, rows, total in found}
    for year in years:
        rows, total = by_year.get(year, (0, 0))
        metadata: dict[str, Any] = {"dagster/partition_row_count": rows}
        if table.measure is not _ROWS:
            metadata[f"total {table.measure.label}"] = total
        context.add_asset_metadata(metadata, asset_key=key, partition_key=str(year))


def _outcome_plot(connection: duckdb.DuckDBPyConnection, table: _Table) -> dg.MarkdownMetadataValue:
    found = connection.execute(
        f"select outcome || case reason when '' then '' else ': ' || reason end, {table.measure.expression}"
        f" from {table} group by 1 order by 2 desc"
    ).fetchall()
    picture = bars({name: float(_number(total)) for name, total in found}, "records by outcome")
    return dg.MetadataValue.md(markdown_image(picture, "records by outcome"))


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, object]:
    row = connection.execute(query).fetchone()
    return row if row is not None else (0, None)


def _number(value: object) -> float | int:
    """Totals of whole numbers come as 128-bit integers, which metadata cannot hold."""
    if value is None:
        return 0
    number = float(str(value))
    return int(number) if number.is_integer() else number
