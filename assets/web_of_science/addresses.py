"""Which authors a Web of Science record links to which of its addresses.

The field `C1` names them as `[Author; Author] Address, Country; [Author] Address, Country`; BibTeX has
`Author; Author, Address, Country.` a line. Reprint addresses are never used (METHOD, section 1). The country
of an address is a matter of `assets.addresses`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from assets.text_content import one_line

_REPRINT = re.compile(r"\((?:corresponding|reprint) author\)", re.IGNORECASE)
_AROUND: Final = " .;"
_ANONYMOUS: Final = ("[anonymous]", "anonymous")
_LONGEST_NAME: Final = 5
"""Comma-separated parts, as in `Hoek, J. van der, Jr., MD`."""


class LinkedAddress(NamedTuple):
    """An address and the names that stand with it; none when it is linked to nobody."""

    names: list[str]
    address: str


class Authors:
    """The authors of a record as delivered, to be found by the names that addresses have for them.

    `short_names` are abbreviated ones; they count where there are as many as names before the groups.
    """

    def __init__(self, names: list[str], short_names: str = "", groups: Sequence[str] = ()) -> None:
        self.names = [*names, *groups]
        self._people = len(names)
        self._short_names = short_names
        self._exact = dict(zip(self.names, range(len(self.names)), strict=True))
        self._are_distinct = len(self._exact) == len(self.names)
        self._loose: list[dict[str, list[int]]] | None = None

    def places(self, name: str) -> list[int]:
        """The 0-based positions of the authors of that name; empty for a name that is nobody's.

        Full names come first, then abbreviated ones, then both without regard to case, diacritics,
        blanks and punctuation. Two entries with one full name both have it; a looser name that
        several full names share is nobody's.
        """
        if name not in self._exact:
            return self._loosely(name)
        if self._are_distinct:
            return [self._exact[name]]
        return [place for place, other in enumerate(self.names) if other == name]

    def _loosely(self, name: str) -> list[int]:
        if self._loose is None:
            short = people(self._short_names)
            short = short if len(short) == self._people else []
            ways = (short, map(_folded, self.names), map(_folded, short))
            self._loose = [self._unambiguous(way) for way in ways]
        exactly, *loosely = self._loose
        key = _folded(name)
        return exactly.get(name) or next((found for way in loosely if (found := way.get(key))), [])

    def _unambiguous(self, keys: Iterable[str]) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, key in enumerate(keys):
            if key:
                places.setdefault(key, []).append(place)
        return {key: own for key, own in places.items() if len({self.names[place] for place in own}) == 1}


class Links(NamedTuple):
    """The distinct addresses of a record and, for each author, the positions of their own."""

    addresses: list[str]
    by_author: list[list[int]]


AddressReader = Callable[[str, Authors], list[LinkedAddress]]
"""How a format writes addresses: the field as text to its addresses."""


def links(addresses: Iterable[LinkedAddress], authors: Authors) -> Links:
    """What the addresses of a record link; a name that is no author's links nobody."""
    distinct: dict[str, int] = {}
    by_author: list[list[int]] = [[] for _ in authors.names]
    for names, address in addresses:
        position = distinct.setdefault(address, len(distinct))
        for name in names:
            for place in authors.places(name):
                if position not in by_author[place]:
                    by_author[place].append(position)
    return Links(list(distinct), by_author)


def entries(field: str) -> list[str]:
    """The parts of a list that is separated by semicolons; empty ones do not count."""
    return _parts(one_line(field)) if field else []


def people(field: str) -> list[str]:
    """The authors in a list of them; anonymous ones are none."""
    names = entries(field)
    if "nonymous" in field.casefold():
        return [name for name in names if name.casefold() not in _ANONYMOUS]
    return names


def bracketed(field: str, authors: Authors) -> list[LinkedAddress]:
    """The addresses of a `C1` field; further ones up to the next bracket are linked to nobody.

    So is what stands behind a bracket that is not closed, as nothing tells where its names end.
    """
    before, *linked = f"; {one_line(field)}".replace(";[", "; [").split("; [")
    found = _unlinked(before)
    for piece in linked:
        names, bracket, text = piece.partition("]")
        if bracket:
            found += _linked(_parts(names), text)
        else:
            found += _unlinked("; ".join(part for part in names.split("; ") if not authors.places(part)))
    return found


def listed(field: str, authors: Authors) -> list[LinkedAddress]:
    """The addresses of a BibTeX `Affiliation` field, without those of corresponding authors.

    Nothing but the names of the authors tells where they end and the address begins, so a line that
    begins with no author's name is an address that is linked to nobody.
    """
    found: list[LinkedAddress] = []
    for line in whole_lines(field.split("\n")):
        if not _REPRINT.search(line):
            found += _listed(one_line(line), authors)
    return found


def whole_lines(lines: Sequence[str]) -> list[str]:
    """Addresses that stand one a line, put together where one was broken into several lines.

    An address ends with a period where the last one does; else every line is one.
    """
    bare = [line.strip() for line in lines if line.strip()]
    if not bare or not bare[-1].endswith("."):
        return bare
    whole: list[str] = []
    ended = True
    for line in bare:
        if ended or line.startswith("["):
            whole.append(line)
        else:
            whole[-1] += f" {line}"
        ended = line.endswith(".")
    return whole


def _listed(line: str, authors: Authors) -> list[LinkedAddress]:
    pieces = line.split("; ")
    # What follows the last piece that begins with an author's name goes on with its address.
    for place in reversed(range(len(pieces))):
        parts = pieces[place].split(", ")
        if length := _name_length(parts, authors):
            text = "; ".join([", ".join(parts[length:]), *pieces[place + 1 :]])
            return _linked([*pieces[:place], ", ".join(parts[:length])], text)
    *names, last = pieces
    parts = last.split(", ")
    length = min(2, len(parts) - 1)
    if not length or not any(map(authors.places, names)):
        return _unlinked(line)
    return _linked([*names, ", ".join(parts[:length])], ", ".join(parts[length:]))


def _name_length(parts: list[str], authors: Authors) -> int:
    """How many of these comma-separated parts are an author's name before an address; 0 when none are."""
    lengths = range(min(_LONGEST_NAME, len(parts) - 1), 0, -1)
    return next((length for length in lengths if authors.places(", ".join(parts[:length]))), 0)


def _linked(names: list[str], text: str) -> list[LinkedAddress]:
    """The address that stands with these names, and those after it, which are linked to nobody.

    An address ends with a comma and its country, so a part without any comma only begins one.
    """
    address, semicolon, others = text.partition("; ")
    while semicolon and "," not in address:
        more, semicolon, others = others.partition("; ")
        address += f"; {more}"
    bare = address.strip(_AROUND)
    return ([LinkedAddress(names, bare)] if bare else []) + (_unlinked(others) if others else [])


def _unlinked(text: str) -> list[LinkedAddress]:
    return [LinkedAddress([], bare) for part in text.split("; ") if (bare := part.strip(_AROUND))]


def _parts(text: str) -> list[str]:
    return [part for part in map(str.strip, text.split(";")) if part]


def _folded(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
