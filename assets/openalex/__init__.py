"""OpenAlex works: recognising and reading the forms they are delivered in.

What is read of a work is in `work`, cutting JSON into records in `json_pieces`, Parquet in `parquet`.
Pulling works from OpenAlex belongs to `assets.pull`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from assets.file_content import Meter, content_blocks
from assets.openalex.json_pieces import is_array, is_page, json_elements, json_lines
from assets.openalex.work import SOURCE, works
from assets.quarantine import Rejected
from assets.records import DeliveredRecord

__all__ = ["READERS", "SOURCE", "recognise", "shape"]

JSONL: Final = "openalex-jsonl"
ARRAY: Final = "openalex-array"
PAGE: Final = "openalex-page"
PARQUET: Final = "openalex-parquet"

_PARQUET_MAGIC: Final = b"PAR1"
_JSON_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]")
_FULL_WORK_ID = re.compile(rb'"id"\s*:\s*"https?://openalex\.org/W[0-9]+"')
_SHORT_WORK_ID = re.compile(rb'"id"\s*:\s*"W[0-9]+"')
_YEAR = b'"publication_year"'
_AUTHORS = b'"authorships"'


def recognise(head: bytes, path: Path) -> str | None:
    """The format of a file that holds works, by its first bytes; None when it holds none."""
    if head.startswith(_PARQUET_MAGIC):
        from assets.openalex.parquet import may_hold_works

        return PARQUET if may_hold_works(path) else None
    if _holds_works(head):
        return _json_shape(head)
    if not _JSON_BEGINS.match(head) or (found := _json_shape(head)) == JSONL:
        return None
    empty = next(json_elements(iter([head])), None) is None
    return found if empty else None


def shape(head: bytes) -> str | None:
    """How JSON of any content is packed; None when it is no JSON."""
    return _json_shape(head) if _JSON_BEGINS.match(head) else None


def _json_shape(head: bytes) -> str:
    if is_array(head):
        return ARRAY
    return PAGE if is_page(head) else JSONL


def _holds_works(head: bytes) -> bool:
    if _FULL_WORK_ID.search(head):
        return True
    signs = [_SHORT_WORK_ID.search(head) is not None, _YEAR in head, _AUTHORS in head]
    return sum(signs) >= 2


def _read_lines(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    return works(json_lines(content_blocks(path, meter)))


def _read_elements(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    return works(json_elements(content_blocks(path, meter)))


def _read_parquet(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    # Arrow takes a while to import; a look at the landing folder mostly does without.
    from assets.openalex.parquet import parquet_works

    return parquet_works(path, meter)


READERS: Final[Mapping[str, Callable[[Path, Meter], Iterator[DeliveredRecord | Rejected]]]] = {
    JSONL: _read_lines,
    ARRAY: _read_elements,
    PAGE: _read_elements,
    PARQUET: _read_parquet,
}
"""The reader of each format."""
