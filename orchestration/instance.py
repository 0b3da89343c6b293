"""The Dagster instance of a store: headless runs and the UI share it."""

import os
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from assets.atomic_files import staged_file
from assets.store import Store
from orchestration.dbt import BUILD_POOL

_INSTANCE_YAML = """\
# Written once; edit it as you like.
telemetry:
  enabled: false
nux:
  enabled: false
# A run whose process died is marked as failed, so that nothing waits for it.
run_monitoring:
  enabled: true
concurrency:
  pools:
    granularity: run
    default_limit: 1
"""

_KEPT_OPEN = 6
"""Databases of the instance: those of all runs, and of the last few."""


def dagster_home(store: Store) -> Path:
    """`DAGSTER_HOME` if the user set it, else a folder of the store."""
    return Path(os.environ.get("DAGSTER_HOME") or store.dagster_home)


def open_instance(store: Store) -> dg.DagsterInstance:
    """The instance of a store, made ready on first use."""
    home = dagster_home(store)
    home.mkdir(parents=True, exist_ok=True)
    _write_events_fast()
    # Two that make the same databases at once would meet in them.
    with store.alone("history"):
        settings = home / "dagster.yaml"
        if not settings.exists():
            with staged_file(settings) as staging:
                staging.write_text(_INSTANCE_YAML)
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
