"""The plan of a sample: which countries meet on how many works of which year.

A plan is a short table of cells (some ten thousand rows, whatever the number of works), computed
from the targets in `profile`; it is what makes a small sample come close to them: counts are
rounded, not drawn, and what rounding leaves is carried into the next year. Single works, their
authors and texts are not planned here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from assets.sample.countries import CODES
from assets.sample.profile import CHINA, growth, intensities, shares
from assets.sample.teams import DUO_WEIGHT, LARGEST_WEIGHT, SMALLEST_WEIGHT, Teams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EARLY_SHARE = 0.008
EARLY_YEARS = 10
OUT_OF_SCOPE_SHARE = 0.12
_UNKNOWN_SHARE = 0.045
_GROUP_SHARE = (0.015, 0.035)
_GROUPS_A_YEAR = 160
_CONSORTIUM_EVERY = 20
_DUO_EVERY = 8
_STEERED_RANGE = (0.09, 0.29)


class Kind(IntEnum):
    """What the works of a cell have in common."""

    DOMESTIC = 0
    PAIR = 1
    STEERED = 2
    GROUP = 3
    UNKNOWN = 4
    OUT_OF_SCOPE = 5
    EARLY = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """Works of one kind; `weight` is the mean C(A,B) a steered work is to have.

    `first` and `second` are countries; for a group `first` is its place in the year's groups.
    """

    kind: Kind
    year: int
    works: int
    first: int = -1
    second: int = -1
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Cells in order, the number of the first work of each, and the groups of every year."""

    cells: Sequence[Cell]
    starts: Ints
    groups: dict[int, list[list[int]]]
    in_scope: dict[int, tuple[int, int]]

    @property
    def works(self) -> int:
        """The number of works of the whole sample."""
        return int(self.starts[-1])


def apportion(weights: Floats, total: int) -> Ints:
    """Split `total` in proportion to non-negative `weights` by largest remainders."""
    quota = weights / weights.sum() * total
    counts: Ints = np.floor(quota).astype(np.int64)
    missing = total - int(counts.sum())
    counts[np.argsort(counts - quota, kind="stable")[:missing]] += 1
    return counts


def build_plan(works: int, seed: int, years: range, peak: bool) -> Plan:
    """Return the plan of `works` works, all but a few of them in `years`."""
    early = round(works * EARLY_SHARE)
    outside = round(works * OUT_OF_SCOPE_SHARE)
    growths = np.array([growth(year) for year in years])
    inside = apportion(growths, works - early - outside)
    planner = _Planner(seed, peak)
    cells: list[Cell] = []
    in_scope: dict[int, tuple[int, int]] = {}
    placed = 0
    for year, inside_year, outside_year in zip(
        years, inside.tolist(), apportion(growths, outside).tolist(), strict=True
    ):
        cells += planner.year(year, inside_year)
        cells.append(Cell(Kind.OUT_OF_SCOPE, year, outside_year))
        in_scope[year] = (placed, inside_year)
        placed += inside_year + outside_year
    cells.append(Cell(Kind.EARLY, years[0], early))
    starts = np.cumsum([0, *(cell.works for cell in cells)])
    return Plan(cells, starts, planner.groups, in_scope)


