"""What is read of a bibliographic record, whatever its source, and how the record store holds it.

The typed record, its Arrow schema and the rules every source shares (DOI, content hash) belong
here. How a source writes its records belongs to that source's module; where files lie belongs to
`assets.record_store`; nothing here counts.
"""

import re
import unicodedata
from datetime import datetime
from hashlib import blake2b
from typing import Final, Literal

import msgspec

READER_VERSION: Final = 3
"""Raise it when the same delivered record would give another row; stored drops are stale then."""

Basis = Literal["institution", "string", "linked", "shared", "none"]
"""Where an author's countries come from (METHOD, section 1). OpenAlex: an institution, a raw string.
Web of Science, Scopus: `linked`, an address of their own; `shared`, all addresses of the record."""


class Institution(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An institution as one record names it."""

    id: str | None
    """Short id of the source, such as `I592451`."""
    name: str | None
    """Name; of Web of Science and Scopus the whole address."""
    country: str | None
    """Country code as delivered, upper case; not folded, not validated. Of Web of Science and Scopus
    the address's country label, see `assets.addresses`."""


class Record(msgspec.Struct, array_like=True, gc=False):
    """The content of one delivered version of a work: everything its content hash covers.

    Codes and names are kept as delivered: folding countries, mapping document types and deciding
    scope are rules of counting, and are written in SQL.
    """

    source: str
    """Name of the source, such as `openalex`."""
    work_id: str
    """The source's own id, short: `W2006136153`, `WOS:000985648900009`, `2-s2.0-85012875280`."""
    doi: str | None
    """Normalised, see `normalised_doi`."""
    title: str | None
    abstract: str | None
    """Plain text."""
    publication_year: int | None
    document_types: list[str]
    """The source's own names of it; Web of Science may give several."""
    is_retracted: bool
    is_paratext: bool
    is_xpac: bool
    """Part of OpenAlex's 2025 extension pack of repository and dataset records."""
    is_authors_truncated: bool
    """The source cut the list of authors (OpenAlex lists do, at 100)."""
    cited_by_count: int | None
    keywords: list[str]
    """Display names."""
    topics: list[str]
    """Short ids of OpenAlex topics, such as `T12965`."""
    author_countries: list[list[str]]
    """For each author as delivered (order and duplicates kept): distinct codes, sorted."""
    author_basis: list[Basis]
    """For each author: where the codes come from. `string` holds all codes of the field: whether
    exactly one reporting country remains is decided in SQL, after folding. `shared` holds none: what
    the record's institutions give such an author is decided there, too."""
    institutions: list[Institution]
    """The distinct institutions of the work."""
    author_institutions: list[list[int]]
    """For each author: 0-based positions in `institutions`."""


class DeliveredRecord(msgspec.Struct, frozen=True, gc=False):
    """A record with what tells its versions and deliveries apart."""

    position: int
    """1-based number in its file: the line of JSON lines, else the record's number."""
    updated_date: datetime | None
    """The record's own date, UTC without a time zone."""
    record: Record


_MARKUP = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")
_encode = msgspec.msgpack.Encoder().encode
_AFTER_A_DOI: Final = " .;,"
_RESOLVER = re.compile(r"(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi[: ]")


def content_hash(record: Record) -> int:
    """A signed 64-bit hash of the content, equal however and whenever the record was delivered.

    It is taken from the first 8 bytes of BLAKE2b over the MessagePack array of the fields in their
    order, so a new or moved field changes every hash: raise READER_VERSION with it.
    """
    return int.from_bytes(blake2b(_encode(record), digest_size=8).digest(), "little", signed=True)


def title_words(title: str | None) -> list[str]:
    """The distinct words of a title, sorted, to compare titles across sources by.

    Sources write one title with other capitals, accents, markup and punctuation, so none of these is
    left. Empty for a title without letters or digits.
    """
    if not title:
        return []
    bare = title if title.isascii() else unicodedata.normalize("NFKD", title)
    if "<" in bare:
        bare = _MARKUP.sub(" ", bare)
    if not bare.isascii():
        bare = "".join(character for character in bare if not unicodedata.combining(character))
    return sorted(set(_WORD.findall(bare.casefold())))


def normalised_doi(doi: str | None) -> str | None:
    """Lower case, without resolver prefix, surrounding blanks and what ends a sentence or an item.

    None when nothing remains.
    """
    if doi is None:
        return None
    bare = doi.lower().strip().rstrip(_AFTER_A_DOI)
    prefix = _RESOLVER.match(bare)
    return (bare[prefix.end() :].strip() if prefix else bare) or None
