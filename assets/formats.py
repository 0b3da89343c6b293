"""The formats that can be read, and how one is recognised: by content, never by name.

A format is one way a source's records are packed into a file. Its reader belongs to the source's
module; add a format here and it is read.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assets import openalex
from assets.file_content import ContentLostError, Meter, content_blocks
from assets.json_pieces import is_array, is_page, json_elements, json_lines
from assets.quarantine import Rejected
from assets.records import DeliveredRecord

_HEAD_BYTES: Final = 1 << 18
_PARQUET_MAGIC: Final = b"PAR1"
_JSON_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]")
_FULL_WORK_ID = re.compile(rb'"id"\s*:\s*"https?://openalex\.org/W[0-9]+"')
_SHORT_WORK_ID = re.compile(rb'"id"\s*:\s*"W[0-9]+"')
_YEAR = b'"publication_year"'
_AUTHORS = b'"authorships"'


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


def _read_lines(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    return openalex.works(json_lines(content_blocks(path, meter)))


def _read_elements(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    return openalex.works(json_elements(content_blocks(path, meter)))


def _read_parquet(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    # Arrow takes a while to import; a look at the landing folder mostly does without.
    from assets.openalex_parquet import parquet_works

    return parquet_works(path, meter)


OPENALEX_JSONL: Final = Format("openalex-jsonl", openalex.SOURCE, _read_lines)
OPENALEX_ARRAY: Final = Format("openalex-array", openalex.SOURCE, _read_elements)
OPENALEX_PAGE: Final = Format("openalex-page", openalex.SOURCE, _read_elements)
OPENALEX_PARQUET: Final = Format("openalex-parquet", openalex.SOURCE, _read_parquet)


def recognise(path: Path) -> Format | None:
    """The format of a file, or None when no reader knows it. Raises FileNotFoundError.

    A file without content, or of which nothing can be unpacked, counts as OpenAlex JSON Lines:
    nothing in it says otherwise, and reading tells what is wrong with it.
    """
    head = _head(path)
    if not head.strip():
        return OPENALEX_JSONL
    if head.startswith(_PARQUET_MAGIC):
        from assets.openalex_parquet import may_hold_works

        return OPENALEX_PARQUET if may_hold_works(path) else None
    shape = _json_shape(head)
    empty = shape is not OPENALEX_JSONL and next(json_elements(iter([head])), None) is None
    return shape if empty or _holds_works(head) else None


def reader_of(path: Path) -> Format | None:
    """The format to read a file of an accepted drop with; more lenient than `recognise`.

    JSON in which no work is recognised is read all the same, so that each of its records is
    rejected for its own reason.
    """
    recognised = recognise(path)
    if recognised is None and _JSON_BEGINS.match(head := _head(path)):
        return _json_shape(head)
    return recognised


def _head(path: Path) -> bytes:
    blocks = content_blocks(path, Meter())
    head = b""
    try:
        while len(head) < _HEAD_BYTES and (block := next(blocks, b"")):
            head += block
    except ContentLostError:
        pass
    return head[:_HEAD_BYTES]


def _json_shape(head: bytes) -> Format:
    if is_array(head):
        return OPENALEX_ARRAY
    return OPENALEX_PAGE if is_page(head) else OPENALEX_JSONL


def _holds_works(head: bytes) -> bool:
    if _FULL_WORK_ID.search(head):
        return True
    signs = [_SHORT_WORK_ID.search(head) is not None, _YEAR in head, _AUTHORS in head]
    return sum(signs) >= 2
