"""The store: where everything lies, its format version, and the one writer's lock.

Paths and the lock only; what the files mean is known to the module that writes them.
"""

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from assets.errors import CollaborationError
from assets.lock_state import living

FORMAT_VERSION = 4

READERS_FOLDERS = ("warehouse", "exports", "figures", "report")
"""What readers open: in a vintage a folder, in the store a link that leads to the published one's."""

_POLL_SECONDS = 0.2
_INCOMING_FORMAT = ".store.json-"


@dataclass(frozen=True)
class Store:
    """The folder a pipeline keeps its state and results in. Open it with `open_store`."""

    root: Path

    @property
    def format_file(self) -> Path:
        return self.root / "store.json"

    @property
    def records(self) -> Path:
        """Parquet files of the records read, by drop, version and publication year."""
        return self.root / "records"

    @property
    def matches(self) -> Path:
        """Parquet files of the technologies each stored record belongs to, by drop and version."""
        return self.root / "matches"

    @property
    def quarantine(self) -> Path:
        """One JSON Lines file a drop version with rejected records."""
        return self.root / "quarantine"

    @property
    def ledger_file(self) -> Path:
        """SQLite: which drops are recorded and which years are counted."""
        return self.root / "ledger.sqlite"

    @property
    def vintages(self) -> Path:
        """A folder for each vintage that is kept."""
        return self.root / "vintages"

    @property
    def published(self) -> Path:
        """A link to the folder of the vintage that readers see; not there before the first."""
        return self.root / "published"

    @property
    def warehouse_file(self) -> Path:
        """DuckDB: the published marts, only ever a whole, checked vintage."""
        return self.root / "warehouse" / "collaboration.duckdb"

    @property
    def exports(self) -> Path:
        """Each published mart as Parquet and CSV, with a data dictionary."""
        return self.root / "exports"

    @property
    def figures(self) -> Path:
        """Figures drawn from the published marts."""
        return self.root / "figures"

    @property
    def report(self) -> Path:
        """The site to read the published marts in; `index.html` opens it."""
        return self.root / "report"

    @property
    def drawings(self) -> Path:
        """Figures a person asked for, beside those of a vintage."""
        return self.root / "drawings"

    @property
    def work(self) -> Path:
        """What the pipeline needs for itself and can make again."""
        return self.root / "work"

    @property
    def build_file(self) -> Path:
        """DuckDB: the file dbt writes. Never read it while a writer is at work."""
        return self.work / "build.duckdb"

    @property
    def lock_file(self) -> Path:
        """Locked by the one process that writes; says which that is."""
        return self.work / "writer.lock"

    @property
    def dbt_target(self) -> Path:
        return self.work / "dbt"

    @property
    def empty_records(self) -> Path:
        """Parquet with the record store's columns and no rows."""
        return self.work / "empty_records.parquet"

    @property
    def empty_ids(self) -> Path:
        """Parquet with the column of a complete id set and no rows."""
        return self.work / "empty_ids.parquet"

    @property
    def empty_matches(self) -> Path:
        """Parquet with the columns of matches and no rows."""
        return self.work / "empty_matches.parquet"

    @property
    def pulls(self) -> Path:
        """What the pullers remember of earlier pulls."""
        return self.root / "pulls"

    @property
    def dagster_home(self) -> Path:
        return self.root / "dagster"

    @property
    def pull_lock_file(self) -> Path:
        """The same for pulls, which go on while the store is written."""
        return self.pulls / "pull.lock"

    @contextmanager
    def writing(self, purpose: str, announce: Callable[[str], None] = print) -> Iterator[bool]:
        """Hold the store's writer lock; wait in line, with one message, while another holds it.

        A process may enter it again while it holds it; the value says whether it had to be taken. The
        operating system drops the lock of a process that dies, so it can never be left behind.
        """
        with _held(self.lock_file, purpose, announce) as taken:
            yield taken

    @contextmanager
    def reading(self, announce: Callable[[str], None] = print) -> Iterator[None]:
        """Keep writers from the store while the build file is read; several may read at once.

        Waits in line, with one message, while a writer is at work: what it has half-way is nobody's to read.
        """
        with self.lock_file.open("r", encoding="utf-8") as file:
            _wait_for(file, fcntl.LOCK_SH, announce)
            yield

    @contextmanager
    def pulling(self, purpose: str, announce: Callable[[str], None] = print) -> Iterator[bool]:
        """Hold the lock of pulls in the same way: one at a time, while the store is written or not."""
        with _held(self.pull_lock_file, purpose, announce) as taken:
            yield taken

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Keep other processes from doing the same at once, which takes a moment; they wait in silence."""
        with _held(self.work / f"{what}.lock", what, _say_nothing):
            yield


def _say_nothing(_: str) -> None:
    """What others wait for takes a moment."""


class _Guard:
    """The writer lock of one store in this process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.thread_lock = threading.RLock()
        self._file: IO[str] | None = None
        self._depth = 0

    def acquire(self, purpose: str, announce: Callable[[str], None]) -> bool:
        """Whether the lock had to be taken."""
        if self._depth == 0:
            self._file = self._lock(purpose, announce)
        self._depth += 1
        return self._depth == 1

    def release(self) -> None:
        self._depth -= 1
        if self._depth == 0 and self._file is not None:
            # Who waits for a reader should not be told of the writer before.
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def _lock(self, purpose: str, announce: Callable[[str], None]) -> IO[str]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise CollaborationError(
                f"Nothing can be written to {self.path.parent}: {error.strerror or error}. Mount it for "
                "writing or mend its permissions, or name another store with STORE=..."
            ) from error
        try:
            _wait_for(file, fcntl.LOCK_EX, announce)
            # Who lets go in order takes the name away.
            if killed := _text(file):
                announce(
                    f"{killed[0].upper()}{killed[1:]} was ended half-way: what it recorded stands, the rest "
                    "is done again."
                )
            file.truncate(0)
            file.write(f"process {os.getpid()} ({purpose})")
            file.flush()
        except BaseException:
            file.close()
            raise
        return file


