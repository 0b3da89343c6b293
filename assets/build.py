"""The build file: the DuckDB file dbt writes, and the control tables that tell dbt what to do.

Python writes the control tables before dbt starts and reads small results after it has closed. Nothing is
counted here. The caller holds the store's writer lock, and no connection is left open: DuckDB lets one
process in at a time.
"""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from assets.disk_space import is_about_space
from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.ledger_facts import CheckState, DropContent, Resolution, TechnologyContent, YearBuild
from assets.pipeline import Pipeline
from assets.record_columns import RECORD_SCHEMA
from assets.record_store import ID_SCHEMA, complete_ids_file, record_files, write_empty
from assets.rules import OPTION_RULES, changed_rules
from assets.staleness import Refresh, refresh_of, year_fingerprint
from assets.store import Store
from assets.technologies.match_files import MATCH_FILE_SCHEMA

_SECONDS_TO_WAIT = 10
"""For a process that is ending and has the build file open still."""

_CONTROL_TABLES = """
create schema if not exists control;
create or replace table control.scope (
    start_year integer, end_year integer, resolve_all boolean, ignore_links boolean
);
create or replace table control.source_preference (source varchar, rank integer);
create or replace table control.refresh_years (year integer);
create or replace table control.refresh_cells (year integer, technology varchar);
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
create or replace table control.technologies (
    technology varchar, name varchar, category varchar, version integer, digest varchar
);
create or replace table control.match_files (
    drop_version varchar, technology varchar, digest varchar, path varchar
);
create or replace table control.empty_matches (path varchar);
create table if not exists control.build (build_id varchar);
"""


