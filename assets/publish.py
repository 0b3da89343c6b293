"""Publishing: a checked build becomes the vintage readers see, whole or not at all.

Copies marts; what is in them is decided in `dbt_project`, whether they may be published in the checks. The
files beside the DuckDB file are written by `assets.exports` and by whoever furnishes the vintage with figures
and a report; where vintages lie and which one is read is `assets.vintages`.
"""

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

from assets.code_version import code_version
from assets.data_package import MartDescription
from assets.digests import sha256_of
from assets.errors import CollaborationError
from assets.exports import write_exports
from assets.ledger import Ledger
from assets.ledger_facts import DropVersion, VersionState
from assets.revisions import write_revisions
from assets.staleness import build_state, contiguous_ranges, stale_years
from assets.store import Store
from assets.trends.tables import TREND_TABLES
from assets.vintages import (
    Vintage,
    VintageDrop,
    YearTotals,
    free_name,
    next_number,
    published,
    put_in_place,
    retain,
    switch,
    vintages,
    write_description,
)

if TYPE_CHECKING:
    from assets.trends.fit import TrendSummary

_STAGED = ".next"
_RANKED = "partner_ranking"
"""The mart that has the series trends are fitted to."""
_TOTALS = "year_totals"
"""The mart that has what each year came to."""

Furnish = Callable[[Path, Vintage], None]
"""Adds to a vintage, given the folder it is staged in and what it is."""


def publish(
    store: Store,
    ledger: Ledger,
    rules: Mapping[str, str],
    marts: Mapping[str, MartDescription],
    *,
    keep: int = 1,
    furnish: Furnish = lambda _, __: None,
) -> Vintage:
    """Make a vintage of the build file and let readers see it.

    It is staged under a hidden name and takes its place at the end: until then readers see all of the
    vintage before, then all of the new one; who has the old file open keeps it. The caller holds the store's
    writer lock.

    Args:
        store: Where the build file is, and where readers look.
        ledger: What the build was made from.
        rules: The rules in force now.
        marts: What to publish, by name; with `partner_ranking` the trends of its series, too.
        keep: How many vintages to keep, this one included.
        furnish: Called when marts, exports and revisions are written.

    Raises:
        CollaborationError: A year is stale or failed its checks, or a drop is not resolved yet; nothing is
            changed.
    """
    _require_publishable(ledger, rules)
    whole = _whole_but_unseen(store, ledger)
    if whole is not None:
        switch(store, whole.name)
        retain(store, keep)
        return whole
    staged = store.vintages / _STAGED
    # A name of its own for each process would leave what a killed one wrote lying there for good.
    shutil.rmtree(staged, ignore_errors=True)
    try:
        vintage = _stage(store, ledger, staged, rules, marts)
        write_revisions(store, staged, vintage)
        furnish(staged, vintage)
        # Before readers see it: noted afterwards, a process killed in between would leave the note of an
        # earlier rollback, by which a later build may be kept back.
        ledger.pass_over("")
        put_in_place(store, staged, vintage)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    retain(store, keep)
    return vintage


def roll_back(store: Store, ledger: Ledger, vintage: Vintage) -> None:
    """Let readers see a vintage that is kept. The caller holds the store's writer lock.

    What the build holds now is not published again until something in it changed.
    """
    # Noted first: else a process killed in between would have the build published again.
    ledger.pass_over(build_state(ledger))
    switch(store, vintage.name)


def _whole_but_unseen(store: Store, ledger: Ledger) -> Vintage | None:
    """The newest vintage, if a process was killed between finishing it and letting readers see it."""
    state, kept, current = build_state(ledger), vintages(store), published(store)
    if not kept or kept[-1].state != state or kept[-1].code != code_version():
        return None
    seen = current is not None and current.name == kept[-1].name
    return None if seen or ledger.passed_over() == state else kept[-1]


def _require_publishable(ledger: Ledger, rules: Mapping[str, str]) -> None:
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


def _stage(
    store: Store, ledger: Ledger, staged: Path, rules: Mapping[str, str], marts: Mapping[str, MartDescription]
) -> Vintage:
    """Write marts, trends, exports and the description of the vintage into a new folder."""
    now = datetime.now(UTC)
    state, versions = build_state(ledger), ledger.active_versions()
    name = free_name(store, f"{now:%Y-%m-%dT%H%M%SZ}-{state[:8]}")
    file = staged / store.warehouse_file.relative_to(store.root)
    file.parent.mkdir(parents=True)
    rows = _write_marts(store, file, marts)
    if _RANKED in marts:
        trends = _add_trends(file)
        rows |= {"trends": trends.points, "trend_classes": trends.series}
    synthetic = any(version.synthetic for version in versions)
    _write_vintage(file, name, now, synthetic=synthetic, drops=len(versions))
    write_exports(file, staged / store.exports.name, store.exports, {**marts, **TREND_TABLES})
    vintage = Vintage(
        name=name,
        number=next_number(store),
        published_at=now.isoformat(timespec="seconds"),
        state=state,
        code=code_version(),
        drops=tuple(_drop(version) for version in versions),
        catalogue=ledger.catalogue().entries,
        rules={**ledger.resolution().rules, **rules},
        contents=ledger.year_contents(),
        technologies=ledger.year_technologies(),
        totals=_totals(file) if _TOTALS in marts else {},
        rows=rows,
        bytes=file.stat().st_size,
        sha256=sha256_of(file),
    )
    write_description(staged, vintage)
    return vintage


def _drop(version: DropVersion) -> VintageDrop:
    return VintageDrop(
        drop_id=version.drop_id,
        drop_version=version.drop_version,
        source=version.source,
        format=version.format,
        fingerprint=version.fingerprint,
        reader_version=version.reader_version,
        stated_date=version.stated_date.isoformat() if version.stated_date else None,
        mode=version.mode.value,
        technology=version.technology,
        synthetic=version.synthetic,
        records=version.records,
        accepted=version.accepted,
    )


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


def _totals(file: Path) -> dict[int, YearTotals]:
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(
            f"select year, works, works_multi_author, works_international from marts.{_TOTALS}"
            " where technology = 'all' order by year"
        ).fetchall()
    return {year: YearTotals(*totals) for year, *totals in rows}


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
