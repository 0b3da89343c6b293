"""Telling Scopus exports by their content, and those apart that countries cannot be counted from."""

import re
from pathlib import Path
from typing import Final, NoReturn

from assets.errors import UnsuitableExportError
from assets.scopus.csv_export import ADDRESSES, header_of
from assets.text_content import text_lines

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
    text = "".join(text_lines(iter([head])))
    header = header_of(text.partition("\n")[0])
    if header is not None:
        missing = [option for column, option in _NEEDED.items() if column not in header.columns]
        if not header.columns.keys() & {"eid", "link"}:
            missing.append("EID")
        if missing:
            _refuse(path, f"CSV export without {' and '.join(missing)}")
        return CSV
    if _ENTRY.search(text) and _BY_SCOPUS.search(text):
        signs = {"Affiliations": _AFFILIATIONS, "Source & document type": _DOCUMENT_TYPE}
        missing = [option for option, sign in signs.items() if not sign.search(text)]
        if missing:
            _refuse(path, f"BibTeX export without {' and '.join(missing)}")
        return BIBTEX
    if _PLAIN_TEXT.match(text):
        _refuse(path, "plain text export, which is not read")
    return None


def _refuse(path: Path, what: str) -> NoReturn:
    raise UnsuitableExportError(
        f"{path.name!r} is a Scopus {what}. Export these documents from Scopus again: choose CSV, "
        f"tick {_OPTIONS}, and put that file in the place of this one."
    )