@contextmanager
def connect(path: Path, *, read_only: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that is certainly closed afterwards."""
    with duckdb.connect(str(path), read_only=read_only) as connection:
        yield connection


def prepare_build(pipeline: Pipeline, years: Iterable[int] = ()) -> None:
    """Write the control tables for a run of dbt over `years`; without any it decides which records count.

    A build file belongs to one version of the dbt project: after an edit its tables may have other columns,
    and every year is stale anyway, so it is started anew. The record store is what it is filled from. The
    ledger notes that the run began: breaking off leaves tables in which old and new may be mixed.
    """
    years = list(years)
    store, ledger = pipeline.store, pipeline.ledger
    resolved = ledger.resolution()
    changed = changed_rules(resolved.rules, pipeline.resolution_rules())
    if not resolved.build_id or any(name not in OPTION_RULES for name in changed):
        _remove_build(store)
    for path, schema in (
        (store.empty_records, RECORD_SCHEMA),
        (store.empty_ids, ID_SCHEMA),
        (store.empty_matches, MATCH_FILE_SCHEMA),
    ):
        if not path.exists():
            write_empty(path, schema)
    _require_sound(pipeline)
    with connect(store.build_file, read_only=False) as connection:
        connection.execute(_CONTROL_TABLES)
        if _build_id(connection) != resolved.build_id:
            ledger.void_builds()
            if years:
                raise CollaborationError(
                    f"{store.build_file} is new: which record of each work counts has to be decided again "
                    "before years are counted. Run it again."
                )
        _fill_scope(connection, pipeline, refresh_of(ledger, pipeline.counting_rules(), years), bool(changed))
        _fill_drops(connection, pipeline)
        _fill_technologies(connection, pipeline)
    if years:
        ledger.begin_year_builds(years)
    else:
        ledger.begin_resolution()


def record_resolution(pipeline: Pipeline, rules: Mapping[str, str]) -> None:
    """Take over from the build file what each year consists of now, after dbt resolved it by these rules."""
    with connect(pipeline.store.build_file) as connection:
        drops = connection.execute(
            "select year, drop_version, drop_id, works, content_total from ledger.year_contents"
        ).fetchall()
        technologies = connection.execute(
            "select year, technology, works, content_total, query from ledger.technology_contents"
        ).fetchall()
        build_id = _build_id(connection)
        resolved = connection.execute("select drop_version from control.active_drops").fetchall()
    pipeline.ledger.record_resolution(
        Resolution(
            drop_versions=tuple(version for (version,) in resolved),
            rules=rules,
            catalogue=pipeline.ledger.catalogue().stamp,
            build_id=build_id,
        ),
        [
            (year, DropContent(version, drop_id, works, int(total)))
            for year, version, drop_id, works, total in drops
        ],
        [
            (year, TechnologyContent(technology, works, int(total), query))
            for year, technology, works, total, query in technologies
        ],
    )


def record_years(ledger: Ledger, rules: Mapping[str, str], years: Sequence[int], seconds: float) -> None:
    """Note from what and by which rules dbt counted the years, in `seconds` together."""
    contents = ledger.year_contents()
    technologies = ledger.year_technologies()
    reader_versions = ledger.reader_versions()
    ledger.record_year_builds(
        YearBuild(
            year=year,
            fingerprint=year_fingerprint(contents.get(year, ()), reader_versions, rules),
            contents=contents.get(year, ()),
            technologies=technologies.get(year, ()),
            rules=rules,
            seconds=seconds / len(years),
            checks=CheckState.PENDING,
            built_at="",
        )
        for year in years
    )


def _require_sound(pipeline: Pipeline) -> None:
    """Start the build file anew when DuckDB cannot open it, as one whose making was broken off.

    Raises:
        CollaborationError: Another program keeps it open, past the store's lock.
    """
    file = pipeline.store.build_file
    until = time.monotonic() + _SECONDS_TO_WAIT
    while True:
        try:
            with connect(file, read_only=False):
                return
        except duckdb.Error as error:
            if _is_locked(error) and time.monotonic() < until:
                time.sleep(0.1)
            elif _is_locked(error):
                raise CollaborationError(
                    f"{file} is open in another program: {error}. Close it there, then run again."
                ) from error
            elif is_about_space(error):
                raise
            else:
                pipeline.announce(
                    f"{file} cannot be opened ({str(error).splitlines()[0]}). It is made anew from the "
                    "record store; all years are counted again."
                )
                _remove_build(pipeline.store)
                return


def _is_locked(error: duckdb.Error) -> bool:
    return "Could not set lock" in str(error)


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


def _fill_scope(
    connection: duckdb.DuckDBPyConnection, pipeline: Pipeline, refresh: Refresh, resolve_all: bool
) -> None:
    options, store = pipeline.options.counting, pipeline.store
    _insert(
        connection,
        "scope",
        [(options.start_year, options.end_year, resolve_all, not options.use_address_links)],
    )
    _insert(connection, "refresh_years", [(year,) for year in refresh.years])
    _insert(connection, "refresh_cells", refresh.cells)
    _insert(connection, "empty_records", [(str(store.empty_records),)])
    _insert(connection, "empty_ids", [(str(store.empty_ids),)])
    _insert(connection, "empty_matches", [(str(store.empty_matches),)])
    _insert(
        connection,
        "source_preference",
        [(source, rank) for rank, source in enumerate(options.source_preference, start=1)],
    )


def _fill_drops(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    versions, records = pipeline.ledger.active_versions(), pipeline.store.records
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
            (item.drop_id, item.source, reason, rejected)
            for item in versions
            for reason, rejected in item.rejected_by_reason.items()
        ],
    )
    _insert(
        connection,
        "record_files",
        [
            (item.drop_version, year, str(path))
            for item in versions
            for year, path in record_files(records / item.drop_version)
        ],
    )
    _insert(
        connection,
        "id_files",
        [
            (item.drop_version, str(path))
            for item in versions
            if (path := complete_ids_file(records / item.drop_version)).exists()
        ],
    )


def _fill_technologies(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    ledger = pipeline.ledger
    active = {item.drop_version for item in ledger.active_versions()}
    _insert(
        connection,
        "technologies",
        [
            (item.technology, item.name, item.category, item.version, item.digest)
            for item in ledger.catalogue().entries
        ],
    )
    _insert(
        connection,
        "match_files",
        [
            (item.drop_version, item.technology, item.digest, str(pipeline.store.matches / item.file))
            for item in ledger.matches()
            if item.drop_version in active and item.file
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
