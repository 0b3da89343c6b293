"""A disk that is full is told from other errors in the words of every library that writes."""

import errno
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from assets.disk_space import advice


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
        sqlite3.OperationalError("database or disk is full"),
        'IO Error: Could not write file "build.duckdb": No space left on device',
    ],
)
def test_a_full_disk_is_known_by_what_is_said_of_it(error: BaseException | str, tmp_path: Path) -> None:
    said = advice(error, tmp_path)
    assert said.startswith(f"The disk of the store {tmp_path} is full (")
    assert said.endswith("Make room, then run again.")


def test_an_error_that_comes_from_a_full_disk_is_known_by_it(tmp_path: Path) -> None:
    error = RuntimeError("the step failed")
    error.__cause__ = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert advice(error, tmp_path)


def test_a_read_only_file_system_is_told_from_a_full_one(tmp_path: Path) -> None:
    said = advice(OSError(errno.EROFS, os.strerror(errno.EROFS)), tmp_path)
    assert said.startswith("Nothing can be written to the store")


def test_an_error_of_sqlite_is_one_of_space_where_none_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    assert advice(error, tmp_path) == ""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=4096))
    assert advice(error, tmp_path).startswith(f"The disk of the store {tmp_path} is full (0.0 MB are free")


def test_of_any_other_error_nothing_is_said(tmp_path: Path) -> None:
    assert advice(ValueError("three spaces left"), tmp_path) == ""
