"""Web of Science exports that hold a record a row: tab-delimited ones, and those saved again as CSV.

Fields are found by the header, never by position. A header that is repeated amid the file, as when exports
were put together, is no record; one with other columns holds from there on.

Web of Science quotes nothing, so a quote is a character like any other. Spreadsheets and scripts that
save an export again do quote, and break rows within quotes. Which of both a file is, its first rows tell, see
`Layout`.
"""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from assets.file_content import ContentLostError, Meter, content_blocks
from assets.quarantine import Reason, Rejected
from assets.records import DeliveredRecord
from assets.text_content import text_lines
from assets.web_of_science.columns import is_header, tag_of, tags_of
from assets.web_of_science.record import Fields, delivered, rejected, work_id

MAX_ROW_CHARACTERS: Final = 16 << 20
"""Of a row that goes over several lines; 1,164 authors with their references take less than 1 MiB."""
_HEAD_CHARACTERS: Final = 1 << 18
_DELIMITERS: Final = "\t,;"
_QUOTED_CELL = re.compile(r'\s*"(?:[^"]|"")*"\s*')
_ACCESSION_CHARACTERS: Final = 19
"""Of a number of the Core Collection with its prefix: `WOS:000985648900009`."""


class Row(NamedTuple):
    """The lines of one row."""

    line: int
    """1-based number of its first line."""
    text: str
    closed: bool
    """Whether each quote that opens is closed."""


@dataclass(frozen=True)
class Layout:
    """How a file holds its rows."""

    delimiter: str
    quoted: bool
    """Whether quotes enclose cells. So they do where the delimiter is no tab or the names in the header are
    quoted; else where fewer of the first rows miss their number of fields that way; else, when it makes
    no difference, where each cell with a quote is enclosed in quotes and one of them doubles a quote or
    holds authors, whose names have none."""

    def cells(self, text: str) -> list[str]:
        """The cells of a row; raises csv.Error when its quotes are not as CSV has them."""
        bare = text.removesuffix("\n")
        if self.quoted and '"' in bare:
            csv.field_size_limit(MAX_ROW_CHARACTERS)
            return next(csv.reader([bare], delimiter=self.delimiter, strict=True))
        return bare.split(self.delimiter)

    def rows(self, lines: Iterable[str]) -> Iterator[Row]:
        """The rows that are not blank."""
        rows = _quoted_rows(lines) if self.quoted else _plain_rows(lines)
        blank = f"{self.delimiter} \n"
        return (row for row in rows if row.text.strip(blank))


@dataclass(frozen=True)
class Header:
    """The columns of a file."""

    tags: list[str]
    """Of each column, empty for one that is not known; blank names at the end are no columns."""
    pick: Callable[[list[str]], tuple[str, ...]]
    """The cells that are read, in the order of `Fields`, from a row of `len(tags)` cells and a blank one."""


