"""A disk that is full, or not to be written to: how it shows in errors of all kinds, and what to say of it.

Python, SQLite, DuckDB, Arrow and dbt each put it in words of their own.
"""

import errno
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FULL: Final = ("no space left on device", "disk is full", "disk quota exceeded", "out of disk space")
_READ_ONLY: Final = ("read-only file system", "readonly database")
_UNCLEAR: Final = ("disk i/o error", "unable to open database file")
"""What SQLite says where it cannot make files beside its own; the disk itself tells whether it is full."""
_NOTHING_LEFT: Final = 1 << 20
"""Bytes free below which such an error is one of space."""
_FULL_NUMBERS: Final = {errno.ENOSPC, errno.EDQUOT}


def is_about_space(error: BaseException | str) -> bool:
    """Whether it says, or comes from something that says, that there is no room."""
    return any(_says(part, _FULL, _FULL_NUMBERS) for part in _chain(error))


def is_about_writing(error: BaseException | str) -> bool:
    """The same for a file system nothing may be written to."""
    return any(_says(part, _READ_ONLY, {errno.EROFS}) for part in _chain(error))


def advice(error: BaseException | str, root: Path) -> str:
    """What to do about it, for the store at `root`; empty when it is about something else."""
    free = shutil.disk_usage(root).free if root.exists() else 0
    unclear = any(_says(part, _UNCLEAR, {errno.EIO}) for part in _chain(error))
    if is_about_space(error) or (unclear and free < _NOTHING_LEFT):
        return (
            f"The disk of the store {root} is full ({free / 1e6:,.1f} MB are free now). Nothing half-written "
            "counts, what was finished is kept, and readers have the last vintage. Make room, then run again."
        )
    if is_about_writing(error):
        return f"Nothing can be written to the store {root}. Mount it for writing, then run again."
    return ""


def _says(part: BaseException | str, words: tuple[str, ...], numbers: set[int]) -> bool:
    if isinstance(part, OSError) and part.errno in numbers:
        return True
    text = str(part).lower()
    return any(word in text for word in words)


def _chain(error: BaseException | str) -> Iterator[BaseException | str]:
    """An error and what it comes from."""
    found: BaseException | str | None = error
    seen: list[object] = []
    while found is not None and found not in seen:
        yield found
        seen.append(found)
        found = None if isinstance(found, str) else found.__cause__ or found.__context__
