"""The build file: the DuckDB file dbt writes, and the control tables that tell dbt what to do.

Python writes the control tables before dbt starts and reads small results after it has closed. Nothing is
counted here. The caller holds the store's writer lock, and no connection is left open: DuckDB lets one
process in at a time.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from assets.ledger import Ledger
from assets.ledger_facts import CheckState, DropContent, Resolution, YearBuild
from assets.record_store import ID_SCHEMA, complete_ids_file, record_files, write_empty
from assets.rules import OPTION_RULES, CountingOptions, changed_rules, resolution_rules
from assets.staleness import year_fingerprint
from assets.store import Store

_CONTROL_TABLES = """
create schema if not exists control;
create or replace table control.scope (
    start_year integer, end_year integer, resolve_all boolean, ignore_links boolean
);
create or replace table control.source_preference (source varchar, rank integer);
create or replace table control.refresh_years (year integer);
create or replace table control.active_drops (
    drop_id varchar,
    drop_version varchar,
    source varchar,
    stated_date date,
    technology varchar,
    mode varchar,
    records bigint
);
create or replace table control.rejected_records (
    drop_id varchar, source varchar, reason varchar, records bigint
);
create or replace table control.record_files (drop_version varchar, year_folder varchar, path varchar);
create or replace table control.empty_records (path varchar);
create or replace table control.id_files (drop_version varchar, path varchar);
create or replace table control.empty_ids (path varchar);
create table if not exists control.build (build_id varchar);
"""


@contextmanager
def connect(path: Path, *, read_only: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is certainly closed afterwards."""
    with duckdb.connect(str(path), read_only=read_only) as connection:
        yield connection


def prepare_build(
    store: Store, ledger: Ledger, project: Path, options: CountingOptions, years: Iterable[int] = ()
) -> None:
    """Write the control tables for a run of dbt over `years`; without any it decides which records count.

    A build file belongs to one version of the dbt project: after an edit its tables may have other columns,
    and every year is stale anyway, so it is started anew. The record store is what it is filled from. The
    ledger notes that the run began: breaking off leaves tables in which old and new may be mixed.
    """
    years = list(years)
    resolved = ledger.resolution()
    rules = resolution_rules(project, options)
    changed = changed_rules(resolved.rules, rules)
    if not resolved.build_id or any(name not in OPTION_RULES for name in changed):
        _remove_build(store)
    if not store.empty_records.exists():
        write_empty(store.empty_records)
    if not store.empty_ids.exists():
        write_empty(store.empty_ids, ID_SCHEMA)
    with connect(store.build_file, read_only=False) as connection:
        connection.execute(_CONTROL_TABLES)
        if _build_id(connection) != resolved.build_id:
            ledger.void_builds()
        _fill_control(connection, store, ledger, options, years, resolve_all=bool(changed))
    if years:
        ledger.begin_year_builds(years)
    else:
        ledger.begin_resolution()


def record_resolution(store: Store, ledger: Ledger, rules: Mapping[str, str]) -> None:
    """Take over from the build file what each year consists of now, after dbt resolved it by these rules."""
    with connect(store.build_file) as connection:
        rows = connection.execute(
            "select year, drop_version, drop_id, works, content_total from ledger.year_contents"
        ).fetchall()
        build_id = _build_id(connection)
        resolved = connection.execute("select drop_version from control.active_drops").fetchall()
    ledger.record_resolution(
        Resolution(
            tuple(version for (version,) in resolved),
            rules,
            build_id,
        ),
        [
            (year, DropContent(version, drop_id, works, int(total)))
            for year, version, drop_id, works, total in rows
        ],
    )


def record_years(ledger: Ledger, rules: Mapping[str, str], years: Sequence[int], seconds: float) -> None:
    """Note from what and by which rules dbt counted the years, in `seconds` together."""
    contents = ledger.year_contents()
    origins = ledger.origins()
    ledger.record_year_builds(
        YearBuild(
            year=year,
            fingerprint=year_fingerprint(contents.get(year, ()), origins, rules),
            contents=contents.get(year, ()),
            rules=rules,
            seconds=seconds / len(years),
            checks=CheckState.PENDING,
            built_at="",
        )
        for year in years
    )


def _remove_build(store: Store) -> None:
    for path in (store.build_file, store.build_file.with_suffix(".duckdb.wal")):
        path.unlink(missing_ok=True)


def _build_id(connection: duckdb.DuckDBPyConnection) -> str:
    """The identity of this build file; given to it when it has none."""
    row = connection.execute("select build_id from control.build").fetchone()
    if row is not None:
        return str(row[0])
    build_id = uuid.uuid4().hex
    connection.execute("insert into control.build values (?)", [build_id])
    return build_id


def _fill_control(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    ledger: Ledger,
    options: CountingOptions,
    years: Iterable[int],
    *,
    resolve_all: bool,
) -> None:
    versions = ledger.active_versions()
    _insert(
        connection,
        "scope",
        [(options.start_year, options.end_year, resolve_all, not options.use_address_links)],
    )
    _insert(connection, "refresh_years", [(year,) for year in years])
    _insert(connection, "empty_records", [(str(store.empty_records),)])
    _insert(connection, "empty_ids", [(str(store.empty_ids),)])
    _insert(
        connection,
        "source_preference",
        [(source, rank) for rank, source in enumerate(options.source_preference, start=1)],
    )
    _insert(
        connection,
        "active_drops",
        [
            (
                item.drop_id,
                item.drop_version,
                item.source,
                item.stated_date,
                item.technology,
                item.mode.value,
                item.records,
            )
            for item in versions
        ],
    )
    _insert(
        connection,
        "rejected_records",
        [
            (item.drop_id, item.source, reason, records)
            for item in versions
            for reason, records in item.rejected_by_reason.items()
        ],
    )
    _insert(
        connection,
        "record_files",
        [
            (item.drop_version, year, str(path))
            for item in versions
            for year, path in record_files(store.records / item.drop_version)
        ],
    )
    _insert(
        connection,
        "id_files",
        [
            (item.drop_version, str(path))
            for item in versions
            if (path := complete_ids_file(store.records / item.drop_version)).exists()
        ],
    )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Append rows in one go; row by row, ten thousand files would take six seconds."""
    if not rows:
        return
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    incoming = pa.table(columns, names=[f"column_{number}" for number in range(len(columns))])
    connection.register("incoming", incoming)
    connection.execute(f"insert into control.{table} select * from incoming")
    connection.unregister("incoming")
