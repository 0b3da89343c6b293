"""From each author's shares to the counted tables, by brute force and in exact fractions.

Here belong the sums of the method's section 2. Which works count, and what share an author has in which
country, is decided before: see `tests.oracle`.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import combinations

Shares = Mapping[str, Fraction]
"""One author's shares by reporting country; they add up to 1."""

TECHNOLOGY = "all"
"""The technology every work in scope belongs to."""
CRITICAL = "critical"
"""The technology of the works that belong to at least one, counted once."""
UNKNOWN = "ZZ"
PAIRWISE_LIMIT = 60
"""Works with more authors than this are counted from sums: a double loop grows with n squared."""


@dataclass(frozen=True)
class Work:
    """What counting needs of a work in scope: its year, each author's shares, its technologies."""

    year: int
    authors: tuple[Shares, ...]
    technologies: frozenset[str] = frozenset({TECHNOLOGY})


@dataclass(frozen=True)
class CountryOutput:
    """One country in one year and technology. `world_share` and `rank` are None for unknown authors."""

    papers: int
    papers_international: int
    output: Fraction
    solo_output: Fraction
    domestic_weight: Fraction
    international_weight: Fraction
    world_share: Fraction | None
    world_share_including_unknown: Fraction
    rank: int | None


@dataclass(frozen=True)
class PairCollaboration:
    """One pair of countries in one year and technology, A before B in the alphabet."""

    papers: int
    weight: Fraction
    weight_squared: Fraction
    intensity_squared: Fraction
    """C(A,B)^2 / (R(A) R(B)); the root itself is seldom a fraction."""

    @property
    def intensity(self) -> float:
        """C(A,B) / sqrt(R(A) R(B)), between 0 and 1."""
        return math.sqrt(self.intensity_squared)


@dataclass(frozen=True)
class YearTotals:
    """All works in scope of one year and technology."""

    works: int
    works_multi_author: int
    works_international: int
    unknown_output: Fraction


@dataclass(frozen=True)
class Counts:
    """The three counted tables; a year without a work in scope has no rows."""

    country_output: dict[tuple[int, str, str], CountryOutput]
    """By year, technology, country."""
    pair_collaboration: dict[tuple[int, str, str, str], PairCollaboration]
    """By year, technology, first country, second country."""
    year_totals: dict[tuple[int, str], YearTotals]
    """By year, technology."""


@dataclass
class _Tally:
    works: int = 0
    works_multi_author: int = 0
    works_international: int = 0
    papers: Counter[str] = field(default_factory=Counter)
    papers_international: Counter[str] = field(default_factory=Counter)
    pair_papers: Counter[tuple[str, str]] = field(default_factory=Counter)
    output: defaultdict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    solo_output: defaultdict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    ordered_weight: defaultdict[tuple[str, str], Fraction] = field(
        default_factory=lambda: defaultdict(Fraction)
    )
    weight_squared: defaultdict[tuple[str, str], Fraction] = field(
        default_factory=lambda: defaultdict(Fraction)
    )


def count_works(works: Iterable[Work]) -> Counts:
    """The counted tables of works in scope (method, section 2); any unit may be a country."""
    tallies: defaultdict[tuple[int, str], _Tally] = defaultdict(_Tally)
    for work in works:
        for technology in work.technologies:
            _add(tallies[work.year, technology], work.authors)
    counts = Counts({}, {}, {})
    for (year, technology), tally in sorted(tallies.items()):
        counts.year_totals[year, technology] = YearTotals(
            works=tally.works,
            works_multi_author=tally.works_multi_author,
            works_international=tally.works_international,
            unknown_output=tally.output.get(UNKNOWN, Fraction(0)),
        )
        for country in sorted(tally.papers):
            counts.country_output[year, technology, country] = _country_row(tally, country)
        for first, second in sorted(tally.pair_papers):
            row = _pair_row(tally, first, second)
            counts.pair_collaboration[year, technology, first, second] = row
    return counts