class _Planner:
    """Plans one year after the other and carries what rounding left."""

    def __init__(self, seed: int, peak: bool) -> None:
        self._rng = np.random.default_rng([seed, 1])
        self._peak = peak
        teams = Teams()
        self._known_share = 1 - teams.unknown_share
        self._pair_weight = teams.natural_weight
        size = len(CODES)
        # Rare pairs all start at another remainder, so that they do not meet in the same year.
        self._pair_rest = np.triu(self._rng.uniform(-0.5, 0.5, (size, size)), 1)
        self._china_rest = np.zeros(size)
        self._domestic_rest = np.zeros(size)
        self.groups: dict[int, list[list[int]]] = {}

    def year(self, year: int, works: int) -> list[Cell]:
        """Return the in-scope cells of a year; their works add up to `works`."""
        unknown = round(works * _UNKNOWN_SHARE)
        share = shares(year)
        known = (works - unknown) * self._known_share
        group_cells, group_weight, output = self._group_cells(year, works, share)
        target = intensities(year, self._peak) * np.sqrt(np.outer(share, share)) * known
        pairs = self._china_cells(year, (target - group_weight)[CHINA])
        pairs += self._pair_cells(year, target - group_weight)
        room = works - unknown - sum(cell.works for cell in group_cells)
        pairs = _fitting(pairs, room)
        for cell in pairs:
            output[cell.first] += cell.works * self._known_share / 2
            output[cell.second] += cell.works * self._known_share / 2
            room -= cell.works
        domestic = self._domestic_cells(year, (share * known - output) / self._known_share, room)
        cells = [*domestic, *pairs, *group_cells, Cell(Kind.UNKNOWN, year, unknown)]
        return [cell for cell in cells if cell.works]

    def _china_cells(self, year: int, weight: Floats) -> list[Cell]:
        """Cells of China's pairs: as many works as the weight needs, each of the weight missing."""
        cells = []
        self._china_rest += weight
        for partner, wanted in enumerate(self._china_rest.tolist()):
            works = max(round(wanted / self._pair_weight), 0)
            if partner == CHINA or not works:
                continue
            mean = float(np.clip(wanted / works, *_STEERED_RANGE))
            cells.append(Cell(Kind.STEERED, year, works, CHINA, partner, mean))
            self._china_rest[partner] -= works * mean
        return cells

    def _pair_cells(self, year: int, weight: Floats) -> list[Cell]:
        """Cells of all other pairs, whole works with the remainder carried."""
        others = np.triu(weight, 1)
        others[CHINA, :] = 0.0
        self._pair_rest += others / self._pair_weight
        counts = np.maximum(np.rint(self._pair_rest), 0).astype(np.int64)
        counts[CHINA, :] = 0
        self._pair_rest -= counts
        return [
            Cell(Kind.PAIR, year, int(counts[first, second]), int(first), int(second))
            for first, second in np.argwhere(counts)
        ]

    def _domestic_cells(self, year: int, target: Floats, works: int) -> list[Cell]:
        wanted = np.maximum(target + self._domestic_rest, 0.0)
        if not wanted.any():
            wanted = shares(year)
        counts = apportion(wanted, works)
        self._domestic_rest += target - counts
        return [Cell(Kind.DOMESTIC, year, count, country) for country, count in enumerate(counts.tolist())]

    def _group_cells(self, year: int, works: int, share: Floats) -> tuple[list[Cell], Floats, Floats]:
        """Cells of works with three and more countries, their weights and their outputs."""
        ratio = np.interp(year, (2005, 2024), _GROUP_SHARE)
        total = round(works * float(ratio))
        kinds = min(total, _GROUPS_A_YEAR)
        self.groups[year] = [self._group(index, share) for index in range(kinds)]
        weight = np.zeros((len(share), len(share)))
        output = np.zeros(len(share))
        cells = []
        for index, slots in enumerate(self.groups[year]):
            count = total // kinds + (index < total % kinds)
            authors = np.bincount(slots, minlength=len(share)).astype(np.float64)
            weight += count * np.outer(authors, authors) / (len(slots) * (len(slots) - 1))
            output += count * authors / len(slots)
            cells.append(Cell(Kind.GROUP, year, count, index))
        return cells, weight, output

    def _group(self, index: int, share: Floats) -> list[int]:
        """Return the slots of a work of several countries; every twentieth is a consortium."""
        rng = self._rng
        if index % _CONSORTIUM_EVERY == _CONSORTIUM_EVERY // 2:
            members, authors = int(rng.integers(8, 30)), int(60 * (1 + rng.pareto(1.5)))
        else:
            members = 3 + int(rng.geometric(0.65)) - 1
            authors = members + int(rng.geometric(0.25)) - 1
        odds = share**0.6
        countries = rng.choice(len(share), size=members, replace=False, p=odds / odds.sum())
        extra = rng.choice(countries, size=min(authors, 600) - members)
        return [int(country) for country in (*countries, *extra)]


def _fitting(cells: Sequence[Cell], room: int) -> list[Cell]:
    """Return the cells that fit into `room` works; a sample of a few works may have too many."""
    fitting = []
    for cell in cells:
        if cell.works <= room:
            fitting.append(cell)
            room -= cell.works
    return fitting


def steered_weight(cell: Cell, number: int) -> float:
    """Return the weight wanted of the cell's work `number`; over all works the mean is exact.

    Every eighth work is a duo; the others spread evenly around what is left of the mean.
    """
    duos = cell.works // _DUO_EVERY
    if number < duos:
        return DUO_WEIGHT
    others = cell.works - duos
    mean = (cell.works * cell.weight - duos * DUO_WEIGHT) / others
    place = (number - duos + 0.5) / others
    spread = max(min(mean - SMALLEST_WEIGHT, LARGEST_WEIGHT - mean, 0.1), 0.0)
    return min(max(mean + spread * (2 * place - 1), SMALLEST_WEIGHT), LARGEST_WEIGHT)
