"""Web of Science exports as BibTeX: which field of an entry is which field of a record."""

from collections.abc import Iterator
from pathlib import Path

from assets.bibtex_entries import BibtexEntry, bibtex_entries
from assets.file_content import Meter, content_blocks
from assets.quarantine import Rejected
from assets.records import DeliveredRecord
from assets.text_content import text_lines
from assets.web_of_science.addresses import listed
from assets.web_of_science.columns import bibtex_tag
from assets.web_of_science.record import Fields, delivered


def read_bibtex(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    """The records of a file, see `bibtex_entries`. Raises FileNotFoundError."""
    for entry in bibtex_entries(text_lines(content_blocks(path, meter))):
        if isinstance(entry, Rejected):
            yield entry
        else:
            found = values(entry)
            fields = Fields._make(found.get(tag, "") for tag in Fields._fields)
            yield delivered(entry.position, fields, _raw(entry), listed)


def values(entry: BibtexEntry) -> dict[str, str]:
    """The values of an entry by tag, with authors joined by semicolons.

    `AF` holds the authors even of an export that abbreviates their names, and groups: there is one field
    for all of them.
    """
    found = {tag: value for name, value in entry.fields.items() if (tag := bibtex_tag(name))}
    found.setdefault("UT", entry.key)
    if "AF" in found:
        found["AF"] = "; ".join(entry.authors)
    return found


def _raw(entry: BibtexEntry) -> str:
    return entry.raw.decode("utf-8", "surrogateescape")
