"""The authors of a Scopus record and the affiliations they are listed with.

Both come as text alone: an author's item in "Authors with affiliations" is the name and one or more
affiliations, all joined by commas, and nothing marks where one ends. So names are found by the list of
authors, affiliations by the list of affiliations, and what is found in neither links nobody. Which country
an affiliation names belongs to `assets.addresses`.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assets.scopus.text import listed, plain

_NOBODY = re.compile(r"\[no author.*\]|\[?anon(?:ymous|\.)?\]?", re.IGNORECASE)
_SUFFIXES: Final = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "2nd", "3rd"}
_NAME_MARKS: Final = str.maketrans(",.", "  ")
_SEPARATOR: Final = ", "


@dataclass(frozen=True)
class Affiliated:
    """The distinct addresses of a record, and for each author the positions of their own."""

    addresses: list[str]
    links: list[list[int]]


def csv_authors(value: str) -> list[str]:
    """The authors in the column "Authors": separated by semicolons since 2023, by commas before."""
    if ";" in plain(value):
        return _people(listed(value))
    names: list[str] = []
    for part in plain(value).split(_SEPARATOR):
        if names and part.lower() in _SUFFIXES:
            names[-1] += _SEPARATOR + part
        else:
            names.append(part)
    return _people(names)


def bibtex_authors(names: Sequence[str]) -> list[str]:
    """The authors among the names in the field `author`."""
    return _people([plain(name) for name in names])


def unlinked(authors: Sequence[str], affiliations: str) -> Affiliated:
    """Authors and the affiliations of their record, where nothing says which is whose."""
    return Affiliated(list(dict.fromkeys(listed(affiliations))), [[] for _ in authors])


def linked(authors: Sequence[str], affiliations: str, authors_with_affiliations: str) -> Affiliated:
    """Authors and the affiliations each of them is listed with.

    Args:
        authors: The names as delivered, in order.
        affiliations: The column "Affiliations".
        authors_with_affiliations: The column of that name, an item an author: `Rahmani, A.M.,
            Department, City, Country, Institute, City, Country` before 2023, `Rahmani A.M., ...` since.
    """
    pieces = listed(affiliations)
    owned, cut = _owned(authors, listed(authors_with_affiliations), set(pieces))
    places = {address: place for place, address in enumerate(dict.fromkeys(_rejoined(pieces, cut)))}
    most_parts = max((address.count(_SEPARATOR) + 1 for address in places), default=0)
    links: list[list[int]] = []
    for text in owned:
        own = _segments(text, places, most_parts) if text else []
        # An affiliation that the record lists nowhere else is one all the same.
        links.append(list(dict.fromkeys(places.setdefault(address, len(places)) for address in own)))
    return Affiliated(list(places), links)


def _people(names: Sequence[str]) -> list[str]:
    return [name for name in (name.strip() for name in names) if name and not _NOBODY.fullmatch(name)]


def _owned(authors: Sequence[str], items: Sequence[str], pieces: set[str]) -> tuple[list[str], list[str]]:
    """For each author the affiliations of their item, and which of these held a semicolon.

    An item that names none of the authors links nobody.
    A semicolon within an affiliation cuts it in the items and in the list of affiliations alike.
    """
    owned = [""] * len(authors)
    cut: dict[int, None] = {}
    names = _Names(authors)
    last: int | None = None
    for item in items:
        author, rest = names.taken(item)
        if author is not None:
            owned[author] = rest
            last = author
        elif last is not None and item in pieces:
            owned[last] += f"; {item}"
            cut[last] = None
        else:
            last = None
    return owned, [owned[author] for author in cut]


class _Names:
    """The authors whose items did not come yet. Equal names are taken in their order."""

    def __init__(self, authors: Sequence[str]) -> None:
        self._keys = [_name_key(author) for author in authors]
        self._waiting: dict[str, deque[int]] = {}
        for author, key in enumerate(self._keys):
            self._waiting.setdefault(key, deque()).append(author)
        # `De Andrade, N., Jr.` is listed as `De Andrade N., Jr.`.
        self._most_parts = 2 + max((author.count(",") for author in authors), default=0)
        self._next = 0

    def taken(self, item: str) -> tuple[int | None, str]:
        """The author an item begins with, and what follows the name; None when it begins with none."""
        parts = item.rstrip(",").split(_SEPARATOR)
        expected = self._keys[self._next] if self._next < len(self._keys) else None
        found: tuple[str, int] | None = None
        for end in range(1, min(self._most_parts, len(parts)) + 1):
            key = _name_key(" ".join(parts[:end]))
            if self._waiting.get(key) and (found is None or key == expected):
                found = key, end
        if found is None:
            return None, ""
        key, end = found
        author = self._waiting[key].popleft()
        self._next = author + 1
        return author, _SEPARATOR.join(parts[end:])


def _name_key(name: str) -> str:
    return " ".join(name.translate(_NAME_MARKS).casefold().split())


def _rejoined(pieces: Sequence[str], cut: Sequence[str]) -> list[str]:
    """The affiliations, those put together again that a semicolon within them had cut."""
    whole: list[str] = []
    for piece in pieces:
        if whole and any(f"{whole[-1]}; {piece}" in text for text in cut):
            whole[-1] += f"; {piece}"
        else:
            whole.append(piece)
    return whole


def _segments(text: str, known: dict[str, int], most_parts: int) -> list[str]:
    """The known affiliations that a text consists of, the longest first; else the text as one."""
    if text in known:
        return [text]
    parts = text.split(_SEPARATOR)
    ends: dict[int, int] = {len(parts): len(parts)}
    for begin in range(len(parts) - 1, -1, -1):
        for end in range(min(len(parts), begin + most_parts), begin, -1):
            if end in ends and _SEPARATOR.join(parts[begin:end]) in known:
                ends[begin] = end
                break
    if 0 not in ends:
        return [text]
    segments: list[str] = []
    begin = 0
    while begin < len(parts):
        segments.append(_SEPARATOR.join(parts[begin : ends[begin]]))
        begin = ends[begin]
    return segments
