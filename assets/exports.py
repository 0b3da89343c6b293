"""Exports: each published mart as CSV and Parquet, with a data dictionary and a data package.

Copies rows, whole or by year; which marts there are and when they may be published is `assets.publish`,
what the descriptor says of a file `assets.data_package`.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from assets.build import connect
from assets.data_package import (
    ExportedFile,
    MartDescription,
    MartTable,
    PublishedState,
    read_files,
    write_descriptor,
)
from assets.digests import sha256_of

_LAYOUT: Final = 1
"""Raise it when files are written otherwise from the same rows, so that none of the old layout is kept."""

_FORMATS: Final = {"csv": "format csv, header", "parquet": "format parquet, compression zstd"}

# Spreadsheets take a cell that begins so for a formula or a command, some of them after blanks; the last
# four are the full-width forms. What has an apostrophe before it already is escaped again, so that taking
# one apostrophe away always gives the text back.
_FORMULA: Final = r"^[ '']*[-=+@\t\r\n＝＋－＠]"

_YEARLY_KEY: Final = {"year", "technology"}

_DICTIONARY: Final = MartTable(
    "data_dictionary",
    dict.fromkeys(("mart", "column", "type", "description"), "VARCHAR"),
    MartDescription(
        "One row a column of each mart.",
        {
            "mart": "Name of the mart.",
            "column": "Name of the column.",
            "type": "Its type in DuckDB.",
            "description": "What it means.",
        },
        ("mart", "column"),
    ),
)


@dataclass(frozen=True)
class _Part:
    """The rows that make one file of each format."""

    table: MartTable
    year: int | None
    rows: int
    content: str

    @property
    def stem(self) -> str:
        return self.table.name if self.year is None else f"{self.table.name}/year={self.year}"

    def query(self, columns: str = "*") -> str:
        year = "" if self.year is None else f" where year = {self.year}"
        return f"select {columns} from marts.{self.table.name}{year}"


def write_exports(
    published: Path, folder: Path, last: Path, descriptions: Mapping[str, MartDescription]
) -> None:
    """Write the exports of a published DuckDB file into a new folder.

    A mart with more than year and technology in its key is written by year. A file whose rows are those of
    the last vintage is linked or copied from `last`, provided that it still is what was written then.

    Args:
        published: The DuckDB file, with the table `marts.vintage`.
        folder: Made here.
        last: The exports of the last vintage; may be missing.
        descriptions: By mart; one without a key is never written by year.
    """
    folder.mkdir()
    before = read_files(last)
    with connect(published) as connection:
        state = _state(connection)
        tables = _tables(connection, descriptions)
        files = [
            _kept(last, folder, before, path, part) or _written(connection, folder, path, part)
            for table in tables
            for part in _parts(connection, table)
            for path in (f"{part.stem}.{suffix}" for suffix in _FORMATS)
        ]
        files.append(_write_dictionary(connection, folder, tables))
    write_descriptor(folder, state, [*tables, _DICTIONARY], files)
    if state.synthetic:
        (folder / "SYNTHETIC.txt").write_text(
            "These figures were made from generated records. They say nothing about any country.\n"
        )


def _state(connection: duckdb.DuckDBPyConnection) -> PublishedState:
    rows = connection.execute("select vintage, published_at, synthetic from marts.vintage").fetchall()
    return PublishedState(*rows[0])


def _tables(
    connection: duckdb.DuckDBPyConnection, descriptions: Mapping[str, MartDescription]
) -> list[MartTable]:
    rows = connection.execute(
        "select table_name, column_name, data_type from information_schema.columns"
        " where table_schema = 'marts' and table_name != 'vintage'"
        " order by table_name, ordinal_position"
    ).fetchall()
    columns: dict[str, dict[str, str]] = {}
    for mart, column, data_type in rows:
        columns.setdefault(mart, {})[column] = data_type
    return [
        MartTable(mart, types, descriptions.get(mart, MartDescription())) for mart, types in columns.items()
    ]


def _parts(connection: duckdb.DuckDBPyConnection, table: MartTable) -> Iterator[_Part]:
    """The mart by year where that is worth it; one part, too, when it has no rows."""
    by_year = set(table.description.key) > _YEARLY_KEY
    # What tells a row apart is in its columns; a sum over rows does not depend on their order.
    columns = ", ".join(_name(column) for column in table.columns)
    found = connection.execute(
        f"select {'year' if by_year else 'null'} as part, count(*), sum(hash({columns}))"
        f" from marts.{table.name} group by 1 order by 1"
    ).fetchall()
    for year, rows, total in found or [(None, 0, None)]:
        yield _Part(table, year, rows, _digest(table, rows, total))


def _digest(table: MartTable, rows: int, total: int | None) -> str:
    # Another version of DuckDB may hash or write otherwise.
    parts = (_LAYOUT, duckdb.__version__, table.name, list(table.columns.items()), rows, total)
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _kept(
    last: Path, folder: Path, before: Mapping[str, ExportedFile], path: str, part: _Part
) -> ExportedFile | None:
    """The file of the last vintage, put into the new folder; None when it has to be written."""
    file = before.get(path)
    if file is None or file.content != part.content:
        return None
    old = last / path
    # People open exports, and save them.
    if not old.is_file() or sha256_of(old) != file.sha256:
        return None
    new = folder / path
    new.parent.mkdir(exist_ok=True)
    try:
        new.hardlink_to(old)
    except OSError:
        # Not every file system has links.
        shutil.copyfile(old, new)
    return file


def _written(connection: duckdb.DuckDBPyConnection, folder: Path, path: str, part: _Part) -> ExportedFile:
    target = folder / path
    target.parent.mkdir(exist_ok=True)
    suffix = target.suffix.removeprefix(".")
    query = part.query(_csv_columns(part.table.columns) if suffix == "csv" else "*")
    _copy(connection, query, target, _FORMATS[suffix])
    return ExportedFile(
        path=path,
        mart=part.table.name,
        year=part.year,
        rows=part.rows,
        content=part.content,
        bytes=target.stat().st_size,
        sha256=sha256_of(target),
    )


def _csv_columns(columns: Mapping[str, str]) -> str:
    """The columns of a query for CSV, texts with their escape."""
    return ", ".join(
        _escaped(_name(column)) if data_type == "VARCHAR" else _name(column)
        for column, data_type in columns.items()
    )


def _escaped(column: str) -> str:
    formula = f"regexp_matches({column}, '{_FORMULA}')"
    return f"case when {formula} then '''' || {column} else {column} end as {column}"


def _write_dictionary(
    connection: duckdb.DuckDBPyConnection, folder: Path, tables: Iterable[MartTable]
) -> ExportedFile:
    """One row a column of a mart: its type and what it means."""
    path = folder / f"{_DICTIONARY.name}.csv"
    columns = ", ".join(f"{_name(column)} text" for column in _DICTIONARY.columns)
    connection.execute(f"create temp table {_DICTIONARY.name} ({columns})")
    rows = [
        (table.name, column, data_type, table.description.columns.get(column, ""))
        for table in tables
        for column, data_type in table.columns.items()
    ]
    connection.executemany(f"insert into {_DICTIONARY.name} values (?, ?, ?, ?)", rows)
    query = f"select {_csv_columns(_DICTIONARY.columns)} from {_DICTIONARY.name}"
    _copy(connection, query, path, _FORMATS["csv"])
    return ExportedFile(
        path.name, _DICTIONARY.name, None, len(rows), "", path.stat().st_size, sha256_of(path)
    )


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path, options: str) -> None:
    path = str(target).replace("'", "''")
    connection.execute(f"copy ({query}) to '{path}' ({options})")


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
