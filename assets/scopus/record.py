"""What is read of a Scopus record, whichever export it comes from.

How an export names and packs the fields belongs to the modules of the exports, authors and their
affiliations to `assets.scopus.authors`.
"""

import re
from dataclasses import dataclass
from typing import Final

from assets.author_addresses import author_fields
from assets.quarantine import Reason
from assets.records import DeliveredRecord, Record, normalised_doi
from assets.scopus.authors import Affiliated
from assets.scopus.text import listed, plain

SOURCE: Final = "scopus"
_EID = re.compile(r"2-s2\.0-[0-9]+")
_EID_IN_LINK = re.compile(r"\beid=(2-s2\.0-[0-9]+)|/pages/publications/([0-9]+)")
_NO_ABSTRACT: Final = "[no abstract available]"
_RETRACTED: Final = "retracted"
_YEAR = re.compile(r"[0-9]{4}")
_COUNT = re.compile(r"[0-9]{1,9}")


class RefusedError(Exception):
    """A record that cannot be taken over."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Fields:
    """The fields of one record as delivered; empty where the export has nothing."""

    eid: str
    link: str
    doi: str
    title: str
    abstract: str
    year: str
    document_type: str
    cited_by: str
    keywords: str
    """Of the authors, separated by semicolons."""


def delivered(position: int, fields: Fields, affiliated: Affiliated) -> DeliveredRecord:
    """The record of a delivery; raises RefusedError when its id, year or citations are no such thing.

    Scopus gives a record no date of its own.
    """
    document_type = plain(fields.document_type)
    abstract = plain(fields.abstract)
    authors = author_fields(affiliated.addresses, affiliated.links)
    record = Record(
        source=SOURCE,
        work_id=_work_id(fields),
        doi=normalised_doi(fields.doi),
        title=plain(fields.title) or None,
        abstract=abstract if abstract and abstract.lower() != _NO_ABSTRACT else None,
        publication_year=_number(fields.year, _YEAR, "a year"),
        document_types=[document_type] if document_type else [],
        is_retracted=document_type.lower().startswith(_RETRACTED),
        is_paratext=False,
        is_xpac=False,
        is_authors_truncated=False,
        cited_by_count=_number(fields.cited_by, _COUNT, "a number of citations"),
        keywords=listed(fields.keywords),
        topics=[],
        author_countries=authors.author_countries,
        author_basis=authors.author_basis,
        institutions=authors.institutions,
        author_institutions=authors.author_institutions,
    )
    return DeliveredRecord(position, None, record)


def _work_id(fields: Fields) -> str:
    eid = fields.eid.strip()
    found = _EID_IN_LINK.search(fields.link)
    in_link = (found[1] or f"2-s2.0-{found[2]}") if found else None
    if not eid and in_link is None:
        raise RefusedError(Reason.MISSING_ID, "it has neither an EID nor a link to Scopus that names one")
    if eid and not _EID.fullmatch(eid):
        raise RefusedError(Reason.MISSING_ID, f"its EID is none of Scopus: {eid[:200]!r}")
    if eid and in_link and eid != in_link:
        # A file that breaks off within its last EID would give another work's id.
        raise RefusedError(Reason.MISSING_ID, f"its EID is {eid}, but its link leads to {in_link}")
    return eid or str(in_link)


def _number(value: str, form: re.Pattern[str], what: str) -> int | None:
    text = value.strip()
    if not text:
        return None
    if not form.fullmatch(text):
        raise RefusedError(Reason.WRONG_TYPE, f"expected {what}, got {text[:100]!r}")
    return int(text)
