"""What a store has come to, so that two stores can be held against each other.

Everything that may not depend on how often a run was broken off: records, matches, quarantine, marts row by
row, the ledger's facts, which files there are at all. Names of vintages, times and the identity of a build
file are left out, and the last bits of a number, since sums are added up in any order. What may differ is
the run history and dbt's own folder.
"""

import hashlib
import json
import math
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import zip_longest

import duckdb

from assets.store import Store

_VINTAGE = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{8}")
_TIMES = {"recorded_at", "built_at", "resolved_at", "published_at", "seconds", "build_id", "vintage"}
_UNCOUNTED = ("dagster/", "work/dbt/", "work/headless.log")
"""Run history; what dbt keeps to parse faster; what it said."""
_LOGS = ("-wal", "-shm", ".wal")
"""SQLite's and DuckDB's own, there or not as their last connection was closed."""


def outcome(store: Store) -> dict[str, object]:
    """The store by names of what is in it; equal for two stores that came to the same."""
    return {
        **_files(store),
        **{f"ledger {name}": rows for name, rows in _ledger(store).items()},
        **{f"mart {name}": rows for name, rows in _marts(store).items()},
        "exports that are not as their marts": _other_exports(store),
        "files": sorted({_without_vintage(name) for name in _names(store)}),
    }


def differences(found: Mapping[str, object], expected: Mapping[str, object]) -> list[str]:
    """One line a thing that is not as expected."""
    lines = []
    for name in sorted(found.keys() | expected.keys()):
        if not _same(found.get(name), expected.get(name)):
            lines.append(f"{name}: {_difference(found.get(name), expected.get(name))}")
    return lines


def _same(one: object, other: object) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (
            math.isnan(one) and math.isnan(other)
        )
    return one == other


def _difference(found: object, expected: object) -> str:
    if isinstance(found, list) and isinstance(expected, list):
        places = [(one, other) for one, other in zip_longest(found, expected) if not _same(one, other)]
        return f"{len(places)} of {len(expected)}, such as {places[0][0]} instead of {places[0][1]}"
    return f"{found} instead of {expected}"


def _names(store: Store) -> list[str]:
    names = [path.relative_to(store.root).as_posix() for path in store.root.rglob("*") if not path.is_dir()]
    return [name for name in names if not name.startswith(_UNCOUNTED) and not name.endswith(_LOGS)]


def _files(store: Store) -> dict[str, object]:
    """What has to be the same to the last byte."""
    folders = (store.records, store.matches, store.quarantine)
    return {
        path.relative_to(store.root).as_posix(): hashlib.blake2b(path.read_bytes()).hexdigest()[:12]
        for path in (path for folder in folders for path in folder.rglob("*"))
        if path.is_file()
    }


def _marts(store: Store) -> dict[str, Sequence[object]]:
    if not store.warehouse_file.exists():
        return {}
    with duckdb.connect(str(store.warehouse_file), read_only=True) as connection:
        return {
            table: connection.execute(f"from marts.{table} order by all").fetchall()
            for table in _tables(connection)
        }


def _other_exports(store: Store) -> list[str]:
    if not store.warehouse_file.exists():
        return []
    with duckdb.connect(str(store.warehouse_file), read_only=True) as connection:
        return [table for table in _tables(connection) if not _is_exported(connection, store, table)]


def _is_exported(connection: duckdb.DuckDBPyConnection, store: Store, table: str) -> bool:
    places = (store.exports / f"{table}.parquet", store.exports / table / "*.parquet")
    place = next(place for place in places if place.exists() or place.name == "*.parquet")
    exported = f"(select * from read_parquet('{place}', hive_partitioning = false))"
    one_way = f"from (from {exported} except all from marts.{table})"
    other_way = f"from (from marts.{table} except all from {exported})"
    return not connection.execute(f"{one_way} union all {other_way}").fetchall()


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The marts without the vintage's own name and time."""
    tables = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts'"
    ).fetchall()
    return sorted({table for (table,) in tables} - {"vintage"})


def _ledger(store: Store) -> dict[str, list[str]]:
    with closing(sqlite3.connect(store.ledger_file)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [
            row["name"] for row in connection.execute("select name from sqlite_master where type='table'")
        ]
        return {
            table: sorted(_row(row) for row in connection.execute(f"select * from {table}"))
            for table in tables
        }


def _row(row: sqlite3.Row) -> str:
    values = {name: row[name] for name in row.keys() if name not in _TIMES}  # noqa: SIM118 - no mapping
    if "name" in values and "value" in values:
        value = json.loads(values["value"])
        if isinstance(value, dict):
            value = {name: part for name, part in value.items() if name not in _TIMES}
        values["value"] = value
    return json.dumps(values, sort_keys=True)


def _without_vintage(name: str) -> str:
    return _VINTAGE.sub("<vintage>", name)
