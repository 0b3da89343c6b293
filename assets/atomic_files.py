"""Files and directories that appear whole or not at all.

Each is built under a temporary name beside its destination, flushed to disk and renamed. What a
process killed half-way left behind is removed by the next one with the same destination, so there
must be one writer a destination (the store's lock sees to that).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def staged_directory(destination: Path) -> Iterator[Path]:
    """An empty directory that becomes `destination` when the block ends without an exception.

    Flushing the files inside is the caller's part, see `flush`. Raises FileExistsError when the
    destination is there already.
    """
    if destination.exists():
        raise FileExistsError(f"{destination} is there already")
    staging = _staging_path(destination)
    _remove(staging)
    staging.mkdir(parents=True)
    try:
        yield staging
        for directory in [path for path in staging.rglob("*") if path.is_dir()]:
            flush(directory)
        _put(staging, destination)
    except BaseException:
        _remove(staging)
        raise


@contextmanager
def staged_file(destination: Path) -> Iterator[Path]:
    """A path for a file that replaces `destination` when the block ends without an exception."""
    staging = _staging_path(destination)
    staging.parent.mkdir(parents=True, exist_ok=True)
    _remove(staging)
    try:
        yield staging
        _put(staging, destination)
    except BaseException:
        _remove(staging)
        raise


def flush(path: Path) -> None:
    """Make a file or the entries of a directory survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put(staging: Path, destination: Path) -> None:
    flush(staging)
    staging.replace(destination)
    flush(destination.parent)


def _staging_path(destination: Path) -> Path:
    return destination.with_name(f".{destination.name}.partial")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
