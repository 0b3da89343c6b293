"""Where Dagster keeps its run history: SQLite files of the store, or a PostgreSQL database.

Reads the setting, says whether the database can be used, and names it in messages without its password.
What the history holds is Dagster's; the numbers rest on the store's ledger, which is never kept there.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from assets.errors import CollaborationError

DATABASE_VARIABLE = "COLLAB_DAGSTER_DATABASE"

_EXAMPLE = "postgresql://user@host/database"

_DRIVER = "postgresql+psycopg2"

_CONNECT_SECONDS = "10"
"""A host that swallows packets would hold a command up for minutes otherwise."""


@dataclass(frozen=True)
class Database:
    """The PostgreSQL database of the run history. Its address may hold a password and is never shown."""

    address: str = field(repr=False)
    name: str
    """What messages call it: user, host and database, no password."""

    def make_ready(self) -> None:
        """Connect once, and have the environment as Dagster reads it, here and in processes started later.

        Raises:
            CollaborationError: It cannot be reached or refuses the user.
        """
        os.environ[DATABASE_VARIABLE] = self.address
        os.environ.setdefault("PGCONNECT_TIMEOUT", _CONNECT_SECONDS)
        with history_errors(self):
            engine = sqlalchemy.create_engine(self.address, poolclass=sqlalchemy.NullPool)
            with engine.connect():
                pass


def read_database(environment: Mapping[str, str] = os.environ) -> Database | None:
    """The database the environment names; None keeps the history in the store.

    Raises:
        CollaborationError: The setting is no address of a PostgreSQL database.
    """
    # Dagster reads the variable itself, so a space around it is not ours to forgive.
    text = environment.get(DATABASE_VARIABLE, "")
    if not text.strip():
        return None
    try:
        url = sqlalchemy.make_url(text)
    except (ArgumentError, ValueError):
        url = None
    # Where a password is not escaped, its end is taken for host or database, which messages show.
    if url is None or not _is_whole(url):
        raise CollaborationError(
            f"{DATABASE_VARIABLE} is no address of a PostgreSQL database, such as {_EXAMPLE}. "
            "In a password, write / as %2F, @ as %40, : as %3A and ? as %3F."
        )
    host = url.host or url.query.get("host")
    port = f":{url.port}" if url.port else ""
    user = f" as {url.username}" if url.username else ""
    # SQLAlchemy 2.1 takes a plain `postgresql` for psycopg 3; dagster-postgres brings psycopg 2 along.
    address = url.set(drivername=_DRIVER).render_as_string(hide_password=False)
    return Database(address, f"the PostgreSQL database {url.database!r} on {host}{port}{user}")


@contextmanager
def history_errors(database: Database | None) -> Iterator[None]:
    """Say of an error of the run history which database it is and what to do, and never its password.

    Raises:
        CollaborationError: In the place of what SQLAlchemy or Dagster raised.
    """
    try:
        yield
    except _kinds(database) as error:
        reason = _reason(error, database)
        # The chain is cut: what Dagster raised may quote the address.
        if database is None:
            raise CollaborationError(
                f"The run history in the store failed: {reason}. What was finished is kept; mend the disk "
                "or its permissions and run again."
            ) from None
        raise CollaborationError(
            f"The run history in {database.name} failed: {reason}. See that the server runs and lets that "
            f"user in as owner of the database ({DATABASE_VARIABLE}), then run again; "
            "what was finished is kept."
        ) from None


def _kinds(database: Database | None) -> tuple[type[Exception], ...]:
    if database is None:
        return (SQLAlchemyError,)
    # Half a second to import, which runs over SQLite are spared.
    from dagster_postgres.utils import DagsterPostgresException

    return (SQLAlchemyError, DagsterPostgresException)


def _is_whole(url: URL) -> bool:
    suspicious = set("@:/?#")
    return (
        url.drivername in {"postgresql", _DRIVER}
        and bool(url.host or url.query.get("host"))
        and bool(url.database)
        and not suspicious & set(f"{url.database}{url.username or ''}")
        and not {"@", "?", "#"} & set(url.host or "")
    )


def _reason(error: BaseException, database: Database | None) -> str:
    """The first line of what the driver said, which Dagster wraps."""
    while not isinstance(error, DBAPIError) and error.__cause__ is not None:
        error = error.__cause__
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    first = said.splitlines()[0].rstrip(".") if said else type(error).__name__
    password = sqlalchemy.make_url(database.address).password if database else None
    return first.replace(str(password), "***") if password else first
