"""The formats that can be read, and how one is recognised: by content, never by name.

A format is one way a source's records are packed into a file. Its recogniser and reader belong to the
source's package; add the package here and it is read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from assets import openalex, other_exports, scopus, web_of_science
from assets.errors import CollaborationError
from assets.file_content import ContentLostError, Meter, content_blocks
from assets.quarantine import Rejected
from assets.records import DeliveredRecord
from assets.text_content import HEAD_BYTES

_PACKAGES: Final[tuple[ModuleType, ...]] = (openalex, web_of_science, scopus)


@dataclass(frozen=True)
class Format:
    """A format with a reader."""

    name: str
    """Such as `openalex-jsonl`; whether the file is gzip is no part of it."""
    source: str
    """Such as `openalex`."""
    read: Callable[[Path, Meter], Iterator[DeliveredRecord | Rejected]]
    """Everything in a file, one by one; the meter follows. Raises ContentLostError when nothing
    of the file can be read, FileNotFoundError when it is gone."""


FORMATS: Final = {
    name: Format(name, package.SOURCE, read)
    for package in _PACKAGES
    for name, read in package.READERS.items()
}
"""Every format by its name."""

SOURCES: Final = tuple(package.SOURCE for package in _PACKAGES)


def format_named(name: str) -> Format:
    """The format of that name; raises CollaborationError when there is none."""
    if name not in FORMATS:
        raise CollaborationError(f"there is no format {name!r}: name one of {', '.join(FORMATS)}")
    return FORMATS[name]


def recognise(path: Path) -> Format | None:
    """The format of a file, or None when no reader knows it.

    A file without content, or of which nothing can be unpacked, counts as OpenAlex JSON Lines:
    nothing in it says otherwise, and reading tells what is wrong with it.

    Raises:
        FileNotFoundError: There is no such file.
        UnsuitableExportError: It is an export that countries cannot be counted from.
    """
    head = _head(path)
    if not head.strip():
        return FORMATS[openalex.JSONL]
    for package in _PACKAGES:
        name = package.recognise(head, path)
        if name is not None:
            return FORMATS[name]
    other_exports.refuse(head, path)
    return None


def reader_of(path: Path) -> Format | None:
    """The format to read a file of an accepted drop with; more lenient than `recognise`.

    JSON in which no work is recognised is read all the same, so that each of its records is
    rejected for its own reason.
    """
    recognised = recognise(path)
    if recognised is None and (shape := openalex.shape(_head(path))):
        return FORMATS[shape]
    return recognised


def _head(path: Path) -> bytes:
    blocks = content_blocks(path, Meter())
    head = b""
    try:
        while len(head) < HEAD_BYTES and (block := next(blocks, b"")):
            head += block
    except ContentLostError:
        pass
    return head[:HEAD_BYTES]
