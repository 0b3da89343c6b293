"""The setting of the run history's database is checked, and its password never shown."""

import traceback

import pytest
from sqlalchemy.exc import OperationalError

from assets.errors import CollaborationError
from orchestration.run_history import DATABASE_VARIABLE, history_errors, read_database


def test_without_the_setting_the_history_stays_in_the_store() -> None:
    assert read_database({}) is None
    assert read_database({DATABASE_VARIABLE: " "}) is None


def test_a_database_is_called_by_user_host_and_name() -> None:
    database = read_database({DATABASE_VARIABLE: "postgresql://me:secret@db.example:6543/history"})

    assert database is not None
    assert database.name == "the PostgreSQL database 'history' on db.example:6543 as me"
    assert "secret" not in repr(database)


def test_a_database_behind_a_socket_needs_no_password() -> None:
    database = read_database({DATABASE_VARIABLE: "postgresql://me@/history?host=/var/run/postgresql"})

    assert database is not None
    assert database.name == "the PostgreSQL database 'history' on /var/run/postgresql as me"


def test_the_driver_that_comes_with_the_project_is_named_to_sqlalchemy() -> None:
    # SQLAlchemy 2.1 takes `postgresql` for another driver, which is not installed; nothing could start.
    database = read_database({DATABASE_VARIABLE: "postgresql://me:a%2Fb@host/history?sslmode=require"})

    assert database is not None
    assert database.address == "postgresql+psycopg2://me:a%2Fb@host/history?sslmode=require"


@pytest.mark.parametrize(
    "address",
    [
        "mysql://me:secret@host/history",
        "postgres://me:secret@host/history",
        "host=db password=secret",
        "postgresql://me:secret@host",
        "postgresql://me:secret@/history",
        "postgresql://me:secret@host:port/history",
        "postgresql://me:secret@host/secret@host/history",
        " postgresql://me:secret@host/history",
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(CollaborationError) as refused:
        read_database({DATABASE_VARIABLE: address})

    shown = "".join(traceback.format_exception(refused.value))
    assert "COLLAB_DAGSTER_DATABASE is no address of a PostgreSQL database" in shown
    assert "secret" not in shown.replace('"postgresql://', "")


def test_what_the_driver_says_is_shown_without_the_password() -> None:
    database = read_database({DATABASE_VARIABLE: "postgresql://me:secret@host/history"})

    with pytest.raises(CollaborationError) as refused, history_errors(database):
        raise OperationalError("select 1", {}, Exception('refused "secret" of me\nand more'))

    shown = "".join(traceback.format_exception(refused.value))
    assert (
        "The run history in the PostgreSQL database 'history' on host as me failed: refused \"***\" of me"
        in shown
    )
    assert "secret" not in shown


def test_an_error_of_the_files_is_told_as_theirs() -> None:
    with pytest.raises(CollaborationError, match="in the store failed: disk full"), history_errors(None):
        raise OperationalError("insert", {}, Exception("disk full"))


def test_other_errors_keep_their_type() -> None:
    with pytest.raises(KeyError), history_errors(None):
        raise KeyError("a slip of the programmer's")
