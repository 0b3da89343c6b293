"""OpenAlex works: what is read of them, in all vintages since 2022, and how it becomes records.

How the JSON is packed into files belongs to `assets.openalex.json_pieces` and `assets.openalex.parquet`. Raw
affiliation strings are never read (METHOD, section 1). Unknown fields are skipped; a field that is
read and has another type rejects its record.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Final, cast

import msgspec
from msgspec import UNSET, UnsetType

from assets.openalex.json_pieces import Piece
from assets.quarantine import Reason, Rejected
from assets.records import Basis, DeliveredRecord, Institution, Record, normalised_doi

SOURCE: Final = "openalex"
_ID = re.compile(r"(?:https?://(?:api\.)?openalex\.org/(?:[a-z]+/)?)?([A-Z])([0-9]+)", re.ASCII)

Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
WordIndex = dict[str, list[int] | int | dict[str, list[int]]]
"""Each word of an abstract with its 0-based positions. In 2023 for a while wrapped as
`{"IndexLength": 118, "InvertedIndex": {...}}`."""


class AuthorInstitution(msgspec.Struct, gc=False):
    """An element of `authorships[].institutions`; of 2023-03, 15% have no country."""

    id: str | None = None
    display_name: str | None = None
    country_code: str | None = None


class Authorship(msgspec.Struct, gc=False):
    """An element of `authorships`: one author as delivered."""

    institutions: list[AuthorInstitution | None] | None = None
    countries: list[str | None] | None = None
    """Since 2023-08; filled from raw strings where no institution was found."""


class Keyword(msgspec.Struct, gc=False):
    """An element of `keywords`, since 2023."""

    display_name: str | None = None
    keyword: str | None = None
    """Its name before 2024-06."""


class Topic(msgspec.Struct, gc=False):
    """An element of `topics`, since 2024."""

    id: str | None = None


class Work(msgspec.Struct, gc=False):
    """A work as delivered. Only the first three fields must be there; null is never an absence."""

    id: str | UnsetType | None = UNSET
    publication_year: Int32 | UnsetType | None = UNSET
    authorships: list[Authorship] | UnsetType | None = UNSET
    doi: str | None = None
    title: str | None = None
    display_name: str | None = None
    """The same text as `title`, read where that is missing."""
    abstract_inverted_index: WordIndex | str | None = None
    """A string holds the index as JSON."""
    abstract: str | None = None
    """Plain text in some exports, read where there is no index."""
    type: str | None = None
    is_retracted: bool | None = None
    is_paratext: bool | None = None
    is_xpac: bool | None = None
    is_authors_truncated: bool | None = None
    updated_date: str | None = None
    """ISO 8601, a date or a time, with or without `Z`."""
    cited_by_count: Int32 | None = None
    keywords: list[Keyword | None] | None = None
    topics: list[Topic | None] | None = None


class _RefusedError(Exception):
    """A work that gives no record."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


_decode = msgspec.json.Decoder(Work).decode
_decode_index: Callable[[str], WordIndex | None] = msgspec.json.Decoder(WordIndex | None).decode


