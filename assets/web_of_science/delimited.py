"""Web of Science exports that hold a record a row: tab-delimited ones, and those saved again as CSV.

Fields are found by the header, never by position. A header that is repeated amid the file, as when exports
were put together, is no record; one with other columns holds from there on.

Web of Science quotes nothing, so a quote is a character like any other. Spreadsheets and scripts that
save an export again do quote, and break rows within quotes. Which of both a file is, its first rows tell.
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
from assets.text_content import names_delimiter, text_lines
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
    lines: int
    """How many it goes over."""
    closed: bool
    """Whether each quote that opens is closed."""


@dataclass(frozen=True)
class Layout:
    """How a file holds its rows."""

    delimiter: str
    quoted: bool
    """Whether quotes enclose cells."""

    def cells(self, text: str) -> list[str]:
        """The cells of a row; raises csv.Error when its quotes are not as CSV has them."""
        bare = text.removesuffix("\n")
        if self.quoted and '"' in bare:
            csv.field_size_limit(MAX_ROW_CHARACTERS)
            return next(csv.reader([bare], delimiter=self.delimiter, strict=True))
        return bare.split(self.delimiter)


class Rows:
    """The rows that are not blank, those of quoted cells put together until their quotes pair.

    Where they do not for too long, a quote is astray: the line it stands in is a row of its own. Where
    they do, but give no row of the file, whoever reads gives the lines after the first back.
    """

    def __init__(self, layout: Layout, lines: Iterable[str]) -> None:
        self._quoted = layout.quoted
        self._blank = f"{layout.delimiter} \n"
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._number = 1

    def __iter__(self) -> Iterator[Row]:
        while line := self._line():
            self._taken = [line]
            is_closed = not self._quoted or line.count('"') % 2 == 0 or self._closed()
            text = "".join(self._taken)
            lines = len(self._taken)
            self._number += lines
            if text.strip(self._blank):
                yield Row(self._number - lines, text, lines, is_closed)

    def give_back(self) -> Row:
        """The first line of the row at hand, to be read as a row; the others belong to the next rows."""
        first, *others = self._taken
        self._again.extendleft(reversed(others))
        self._number -= len(others)
        return Row(self._number - 1, first, 1, closed=False)

    def _line(self) -> str:
        return self._again.popleft() if self._again else next(self._lines, "")

    def _closed(self) -> bool:
        """Whether the quote that the row at hand leaves open is closed; the lines up to there are taken."""
        characters = len(self._taken[0])
        while characters <= MAX_ROW_CHARACTERS and (line := self._line()):
            self._taken.append(line)
            characters += len(line)
            if line.count('"') % 2 == 1:
                return True
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]
        return False


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
    return _records(layout, Rows(layout, lines))


def layout_of(head: list[str]) -> Layout | None:
    """How the file that begins with these lines holds its rows; None when it has no header."""
    table = [line for line in head if line.strip() and not names_delimiter(line)]
    line = table[0].removesuffix("\n") if table else ""
    for delimiter in _DELIMITERS:
        if is_header(tags_of(line.split(delimiter))):
            quoted = delimiter != "\t" or line.startswith('"') or _is_quoted(table, line.split("\t"))
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


def _records(layout: Layout, rows: Rows) -> Iterator[DeliveredRecord | Rejected]:
    header: Header | None = None
    position = 0
    for joined in rows:
        row = joined
        cells, fault = _cells(layout, row, header)
        if fault and row.lines > 1:
            # A stray quote took the rows up to the next stray one for its own.
            row = rows.give_back()
            cells, fault = _cells(layout, row, header)
        # A look at one cell comes first: telling a header by all its names takes a while.
        if cells and (header is None or tag_of(cells[0])) and (found := header_of(cells)):
            header = found
            continue
        if header is None:
            continue
        position += 1
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


def _cells(layout: Layout, row: Row, header: Header | None) -> tuple[list[str], str | None]:
    """The cells of a row, and why they are none of a record below this header."""
    try:
        cells = layout.cells(row.text)
    except csv.Error as error:
        astray = "a quote is opened that is not closed"
        return [], f"its cells cannot be told apart: {error}" if row.closed else astray
    return cells, None if header is None else _misfit(cells, header)


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
    """Whether the quotes in these tab-delimited lines enclose cells.

    So they do where fewer rows miss their number of fields that way; else, when it makes no difference,
    where each cell with a quote is enclosed in quotes and one of them doubles a quote or holds authors,
    whose names have none.
    """
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
    rows = list(Rows(layout, head))[:-1]
    return sum(_row_misfits(layout, row, width) for row in rows)


def _row_misfits(layout: Layout, row: Row, width: int) -> bool:
    try:
        cells = layout.cells(row.text)
    except csv.Error:
        return True
    return not row.closed or len(cells) < width or any(cells[width:])
