"""What the brute-force computation needs of a delivered record, in one form whatever its source.

Here belong the rules from a record as delivered, a plain dictionary, to that form, and the comparison of
titles and DOIs. What its places mean for countries is `tests.oracle_countries`.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

Record = dict[str, Any]
"""An OpenAlex work, or what `tests.naive_exports` gives of Web of Science and Scopus."""

OPENALEX, WOS, SCOPUS = "openalex", "wos", "scopus"

NO_ABSTRACT = "[no abstract available]"
"""What Scopus says instead of an abstract, in lower case."""
FEWEST_WORDS = 3
"""Titles with fewer words than this say too little to tell works apart."""
LEAST_OVERLAP = 0.5
"""Titles that share less than this of the shorter one's words are clearly different."""


@dataclass(frozen=True)
class OracleDrop:
    """The accepted records of one active drop, in the order they were delivered."""

    drop_id: str
    stated_date: date | None
    records: Sequence[Record]
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Records the reader refused, by reason."""
    source: str = OPENALEX
    technology: str | None = None
    mode: str = "delta"
    """Or `snapshot`: all its source holds on the stated date."""
    complete_ids: frozenset[str] | None = None
    """All works of the source on that date; None where the records say it themselves."""


@dataclass(frozen=True)
class Institution:
    """An institution as an author of OpenAlex has it."""

    institution_id: str | None
    """Short."""
    name: str | None
    code: str | None


@dataclass(frozen=True)
class Author:
    """Where one author works, as delivered."""

    codes: frozenset[str] = frozenset()
    """OpenAlex: the codes of the institutions."""
    strings: tuple[str, ...] = ()
    """OpenAlex: the codes made from raw strings."""
    addresses: tuple[str, ...] = ()
    """Web of Science, Scopus: the addresses the record links the author to."""
    institutions: tuple["Institution", ...] = ()
    """OpenAlex: each once, in their order; the other sources give addresses instead."""


@dataclass(frozen=True)
class Delivered:
    """One delivered record."""

    source: str
    work_id: str
    doi: str
    """Normalised, empty where there is none."""
    title: str
    """Empty where there is none, like the abstract."""
    abstract: str
    keywords: tuple[str, ...]
    topics: tuple[str, ...]
    """OpenAlex: short ids."""
    year: int | None
    types: tuple[str, ...]
    is_retracted: bool
    is_paratext: bool
    is_xpac: bool
    own_date: datetime | None
    """Naive UTC."""
    authors: tuple[Author, ...]
    addresses: tuple[str, ...]
    """Web of Science, Scopus: all addresses of the record but the reprint address."""
    cited: int | None
    """How often, as the source counts."""


def delivered(source: str, record: Record) -> Delivered:
    """The record in the one form."""
    return {OPENALEX: _openalex, WOS: _wos, SCOPUS: _scopus}[source](record)


def _openalex(record: Record) -> Delivered:
    kind = record.get("type")
    return Delivered(
        source=OPENALEX,
        work_id=work_id(record),
        doi=normalised_doi(record.get("doi")),
        title=record.get("title") or record.get("display_name") or "",
        abstract=openalex_abstract(record),
        keywords=tuple(openalex_keywords(record)),
        topics=tuple(_short_id(topic) for topic in record.get("topics") or ()),
        year=record.get("publication_year"),
        types=() if kind is None else (kind,),
        is_retracted=bool(record.get("is_retracted")),
        is_paratext=bool(record.get("is_paratext")),
        is_xpac=bool(record.get("is_xpac")),
        own_date=updated_at(record),
        authors=tuple(map(openalex_author, record.get("authorships") or ())),
        addresses=(),
        cited=record.get("cited_by_count"),
    )


def openalex_author(authorship: Record) -> Author:
    """An OpenAlex authorship as delivered."""
    institutions = authorship.get("institutions") or ()
    codes = frozenset(code for each in institutions if (code := each.get("country_code")))
    distinct = dict.fromkeys(
        Institution(
            _short_id(each) if each.get("id") else None, each.get("display_name"), each.get("country_code")
        )
        for each in institutions
    )
    return Author(codes=codes, strings=tuple(authorship.get("countries") or ()), institutions=tuple(distinct))


def openalex_abstract(record: Record) -> str:
    """The words of an abstract in the order of their positions; the index may be wrapped, or JSON text."""
    index = record.get("abstract_inverted_index") or {}
    if isinstance(index, str):
        index = json.loads(index)
    if isinstance(index.get("InvertedIndex"), dict):
        index = index["InvertedIndex"]
    placed = [(position, word) for word, positions in index.items() for position in positions]
    return " ".join(word for _, word in sorted(placed)) or record.get("abstract") or ""


def openalex_keywords(record: Record) -> list[str]:
    """The names of an OpenAlex record's keywords, which had another key before 2024-06."""
    keywords = record.get("keywords") or ()
    return [name for each in keywords if (name := each.get("display_name") or each.get("keyword"))]


