"""One file of a drop as it was when the drop was verified; shared by discovery and reading.

Only this record belongs here: finding files is `assets.drops`, reading them `assets.reading`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class DropFile:
    """A file of a drop, with what is needed to notice that it changed since."""

    path: str
    """Inside the drop, with forward slashes."""
    size: int
    """Bytes on disk."""
    mtime_ns: int
    """Time of the last change, nanoseconds since 1970."""
    listed_records: int | None
    """The record count its manifest states; None where no manifest lists the file."""
