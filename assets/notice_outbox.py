"""The outbox: which notices were told, which wait, so that none is told twice and none is told for ever.

Several processes share it (daemon, headless runs); it lies in the store as a small database. What a notice
says and how it travels is `assets.notices`.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from assets.errors import CollaborationError
from assets.notices import Channel, Kind, Notice, without_secrets

_SAME_AGAIN_SECONDS: Final = 20 * 3600
"""The same failure is told again after so long: once for a job that fails every night."""

_WAITS_SECONDS: Final = (60, 300, 1800, 7200, 43200)
"""Before each further try to deliver; after the last one a notice is given up, and the log says so."""

_MOST_AT_ONCE: Final = 20
_KEPT: Final = 10_000

_TABLES: Final = """
create table if not exists told (once text primary key, number integer);
create table if not exists happened (what text primary key, times integer, told_at real);
create table if not exists waiting (
    id integer primary key, channel text, notice text, tries integer, tried_at real
);
"""


class Outbox:
    """Tells notices through channels, each occasion once."""

    def __init__(
        self,
        file: Path,
        channels: Sequence[Channel],
        *,
        secrets: Sequence[str] = (),
        now: Callable[[], float] = time.time,
    ) -> None:
        self._file = file
        self._channels = {channel.name: channel for channel in channels}
        self._secrets = tuple(secrets)
        self._now = now

    @property
    def is_used(self) -> bool:
        """Whether there is anyone to tell."""
        return bool(self._channels)

    def tell(self, notices: Sequence[Notice], log: Callable[[str], None]) -> None:
        """Tell what has not been told yet, and what could not be delivered before.

        Never raises for a channel that fails: `log` gets the reason, later calls try again a few times.
        """
        if not self.is_used:
            return
        try:
            with self._connection() as connection:
                for notice in notices:
                    self._take_in(connection, notice)
            self._deliver_waiting(log)
        except (OSError, sqlite3.Error) as error:
            log(f"Notices are sent without being remembered: {self._file} cannot be written ({error}).")
            for notice in notices[:_MOST_AT_ONCE]:
                for channel in self._channels.values():
                    self._try(channel, self._clean(notice), log)

    def _take_in(self, connection: sqlite3.Connection, notice: Notice) -> None:
        """Put a notice before each channel, unless it was told or is the same as one told lately."""
        new = connection.execute(
            "insert or ignore into told select ?, coalesce(max(number), 0) + 1 from told", (notice.once,)
        )
        if new.rowcount == 0:
            return
        connection.execute("delete from told where number <= (select max(number) - ? from told)", (_KEPT,))
        if notice.repeats:
            times = self._times_untold(connection, notice)
            if times is None:
                return
            if times:
                notice = replace(notice, details=(*notice.details, f"{times} times more since last told"))
        row = json.dumps(asdict(self._clean(notice)))
        connection.executemany(
            "insert into waiting (channel, notice, tries, tried_at) values (?, ?, 0, 0)",
            [(channel, row) for channel in self._channels],
        )

    def _times_untold(self, connection: sqlite3.Connection, notice: Notice) -> int | None:
        """How often the same happened since it was told; None while that is too short ago."""
        what = hashlib.blake2b(f"{notice.kind} {notice.what} {notice.details}".encode()).hexdigest()
        row = connection.execute("select times, told_at from happened where what = ?", (what,)).fetchone()
        # A clock that was moved back must not make it wait for years.
        if row is not None and abs(self._now() - row[1]) < _SAME_AGAIN_SECONDS:
            connection.execute("update happened set times = times + 1 where what = ?", (what,))
            return None
        connection.execute("insert or replace into happened values (?, 0, ?)", (what, self._now()))
        return int(row[0]) if row is not None else 0

    def _deliver_waiting(self, log: Callable[[str], None]) -> None:
        with self._connection() as connection:
            rows = connection.execute("select * from waiting order by id").fetchall()
        due = [row for row in rows if self._is_due(row[3], row[4])]
        for number, name, text, tries, _ in due[:_MOST_AT_ONCE]:
            with self._connection() as connection:
                # Whoever counts the try up makes it: two processes do not deliver the same.
                mine = connection.execute(
                    "update waiting set tries = tries + 1, tried_at = ? where id = ? and tries = ?",
                    (self._now(), number, tries),
                )
            if mine.rowcount == 0:
                continue
            channel = self._channels.get(name)
            last = tries >= len(_WAITS_SECONDS)
            if channel is None or self._try(channel, _notice(text), log, given_up=last) or last:
                with self._connection() as connection:
                    connection.execute("delete from waiting where id = ?", (number,))

    def _try(
        self, channel: Channel, notice: Notice, log: Callable[[str], None], *, given_up: bool = False
    ) -> bool:
        try:
            channel.deliver(notice)
        except CollaborationError as error:
            more = "it is given up" if given_up else "it is tried again later"
            log(f"Notice not delivered, {more}: {error}. It says: {notice.subject}")
            return False
        return True

    def _is_due(self, tries: int, tried_at: float) -> bool:
        return tries == 0 or abs(self._now() - tried_at) >= _WAITS_SECONDS[tries - 1]

    def _clean(self, notice: Notice) -> Notice:
        def clean(text: str) -> str:
            return without_secrets(text, self._secrets)

        return replace(
            notice,
            what=clean(notice.what),
            where=clean(notice.where),
            next_step=clean(notice.next_step),
            details=tuple(clean(detail) for detail in notice.details),
        )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=30)) as connection:
            connection.executescript(_TABLES)
            with connection:
                connection.execute("begin immediate")
                yield connection


def _notice(text: str) -> Notice:
    stored = json.loads(text)
    return Notice(**{**stored, "kind": Kind(stored["kind"]), "details": tuple(stored["details"])})
