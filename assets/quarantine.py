"""Records that could not be read: why, and where they are kept with their raw text.

A rejected record never stops a drop; how many a drop may have is decided by who reads it.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec

from assets.atomic_files import flush, staged_file

MAX_RAW_BYTES: Final = 1 << 20
"""Longer raw text is cut, and the detail says so."""


class Reason(StrEnum):
    """Why records were rejected; part of the balance of a drop."""

    INVALID_JSON = "invalid_json"
    INVALID_BIBTEX = "invalid_bibtex"
    BROKEN_ROW = "broken_row"
    INVALID_TEXT = "invalid_text"
    NOT_A_WORK = "not_a_work"
    WRONG_TYPE = "wrong_type"
    MISSING_ID = "missing_id"
    MISSING_YEAR = "missing_year"
    MISSING_AUTHORS = "missing_authors"
    TRUNCATED_FILE = "truncated_file"
    UNREADABLE_FILE = "unreadable_file"
    MISSING_RECORD = "missing_record"
    OVERSIZED_RECORD = "oversized_record"
    DECOMPRESSION_BOMB = "decompression_bomb"
    BROKEN_RECORD = "broken_record"


class Rejected(msgspec.Struct, frozen=True):
    """One piece of a file that gave no record."""

    position: int | None
    """1-based, as in DeliveredRecord; None for a whole file."""
    reason: Reason
    detail: str
    """One sentence for the person who delivered it."""
    raw: bytes = b""
    """The piece as delivered; long ones may come cut to MAX_RAW_BYTES + 1."""
    ends_file: bool = False
    """Nothing after this piece can be read, so it may stand for more than one record."""
    records: int = 1
    """Records it stands for by what the file itself says."""


class QuarantineEntry(msgspec.Struct, frozen=True):
    """One line of a quarantine file."""

    drop: str
    file: str
    position: int | None
    reason: Reason
    detail: str
    records: int
    raw: str


class QuarantineWriter:
    """Writes entries as JSON Lines; the file exists only once there is an entry."""

    def __init__(self, path: Path, drop_id: str) -> None:
        self._path = path
        self._drop_id = drop_id
        self._stream: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, file: str, rejected: Rejected, records: int) -> None:
        """Keep one rejection of `file` that stands for so many records."""
        if self._stream is None:
            self._stream = self._path.open("wb")
        entry = QuarantineEntry(
            drop=self._drop_id,
            file=file,
            position=rejected.position,
            reason=rejected.reason,
            detail=_detail(rejected),
            records=records,
            raw=rejected.raw[:MAX_RAW_BYTES].decode("utf-8", "backslashreplace"),
        )
        self._stream.write(msgspec.json.encode(entry) + b"\n")


def collect(parts: Sequence[Path], quarantine_file: Path) -> None:
    """Join the files of several writers, in order, into one that appears whole or not at all.

    Without any part there is no quarantine file afterwards, not even an older one.
    """
    present = [part for part in parts if part.exists()]
    if not present:
        quarantine_file.unlink(missing_ok=True)
        return
    with staged_file(quarantine_file) as staging:
        with staging.open("wb") as stream:
            for part in present:
                with part.open("rb") as source:
                    while block := source.read(1 << 20):
                        stream.write(block)
        flush(staging)


def _detail(rejected: Rejected) -> str:
    # A library's message may quote bytes that are no UTF-8, and no file can hold the marks they became.
    detail = rejected.detail.encode("utf-8", "backslashreplace").decode()
    if len(rejected.raw) <= MAX_RAW_BYTES:
        return detail
    return f"{detail} (raw text cut at {MAX_RAW_BYTES} bytes)"
