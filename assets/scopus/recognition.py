"""Telling Scopus exports by their content, and those apart that countries cannot be counted from."""

import re
from pathlib import Path
from typing import Final, NoReturn

from assets.errors import UnsuitableExportError
from assets.file_content import ContentLostError, Meter
from assets.scopus.csv_export import ADDRESSES, columns_of, first_line, header_of
from assets.text_content import HEAD_BYTES, text_lines
from assets.workbooks import is_workbook, tables

CSV: Final = "scopus-csv"
BIBTEX: Final = "scopus-bibtex"
_ENTRY = re.compile(r"^[ \t]*@\w+[ \t]*[{(]", re.MULTILINE)
_BY_SCOPUS = re.compile(
    r"\bsource\s*=\s*[{\"]\s*Scopus\b|\burl\s*=\s*[{\"]\s*https?://www\.scopus\.com/", re.IGNORECASE
)
_AFFILIATIONS = re.compile(r"\baffiliations?\s*=", re.IGNORECASE)
_DOCUMENT_TYPE = re.compile(r"\b(?:document_)?type\s*=", re.IGNORECASE)
_PLAIN_TEXT = re.compile(r"\s*Scopus\s+EXPORT DATE:")
_OPTIONS: Final = (
    "Author(s), Document title, Year, EID, Citation count, Source & document type, DOI, Affiliations, "
    "Abstract and Author keywords"
)
"""What to tick in Scopus, as its export dialogue calls it."""
_NEEDED: Final = {
    ADDRESSES: "Affiliations",
    "document type": "Source & document type",
    "year": "Year",
}
"""Columns that nothing is counted without, and the option each comes with."""


def recognise(head: bytes, path: Path) -> str | None:
    """The format of a file that Scopus exported, by its first bytes; None when it did not.

    Raises:
        UnsuitableExportError: It did, but without what countries are counted from.
    """
    if is_workbook(head):
        _refuse_workbook(path)
        return None
    lines = list(text_lines(iter([head])))
    header = header_of(first_line(iter(lines)))
    if header is not None:
        missing = [option for column, option in _NEEDED.items() if column not in header.columns]
        if not header.columns.keys() & {"eid", "link"}:
            missing.append("EID")
        if missing:
            _refuse(path, f"CSV export without {' and '.join(missing)}")
        return CSV
    text = "".join(lines)
    is_export = _PLAIN_TEXT.match(text)
    if _ENTRY.search(text) and (is_export or _BY_SCOPUS.search(text)):
        whole = _whole_entries(text, is_cut=len(head) >= HEAD_BYTES)
        signs = {"Affiliations": _AFFILIATIONS, "Source & document type": _DOCUMENT_TYPE}
        missing = [option for option, sign in signs.items() if whole and not sign.search(whole)]
        if missing:
            _refuse(path, f"BibTeX export without {' and '.join(missing)}")
        return BIBTEX
    if is_export:
        _refuse(path, "plain text export, which is not read")
    return None


def _whole_entries(text: str, *, is_cut: bool) -> str:
    """The text of the entries that are there to their end; empty when there are none."""
    if not is_cut:
        return text
    first, *others = (entry.start() for entry in _ENTRY.finditer(text))
    return text[first : others[-1]] if others else ""


def _refuse_workbook(path: Path) -> None:
    try:
        is_export = next(tables(path, Meter(), columns_of), None) is not None
    except ContentLostError:
        return
    if is_export:
        _refuse(path, "table saved as Excel workbook, which is not read")


def _refuse(path: Path, what: str) -> NoReturn:
    raise UnsuitableExportError(
        f"{path.name!r} is a Scopus {what}. Export these documents from Scopus again: choose CSV, "
        f"tick {_OPTIONS}, and put that file in the place of this one."
    )
