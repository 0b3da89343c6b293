"""A small store as runs leave it, to back up and to compare with what comes back."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from assets.backup import BackedUp, back_up
from assets.restore import restore
from assets.store import Store, open_store

LONG_AGO = 1_700_000_000


def small_store(root: Path) -> Store:
    """A store with something in every place, written long ago."""
    store = open_store(root)
    put(store, "records/a-12345678/v1/year=2019/part.parquet", b"records of 2019")
    put(store, "records/a-12345678/v1/year=2020/part.parquet", b"records of 2020")
    put(store, "matches/a-12345678/v1/1.parquet", b"matches")
    put(store, "quarantine/a-12345678/v1.jsonl", b"{}\n")
    put(store, "pulls/openalex-snapshot/pulled.json", b'{"files": []}')
    put(store, "vintages/one/warehouse/collaboration.duckdb", b"marts of one")
    put(store, "work/build.duckdb", b"build")
    put(store, "work/dbt/manifest.json", b"parsed")
    put(store, "work/headless.log", b"log")
    put(store, "records/.b.partial/year=2019/part.parquet", b"half of it")
    put(store, "dagster/dagster.yaml", b"telemetry:\n  enabled: false\n")
    (root / "published").symlink_to("vintages/one")
    note(store.ledger_file, "first")
    note(store.dagster_home / "history" / "runs.db", "run 1")
    for file in root.rglob("*"):
        if not file.is_symlink():
            os.utime(file, (LONG_AGO, LONG_AGO))
    return store


def put(store: Store, path: str, content: bytes, *, at: float = LONG_AGO) -> Path:
    """Write a file of the store."""
    file = store.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (at, at))
    return file


def note(database: Path, text: str) -> None:
    """Write a row to a database, which is made when it is not there."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table if not exists notes (text)")
        connection.execute("insert into notes values (?)", (text,))


def notes(database: Path) -> list[str]:
    """The rows of a database."""
    with closing(sqlite3.connect(database)) as connection:
        return [text for (text,) in connection.execute("select text from notes")]


def silent(_: str) -> None:
    """Nobody watches."""


def backed_up(store: Store, folder: Path) -> BackedUp:
    """Back a store up without showing it."""
    return back_up(store, folder, announce=silent, show=silent)


def restored(folder: Path, root: Path) -> dict[str, object]:
    """What a backup gives, see `held`."""
    restore(folder, root, show=silent)
    return held(root)


def held(root: Path) -> dict[str, object]:
    """What a store holds: content by path, rows of its databases, where its links lead."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = path.readlink()
        elif path.suffix in {".sqlite", ".db"}:
            found[name] = notes(path)
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def worth_keeping(root: Path) -> dict[str, object]:
    """What of a store a backup has to hold."""
    dispensable = ("work/dbt", "work/headless.log", "work/writer.lock", "pulls/pull.lock", "records/.")
    return {
        name: content
        for name, content in held(root).items()
        if not name.startswith(dispensable) and not name.endswith(("-wal", "-shm"))
    }
