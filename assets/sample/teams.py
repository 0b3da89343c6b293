"""Teams: how many authors from which country stand on a work, and the weight that makes.

Only counting of authors happens here. Which countries meet, and how often, is `plan`; a slot of
a team becomes an author in `record`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
_BOTH = 1000

LARGEST_PAIR_TEAM = 14
DUO_WEIGHT = 0.5
# Without duos no team of two countries has a weight above one third (2 + 1 authors).
LARGEST_WEIGHT = 1 / 3
SMALLEST_WEIGHT = 0.06

_BINS = 60
_TABLE_SIZE = 1024


@dataclass(frozen=True, slots=True)
class Shape:
    """Authors of a team of two countries: in the first, in both, in the second, in none known."""

    first: int
    both: int
    second: int
    unknown: int

    @property
    def size(self) -> int:
        """The number of authors."""
        return self.first + self.both + self.second + self.unknown

    @property
    def weight(self) -> float:
        """C(A,B) of one such work: [N_A N_B - sum s_A s_B] / (n (n-1)), METHOD section 2."""
        if self.size < 2:
            return 0.0
        product = (self.first + self.both / 2) * (self.second + self.both / 2)
        return (product - self.both / 4) / (self.size * (self.size - 1))

    def slots(self, first: int, second: int) -> list[int]:
        """Return one slot an author: a country's index, `UNKNOWN`, or two countries at once."""
        both = in_both(first, second)
        return [first] * self.first + [both] * self.both + [second] * self.second + [UNKNOWN] * self.unknown


def in_both(first: int, second: int) -> int:
    """Return the slot of an author with institutions in two countries (indices below 1000)."""
    return _BOTH * (first + 1) + second


def countries_of(slot: int) -> tuple[int, int]:
    """Return the two countries of a slot made by `in_both`."""
    first, second = divmod(slot, _BOTH)
    return first - 1, second


def is_in_both(slot: int) -> bool:
    """Tell whether the slot holds two countries."""
    return slot >= _BOTH


def size_weights(largest: int, centre: float, spread: float) -> NDArray[np.float64]:
    """Return the probabilities of 1..largest authors: log-normal, cut off, sum 1."""
    sizes = np.arange(1, largest + 1)
    weights = np.exp(-((np.log(sizes) - centre) ** 2) / (2 * spread**2)) / sizes
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _natural_shapes() -> tuple[list[Shape], NDArray[np.float64]]:
    """Every team of two countries up to `LARGEST_PAIR_TEAM` authors, with its probability."""
    shapes, odds = [], []
    sizes = size_weights(LARGEST_PAIR_TEAM, 1.5, 0.6)
    for size in range(1, LARGEST_PAIR_TEAM + 1):
        for both, both_odds in ((0, 0.62), (1, 0.30), (2, 0.08)):
            for unknown, unknown_odds in ((0, 0.96), (1, 0.04)):
                free = size - both - unknown
                splits = range(0 if both else 1, free + (1 if both else 0))
                for first in splits:
                    shape = Shape(first, both, free - first, unknown)
                    shapes.append(shape)
                    odds.append(sizes[size - 1] * both_odds * unknown_odds / len(splits))
    weights = np.array(odds)
    return shapes, weights / weights.sum()


def _systematic(odds: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    """Return `size` indices in proportion to `odds`, evenly drawn."""
    points = (np.arange(size) + 0.5) / size * odds.sum()
    return np.asarray(np.searchsorted(np.cumsum(odds), points), dtype=np.int64)


class Teams:
    """Lookup tables of teams of two countries, natural or of a wanted weight."""

    def __init__(self) -> None:
        shapes, odds = _natural_shapes()
        weights = np.array([shape.weight for shape in shapes])
        self._natural: list[Shape] = [shapes[i] for i in _systematic(odds, _TABLE_SIZE)]
        self._by_weight: list[list[Shape]] = [
            self._near(centre / _BINS * DUO_WEIGHT, shapes, weights, odds) for centre in range(_BINS + 1)
        ]
        self.natural_weight = float(np.mean([shape.weight for shape in self._natural]))
        self.unknown_share = float(np.mean([shape.unknown / shape.size for shape in self._natural]))

    @staticmethod
    def _near(
        target: float,
        shapes: Sequence[Shape],
        weights: NDArray[np.float64],
        odds: NDArray[np.float64],
    ) -> list[Shape]:
        distance = np.abs(weights - target)
        near = distance <= max(float(distance.min()) + 1e-9, 0.25 * DUO_WEIGHT / _BINS)
        chosen = _systematic(np.where(near, odds, 0.0), 32)
        return [shapes[i] for i in chosen]

    def natural(self, draw: float) -> Shape:
        """Return an ordinary team for a uniform draw in [0, 1)."""
        return self._natural[int(draw * _TABLE_SIZE)]

    def of_weight(self, weight: float, draw: float) -> Shape:
        """Return a team whose weight is near `weight` for a uniform draw in [0, 1)."""
        return self._by_weight[round(weight / DUO_WEIGHT * _BINS)][int(draw * 32)]