def read_delimited(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    """The records of a file. Raises ContentLostError when none of it can be read, FileNotFoundError."""
    lines = text_lines(content_blocks(path, meter))
    head, lines = _head(lines)
    layout = layout_of(head)
    if layout is None:
        detail = "no line at its beginning names the columns of a Web of Science export"
        raise ContentLostError(Reason.UNREADABLE_FILE, detail)
    return _records(layout, layout.rows(lines))


def layout_of(head: list[str]) -> Layout | None:
    """How the file that begins with these lines holds its rows; None when it has no header."""
    line = next((line for line in head if line.strip()), "").removesuffix("\n")
    for delimiter in _DELIMITERS:
        if is_header(tags_of(line.split(delimiter))):
            quoted = delimiter != "\t" or line.startswith('"') or _is_quoted(head, line.split("\t"))
            return Layout(delimiter, quoted)
    return None


def header_of(cells: list[str]) -> Header | None:
    """The header that a row is, or None when it is none."""
    tags = tags_of(cells)
    if not is_header(tags):
        return None
    while not cells[len(tags) - 1].strip():
        tags.pop()
    places = [tags.index(tag) if tag in tags else len(tags) for tag in Fields._fields]
    return Header(tags, itemgetter(*places))


def _records(layout: Layout, rows: Iterator[Row]) -> Iterator[DeliveredRecord | Rejected]:
    header: Header | None = None
    position = 0
    for row in rows:
        fault = "a quote is opened that is not closed" if not row.closed else None
        cells: list[str] = []
        if fault is None:
            try:
                cells = layout.cells(row.text)
            except csv.Error as error:
                fault = f"its cells cannot be told apart: {error}"
        # A look at one cell comes first: telling a header by all its names takes a while.
        if cells and (header is None or tag_of(cells[0])) and (found := header_of(cells)):
            header = found
            continue
        if header is None:
            continue
        position += 1
        fault = fault or _misfit(cells, header)
        if fault:
            yield _broken(position, row, fault)
            if _is_cut(row):
                return
        elif _is_cut(row) and _ends_within_id(cells, header):
            yield _broken(position, row, "its accession number is too short")
            return
        else:
            cells[len(header.tags) :] = [""]
            yield delivered(position, Fields._make(header.pick(cells)), row.text)


def _misfit(cells: list[str], header: Header) -> str | None:
    width = len(header.tags)
    if len(cells) != width and (len(cells) < width or any(map(str.strip, cells[width:]))):
        return f"it has {len(cells)} fields, the header {width}"
    return None


def _broken(position: int, row: Row, fault: str) -> Rejected:
    if _is_cut(row):
        detail = f"the file ends within the row that begins in line {row.line}: {fault}"
        return rejected(position, Reason.TRUNCATED_FILE, detail, row.text, ends_file=True)
    return rejected(position, Reason.BROKEN_ROW, f"the row that begins in line {row.line}: {fault}", row.text)


def _is_cut(row: Row) -> bool:
    """Whether the file may end within the row."""
    return not row.text.endswith("\n")


def _ends_within_id(cells: list[str], header: Header) -> bool:
    """Whether the accession number comes last in the row and lacks characters."""
    if header.tags[-1] != "UT" or len(cells) > len(header.tags):
        return False
    identity = work_id(cells[-1])
    return identity is None or (identity.startswith("WOS:") and len(identity) < _ACCESSION_CHARACTERS)


def _plain_rows(lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        yield Row(number, line, closed=True)


def _quoted_rows(lines: Iterable[str]) -> Iterator[Row]:
    """Rows put together until their quotes pair.

    Where they do not for too long, a quote is astray: only the line it stands in is a broken row, and
    reading goes on with the next.
    """
    source = iter(lines)
    again: deque[str] = deque()
    number = 1
    while first := again.popleft() if again else next(source, ""):
        parts = [first]
        characters = len(first)
        is_open = first.count('"') % 2 == 1
        while is_open and characters <= MAX_ROW_CHARACTERS:
            line = again.popleft() if again else next(source, "")
            if not line:
                break
            parts.append(line)
            characters += len(line)
            is_open ^= line.count('"') % 2 == 1
        if is_open:
            again.extendleft(reversed(parts[1:]))
            del parts[1:]
        yield Row(number, "".join(parts), closed=not is_open)
        number += len(parts)


def _head(lines: Iterator[str]) -> tuple[list[str], Iterator[str]]:
    """The first lines, and all lines again; what is lost among the first is missed after them."""
    head: list[str] = []
    characters = 0
    try:
        for line in lines:
            head.append(line)
            characters += len(line)
            if characters >= _HEAD_CHARACTERS:
                break
    except ContentLostError as error:
        return head, chain(head, _lost(error))
    return head, chain(head, lines)


def _lost(error: ContentLostError) -> Iterator[str]:
    yield from ()
    raise error


def _is_quoted(head: list[str], names: list[str]) -> bool:
    """Whether the quotes in these tab-delimited lines enclose cells, see `Layout.quoted`."""
    if not any('"' in line for line in head):
        return False
    as_plain = _misfits(Layout("\t", quoted=False), head, len(names))
    as_quoted = _misfits(Layout("\t", quoted=True), head, len(names))
    if as_plain != as_quoted:
        return as_quoted < as_plain
    tags = tags_of(names)
    holding = [
        (tag, cell)
        for line in head
        for tag, cell in zip(tags, line.removesuffix("\n").split("\t"), strict=False)
        if '"' in cell
    ]
    return all(_QUOTED_CELL.fullmatch(cell) for _, cell in holding) and any(
        '""' in cell or tag in ("AU", "AF") for tag, cell in holding
    )


def _misfits(layout: Layout, head: list[str], width: int) -> int:
    """How many rows do not have as many fields as the header, the last one aside: it may go on."""
    rows = list(layout.rows(head))[:-1]
    return sum(_row_misfits(layout, row, width) for row in rows)


def _row_misfits(layout: Layout, row: Row, width: int) -> bool:
    try:
        cells = layout.cells(row.text)
    except csv.Error:
        return True
    return not row.closed or len(cells) < width or any(cells[width:])
