"""How sure a number is and how partners rank, by brute force.

Every paper counts as a Poisson number, so a quantity's variance is the sum over papers of the square of what
the paper moves it by (delta method); here that is computed paper by paper, where the SQL multiplies it out.
Sums are exact fractions until a root or a logarithm is due. What a paper gives to countries is decided in
`tests.oracle_counting`.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from tests.oracle_counting import TECHNOLOGY, UNKNOWN, Work, country_totals, ordered_weights

EU = "EU27"
Cell = tuple[int, str, str]
"""Year, technology, view."""
Pair = tuple[str, str]
Row = Mapping[str, Fraction | float | bool | None]
_Key = TypeVar("_Key", str, Pair)
NORMAL_95 = 1.959964
SMALL = 25


@dataclass(frozen=True)
class Paper:
    """What one work gives to each party of a view."""

    outputs: Mapping[str, Fraction]
    weights: Mapping[Pair, Fraction]
    """By ordered pair of different parties that are both on the work."""

    def known_weight(self, party: str) -> Fraction:
        """The party's weight with all known others."""
        return sum((w for (a, b), w in self.weights.items() if a == party and b != UNKNOWN), Fraction(0))


def paper_of(work: Work, merged: frozenset[str] = frozenset()) -> Paper:
    """The work with the `merged` countries as one party."""
    outputs: defaultdict[str, Fraction] = defaultdict(Fraction)
    weights: defaultdict[Pair, Fraction] = defaultdict(Fraction)
    totals = country_totals(work.authors)
    ordered = ordered_weights(work.authors)
    for country, total in totals.items():
        party = EU if country in merged else country
        outputs[party] += total / len(work.authors)
        for other in totals:
            other_party = EU if other in merged else other
            if party != other_party:
                weights[party, other_party] += ordered.get((country, other), Fraction(0))
    return Paper(outputs, weights)


