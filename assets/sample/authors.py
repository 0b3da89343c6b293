"""The authors of a work: a team's slots as the `authorships` of a record.

A slot says which country an author is to count for (`teams`); here it becomes a person with a
name, an institution (`places`) and an affiliation as OpenAlex would deliver it, now and then one
that OpenAlex knows from the raw string alone. The count must not change by that: see METHOD
section 1. Author ids start at A5900000000 and ORCIDs at 0000-0009, above the ranges in use.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from assets.sample.places import (
    Affiliation,
    Home,
    affiliation,
    home_without_country,
    homes_of_countries,
    quoted,
)
from assets.sample.teams import UNKNOWN, countries_of, is_in_both

_FIRST_AUTHOR = 5_900_000_000
_AUTHORS_EACH = 1 << 14
# Out of 256: authors with a second institution at home, and authors known from strings only.
_SECOND_HOME = 20
_STRING_ONLY = 6

_FOUR_DIGITS = [f"{number:04d}" for number in range(8192)]


@dataclass(frozen=True, slots=True)
class Authorships:
    """The JSON array of a work's authorships, and what other keys of the record repeat of it."""

    json: str
    countries: int
    institutions: int
    corresponding_author_ids: str
    corresponding_institution_ids: str


_NO_AUTHORSHIPS = Authorships("[]", 0, 0, "[]", "[]")


class Authors:
    """All authors: drawn for a team, the first of them corresponding."""

    def __init__(self) -> None:
        self._homes = homes_of_countries()
        self._nowhere = home_without_country()
        self._unknown = _unknown_affiliations(self._nowhere)

    def authorships(self, slots: Sequence[int], random: Random) -> Authorships:
        """Return the authorships of a team; co-authors of one country often share a place."""
        if not slots:
            return _NO_AUTHORSHIPS
        entries = []
        countries: set[str] = set()
        institutions: set[str] = set()
        shared: dict[int, Home] = {}
        correspondence = ("[]", "[]")
        for place, slot in enumerate(slots):
            bits = random.getrandbits(48)
            home, placed = self._placed(slot, bits, shared)
            number = _FIRST_AUTHOR + home.institution.number * _AUTHORS_EACH + (bits >> 34)
            countries.update(placed.countries)
            institutions.update(placed.institutions)
            position = "middle" if place else "first"
            corresponding = "false"
            if not place:
                corresponding = "true"
                correspondence = (
                    f'["https://openalex.org/A{number}"]',
                    quoted(placed.institutions),
                )
            elif place == len(slots) - 1:
                position = "last"
            names = home.institution.names
            name = names[number % len(names)]
            entries.append(
                f'{{"author_position": "{position}", "author": {{"id": '
                f'"https://openalex.org/A{number}", "display_name": "{name}", '
                f'"orcid": {_orcid(number)}}}, {placed.before}{corresponding}, '
                f'"raw_author_name": "{name}", {placed.after}'
            )
        return Authorships(f"[{', '.join(entries)}]", len(countries), len(institutions), *correspondence)

    def _placed(self, slot: int, bits: int, shared: dict[int, Home]) -> tuple[Home, Affiliation]:
        """Return where an author is counted and the affiliation that says so."""
        if slot == UNKNOWN:
            return self._nowhere, self._unknown[bits & 15]
        if is_in_both(slot):
            return self._in_both(slot, bits)
        home = shared.get(slot)
        if home is None or bits & 3 == 0:
            home = shared[slot] = self._homes[slot][bits >> 2 & 255]
        rare = bits >> 10 & 255
        if rare < _SECOND_HOME:
            other = self._homes[slot][bits >> 18 & 255]
            return home, _joint(home, other)
        if rare >= 256 - _STRING_ONLY:
            institution = home.institution
            raw = institution.addresses[bits & 3]
            return home, affiliation([], [institution.code], [raw])
        return home, home.plain[bits >> 26 & 3]

    def _in_both(self, slot: int, bits: int) -> tuple[Home, Affiliation]:
        first, second = countries_of(slot)
        home = self._homes[first][bits & 255]
        return home, _joint(home, self._homes[second][bits >> 8 & 255])


def _joint(home: Home, other: Home) -> Affiliation:
    one, two = home.institution, other.institution
    if one is two:
        return home.plain[0]
    return affiliation([one, two], [one.code, two.code], [one.addresses[0], two.addresses[1]])


def _unknown_affiliations(nowhere: Home) -> list[Affiliation]:
    """Sixteen affiliations that leave the country unknown, the empty one most often.

    Two codes and no institution count as unknown: OpenAlex took them from the raw string.
    """
    return [
        *(affiliation([], [], []) for _ in range(11)),
        *(affiliation([], [], ["Independent researcher"]) for _ in range(2)),
        *(affiliation([], ["GB", "US"], ["Cambridge; Boston"]) for _ in range(2)),
        affiliation([nowhere.institution], [], ["International programme office"]),
    ]


def _orcid(number: int) -> str:
    """Return the author's ORCID as JSON; about half of the authors have one."""
    mixed = number * 2_654_435_761
    if mixed >> 8 & 1:
        return "null"
    return (
        f'"https://orcid.org/0000-0009-{_FOUR_DIGITS[mixed >> 9 & 8191]}-{_FOUR_DIGITS[mixed >> 22 & 8191]}"'
    )
