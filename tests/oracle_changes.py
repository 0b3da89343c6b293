"""Why intensities moved, by brute force: logarithms of quotients of exact sums, and sums term by term.

Written from the definitions alone; outputs and weights are those of `tests.oracle_counting`.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from tests.oracle_counting import (
    CRITICAL,
    TECHNOLOGY,
    UNKNOWN,
    CountryOutput,
    Counts,
    PairCollaboration,
    Work,
    country_totals,
    ordered_weights,
)

BASE_YEAR = 2005

Row = dict[str, float]
Rows = dict[tuple[object, ...], Row]


@dataclass(frozen=True)
class _Standing:
    """A pair in one year, with its countries."""

    pair: PairCollaboration
    a: CountryOutput
    b: CountryOutput

    @property
    def preference(self) -> float:
        """sqrt(C/X_A * C/X_B)."""
        known = self.a.international_weight * self.b.international_weight
        return math.sqrt(self.pair.weight**2 / known)

    @property
    def openness(self) -> float:
        """sqrt(X_A/R_A * X_B/R_B)."""
        shares = (each.international_weight / each.output for each in (self.a, self.b))
        return math.sqrt(math.prod(shares, start=Fraction(1)))


@dataclass(frozen=True)
class _Comparison:
    """A pair with weight in two years."""

    technology: str
    a: str
    b: str
    year: int
    base: int
    now: _Standing
    before: _Standing


def intensity_change(counts: Counts) -> Rows:
    """The mart `intensity_change`."""
    rows: Rows = {}
    for each in _comparisons(counts):
        now, before = each.now, each.before
        growth = now.pair.weight / before.pair.weight
        output_a, output_b = now.a.output / before.a.output, now.b.output / before.b.output
        known_a = now.a.international_weight / before.a.international_weight
        known_b = now.b.international_weight / before.b.international_weight
        rows[each.technology, each.a, each.b, each.year, each.base] = {
            "log_change": math.log(now.pair.intensity_squared / before.pair.intensity_squared) / 2,
            "from_weight": math.log(growth),
            "from_output_a": -math.log(output_a) / 2,
            "from_output_b": -math.log(output_b) / 2,
            "from_preference_a": math.log(growth / known_a) / 2,
            "from_preference_b": math.log(growth / known_b) / 2,
            "from_openness_a": math.log(known_a / output_a) / 2,
            "from_openness_b": math.log(known_b / output_b) / 2,
        }
    return rows


def intensity_mix_change(works: Iterable[Work], counts: Counts) -> Rows:
    """The mart `intensity_mix_change`, its split term by term over all technologies."""
    mix = _mix_of(works)
    rows: Rows = {}
    for each in _comparisons(counts):
        if each.technology != CRITICAL:
            continue
        terms = [
            _split(mix.term(each.year, name, each.a, each.b), mix.term(each.base, name, each.a, each.b))
            for name in mix.technologies
        ]
        intensity, base_intensity = each.now.pair.intensity, each.before.pair.intensity
        rows[each.a, each.b, each.year, each.base] = {
            "intensity": intensity,
            "base_intensity": base_intensity,
            "change": intensity - base_intensity,
            "within": math.fsum(within for within, _ in terms),
            "shift": math.fsum(shift for _, shift in terms),
            "preference": each.now.preference,
            "base_preference": each.before.preference,
            "openness": each.now.openness,
            "base_openness": each.before.openness,
        }
    return rows


def _comparisons(counts: Counts) -> Iterator[_Comparison]:
    """Pairs of known countries, each year with the year before and the base year, where both have weight."""
    standings = {
        (year, technology, a, b): _Standing(
            pair,
            counts.country_output[year, technology, a],
            counts.country_output[year, technology, b],
        )
        for (year, technology, a, b), pair in counts.pair_collaboration.items()
        if UNKNOWN not in (a, b) and pair.weight
    }
    for (year, technology, a, b), now in standings.items():
        for base in {year - 1, BASE_YEAR}:
            before = standings.get((base, technology, a, b))
            if base < year and before is not None:
                yield _Comparison(technology, a, b, year, base, now, before)


@dataclass(frozen=True)
class _Mix:
    """Outputs and weights with each work spread over its technologies."""

    outputs: defaultdict[tuple[int, str, str], Fraction] = field(
        default_factory=lambda: defaultdict(Fraction)
    )
    outputs_of_all: defaultdict[tuple[int, str], Fraction] = field(
        default_factory=lambda: defaultdict(Fraction)
    )
    weights: defaultdict[tuple[int, str, str, str], Fraction] = field(
        default_factory=lambda: defaultdict(Fraction)
    )
    technologies: set[str] = field(default_factory=set)

    def term(self, year: int, technology: str, a: str, b: str) -> tuple[float, float | None]:
        """The share of a technology in both outputs, and the intensity in it where both have output."""
        own = [self.outputs.get((year, technology, country), Fraction(0)) for country in (a, b)]
        of_all = [self.outputs_of_all[year, country] for country in (a, b)]
        if not all(own):
            return 0.0, None
        share = math.sqrt(own[0] / of_all[0] * own[1] / of_all[1])
        weight = self.weights.get((year, technology, a, b), Fraction(0))
        return share, math.sqrt(weight**2 / (own[0] * own[1]))


def _mix_of(works: Iterable[Work]) -> _Mix:
    mix = _Mix()
    for work in works:
        own = work.technologies - {TECHNOLOGY, CRITICAL}
        mix.technologies.update(own)
        outputs = {
            country: total / len(work.authors) for country, total in country_totals(work.authors).items()
        }
        for country, output in outputs.items():
            mix.outputs_of_all[work.year, country] += output if own else 0
        weights = ordered_weights(work.authors)
        for technology in own:
            for country, output in outputs.items():
                mix.outputs[work.year, technology, country] += output / len(own)
            for (a, b), weight in weights.items():
                mix.weights[work.year, technology, a, b] += weight / len(own)
    return mix


def _split(now: tuple[float, float | None], before: tuple[float, float | None]) -> tuple[float, float]:
    """One technology's parts of the change: within it, and by the shift of the mix.

    An intensity that is not there in one of the years is taken for what it is in the other.
    """
    (share, own), (base_share, base_own) = now, before
    intensity = base_own if own is None else own
    base_intensity = own if base_own is None else base_own
    if intensity is None or base_intensity is None:
        return 0.0, 0.0
    within = (share + base_share) / 2 * (intensity - base_intensity)
    return within, (intensity + base_intensity) / 2 * (share - base_share)
