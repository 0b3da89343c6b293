"""Telling Web of Science exports by their content, and those that countries cannot be counted from."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from assets.errors import UnsuitableExportError
from assets.file_content import ContentLostError, Meter
from assets.text_content import HEAD_BYTES, text_lines
from assets.web_of_science import tagged
from assets.web_of_science.delimited import Row, Rows, header_of, layout_of
from assets.workbooks import is_workbook, tables

TAB: Final = "wos-tab"
TAGGED: Final = "wos-tagged"
EXCEL: Final = "wos-excel"
BIBTEX: Final = "wos-bibtex"

_ROWS_OF_A_SHEET: Final = 100
_TAGGED = re.compile(r"(?:FN [^\t\n]*\n\s*VR |PT [A-Z]\s*\n[A-Z][A-Z0-9] )")
_ENTRY_OF_WEB_OF_SCIENCE = re.compile(
    r"^@\w+\{\s*(?:WOS|ISI):|^[ \t]*Unique-ID[ \t]*=[ \t]*[{\"]+[A-Z]+:", re.MULTILINE | re.IGNORECASE
)
_ADDRESSES: Final = frozenset({"C1", "RP"})
_FULL_RECORD: Final = frozenset({"DT", "GA", "LA", "NR", "PU"})
"""What only full records have all of: one of these without an address simply has none."""
_EXPORT_AGAIN: Final = (
    "Export the records again from the Web of Science Core Collection as tab delimited file, plain text, "
    "Excel or BibTeX, with the record content 'Full Record'."
)


@dataclass(frozen=True)
class _Sample:
    """What the records at the beginning of a file hold."""

    format: str
    records: list[frozenset[str]]
    """For each the tags that have a value."""
    tags: frozenset[str] | None
    """Those of the columns, where the format has columns."""


def recognise(head: bytes, path: Path) -> str | None:
    """The format of a file, by its unpacked first bytes; None when it is no Web of Science export.

    Raises:
        UnsuitableExportError: It is one without addresses or accession numbers, or a workbook that cannot
            be read.
        FileNotFoundError: There is no such file.
    """
    if is_workbook(head):
        sample = _workbook(path)
    else:
        lines = list(text_lines(iter([head])))
        text = "".join(lines).lstrip()
        is_cut = len(head) >= HEAD_BYTES
        sample = next((found for sampled in _SAMPLES if (found := sampled(lines, text, is_cut))), None)
    if sample is None:
        return None
    _check_suitable(sample, path)
    return sample.format


def _check_suitable(sample: _Sample, path: Path) -> None:
    filled = frozenset().union(*sample.records) if sample.records else sample.tags or frozenset()
    columns = filled if sample.tags is None else sample.tags
    has_addresses = not _ADDRESSES.isdisjoint(filled) or filled >= _FULL_RECORD
    if not has_addresses or (sample.tags is not None and "C1" not in columns):
        lacking = "author addresses, so no country can be counted"
    elif "UT" not in filled:
        lacking = "accession numbers, so its versions and duplicates cannot be told"
    else:
        return
    raise UnsuitableExportError(
        f"{path.name!r} is a Web of Science export without {lacking}. {_EXPORT_AGAIN}"
    )


def _workbook(path: Path) -> _Sample | None:
    columns: set[str] = set()
    records: list[frozenset[str]] = []
    try:
        for header, rows in tables(path, Meter(), header_of):
            columns.update(header.tags)
            records += [_filled(header.tags, row) for row in islice(rows, _ROWS_OF_A_SHEET)]
    except ContentLostError as error:
        raise UnsuitableExportError(
            f"{path.name!r}: {error}. Save the table as CSV, or export the records again, from Web of "
            "Science as tab delimited file with the record content 'Full Record', from Scopus as CSV."
        ) from error
    return _Sample(EXCEL, records, frozenset(columns)) if columns else None


def _tagged(lines: list[str], text: str, is_cut: bool) -> _Sample | None:
    if not _TAGGED.match(text):
        return None
    records = [
        frozenset(tag for tag, value in tagged.values(record.lines).items() if value)
        for record in tagged.record_lines(lines)
        if not (is_cut and record.ends_file)
    ]
    return _Sample(TAGGED, records, frozenset({"C1", "UT"}) if not records else None)


def _delimited(lines: list[str], _: str, is_cut: bool) -> _Sample | None:
    layout = layout_of(lines)
    if layout is None:
        return None
    cells = _cells(layout.cells, Rows(layout, lines))
    header = next((header for names in cells if (header := header_of(names))), None)
    if header is None:
        return None
    rows = list(cells)
    if is_cut:
        rows = rows[:-1]
    # Lines of a row that is cut within a quoted cell have other numbers of cells.
    records = [_filled(header.tags, row) for row in rows if len(row) >= len(header.tags)]
    return _Sample(TAB, records, frozenset(header.tags))


def _cells(split: Callable[[str], list[str]], rows: Iterable[Row]) -> Iterator[list[str]]:
    for row in rows:
        try:
            yield split(row.text)
        except csv.Error:
            yield []


def _bibtex(lines: list[str], text: str, _: bool) -> _Sample | None:
    if not _ENTRY_OF_WEB_OF_SCIENCE.search(text):
        return None
    # The library takes a while to import; a look at the landing folder mostly does without.
    from assets.bibtex_entries import BibtexEntry, bibtex_entries
    from assets.web_of_science import bibtex

    # An entry that is cut is none.
    records = [
        frozenset(tag for tag, value in bibtex.values(entry).items() if value.strip())
        for entry in bibtex_entries(lines)
        if isinstance(entry, BibtexEntry)
    ]
    return _Sample(BIBTEX, records, frozenset({"C1", "UT"}) if not records else None)


def _filled(tags: list[str], cells: list[str]) -> frozenset[str]:
    return frozenset(tag for tag, cell in zip(tags, cells, strict=False) if tag and cell.strip())


_SAMPLES: Final = (_tagged, _delimited, _bibtex)
