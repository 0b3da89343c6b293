"""The ledger: which drops are recorded, what each year consists of, and what each year was counted from.

A small SQLite file, so that `status`, the sensors and a run with nothing to do can read it while DuckDB is
being written, and without importing anything heavy. It holds facts; which years these facts make stale is
decided in `assets.staleness`.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from assets.drop_settings import Mode
from assets.ledger_facts import (
    CheckState,
    DropContent,
    DropVersion,
    Origin,
    Publication,
    Resolution,
    VersionState,
    YearBuild,
)

_SCHEMA = """
create table if not exists drop_versions (
    drop_version text primary key,
    drop_id text not null,
    source text not null,
    format text not null,
    fingerprint text not null,
    reader_version integer not null,
    stated_date text,
    synthetic integer not null,
    technology text,
    mode text not null,
    records integer not null,
    accepted integer not null,
    rejected_by_reason text not null,
    records_by_year text not null,
    bytes integer not null,
    seconds real not null,
    state text not null,
    reason text not null,
    recorded_at text not null
);
create unique index if not exists one_active_version on drop_versions (drop_id) where state = 'active';
create table if not exists landing (
    drop_id text primary key, signature text not null, drop_version text not null
);
create table if not exists year_contents (
    year integer not null,
    drop_version text not null,
    drop_id text not null,
    works integer not null,
    content_total text not null,
    primary key (year, drop_version)
);
create table if not exists year_builds (
    year integer primary key,
    fingerprint text not null,
    contents text not null,
    rules text not null,
    works integer not null,
    seconds real not null,
    checks text not null,
    built_at text not null
);
create table if not exists facts (name text primary key, value text not null);
"""


class Ledger:
    """Reads and writes the ledger of one store. Writers hold the store's lock; readers need none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._connection() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(_SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are committed together or not at all."""
        with closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            connection.row_factory = sqlite3.Row
            yield connection

    # Drops

    def signatures(self) -> dict[str, str]:
        """Drop id to the signature of the landing folder's files it was last settled with."""
        with self._connection() as connection:
            rows = connection.execute("select drop_id, signature from landing").fetchall()
        return {row["drop_id"]: row["signature"] for row in rows}

    def delivered_versions(self) -> dict[str, DropVersion]:
        """Drop id to the recorded version that the landing folder's files are."""
        query = "select v.* from drop_versions v join landing using (drop_version)"
        with self._connection() as connection:
            rows = connection.execute(query).fetchall()
        return {row["drop_id"]: _drop_version(row) for row in rows}

    def deliveries(self, drop_id: str) -> int:
        """How often files of this drop were settled; grows also when earlier files come back."""
        found: int = self._fact(_deliveries_of(drop_id)) or 0
        return found

    def settle(self, version: DropVersion, signature: str) -> None:
        """Remember that the files as they lie there are this version."""
        with self._connection() as connection:
            _settle(connection, version, signature)

    def versions(self, drop_id: str | None = None) -> list[DropVersion]:
        """All recorded versions, oldest first."""
        query = "select * from drop_versions where ? is null or drop_id = ? order by rowid"
        with self._connection() as connection:
            rows = connection.execute(query, (drop_id, drop_id)).fetchall()
        return [_drop_version(row) for row in rows]

    def origins(self) -> dict[str, Origin]:
        """Drop version to what its records carry into the counts beside their content."""
        return {item.drop_version: Origin(item.reader_version, item.technology) for item in self.versions()}

    def active_versions(self) -> list[DropVersion]:
        """The version that counts of each drop, by drop id."""
        active = [item for item in self.versions() if item.state is VersionState.ACTIVE]
        return sorted(active, key=lambda item: item.drop_id)

    def record(self, version: DropVersion, signature: str) -> None:
        """Add a version; if it is active it takes the place of the drop's active version."""
        with self._connection() as connection:
            if version.state is VersionState.ACTIVE:
                _retire_active(connection, version.drop_id, VersionState.REPLACED)
            connection.execute(
                f"insert into drop_versions values ({', '.join('?' * 19)})",
                (
                    version.drop_version,
                    version.drop_id,
                    version.source,
                    version.format,
                    version.fingerprint,
                    version.reader_version,
                    version.stated_date.isoformat() if version.stated_date else None,
                    version.synthetic,
                    version.technology,
                    version.mode,
                    version.records,
                    version.accepted,
                    json.dumps(version.rejected_by_reason),
                    json.dumps(version.records_by_year),
                    version.bytes,
                    version.seconds,
                    version.state,
                    version.reason,
                    _now(),
                ),
            )
            _settle(connection, version, signature)

    def activate(self, version: DropVersion, signature: str) -> None:
        """Let a version recorded earlier count again, in place of the active one."""
        with self._connection() as connection:
            _retire_active(connection, version.drop_id, VersionState.REPLACED)
            connection.execute(
                "update drop_versions set state = ? where drop_version = ?",
                (VersionState.ACTIVE, version.drop_version),
            )
            _settle(connection, version, signature)

    def withdraw(self, drop_id: str) -> None:
        """Take the drop's records out of the counts; they stay in the record store."""
        with self._connection() as connection:
            _retire_active(connection, drop_id, VersionState.WITHDRAWN)

    # Years

    def resolution(self) -> Resolution:
        """What the current records were last decided from; empty if they never were."""
        stored = self._fact("resolution")
        if stored is None:
            return Resolution()
        return Resolution(
            tuple(stored["drop_versions"]),
            dict(stored["rules"]),
            str(stored["build_id"]),
            str(stored["resolved_at"]),
            bool(stored["finished"]),
        )

    def record_resolution(self, resolution: Resolution, contents: Iterable[tuple[int, DropContent]]) -> None:
        """Store what each year consists of now, and from what that was decided."""
        with self._connection() as connection:
            connection.execute("delete from year_contents")
            connection.executemany(
                "insert into year_contents values (?, ?, ?, ?, ?)",
                [
                    (year, item.drop_version, item.drop_id, item.works, str(item.content_total))
                    for year, item in contents
                ],
            )
            _put_fact(
                connection,
                "resolution",
                {
                    "drop_versions": resolution.drop_versions,
                    "rules": resolution.rules,
                    "build_id": resolution.build_id,
                    "resolved_at": _now(),
                    "finished": True,
                },
            )

    def begin_resolution(self) -> None:
        """Note that the current records are being decided anew, so that breaking off leaves a trace."""
        stored = self._fact("resolution")
        if stored is not None:
            with self._connection() as connection:
                _put_fact(connection, "resolution", {**stored, "finished": False})

    def year_contents(self) -> dict[int, tuple[DropContent, ...]]:
        """Year to what each drop version gives to it now."""
        with self._connection() as connection:
            rows = connection.execute("select * from year_contents order by year, drop_id").fetchall()
        contents: dict[int, tuple[DropContent, ...]] = {}
        for row in rows:
            contents[row["year"]] = (*contents.get(row["year"], ()), _drop_content(dict(row)))
        return contents

    def year_builds(self) -> dict[int, YearBuild]:
        """Year to what it was last counted from."""
        with self._connection() as connection:
            rows = connection.execute("select * from year_builds order by year").fetchall()
        return {row["year"]: _year_build(row) for row in rows}

    def begin_year_builds(self, years: Iterable[int]) -> None:
        """Note that the years are being counted: what was counted before no longer stands."""
        with self._connection() as connection:
            connection.executemany(
                "insert into year_builds values (?, '', '[]', '{}', 0, 0, ?, '')"
                " on conflict (year) do update set fingerprint = '', checks = excluded.checks",
                [(year, CheckState.PENDING) for year in years],
            )

    def record_year_builds(self, builds: Iterable[YearBuild]) -> None:
        """Note that the years were counted; their checks are still to come."""
        with self._connection() as connection:
            connection.executemany(
                "insert or replace into year_builds values (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        build.year,
                        build.fingerprint,
                        json.dumps([_content_json(item) for item in build.contents]),
                        json.dumps(build.rules),
                        build.works,
                        build.seconds,
                        build.checks,
                        _now(),
                    )
                    for build in builds
                ],
            )

    def record_checks(self, outcomes: Mapping[int, bool]) -> None:
        """Note for each year whether all its blocking checks passed."""
        with self._connection() as connection:
            connection.executemany(
                "update year_builds set checks = ? where year = ?",
                [
                    (CheckState.PASSED if passed else CheckState.FAILED, year)
                    for year, passed in outcomes.items()
                ],
            )

    def void_builds(self) -> None:
        """Let nothing counted stand, because the file it was counted into is gone."""
        with self._connection() as connection:
            connection.execute("update year_builds set fingerprint = ''")
            connection.execute("delete from facts where name = 'resolution'")

    # Publication

    def publication(self) -> Publication | None:
        """The vintage readers see, or None before the first."""
        stored = self._fact("publication")
        if stored is None:
            return None
        return Publication(stored["vintage"], stored["state"], stored["published_at"])

    def record_publication(self, vintage: str, state: str) -> None:
        """Note what was published; `state` is the digest of what went into it."""
        with self._connection() as connection:
            _put_fact(
                connection,
                "publication",
                {"vintage": vintage, "state": state, "published_at": _now()},
            )

    def _fact(self, name: str) -> Any:
        with self._connection() as connection:
            row = connection.execute("select value from facts where name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row["value"])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _settle(connection: sqlite3.Connection, version: DropVersion, signature: str) -> None:
    connection.execute(
        "insert or replace into landing values (?, ?, ?)",
        (version.drop_id, signature, version.drop_version),
    )
    connection.execute(
        "insert into facts values (?, '1') on conflict (name) do update set value = value + 1",
        (_deliveries_of(version.drop_id),),
    )


def _deliveries_of(drop_id: str) -> str:
    return f"deliveries of {drop_id}"


def _retire_active(connection: sqlite3.Connection, drop_id: str, state: VersionState) -> None:
    connection.execute(
        "update drop_versions set state = ? where drop_id = ? and state = ?",
        (state, drop_id, VersionState.ACTIVE),
    )


def _put_fact(connection: sqlite3.Connection, name: str, value: object) -> None:
    connection.execute("insert or replace into facts values (?, ?)", (name, json.dumps(value)))


def _drop_version(row: sqlite3.Row) -> DropVersion:
    values = dict(row)
    values["stated_date"] = date.fromisoformat(values["stated_date"]) if values["stated_date"] else None
    values["synthetic"] = bool(values["synthetic"])
    values["mode"] = Mode(values["mode"])
    values["rejected_by_reason"] = json.loads(values["rejected_by_reason"])
    values["records_by_year"] = json.loads(values["records_by_year"])
    values["state"] = VersionState(values["state"])
    return DropVersion(**values)


def _drop_content(values: Mapping[str, object]) -> DropContent:
    return DropContent(
        drop_version=str(values["drop_version"]),
        drop_id=str(values["drop_id"]),
        works=int(str(values["works"])),
        content_total=int(str(values["content_total"])),
    )


def _content_json(content: DropContent) -> dict[str, object]:
    return {
        "drop_version": content.drop_version,
        "drop_id": content.drop_id,
        "works": content.works,
        "content_total": str(content.content_total),
    }


def _year_build(row: sqlite3.Row) -> YearBuild:
    return YearBuild(
        year=row["year"],
        fingerprint=row["fingerprint"],
        contents=tuple(_drop_content(item) for item in json.loads(row["contents"])),
        rules=json.loads(row["rules"]),
        seconds=row["seconds"],
        checks=CheckState(row["checks"]),
        built_at=row["built_at"],
    )