def _wait_for(file: IO[str], kind: int, announce: Callable[[str], None]) -> None:
    """Lock an open file, once those who have it have let go of it; they are named in it."""
    refused = 0
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            refused += 1
            # Whoever only looks has it for a moment, which is nothing to speak of.
            if refused == 2:
                holder = living(_text(file)) or "another process"
                announce(f"Waiting for {holder} to finish with the store.")
            time.sleep(_POLL_SECONDS)
        else:
            return


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read().strip()


@contextmanager
def _held(lock_file: Path, purpose: str, announce: Callable[[str], None]) -> Iterator[bool]:
    guard = _guard(lock_file)
    with guard.thread_lock:
        taken = guard.acquire(purpose, announce)
        try:
            yield taken
        finally:
            guard.release()


_guards: dict[Path, _Guard] = {}
_guards_lock = threading.Lock()


def _guard(path: Path) -> _Guard:
    with _guards_lock:
        return _guards.setdefault(path.resolve(), _Guard(path))


def open_store(root: Path) -> Store:
    """Open the store at `root`, making it if there is none.

    One that is there need not be writable: it can be read, and `Store.writing` says what is wrong with it.

    Raises:
        CollaborationError: There is none and none can be made, or it is of another format version.
    """
    store = Store(root.absolute())
    try:
        if store.format_file.exists():
            _require_format(store)
        else:
            store.root.mkdir(parents=True, exist_ok=True)
            _refuse_foreign(store)
            _state_format(store)
        folders = (store.records, store.matches, store.quarantine, store.vintages, store.work)
        for folder in (*folders, store.dagster_home):
            folder.mkdir(parents=True, exist_ok=True)
        _link_readers(store)
        if not store.lock_file.exists():
            store.lock_file.touch()
    except OSError as error:
        raise CollaborationError(
            f"The store {root} cannot be used: {error.strerror or error}. "
            "Name another folder with STORE=..., or mend its permissions."
        ) from error
    return store


def _link_readers(store: Store) -> None:
    for name in READERS_FOLDERS:
        link = store.root / name
        with suppress(FileExistsError):
            # It leads nowhere until something is published.
            link.symlink_to(Path(store.published.name) / name)
        if not link.is_symlink():
            raise CollaborationError(
                f"{link} is no link, so readers would not see what is published: the store was copied "
                f"without its links. Copy it again with them, or remove {link} and run it."
            )


def _require_format(store: Store) -> None:
    try:
        found = json.loads(store.format_file.read_text())["format_version"]
    except (ValueError, KeyError, TypeError) as error:
        raise CollaborationError(
            f"{store.format_file} does not say the store's format version. "
            "Restore that file from a backup, or name another folder with STORE=..."
        ) from error
    if found == FORMAT_VERSION:
        return
    if isinstance(found, int) and found > FORMAT_VERSION:
        todo = "Run it with the newer version of this project that made it"
    else:
        todo = "Build a new store from the same landing folder"
    raise CollaborationError(
        f"The store {store.root} has format version {found}; this version of the project works with "
        f"{FORMAT_VERSION}. {todo}, or name another folder with STORE=..."
    )


def _refuse_foreign(store: Store) -> None:
    found = sorted(path.name for path in store.root.iterdir() if not path.name.startswith(_INCOMING_FORMAT))
    # Another process may have made the store just now.
    if found and not store.format_file.exists():
        raise CollaborationError(
            f"{store.root} is no store and not empty (it holds {found[0]!r}). "
            "Name an empty or new folder with STORE=..."
        )


def _state_format(store: Store) -> None:
    """Write the format file; two processes that make the same store at once do not meet in it."""
    incoming = store.root / f"{_INCOMING_FORMAT}{os.getpid()}"
    incoming.write_text(json.dumps({"format_version": FORMAT_VERSION}) + "\n")
    incoming.replace(store.format_file)