def _add(tally: _Tally, authors: Sequence[Shares]) -> None:
    totals = country_totals(authors)
    international = len(totals.keys() - {UNKNOWN}) >= 2
    tally.works += 1
    tally.works_multi_author += len(authors) >= 2
    tally.works_international += international
    for country, total in totals.items():
        tally.papers[country] += 1
        tally.papers_international[country] += international
        tally.output[country] += total / len(authors)
        tally.solo_output[country] += total if len(authors) == 1 else 0
    for first, second in combinations(sorted(totals), 2):
        tally.pair_papers[first, second] += 1
        tally.weight_squared[first, second] += totals[first] * totals[second] / len(authors) ** 2
    for pair, weight in ordered_weights(authors).items():
        tally.ordered_weight[pair] += weight


def country_totals(authors: Sequence[Shares]) -> dict[str, Fraction]:
    """N_A = sum_i s_iA of one work, by country."""
    totals: defaultdict[str, Fraction] = defaultdict(Fraction)
    for shares in authors:
        for country, share in shares.items():
            totals[country] += share
    return dict(totals)


def ordered_weights(authors: Sequence[Shares]) -> Mapping[tuple[str, str], Fraction]:
    """One work's weight by ordered pair of countries, A = B included; empty for one author."""
    return _ordered_weights(tuple(tuple(shares.items()) for shares in authors))


# Most works are asked for many times, and many have authors alike.
@cache
def _ordered_weights(
    authors: tuple[tuple[tuple[str, Fraction], ...], ...],
) -> Mapping[tuple[str, str], Fraction]:
    shares = [dict(own) for own in authors]
    if len(authors) <= PAIRWISE_LIMIT:
        return weights_from_author_pairs(shares)
    return weights_from_totals(shares)


def weights_from_author_pairs(authors: Sequence[Shares]) -> dict[tuple[str, str], Fraction]:
    """sum_{i != j} s_iA s_jB / (n (n-1)), author by author; only the pairs that meet."""
    sums: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for i, own in enumerate(authors):
        for j, other in enumerate(authors):
            if i != j:
                for a, share in own.items():
                    for b, other_share in other.items():
                        sums[a, b] += share * other_share
    return {pair: total / (len(authors) * (len(authors) - 1)) for pair, total in sums.items()}


def weights_from_totals(authors: Sequence[Shares]) -> dict[tuple[str, str], Fraction]:
    """[N_A N_B - sum_i s_iA s_iB] / (n (n-1)); only the pairs that meet."""
    totals = country_totals(authors)
    sums = {(a, b): totals[a] * totals[b] for a in totals for b in totals}
    for shares in authors:
        for a, share in shares.items():
            for b, other_share in shares.items():
                sums[a, b] -= share * other_share
    author_pairs = len(authors) * (len(authors) - 1)
    return {pair: total / author_pairs for pair, total in sums.items() if total}


def _country_row(tally: _Tally, country: str) -> CountryOutput:
    output = tally.output[country]
    known = {code: value for code, value in tally.output.items() if code != UNKNOWN}
    is_known = country != UNKNOWN
    weights = tally.ordered_weight
    partners = (weight for (a, b), weight in weights.items() if a == country != b)
    return CountryOutput(
        papers=tally.papers[country],
        papers_international=tally.papers_international[country],
        output=output,
        solo_output=tally.solo_output[country],
        domestic_weight=weights.get((country, country), Fraction(0)),
        international_weight=sum(partners, Fraction(0)),
        world_share=output / sum(known.values()) if is_known else None,
        world_share_including_unknown=output / sum(tally.output.values()),
        rank=1 + sum(other > output for other in known.values()) if is_known else None,
    )


def _pair_row(tally: _Tally, first: str, second: str) -> PairCollaboration:
    weight = tally.ordered_weight.get((first, second), Fraction(0))
    return PairCollaboration(
        papers=tally.pair_papers[first, second],
        weight=weight,
        weight_squared=tally.weight_squared[first, second],
        intensity_squared=weight**2 / (tally.output[first] * tally.output[second]),
    )