@dataclass(frozen=True)
class Papers:
    """The papers of one cell."""

    papers: Sequence[Paper]

    @cached_property
    def outputs(self) -> dict[str, Fraction]:
        """R by party."""
        return _sums(paper.outputs for paper in self.papers)

    @cached_property
    def weights(self) -> dict[Pair, Fraction]:
        """C by ordered pair; pairs without weight included."""
        return _sums(paper.weights for paper in self.papers)

    @cached_property
    def known_weights(self) -> dict[str, Fraction]:
        """Weight with known partners, by party."""
        return {
            party: sum((w for (a, b), w in self.weights.items() if a == party and b != UNKNOWN), Fraction(0))
            for party in self.outputs
        }

    @cached_property
    def known_weights_by_paper(self) -> dict[str, list[Fraction]]:
        """What each paper gives to them."""
        return {party: [paper.known_weight(party) for paper in self.papers] for party in self.outputs}

    def country_row(self, country: str) -> Row:
        """Output and share of a country with their intervals."""
        output = self.outputs[country]
        own = [paper.outputs.get(country, Fraction(0)) for paper in self.papers]
        known = [1 - paper.outputs.get(UNKNOWN, Fraction(0)) for paper in self.papers]
        is_known = country != UNKNOWN
        low, high = _log_interval(float(output), _square(own) / output**2)
        share_low, share_high = _share_interval(own, known) if is_known else (None, None)
        number = output**2 / _square(own)
        return {
            "output": output,
            "output_se": math.sqrt(_square(own)),
            "output_low": low,
            "output_high": high,
            "share": output / sum(known) if is_known else None,
            "share_low": share_low,
            "share_high": share_high,
            "effective_number": number,
            "is_small": number < SMALL,
        }

    @cached_property
    def pair_rows(self) -> dict[Pair, Row]:
        """Weight and intensity of each ordered pair with their intervals."""
        return {(a, b): self._pair_row(a, b) for a, b in self.weights}

    def _pair_row(self, a: str, b: str) -> Row:
        own = [paper.weights.get((a, b), Fraction(0)) for paper in self.papers]
        weight, output_a, output_b = self.weights[a, b], self.outputs[a], self.outputs[b]
        number = weight**2 / _square(own) if weight else Fraction(0)
        row: dict[str, Fraction | float | bool | None] = {
            "papers": sum((a, b) in paper.weights for paper in self.papers),
            "weight": weight,
            "intensity": self.intensity(a, b),
            "weight_se": math.sqrt(_square(own)),
            "effective_number": number,
            "is_small": number < SMALL,
        }
        names = ("weight_low", "weight_high", "intensity_se", "intensity_low", "intensity_high")
        if not weight:
            return {**row, **dict.fromkeys(names)}
        moves = (
            own[number] / weight
            - paper.outputs.get(a, Fraction(0)) / (2 * output_a)
            - paper.outputs.get(b, Fraction(0)) / (2 * output_b)
            for number, paper in enumerate(self.papers)
        )
        variance = _square(moves)
        low, high = _log_interval(self.intensity(a, b), variance)
        bounds = (*_log_interval(float(weight), 1 / number), math.sqrt(variance), low, min(high, 1.0))
        return {**row, **dict(zip(names, bounds, strict=True))}

    def intensity(self, a: str, b: str) -> float:
        """C / sqrt(R_A R_B)."""
        return math.sqrt(self.intensity_square(a, b))

    def intensity_square(self, a: str, b: str) -> Fraction:
        """The square of the intensity, an exact fraction; 0 for a pair that never met."""
        if (a, b) not in self.weights:
            return Fraction(0)
        return self.weights[a, b] ** 2 / (self.outputs[a] * self.outputs[b])

    def share_row(self, country: str, partner: str) -> Row:
        """The partner's share of the country's weight, with its interval."""
        known = self.known_weights[country]
        all_weight = known + self.weights.get((country, UNKNOWN), Fraction(0))
        weight = self.weights[country, partner]
        own = [paper.weights.get((country, partner), Fraction(0)) for paper in self.papers]
        low, high = _share_interval(own, self.known_weights_by_paper[country])
        return {
            "share_of_international": weight / known if known else None,
            "share_low": low,
            "share_high": high,
            "share_including_unknown": weight / all_weight if all_weight else None,
        }


@dataclass(frozen=True)
class CertaintyCounts:
    """The tables of certainty and of partners."""

    country_certainty: dict[tuple[int, str, str], Row] = field(default_factory=dict)
    """By year, technology, country."""
    pair_certainty: dict[tuple[int, str, str, str, str], Row] = field(default_factory=dict)
    """By year, technology, view, first party, second party."""
    partner_ranking: dict[tuple[int, str, str, str, str], Row] = field(default_factory=dict)
    """By year, technology, view, country, partner."""


def count_certainty(works: Iterable[Work], eu_members: frozenset[str]) -> CertaintyCounts:
    """Every row of the tables, in both views."""
    papers: defaultdict[Cell, list[Paper]] = defaultdict(list)
    for work in works:
        for technology in work.technologies:
            papers[work.year, technology, "countries"].append(paper_of(work))
            papers[work.year, technology, "eu27"].append(paper_of(work, eu_members))
    cells = {cell: Papers(own) for cell, own in papers.items()}
    counts = CertaintyCounts()
    for (year, technology, view), cell in cells.items():
        if view == "countries":
            for country in cell.outputs:
                counts.country_certainty[year, technology, country] = cell.country_row(country)
        for a, b in cell.weights:
            row = cell.pair_rows[a, b]
            if a < b:
                counts.pair_certainty[year, technology, view, a, b] = row
            if UNKNOWN not in (a, b):
                ranking = _ranking_row(cells, (year, technology, view), a, b, row)
                counts.partner_ranking[year, technology, view, a, b] = ranking
    return counts


def _ranking_row(cells: Mapping[Cell, Papers], key: Cell, country: str, partner: str, pair: Row) -> Row:
    cell = cells[key]
    kept = {name: value for name, value in pair.items() if name not in ("weight_se", "intensity_se")}
    return {
        **kept,
        **_ranks(cell, country, partner),
        **cell.share_row(country, partner),
        **_comparisons(cells, key, country, partner),
    }


