"""The Dagster instance of a store: headless runs and the UI share it."""

import os
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from assets.store import Store
from orchestration.dbt import BUILD_POOL
from orchestration.instance_file import edits_blamed, write_instance_file
from orchestration.run_history import history_errors, read_database

_KEPT_OPEN = 6
"""Databases of the instance: those of all runs, and of the last few."""


def dagster_home(store: Store) -> Path:
    """`DAGSTER_HOME` if the user set it, else a folder of the store."""
    return Path(os.environ.get("DAGSTER_HOME") or store.dagster_home)


def open_instance(store: Store) -> dg.DagsterInstance:
    """The instance of a store, made ready on first use.

    Raises:
        CollaborationError: The run history cannot be used, or `dagster.yaml` contradicts the settings.
    """
    home = dagster_home(store)
    home.mkdir(parents=True, exist_ok=True)
    database = read_database()
    if database is not None:
        database.make_ready()
    else:
        _write_events_fast()
    # Server, daemon and code location start at once; one of them makes the tables.
    with store.alone("history"), edits_blamed(home), history_errors(database):
        write_instance_file(home, postgres=database is not None)
        instance = dg.DagsterInstance.from_config(str(home.absolute()))
        # A pool whose limit is not registered lets the first wave of runs through all at once.
        instance.event_log_storage.set_concurrency_slots(BUILD_POOL, 1)
    return instance


@cache
def _write_events_fast() -> None:
    """Spare the event log a wait for the disk with each of a run's hundreds of events.

    Dagster opens and closes a connection for each write. The last one that closes has SQLite copy its log
    into the file and delete it, so one is kept open beside them. In this mode (WAL) a commit that is not on
    the disk yet can be lost when the power fails, but nothing can be damaged; what the store rests on is in
    its ledger.
    """
    kept: dict[str, sqlite3.Connection] = {}

    @event.listens_for(Engine, "connect")
    def connected(connection: Any, _: object) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("pragma synchronous = normal")
        ((_, _, file),) = connection.execute("pragma database_list").fetchall()
        if not file or file in kept:
            return
        # Every run has a file of its own; those of runs that are over need none.
        if len(kept) == _KEPT_OPEN:
            kept.pop(next(iter(kept))).close()
        kept[file] = sqlite3.connect(file, check_same_thread=False)
        # SQLite opens the file only when it is asked something.
        kept[file].execute("select count(*) from sqlite_master").fetchone()
