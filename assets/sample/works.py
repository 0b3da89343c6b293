"""Works as the plan wants them: which work stands where, with what team, type, year and date.

Here a position in the drop becomes a `Work`; `record` turns it into JSON. Positions are spread
over the plan by a fixed permutation, so every file holds works of all years and countries, and
any stretch of positions can be made without the others: that is why a drop needs no more memory
when it is larger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd
from random import Random

import numpy as np

from assets.sample.plan import EARLY_YEARS, Cell, Kind, Plan, steered_weight
from assets.sample.teams import UNKNOWN, Teams, size_weights

# Identifiers: a permutation of 0..prime-1 above all work ids in use.
_FIRST_ID = 9_000_000_000
_ID_PRIME = 999_999_937
_ID_STEP = 387_420_489

_LARGEST_TEAM = 100
_TEAM_TABLE = 4096
_PLACED_AT_ONCE = 256
_REVIEW_SHARE = 0.08
_ABSTRACT_SHARE = 0.88
_WITHOUT_DOI = 0.07
_PARTLY_UNKNOWN = 0.05


@dataclass(frozen=True, slots=True)
class Work:
    """One work before it is written; `team` holds a slot an author (`teams`)."""

    number: int
    year: int
    team: list[int]
    type: str | None = "article"
    has_abstract: bool = True
    has_doi: bool = True
    is_retracted: bool = False
    is_paratext: bool = False
    is_xpac: bool = False


def work_id(number: int) -> int:
    """Return the id of a work: ten digits, different for all numbers below 999,999,937."""
    return _FIRST_ID + number * _ID_STEP % _ID_PRIME


class Works:
    """Makes the works of a plan, stretch by stretch."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._plan = plan
        self._teams = Teams()
        total = plan.works
        self._stride = _coprime((int(total * 0.618) + seed) % total, total)
        self._shift = seed * 7919 % total
        self._sizes = {year: _size_table(0.95 + 0.012 * (year - 2005)) for year in sorted(plan.in_scope)}

    def stretch(self, first: int, count: int, random: Random) -> Iterator[Work]:
        """Yield the works at positions `first` to `first + count - 1`."""
        for start in range(first, first + count, _PLACED_AT_ONCE):
            positions = range(start, min(start + _PLACED_AT_ONCE, first + count))
            places = (np.array(positions) * self._stride + self._shift) % self._plan.works
            cells = np.searchsorted(self._plan.starts, places, side="right") - 1
            numbers = places - self._plan.starts[cells]
            for position, cell, number in zip(positions, cells.tolist(), numbers.tolist(), strict=True):
                yield self._work(position, self._plan.cells[cell], number, random)

    def _work(self, position: int, cell: Cell, number: int, random: Random) -> Work:
        has_doi = random.random() >= _WITHOUT_DOI
        if cell.kind is Kind.OUT_OF_SCOPE:
            return self._out_of_scope(position, cell.year, has_doi, random)
        year = cell.year
        if cell.kind is Kind.EARLY:
            year -= 1 + number % EARLY_YEARS
            team = self._any_team(cell.year, random)
        else:
            team = self._team(cell, number, random)
        draw = random.random()
        type_ = "review" if draw < _REVIEW_SHARE else "article"
        has_abstract = random.random() < _ABSTRACT_SHARE
        return Work(position, year, team, type_, has_abstract, has_doi)

    def _out_of_scope(self, position: int, year: int, has_doi: bool, random: Random) -> Work:
        """Return a work that no count includes, for one of the reasons of METHOD section 4."""
        team = self._any_team(year, random)
        draw = random.random()
        abstract = random.random() < _ABSTRACT_SHARE
        if draw < 0.01:
            return Work(position, year, team, "article", abstract, has_doi, is_retracted=True)
        if draw < 0.04:
            return Work(position, year, team, "paratext", False, has_doi, is_paratext=True)
        if draw < 0.14:
            return Work(position, year, team, "article", abstract, False, is_xpac=True)
        if draw < 0.17:
            return Work(position, year, [], "article", False, has_doi)
        type_, has_abstract = random.choice(_OTHER_TYPES)
        return Work(position, year, team, type_, abstract and has_abstract, has_doi)

    def _any_team(self, year: int, random: Random) -> list[int]:
        start, works = self._plan.in_scope[year]
        if not works:
            return [UNKNOWN]
        place = start + random.randrange(works)
        cell = int(np.searchsorted(self._plan.starts, place, side="right")) - 1
        number = place - int(self._plan.starts[cell])
        return self._team(self._plan.cells[cell], number, random)

    def _team(self, cell: Cell, number: int, random: Random) -> list[int]:
        """Return the team, turned to start anywhere: the first author may be from any country."""
        if cell.kind is Kind.DOMESTIC:
            size = self._size(cell.year, random)
            team = [cell.first] * size
            if size > 2 and random.random() < _PARTLY_UNKNOWN:
                team[-1] = UNKNOWN
            return team
        if cell.kind is Kind.UNKNOWN:
            return [UNKNOWN] * self._size(cell.year, random)
        if cell.kind is Kind.GROUP:
            team = self._plan.groups[cell.year][cell.first]
        else:
            draw = random.random()
            if cell.kind is Kind.STEERED:
                shape = self._teams.of_weight(steered_weight(cell, number), draw)
            else:
                shape = self._teams.natural(draw)
            ends = (cell.first, cell.second) if number % 2 else (cell.second, cell.first)
            team = shape.slots(*ends)
        turn = random.randrange(len(team))
        return team[turn:] + team[:turn]

    def _size(self, year: int, random: Random) -> int:
        return self._sizes[year][random.getrandbits(12)]


_OTHER_TYPES = (
    *[("book-chapter", True)] * 10,
    *[("preprint", True)] * 10,
    *[("editorial", False)] * 3,
    *[("dataset", True)] * 2,
    *[("letter", False)] * 2,
    *[("dissertation", True)] * 2,
    ("erratum", False),
    ("report", True),
    (None, True),
)


def _coprime(start: int, total: int) -> int:
    """Return the first number from `start` on that shares no factor with `total`."""
    number = max(start, 1)
    while gcd(number, total) != 1:
        number += 1
    return number


def _size_table(centre: float) -> list[int]:
    """Return team sizes for a draw of twelve bits; heavy-tailed, up to a hundred authors."""
    reached = np.cumsum(size_weights(_LARGEST_TEAM, centre, 0.75))
    points = (np.arange(_TEAM_TABLE) + 0.5) / _TEAM_TABLE * reached[-1]
    return [int(size) + 1 for size in np.searchsorted(reached, points)]