def _ranks(cell: Papers, country: str, partner: str) -> Row:
    partners = [b for a, b in cell.weights if a == country and b != UNKNOWN]
    small = {b: bool(cell.pair_rows[country, b]["is_small"]) for b in partners}
    row: dict[str, float | None] = {}
    for name, values in (
        ("weight", {b: cell.weights[country, b] for b in partners}),
        ("intensity", {b: cell.intensity_square(country, b) for b in partners}),
    ):
        above = [b for b in partners if values[b] > values[partner]]
        stable = 1 + sum(not small[b] for b in above)
        row[f"rank_{name}"] = 1 + len(above)
        row[f"rank_{name}_stable"] = None if small[partner] else stable
    return row


def _comparisons(cells: Mapping[Cell, Papers], key: Cell, country: str, partner: str) -> Row:
    year, technology, view = key

    def value(measure: str, wanted: int) -> float | None:
        """The value of another year; 0 without a joint paper, None for a year that was not counted."""
        if (wanted, TECHNOLOGY, view) not in cells:
            return None
        papers = cells.get((wanted, technology, view), Papers([]))
        if measure == "weight":
            return float(papers.weights.get((country, partner), Fraction(0)))
        return papers.intensity(country, partner)

    row: dict[str, float | None] = {}
    for measure in ("weight", "intensity"):
        now = value(measure, year)
        assert now is not None
        base, last = value(measure, 2005), value(measure, year - 1)
        row[f"index_{measure}"] = None if not base else 100 * now / base
        row[f"{measure}_change_base"] = None if base is None else now - base
        row[f"{measure}_change_last_year"] = None if last is None else now - last
        for first in (2005, 2008):
            values = [value(measure, each) for each in range(first, first + 3)]
            mean = None if None in values else math.fsum(each or 0 for each in values) / 3
            row[f"index_{measure}_{first}_{first + 2}"] = None if not mean else 100 * now / mean
        low, high = _index_interval(cells, key, (country, partner), measure, row[f"index_{measure}"])
        row |= {f"index_{measure}_low": low, f"index_{measure}_high": high}
    return row


def _index_interval(
    cells: Mapping[Cell, Papers], key: Cell, pair: Pair, measure: str, index: float | None
) -> tuple[float | None, float | None]:
    year, technology, view = key
    if not index:
        return None, None
    if year == 2005:
        return index, index
    rows = [cells[each, technology, view].pair_rows[pair] for each in (year, 2005)]
    if measure == "weight":
        variance = sum(1 / Fraction(row["effective_number"] or 0) for row in rows)
    else:
        variance = sum(Fraction(row["intensity_se"] or 0) ** 2 for row in rows)
    return _log_interval(index, Fraction(variance))


def _log_interval(value: float, variance: Fraction) -> tuple[float, float]:
    factor = math.exp(NORMAL_95 * math.sqrt(variance))
    return value / factor, value * factor


def _share_interval(own: Sequence[Fraction], whole: Sequence[Fraction]) -> tuple[float | None, float | None]:
    part, rest = sum(own), sum(whole) - sum(own)
    if not part or not rest:
        return None, None
    moves = (p / part - (w - p) / rest for p, w in zip(own, whole, strict=True))
    step = NORMAL_95 * math.sqrt(_square(moves))
    logit = math.log(part / rest)
    return 1 / (1 + math.exp(step - logit)), 1 / (1 + math.exp(-step - logit))


def _square(values: Iterable[Fraction]) -> Fraction:
    return sum((value * value for value in values), Fraction(0))


def _sums(parts: Iterable[Mapping[_Key, Fraction]]) -> dict[_Key, Fraction]:
    total: defaultdict[_Key, Fraction] = defaultdict(Fraction)
    for part in parts:
        for key, value in part.items():
            total[key] += value
    return dict(total)
