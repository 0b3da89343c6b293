"""Publishing: a checked build becomes the vintage readers see, whole or not at all.

Copies marts; what is in them is decided in `dbt_project`, whether they may be published in the checks. The
files beside the DuckDB file are written by `assets.exports`.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

from assets.data_package import MartDescription
from assets.errors import CollaborationError
from assets.exports import write_exports
from assets.ledger import Ledger
from assets.ledger_facts import VersionState
from assets.staleness import build_state, contiguous_ranges, stale_years
from assets.store import Store
from assets.trends.tables import TREND_TABLES

if TYPE_CHECKING:
    from assets.trends.fit import TrendSummary

_RANKED = "partner_ranking"
"""The mart that has the series trends are fitted to."""


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
    store: Store, ledger: Ledger, rules: Mapping[str, str], marts: Mapping[str, MartDescription]
) -> Vintage:
    """Copy the marts of the build file to the published file and the exports.

    The new file is written beside the old one and takes its name at the end: readers who have the old one
    open keep it, new ones see the new. The caller holds the store's writer lock.

    Args:
        store: Where the build file is, and where readers look.
        ledger: What the build was made from.
        rules: The rules in force now.
        marts: What to publish, by name; with `partner_ranking` the trends of its series, too.

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
    # A name of its own for each process would leave what a killed one wrote lying there for good.
    incoming_exports = store.exports.with_name(".exports.partial")
    try:
        incoming.unlink(missing_ok=True)
        shutil.rmtree(incoming_exports, ignore_errors=True)
        rows = _write_marts(store, incoming, marts)
        if _RANKED in marts:
            trends = _add_trends(incoming)
            rows |= {"trends": trends.points, "trend_classes": trends.series}
        _write_vintage(incoming, name, now, synthetic=synthetic, drops=len(versions))
        write_exports(incoming, incoming_exports, store.exports, {**marts, **TREND_TABLES})
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


def _write_marts(store: Store, target: Path, marts: Mapping[str, MartDescription]) -> dict[str, int]:
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {_quoted(str(store.build_file))} as build (read_only)")
        connection.execute("create schema marts")
        for mart, description in marts.items():
            source = f"build.{description.schema}.{mart}"
            connection.execute(f"create table marts.{mart} as select * from {source} order by all")
            _describe(connection, mart, description)
        connection.execute("detach build")
        return {mart: _count(connection, f"marts.{mart}") for mart in marts}


def _add_trends(target: Path) -> "TrendSummary":
    """Fit the trends of the marts that are there and put them beside them."""
    # Statistics libraries take a second to import, which a run with nothing to do must not pay.
    from assets.trends.fit import fit_trends

    with TemporaryDirectory(dir=target.parent, prefix=".trends-") as folder:
        summary = fit_trends(target, Path(folder))
        with duckdb.connect(str(target)) as connection:
            for table, description in TREND_TABLES.items():
                connection.execute(
                    f"create table marts.{table} as from {_quoted(f'{folder}/{table}.parquet')}"
                )
                _describe(connection, table, description)
    return summary


def _describe(connection: duckdb.DuckDBPyConnection, table: str, description: MartDescription) -> None:
    for column, text in description.columns.items():
        connection.execute(f'comment on column marts.{table}."{column}" is {_quoted(text)}')


def _write_vintage(target: Path, name: str, now: datetime, *, synthetic: bool, drops: int) -> None:
    with duckdb.connect(str(target)) as connection:
        connection.execute(
            "create table marts.vintage as select $1::varchar as vintage, $2::timestamp as published_at,"
            " $3::boolean as synthetic, $4::bigint as drops",
            [name, now.replace(tzinfo=None), synthetic, drops],
        )


def _replace_folder(incoming: Path, target: Path) -> None:
    """Put a folder in another's place; the published DuckDB file is what is never half there."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
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
