"""The record that the fields of a Web of Science record give, whatever format they come in.

Telling the fields of a record from a file belongs to the modules of the formats; addresses to
`assets.web_of_science.addresses`.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from assets.author_addresses import author_fields
from assets.quarantine import MAX_RAW_BYTES, Reason, Rejected
from assets.records import DeliveredRecord, Record, normalised_doi
from assets.text_content import as_delivered, is_text, one_line, without_entities
from assets.web_of_science.addresses import AddressReader, Authors, bracketed, entries, links, people

SOURCE: Final = "wos"

_ACCESSION_NUMBER = re.compile(r"[A-Z][A-Z0-9]*:\S+")
_YEAR = re.compile(r"[12][0-9]{3}(?:\.0)?", re.ASCII)
_YEAR_OF_A_DATE = re.compile(r"(?<![0-9])[12][0-9]{3}(?![0-9])", re.ASCII)
_NUMBER = re.compile(r"[0-9]+(?:\.0)?", re.ASCII)
_FULL_CELL: Final = 32_767
"""Characters: what exceeds them in a cell is cut by Excel."""


class Fields(NamedTuple):
    """The fields that are read, named by their tags; empty where a record has none.

    Lists are joined by semicolons. Group authors of the book (`GP`), such as the society that held a
    conference, and authors of the book (`BA`, `BF`) are no authors of the record.
    """

    UT: str
    AU: str
    AF: str
    CA: str
    C1: str
    TI: str
    AB: str
    DE: str
    DT: str
    DI: str
    PY: str
    EY: str
    EA: str
    DA: str
    TC: str
    Z9: str


_TEXTS: Final = ("AU", "AF", "CA", "C1", "TI", "AB", "DE")


class _RefusedError(Exception):
    """The fields give no record."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def delivered(
    position: int, fields: Fields, raw: str, addresses_of: AddressReader = bracketed
) -> DeliveredRecord | Rejected:
    """The record of these fields, or why there is none; `raw` is the text as delivered."""
    try:
        _check_whole(fields, raw)
        return DeliveredRecord(position, _export_date(fields.DA.strip()), _record(fields, addresses_of))
    except _RefusedError as refused:
        return rejected(position, refused.reason, refused.detail, raw)


def rejected(position: int, reason: Reason, detail: str, raw: str, *, ends_file: bool = False) -> Rejected:
    """A rejected piece of text."""
    return Rejected(position, reason, detail, as_delivered(raw[: MAX_RAW_BYTES + 1]), ends_file)


def work_id(accession_number: str) -> str | None:
    """The id of a work: its accession number with the database as prefix; None for another text.

    The prefix ISI of older exports becomes WOS; those of other databases, such as MEDLINE, stay.
    """
    bare = accession_number.strip()
    if bare.startswith("ISI:"):
        bare = f"WOS:{bare[4:]}"
    return bare if _ACCESSION_NUMBER.fullmatch(bare) else None


def _check_whole(fields: Fields, raw: str) -> None:
    if not raw.isascii() and not is_text("".join(fields)):
        detail = "it holds bytes that are no UTF-8: save the export as UTF-8, or take the file as exported"
        raise _RefusedError(Reason.INVALID_TEXT, detail)
    if _FULL_CELL in (len(fields.AU), len(fields.AF), len(fields.C1)):
        detail = (
            f"its authors or addresses have {_FULL_CELL} characters, where Excel cuts off: "
            "export this record as tab-delimited or plain text"
        )
        raise _RefusedError(Reason.BROKEN_RECORD, detail)


def _record(delivered_fields: Fields, addresses_of: AddressReader) -> Record:
    fields = _without_entities(delivered_fields)
    identity = work_id(fields.UT)
    if identity is None:
        given = f"is no accession number: {fields.UT[:200]!r}" if fields.UT.strip() else "is empty"
        raise _RefusedError(Reason.MISSING_ID, f"its field UT {given}")
    authors = _authors(fields)
    linked = links(addresses_of(fields.C1, authors), authors)
    of_authors = author_fields(linked.addresses, linked.by_author)
    document_types, is_retracted = _document_types(fields.DT)
    return Record(
        source=SOURCE,
        work_id=identity,
        doi=normalised_doi(fields.DI),
        title=one_line(fields.TI) or None,
        abstract=one_line(fields.AB) or None,
        publication_year=_publication_year(fields.PY.strip(), fields.EY.strip(), fields.EA.strip()),
        document_types=[*document_types],
        is_retracted=is_retracted,
        is_paratext=False,
        is_xpac=False,
        is_authors_truncated=False,
        cited_by_count=_cited_by_count(fields.TC.strip() or fields.Z9.strip()),
        keywords=entries(fields.DE),
        topics=[],
        author_countries=of_authors.author_countries,
        author_basis=of_authors.author_basis,
        institutions=of_authors.institutions,
        author_institutions=of_authors.author_institutions,
    )


def _without_entities(fields: Fields) -> Fields:
    """The fields with the HTML entities of texts and names resolved, whose semicolons cut no lists."""
    # Nearly no record has any; one look at all fields is faster than one at each.
    text = "".join(fields)
    if without_entities(text) == text:
        return fields
    return fields._replace(**{tag: without_entities(getattr(fields, tag)) for tag in _TEXTS})


def _authors(fields: Fields) -> Authors:
    return Authors(people(fields.AF) or people(fields.AU), fields.AU, people(fields.CA))


# Few values make up nearly all of the fields below.
_remembered = lru_cache(maxsize=1 << 12)


@_remembered
def _document_types(field: str) -> tuple[tuple[str, ...], bool]:
    """The types, and whether one of them says that the work is retracted, as opposed to a retraction."""
    names = tuple(entries(field))
    return names, any("retracted" in name.casefold() for name in names)


@_remembered
def _publication_year(published: str, early_year: str, early_date: str) -> int | None:
    """The year of publication, for early access the year of that; None when the record has neither."""
    for tag, text in (("PY", published), ("EY", early_year)):
        if text:
            if not _YEAR.fullmatch(text):
                raise _RefusedError(Reason.WRONG_TYPE, f"Expected a year in {tag}, got {text[:100]!r}")
            return int(text[:4])
    if not early_date:
        return None
    years = _YEAR_OF_A_DATE.findall(early_date)
    if len(years) != 1:
        raise _RefusedError(Reason.WRONG_TYPE, f"Expected a date with a year in EA, got {early_date[:100]!r}")
    return int(years[0])


@_remembered
def _cited_by_count(text: str) -> int | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise _RefusedError(Reason.WRONG_TYPE, f"Expected a number in TC or Z9, got {text[:100]!r}")
    return int(text.removesuffix(".0"))


@_remembered
def _export_date(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text[:10])
    except ValueError as error:
        detail = f"Expected a date such as 2024-05-31 in DA, got {text[:100]!r}"
        raise _RefusedError(Reason.WRONG_TYPE, detail) from error
