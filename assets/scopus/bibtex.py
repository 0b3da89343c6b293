"""Scopus BibTeX exports: the fields a record is read from, under their names of before and after 2023.

They list authors and affiliations, but do not say which are whose.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from assets.bibtex_entries import BibtexEntry, bibtex_entries
from assets.file_content import Meter, content_blocks
from assets.quarantine import Rejected
from assets.records import DeliveredRecord
from assets.scopus.authors import bibtex_authors, unlinked
from assets.scopus.record import Fields, RefusedError, delivered
from assets.text_content import text_lines

AFFILIATIONS: Final = ("affiliations", "affiliation")
DOCUMENT_TYPE: Final = ("document_type", "type")
_CITED_BY = re.compile(r"cited by:?\s*([0-9]+)", re.IGNORECASE)


def read_bibtex(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    """The records of a file. Raises ContentLostError when none of it can be read, FileNotFoundError."""
    for entry in bibtex_entries(text_lines(content_blocks(path, meter))):
        yield entry if isinstance(entry, Rejected) else _outcome(entry)


def _outcome(entry: BibtexEntry) -> DeliveredRecord | Rejected:
    def field(*names: str) -> str:
        return next((value for name in names if (value := entry.fields.get(name))), "")

    cited_by = _CITED_BY.search(field("note"))
    fields = Fields(
        eid="",
        link=field("url"),
        doi=field("doi"),
        title=field("title"),
        abstract=field("abstract"),
        year=field("year"),
        document_type=field(*DOCUMENT_TYPE),
        cited_by=cited_by[1] if cited_by else "",
        keywords=field("author_keywords"),
    )
    authors = bibtex_authors(entry.authors)
    try:
        return delivered(entry.position, fields, unlinked(authors, field(*AFFILIATIONS)))
    except RefusedError as refused:
        return Rejected(entry.position, refused.reason, refused.detail, entry.raw)