def works(pieces: Iterable[Piece | Rejected]) -> Iterator[DeliveredRecord | Rejected]:
    """A record, or the reason why there is none, for each piece of JSON text."""
    for piece in pieces:
        if isinstance(piece, Rejected):
            yield piece
            continue
        position, raw = piece
        try:
            yield delivered(position, _decode(raw))
        except msgspec.ValidationError as error:
            yield Rejected(position, *_mismatch(error), raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield Rejected(position, Reason.INVALID_JSON, str(error), raw)
        except _RefusedError as refused:
            yield Rejected(position, refused.reason, refused.detail, raw)


def converted(position: int, fields: dict[str, object]) -> DeliveredRecord | Rejected:
    """The same for a work that comes as Python objects, such as a row of Parquet."""
    try:
        return delivered(position, msgspec.convert(fields, Work))
    except msgspec.ValidationError as error:
        return Rejected(position, *_mismatch(error), _as_json(fields))
    except _RefusedError as refused:
        return Rejected(position, refused.reason, refused.detail, _as_json(fields))


def delivered(position: int, work: Work) -> DeliveredRecord:
    """The record of a work; raises _RefusedError when something it must have is missing."""
    work_id, year, authorships = _required(work)
    author_countries: list[list[str]] = []
    author_basis: list[Basis] = []
    author_institutions: list[list[int]] = []
    seen: dict[tuple[str | None, str | None, str | None], int] = {}
    for author in authorships:
        codes: set[str] = set()
        places: dict[int, None] = {}
        for institution in author.institutions or ():
            if institution is None:
                continue
            code = _code(institution.country_code)
            if code is not None:
                codes.add(code)
            key = (_short(institution.id), institution.display_name, code)
            places[seen.setdefault(key, len(seen))] = None
        basis: Basis = "institution"
        if not codes:
            codes = {code for raw in author.countries or () if (code := _code(raw)) is not None}
            basis = "string" if codes else "none"
        author_countries.append(sorted(codes))
        author_basis.append(basis)
        author_institutions.append(list(places))
    record = Record(
        source=SOURCE,
        work_id=work_id,
        doi=normalised_doi(work.doi),
        title=work.title or work.display_name or None,
        abstract=_abstract(work),
        publication_year=year,
        document_types=[work.type] if work.type else [],
        is_retracted=bool(work.is_retracted),
        is_paratext=bool(work.is_paratext),
        is_xpac=bool(work.is_xpac),
        is_authors_truncated=bool(work.is_authors_truncated),
        cited_by_count=work.cited_by_count,
        keywords=[n for k in work.keywords or () if k and (n := k.display_name or k.keyword)],
        topics=[short for t in work.topics or () if t and (short := _short(t.id))],
        author_countries=author_countries,
        author_basis=author_basis,
        institutions=[Institution(*key) for key in seen],
        author_institutions=author_institutions,
    )
    return DeliveredRecord(position, _utc(work.updated_date), record)


def abstract_text(index: WordIndex) -> str | None:
    """The text whose words and positions the index holds; None when it holds no word.

    Words are put in order of position and joined by single blanks; gaps close. Of several words
    with one position all stay, in alphabetical order, so the order of the keys never matters.
    """
    wrapped = index.get("InvertedIndex")
    if isinstance(wrapped, dict):
        return abstract_text({**wrapped})
    try:
        # Nearly always true; where it is not, the loop stumbles and the slow way decides.
        positions_of = cast(dict[str, list[int]], index)
        words = [""] * sum(map(len, positions_of.values()))
        for word, positions in positions_of.items():
            for position in positions:
                words[position] = word
    except (IndexError, TypeError):
        return _sparse_text(index)
    return _sparse_text(index) if "" in words else " ".join(words) or None


def _sparse_text(index: WordIndex) -> str | None:
    placed: list[tuple[int, str]] = []
    for word, positions in index.items():
        if not isinstance(positions, list):
            detail = f"Expected `array` of positions for the word {word!r}"
            raise _RefusedError(Reason.WRONG_TYPE, f"{detail} - at `$.abstract_inverted_index`")
        placed.extend((position, word) for position in positions)
    return " ".join(word for _, word in sorted(placed)) or None


def _abstract(work: Work) -> str | None:
    index = work.abstract_inverted_index
    if isinstance(index, str):
        index = _index_from_text(index)
    text = abstract_text(index) if index else None
    return text or work.abstract or None


def _index_from_text(text: str) -> WordIndex | None:
    if not text.strip():
        return None
    try:
        return _decode_index(text)
    except (msgspec.DecodeError, RecursionError) as error:
        detail = f"The text is no index of words: {error} - at `$.abstract_inverted_index`"
        raise _RefusedError(Reason.WRONG_TYPE, detail) from error


def _required(work: Work) -> tuple[str, int | None, list[Authorship]]:
    year, authorships = work.publication_year, work.authorships
    if work.id is UNSET and year is UNSET and authorships is UNSET:
        raise _RefusedError(Reason.NOT_A_WORK, "an object with none of the fields of a work")
    work_id = _work_id(work.id)
    if year is UNSET:
        raise _RefusedError(Reason.MISSING_YEAR, "it has no field `publication_year`")
    if authorships is UNSET:
        raise _RefusedError(Reason.MISSING_AUTHORS, "it has no field `authorships`")
    return work_id, year, authorships or []


def _work_id(delivered_id: str | UnsetType | None) -> str:
    if delivered_id is UNSET:
        raise _RefusedError(Reason.MISSING_ID, "it has no field `id`")
    if delivered_id is None:
        raise _RefusedError(Reason.MISSING_ID, "its `id` is null")
    match = _ID.fullmatch(delivered_id)
    if match is None:
        detail = f"its `id` is not one of an OpenAlex work: {delivered_id[:200]!r}"
        raise _RefusedError(Reason.MISSING_ID, detail)
    kind, number = match.groups()
    if kind != "W":
        detail = f"the id of an OpenAlex work begins with W, this is {kind}{number[:20]}"
        raise _RefusedError(Reason.NOT_A_WORK, detail)
    return f"W{number}"


@lru_cache(maxsize=1 << 16)
def _short(openalex_id: str | None) -> str | None:
    return openalex_id.rpartition("/")[2] or None if openalex_id else None


@lru_cache(maxsize=1 << 10)
def _code(delivered_code: str | None) -> str | None:
    return delivered_code.strip().upper() or None if delivered_code else None


def _utc(date: str | None) -> datetime | None:
    if not date:
        return None
    try:
        moment = datetime.fromisoformat(date)
        return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        detail = f"Expected an ISO 8601 date, got {date[:100]!r} - at `$.updated_date`"
        raise _RefusedError(Reason.WRONG_TYPE, detail) from error


def _mismatch(error: msgspec.ValidationError) -> tuple[Reason, str]:
    """The library names the path of a mismatch within an object, and none for another shape."""
    message = str(error)
    return (Reason.WRONG_TYPE if " - at `" in message else Reason.NOT_A_WORK), message


def _as_json(fields: dict[str, object]) -> bytes:
    return msgspec.json.encode(fields)
