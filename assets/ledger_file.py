"""The ledger's SQLite file as a file: made ready, copied, read where nothing may be written.

What stands in it is `assets.ledger`.
"""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

SECONDS_TO_WAIT: Final = 30
"""For another process that writes; a write takes milliseconds."""

_LOG: Final = "-wal"


def prepare_file(path: Path, schema: str) -> None:
    """Have the file there with its tables, whoever else is making it at the same time."""
    until = time.monotonic() + SECONDS_TO_WAIT
    while True:
        try:
            _prepare(path, schema)
        except sqlite3.OperationalError as error:
            # SQLite does not wait by itself for another process that turns on the log, too.
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def copy_of(path: Path, target: Path) -> None:
    """Copy a ledger that others may be reading or writing; as files it could be torn, log from content."""
    with (
        closing(sqlite3.connect(path, timeout=SECONDS_TO_WAIT)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)


def readable_copy(path: Path, schema: str) -> Path:
    """A copy of a ledger that lies where nothing may be written: SQLite would, to read it.

    It is alone in a folder, which is the caller's to remove.
    """
    copy = Path(mkdtemp(prefix="ledger-")) / path.name
    for suffix in ("", _LOG):
        part = path.with_name(path.name + suffix)
        if part.exists():
            shutil.copyfile(part, copy.with_name(part.name))
    prepare_file(copy, schema)
    return copy


def _prepare(path: Path, schema: str) -> None:
    with closing(sqlite3.connect(path, timeout=SECONDS_TO_WAIT)) as connection:
        ((mode,),) = connection.execute("pragma journal_mode").fetchall()
        if mode != "wal":
            connection.execute("pragma journal_mode = wal")
        connection.executescript(schema)
