"""Publishing: a checked build becomes the vintage readers see, whole or not at all.

Copies marts; what is in them is decided in `dbt_project`, whether they may be published in the checks.
"""

import csv
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.ledger_facts import VersionState
from assets.staleness import build_state, contiguous_ranges, stale_years
from assets.store import Store

PUBLISHED_MARTS = (
    "country_output",
    "pair_collaboration",
    "year_totals",
    "reconciliation",
    "record_balance",
    "country_basis",
    "unknown_country_codes",
    "year_quality",
    "work_links",
    "address_link_coverage",
    "unmapped_addresses",
    "technologies",
    "technology_size",
    "technology_overlap",
    "abstract_coverage",
)

ColumnDescriptions = Mapping[str, Mapping[str, str]]
"""Mart to column to description."""


@dataclass(frozen=True)
class Vintage:
    """What was published."""

    name: str
    published_at: str
    synthetic: bool
    drops: int
    rows: Mapping[str, int]
    """Mart to rows."""
    bytes: int


def publish(
    store: Store, ledger: Ledger, rules: Mapping[str, str], descriptions: ColumnDescriptions
) -> Vintage:
    """Copy the marts of the build file to the published file and the exports.

    The new file is written beside the old one and takes its name at the end: readers who have the old one
    open keep it, new ones see the new. The caller holds the store's writer lock.

    Raises:
        CollaborationError: A year is stale or failed its checks, or a drop is not resolved yet; nothing is
            changed.
    """
    undecided = _undecided_drops(ledger)
    if undecided:
        raise CollaborationError(
            f"Not published: it is not decided yet which records count now that {', '.join(undecided)} came, "
            "changed or left. Readers keep the last vintage; run again to refresh."
        )
    stale = stale_years(ledger, rules)
    if stale:
        years = ", ".join(str(part) for part in contiguous_ranges(item.year for item in stale))
        raise CollaborationError(
            f"Not published: {years} not counted and checked as of now "
            f"({stale[0].year}: {stale[0].reason}). Readers keep the last vintage; run again to refresh."
        )
    versions = ledger.active_versions()
    now = datetime.now(UTC)
    state = build_state(ledger)
    name = f"{now:%Y-%m-%dT%H%M%SZ}-{state[:8]}"
    synthetic = any(version.synthetic for version in versions)
    store.warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    incoming = store.warehouse_file.with_name(f".incoming-{os.getpid()}.duckdb")
    incoming_exports = store.exports.with_name(f".exports-{os.getpid()}")
    try:
        incoming.unlink(missing_ok=True)
        rows = _write_marts(store, incoming, descriptions)
        _write_vintage(incoming, name, now, synthetic=synthetic, drops=len(versions))
        _write_exports(incoming, incoming_exports, descriptions, synthetic=synthetic)
        _sync(incoming)
        size = incoming.stat().st_size
        incoming.replace(store.warehouse_file)
        _replace_folder(incoming_exports, store.exports)
    finally:
        incoming.unlink(missing_ok=True)
        shutil.rmtree(incoming_exports, ignore_errors=True)
    ledger.record_publication(name, state)
    return Vintage(name, now.isoformat(timespec="seconds"), synthetic, len(versions), rows, size)


def _undecided_drops(ledger: Ledger) -> list[str]:
    """Drops that came, changed or left since it was decided which records count."""
    resolved = ledger.resolution().drop_versions
    return sorted(
        {
            item.drop_id
            for item in ledger.versions()
            if (item.state is VersionState.ACTIVE) != (item.drop_version in resolved)
        }
    )


def _write_marts(store: Store, target: Path, descriptions: ColumnDescriptions) -> dict[str, int]:
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {_quoted(str(store.build_file))} as build (read_only)")
        connection.execute("create schema marts")
        for mart in PUBLISHED_MARTS:
            connection.execute(f"create table marts.{mart} as select * from build.marts.{mart} order by all")
            for column, description in descriptions.get(mart, {}).items():
                connection.execute(f'comment on column marts.{mart}."{column}" is {_quoted(description)}')
        connection.execute("detach build")
        return {mart: _count(connection, f"marts.{mart}") for mart in PUBLISHED_MARTS}


def _write_vintage(target: Path, name: str, now: datetime, *, synthetic: bool, drops: int) -> None:
    with duckdb.connect(str(target)) as connection:
        connection.execute(
            "create table marts.vintage as select $1::varchar as vintage, $2::timestamp as published_at,"
            " $3::boolean as synthetic, $4::bigint as drops",
            [name, now.replace(tzinfo=None), synthetic, drops],
        )


def _write_exports(source: Path, folder: Path, descriptions: ColumnDescriptions, *, synthetic: bool) -> None:
    folder.mkdir()
    with duckdb.connect(str(source), read_only=True) as connection:
        for mart in PUBLISHED_MARTS:
            for suffix, options in (
                ("parquet", "format parquet, compression zstd"),
                ("csv", "header"),
            ):
                path = _quoted(str(folder / f"{mart}.{suffix}"))
                connection.execute(f"copy marts.{mart} to {path} ({options})")
        columns = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = 'marts' and table_name != 'vintage'"
            " order by table_name, ordinal_position"
        ).fetchall()
    _write_dictionary(folder / "data_dictionary.csv", columns, descriptions)
    if synthetic:
        (folder / "SYNTHETIC.txt").write_text(
            "These figures were made from generated records. They say nothing about any country.\n"
        )


def _write_dictionary(
    path: Path, columns: Sequence[tuple[str, str, str]], descriptions: ColumnDescriptions
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["mart", "column", "type", "description"])
        for mart, column, data_type in columns:
            writer.writerow([mart, column, data_type, descriptions.get(mart, {}).get(column, "")])


def _replace_folder(incoming: Path, target: Path) -> None:
    """Put a folder in another's place; the published DuckDB file is what is never half there."""
    old = target.with_name(f".old-{target.name}-{os.getpid()}")
    if target.exists():
        target.rename(old)
    incoming.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
