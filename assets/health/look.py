"""A store as the checks look at it: nothing in it is written or locked, whoever is at work there.

The ledger is looked at in a private copy: SQLite writes beside a database even to read it, which a read-only
store refuses and a look must not do.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from assets.ledger import Ledger
from assets.lock_state import LockState, lock_state
from assets.pipeline import Options, Pipeline
from assets.store import Store

_TRIES: Final = 40
_PAUSE_SECONDS: Final = 0.05


@dataclass(frozen=True)
class LookedAt(Pipeline):
    """A pipeline whose ledger is a copy."""

    ledger_copy: Path = field(default=Path(), compare=False)

    @cached_property
    def ledger(self) -> Ledger:
        """The copy; what would be written goes nowhere."""
        return Ledger(self.ledger_copy)


@dataclass(frozen=True)
class Look:
    """What the checks are about."""

    pipeline: LookedAt
    ledger_problem: str
    """Why the ledger cannot be read; empty when it can, and when there is none yet."""
    writer: LockState
    puller: LockState
    now: datetime

    @property
    def store(self) -> Store:
        return self.pipeline.store


@contextmanager
def look_at(store: Store, landing: Path, options: Options) -> Iterator[Look]:
    """Look at a store that is there. Raises OSError when not even its lock files may be read."""
    with TemporaryDirectory(prefix="doctor-") as folder:
        copy = Path(folder) / store.ledger_file.name
        yield Look(
            pipeline=LookedAt(store, landing, options, ledger_copy=copy),
            ledger_problem=_copied(store.ledger_file, copy),
            writer=lock_state(store.lock_file),
            puller=lock_state(store.pull_lock_file),
            now=datetime.now(UTC),
        )


def _copied(ledger: Path, copy: Path) -> str:
    """Copy the ledger as of one moment; gives why it cannot be read."""
    try:
        for _ in range(_TRIES):
            before = _stamps(ledger)
            for source, target in zip(_files(ledger), _files(copy), strict=True):
                target.unlink(missing_ok=True)
                if source.exists():
                    shutil.copyfile(source, target)
            if _stamps(ledger) == before:
                return _damage(copy)
            time.sleep(_PAUSE_SECONDS)
    except FileNotFoundError:
        return "it vanished while it was looked at"
    except OSError as error:
        return str(error.strerror or error)
    return "it is being written all the time; look again later"


def _files(ledger: Path) -> tuple[Path, Path]:
    """The database, and the log of what is not in it yet."""
    return ledger, ledger.with_name(f"{ledger.name}-wal")


def _stamps(ledger: Path) -> list[tuple[int, int, int] | None]:
    return [_stamp(path) for path in _files(ledger)]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _damage(copy: Path) -> str:
    if not copy.exists():
        return ""
    try:
        with closing(sqlite3.connect(copy)) as connection:
            found = connection.execute("pragma quick_check(1)").fetchone()[0]
        if found != "ok":
            return str(found)
        Ledger(copy).versions()
        Ledger(copy).year_builds()
    except (sqlite3.DatabaseError, ValueError, KeyError) as error:
        return str(error)
    return ""
