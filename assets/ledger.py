"""The ledger: which drops are recorded, what each year consists of, and what each year was counted from.

A small SQLite file, so that `status`, the sensors and a run with nothing to do can read it while DuckDB is
being written, and without importing anything heavy. It holds facts; which years these facts make stale is
decided in `assets.staleness`.
"""

import json
import os
import shutil
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assets.ledger_facts import (
    CatalogueEntry,
    CheckState,
    DropContent,
    DropVersion,
    MatchedCatalogue,
    Resolution,
    StoredMatches,
    TechnologyContent,
    VersionState,
    YearBuild,
)
from assets.ledger_file import SECONDS_TO_WAIT, prepare_file, readable_copy
from assets.ledger_rows import (
    SCHEMA,
    content_objects,
    drop_content,
    drop_version,
    stored_matches,
    technology_content,
    technology_objects,
    year_build,
)


class Ledger:
    """Reads and writes the ledger of one store. Writers hold the store's lock; readers need none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            prepare_file(path, SCHEMA)
        else:
            self._path = readable_copy(path, SCHEMA)
            weakref.finalize(self, shutil.rmtree, self._path.parent, ignore_errors=True)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are committed together or not at all."""
        with closing(sqlite3.connect(self._path, timeout=SECONDS_TO_WAIT)) as connection, connection:
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
        return {row["drop_id"]: drop_version(row) for row in rows}

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
        return [drop_version(row) for row in rows]

    def reader_versions(self) -> dict[str, int]:
        """Drop version to the version of the reader that stored it."""
        return {item.drop_version: item.reader_version for item in self.versions()}

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

    # Technologies

    def matches(self) -> list[StoredMatches]:
        """The stored matches, by drop version and technology."""
        query = "select * from technology_matches order by drop_version, technology"
        with self._connection() as connection:
            rows = connection.execute(query).fetchall()
        return [stored_matches(row) for row in rows]

    def record_matches(self, matches: Iterable[StoredMatches]) -> None:
        """Note new matches; those of the same technology and drop version count no more."""
        with self._connection() as connection:
            connection.executemany(
                "insert or replace into technology_matches values (?, ?, ?, ?, ?)",
                [
                    (item.drop_version, item.technology, item.digest, item.file, item.works)
                    for item in matches
                ],
            )

    def catalogue(self) -> MatchedCatalogue:
        """The catalogue the stored matches were made by; empty before the first."""
        stored = self._fact("catalogue")
        if stored is None:
            return MatchedCatalogue()
        return MatchedCatalogue(
            stored["stamp"],
            tuple(CatalogueEntry(**entry) for entry in stored["entries"]),
            tuple(stored["problems"]),
        )

    def record_catalogue(self, catalogue: MatchedCatalogue) -> None:
        """Note that all active drop versions are matched by this catalogue."""
        with self._connection() as connection:
            _put_fact(connection, "catalogue", asdict(catalogue))

    def forget_matches(self, technologies: Iterable[str]) -> None:
        """Note that the catalogue has these technologies no more."""
        with self._connection() as connection:
            connection.executemany(
                "delete from technology_matches where technology = ?", [(name,) for name in technologies]
            )

    # Years

    def resolution(self) -> Resolution:
        """What the current records were last decided from; empty if they never were."""
        stored = self._fact("resolution")
        if stored is None:
            return Resolution()
        return Resolution(
            tuple(stored["drop_versions"]),
            dict(stored["rules"]),
            str(stored["catalogue"]),
            str(stored["build_id"]),
            str(stored["resolved_at"]),
            bool(stored["finished"]),
        )

    def record_resolution(
        self,
        resolution: Resolution,
        contents: Iterable[tuple[int, DropContent]],
        technologies: Iterable[tuple[int, TechnologyContent]],
    ) -> None:
        """Store what each year and each of its technologies consists of now, and from what it was decided."""
        with self._connection() as connection:
            connection.execute("delete from year_technologies")
            connection.executemany(
                "insert into year_technologies values (?, ?, ?, ?, ?)",
                [
                    (year, item.technology, item.works, str(item.content_total), item.query)
                    for year, item in technologies
                ],
            )
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
                    "catalogue": resolution.catalogue,
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
            contents[row["year"]] = (*contents.get(row["year"], ()), drop_content(dict(row)))
        return contents

    def year_technologies(self) -> dict[int, tuple[TechnologyContent, ...]]:
        """Year to what each technology is in it now."""
        query = "select * from year_technologies order by year, technology"
        with self._connection() as connection:
            rows = connection.execute(query).fetchall()
        found: dict[int, tuple[TechnologyContent, ...]] = {}
        for row in rows:
            found[row["year"]] = (*found.get(row["year"], ()), technology_content(dict(row)))
        return found

    def year_builds(self) -> dict[int, YearBuild]:
        """Year to what it was last counted from."""
        with self._connection() as connection:
            rows = connection.execute("select * from year_builds order by year").fetchall()
        return {row["year"]: year_build(row) for row in rows}

    def begin_year_builds(self, years: Iterable[int]) -> None:
        """Note that the years are being counted: what was counted before no longer stands."""
        with self._connection() as connection:
            connection.executemany(
                "insert into year_builds values (?, '', '[]', '[]', '{}', 0, 0, ?, '')"
                " on conflict (year) do update set fingerprint = '', checks = excluded.checks",
                [(year, CheckState.PENDING) for year in years],
            )

    def record_year_builds(self, builds: Iterable[YearBuild]) -> None:
        """Note that the years were counted; their checks are still to come."""
        with self._connection() as connection:
            connection.executemany(
                "insert or replace into year_builds values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        build.year,
                        build.fingerprint,
                        json.dumps(content_objects(build.contents)),
                        json.dumps(technology_objects(build.technologies)),
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

    def passed_over(self) -> str:
        """The state of the build that a person took back from the readers; empty when there is none."""
        return str(self._fact("passed_over") or "")

    def pass_over(self, state: str) -> None:
        """Note that this state of the build is not to be published (again); empty for none."""
        with self._connection() as connection:
            _put_fact(connection, "passed_over", state)

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
