"""Scopus CSV exports: rows, and the columns a record is read from.

Columns are found by their names, which are the same in exports of before and after 2023; the forms of
values that changed are told apart in `assets.scopus.authors`.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assets.file_content import ContentLostError, Meter, content_blocks
from assets.quarantine import MAX_RAW_BYTES, Reason, Rejected
from assets.records import DeliveredRecord
from assets.scopus.authors import csv_authors, linked
from assets.scopus.record import Fields, RefusedError, delivered
from assets.text_content import as_delivered, is_text, names_delimiter, text_lines

MAX_CELL_CHARACTERS: Final = 16 << 20
"""The addresses of 3,000 authors take less than 1 MiB."""
ADDRESSES: Final = "authors with affiliations"
_SIGNS: Final = ({"eid"}, {ADDRESSES}, {"source title", "link"})
"""Columns that tell a Scopus export from other lists of authors and titles."""
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True)
class Header:
    """The first row of an export."""

    columns: dict[str, int]
    """0-based positions of the columns by name, in lower case."""
    width: int
    delimiter: str
    """A comma; something else once a spreadsheet has saved the export again."""

    def cell(self, row: list[str], column: str) -> str:
        """The value of a column in a row; empty when the export lacks the column."""
        place = self.columns.get(column)
        return "" if place is None else row[place]


def header_of(line: str) -> Header | None:
    """The header that a line is; None when it is none of a Scopus export."""
    for delimiter in _DELIMITERS:
        try:
            names = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        if columns := columns_of(names):
            return Header(columns, len(names), delimiter)
    return None


def columns_of(names: list[str]) -> dict[str, int] | None:
    """The positions of the columns in a header with these names; None when it is none of Scopus."""
    columns = {name.strip().lower(): place for place, name in reversed(list(enumerate(names)))}
    if {"authors", "title"} <= columns.keys() and any(signs <= columns.keys() for signs in _SIGNS):
        return columns
    return None


def first_line(lines: Iterator[str]) -> str:
    """The line that names the columns, if any does; the lines below it are left."""
    line = next(lines, "")
    return next(lines, "") if names_delimiter(line) else line


def read_csv(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    """The records of a file. Raises ContentLostError when none of it can be read, FileNotFoundError."""
    lines = text_lines(content_blocks(path, meter))
    header = header_of(first_line(lines))
    if header is None:
        raise ContentLostError(Reason.UNREADABLE_FILE, "its first line does not name the columns of Scopus")
    for row in _rows(lines, header):
        yield row if isinstance(row, Rejected) else _outcome(row, header)


@dataclass(frozen=True)
class _Row:
    position: int
    cells: list[str]
    raw: str


def _outcome(row: _Row, header: Header) -> DeliveredRecord | Rejected:
    if not is_text(row.raw):
        detail = "some of its bytes are no UTF-8; deliver it as UTF-8 text"
        return _rejected(row.position, Reason.INVALID_TEXT, detail, row.raw)

    def cell(column: str) -> str:
        return header.cell(row.cells, column)

    fields = Fields(
        eid=cell("eid"),
        link=cell("link"),
        doi=cell("doi"),
        title=cell("title"),
        abstract=cell("abstract"),
        year=cell("year"),
        document_type=cell("document type"),
        # Before 2023 the cell of a work that nobody cited was left blank.
        cited_by=cell("cited by") or ("0" if "cited by" in header.columns else ""),
        keywords=cell("author keywords"),
    )
    authors = csv_authors(cell("authors"))
    try:
        return delivered(row.position, fields, linked(authors, cell("affiliations"), cell(ADDRESSES)))
    except RefusedError as refused:
        return _rejected(row.position, refused.reason, refused.detail, row.raw)


class _Lines:
    """Lines that can be read again from the second of a broken row on."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        """Those of the row at hand."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        return line

    def give_back(self) -> str:
        """Keep the first line of the row at hand for the caller, the others for the next row."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        return first


def _rows(lines: Iterator[str], header: Header) -> Iterator[_Row | Rejected]:
    """The rows below the header; blank ones and repeated headers are none.

    A row may hold line breaks within quotes. One that is broken, be it by a stray quote that would swallow
    the rows after it, is rejected up to its first line break, and reading goes on from there.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=header.delimiter, strict=True)
    position = 0
    while True:
        source.taken.clear()
        cells: list[str] = []
        try:
            cells = next(reader)
            fault = _misfit(cells, header)
        except StopIteration:
            return
        except csv.Error as error:
            fault = f"the row cannot be split into cells: {error}"
        except ContentLostError as lost:
            raw = "".join(source.taken)
            yield _rejected(position + 1, lost.reason, lost.detail, raw, ends_file=True)
            return
        if fault is not None:
            position += 1
            yield _broken(position, fault, source)
        elif any(cells) and not _repeats(cells, header):
            position += 1
            yield _Row(position, cells, "".join(source.taken))


def _misfit(cells: list[str], header: Header) -> str | None:
    if any(cells) and (len(cells) < header.width or any(cells[header.width :])):
        return f"the row has {len(cells)} cells, the header {header.width}"
    return None


def _repeats(cells: list[str], header: Header) -> bool:
    """Whether a row is the header again: files were joined."""
    return all(header.cell(cells, column).lower() == column for column in ("authors", "title"))


def _broken(position: int, fault: str, source: _Lines) -> Rejected:
    if len(source.taken) == 1 and not source.taken[0].endswith("\n"):
        detail = f"the file ends within its last row: {fault}"
        return _rejected(position, Reason.TRUNCATED_FILE, detail, source.taken[0], ends_file=True)
    return _rejected(position, Reason.BROKEN_ROW, fault, source.give_back())


def _rejected(position: int, reason: Reason, detail: str, raw: str, *, ends_file: bool = False) -> Rejected:
    kept = as_delivered(raw[: MAX_RAW_BYTES + 1])
    return Rejected(position, reason, detail, kept, ends_file)