def _wos(record: Record) -> Delivered:
    types = tuple(part.strip() for part in record["DT"].split(";") if part.strip())
    years = (record["PY"], record["EY"], record["EA"])
    return Delivered(
        source=WOS,
        work_id=record["UT"],
        doi=normalised_doi(record["DI"]),
        title=record["TI"],
        abstract=record.get("AB", ""),
        keywords=_listed(record.get("DE", "")),
        topics=(),
        year=next((int(text[-4:]) for text in years if text), None),
        types=types,
        is_retracted=any("retracted" in name.lower() for name in types),
        is_paratext=False,
        is_xpac=False,
        own_date=datetime.fromisoformat(record["DA"]) if record["DA"] else None,
        authors=_linked_authors(record),
        addresses=tuple(record["addresses"]),
        cited=int(record["TC"]) if record.get("TC") else None,
    )


def _scopus(record: Record) -> Delivered:
    kind, abstract = record["Document Type"], record.get("Abstract", "")
    return Delivered(
        source=SCOPUS,
        work_id=record["EID"],
        doi=normalised_doi(record["DOI"]),
        title=record["Title"],
        abstract="" if abstract.lower() == NO_ABSTRACT else abstract,
        keywords=_listed(record.get("Author Keywords", "")),
        topics=(),
        year=int(record["Year"]) if record["Year"] else None,
        types=(kind,) if kind else (),
        is_retracted="retracted" in kind.lower(),
        is_paratext=False,
        is_xpac=False,
        own_date=None,
        authors=_linked_authors(record),
        addresses=tuple(record["addresses"]),
        cited=int(record.get("Cited by") or 0),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _linked_authors(record: Record) -> tuple[Author, ...]:
    return tuple(Author(addresses=tuple(author["addresses"])) for author in record["authors"])


def work_id(record: Record) -> str:
    """The short id of an OpenAlex record, such as `W2006136153`."""
    return _short_id(record)


def _short_id(entity: Record) -> str:
    return str(entity["id"]).rsplit("/", 1)[-1]


def updated_at(record: Record) -> datetime | None:
    """An OpenAlex record's own date as naive UTC; None where it states none."""
    text = record.get("updated_date")
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def hash_of_json(record: Record) -> int:
    """A signed 64-bit hash of the record without its own date."""
    content = {key: value for key, value in record.items() if key != "updated_date"}
    text = json.dumps(content, sort_keys=True).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), signed=True)


def normalised_doi(doi: str | None) -> str:
    """Lower case, without the resolver's address and what ends a sentence; empty where there is none."""
    bare = re.sub(r"[\s.,;]+$", "", (doi or "").strip().lower())
    start = bare.find("10.")
    resolvers = ("", "doi", "doi:", "doi.org/", "dx.doi.org/", "www.doi.org/")
    is_prefix = bare[: max(start, 0)].removeprefix("https://").removeprefix("http://").strip() in resolvers
    return bare[start:] if start > 0 and is_prefix else bare


def title_words(title: str) -> frozenset[str]:
    """The distinct words of a title without markup, accents, capitals and punctuation."""
    letters = unicodedata.normalize("NFKD", re.sub(r"<[^<>]*>", " ", title))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return frozenset(re.findall(r"\w+", plain.casefold()))


def title_overlap(one: str, other: str) -> float | None:
    """Common words as a part of the shorter title's; None where a title has no words."""
    first, second = title_words(one), title_words(other)
    return len(first & second) / min(len(first), len(second)) if first and second else None


def clearly_different(one: str, other: str) -> bool:
    """Whether two titles cannot be those of one work."""
    overlap = title_overlap(one, other)
    shortest = min(len(title_words(one)), len(title_words(other)))
    return shortest >= FEWEST_WORDS and overlap is not None and overlap < LEAST_OVERLAP
