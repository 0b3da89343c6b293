"""Exports of databases that no reader knows, told by content, each with what to export in its place.

Exports of Web of Science and Scopus that lack something belong to the packages of these sources.
"""

import re
from pathlib import Path
from typing import Final

from assets.errors import UnsuitableExportError
from assets.text_content import text_lines
from assets.workbooks import is_archive, is_workbook

_BEGINNING: Final = 1 << 12
_EXPORT: Final = (
    "Export the records from Web of Science as tab delimited file, plain text, Excel or BibTeX, with the "
    "record content 'Full Record', or from Scopus as CSV, with Affiliations ticked among the rest."
)
_UNLINKED: Final = f"is not read: it does not say who works where. {_EXPORT}"
_TEXTS: Final = (
    (re.compile(r"TY {1,2}- {0,2}[A-Z]+\s"), f"is RIS. RIS {_UNLINKED}"),
    (re.compile(r"%0 [A-Z][A-Za-z ]*\n%[A-Z0-9@!] "), f"is an EndNote file, which {_UNLINKED}"),
    (re.compile(r"PMID- ?[0-9]+\s"), f"is a PubMed file, which is not read. {_EXPORT}"),
    (
        re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE),
        f"is a web page, no export; opened in a browser it may say what went wrong. {_EXPORT}",
    ),
)
"""How each begins, and what is said of it."""
_ARCHIVE: Final = "is a ZIP archive: unpack it, and put the files that are in it in its place"
_WORKBOOK: Final = (
    "is a workbook in which no row at the top of a sheet names the columns of a Web of Science export. "
    f"{_EXPORT}"
)


def refuse(head: bytes, path: Path) -> None:
    """Raise UnsuitableExportError when a file that begins so is one of these exports."""
    if is_archive(head):
        raise UnsuitableExportError(f"{path.name!r} {_ARCHIVE}.")
    if is_workbook(head):
        raise UnsuitableExportError(f"{path.name!r} {_WORKBOOK}")
    text = "".join(text_lines(iter([head[:_BEGINNING]]))).lstrip()
    for begins, said in _TEXTS:
        if begins.match(text):
            raise UnsuitableExportError(f"{path.name!r} {said}")
