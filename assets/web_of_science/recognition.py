"""Telling Web of Science exports by their content, and those that countries cannot be counted from."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assets.errors import UnsuitableExportError
from assets.file_content import ContentLostError, Meter
from assets.text_content import text_lines
from assets.web_of_science import tagged
from assets.web_of_science.delimited import header_of, layout_of
from assets.web_of_science.excel import sheet_rows

TAB: Final = "wos-tab"
TAGGED: Final = "wos-tagged"
EXCEL: Final = "wos-excel"
BIBTEX: Final = "wos-bibtex"

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_ROWS_OF_A_WORKBOOK: Final = 100
_RIS = re.compile(r"TY {1,2}- {0,2}[A-Z]+\s*")
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

_OTHERWISE: Final = f"{_EXPORT_AGAIN} Or from Scopus as CSV, with Affiliations ticked among the rest."


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
        UnsuitableExportError: It is one without addresses or accession numbers, or it is RIS, from
            wherever.
        FileNotFoundError: There is no such file.
    """
    if head.startswith(_WORKBOOKS):
        sample = _workbook(path)
    else:
        lines = list(text_lines(iter([head])))
        text = "".join(lines).lstrip()
        if _RIS.match(text):
            raise UnsuitableExportError(f"{path.name!r} is RIS, which has no author addresses. {_OTHERWISE}")
        sample = next((found for sampled in _SAMPLES if (found := sampled(lines, text))), None)
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
    try:
        found = sheet_rows(path, Meter())
    except ContentLostError:
        return None
    if found is None:
        return None
    header, rows = found
    records = [_filled(header.tags, row) for row, _ in zip(rows, range(_ROWS_OF_A_WORKBOOK), strict=False)]
    return _Sample(EXCEL, records, frozenset(header.tags))


def _tagged(lines: list[str], text: str) -> _Sample | None:
    if not _TAGGED.match(text):
        return None
    records = [
        frozenset(tag for tag, value in tagged.values(record.lines).items() if value)
        for record in tagged.record_lines(lines)
    ]
    return _Sample(TAGGED, records, frozenset({"C1", "UT"}) if not records else None)


def _delimited(lines: list[str], _: str) -> _Sample | None:
    layout = layout_of(lines)
    if layout is None:
        return None
    tables: Iterator[list[str]] = _cells(layout.cells, [row.text for row in layout.rows(lines)])
    header = header_of(next(tables))
    if header is None:
        return None
    records = [_filled(header.tags, cells) for cells in tables]
    return _Sample(TAB, records, frozenset(header.tags))


def _cells(split: Callable[[str], list[str]], rows: list[str]) -> Iterator[list[str]]:
    for row in rows:
        try:
            yield split(row)
        except csv.Error:
            continue


def _bibtex(lines: list[str], text: str) -> _Sample | None:
    if not _ENTRY_OF_WEB_OF_SCIENCE.search(text):
        return None
    # The library takes a while to import; a look at the landing folder mostly does without.
    from assets.bibtex_entries import BibtexEntry, bibtex_entries
    from assets.web_of_science import bibtex

    records = [
        frozenset(tag for tag, value in bibtex.values(entry).items() if value.strip())
        for entry in bibtex_entries(lines)
        if isinstance(entry, BibtexEntry)
    ]
    return _Sample(BIBTEX, records, frozenset({"C1", "UT"}) if not records else None)


def _filled(tags: list[str], cells: list[str]) -> frozenset[str]:
    return frozenset(tag for tag, cell in zip(tags, cells, strict=False) if tag and cell.strip())


_SAMPLES: Final = (_tagged, _delimited, _bibtex)
