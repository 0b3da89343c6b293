"""How sure a number is and how partners rank, by brute force.

Every paper counts as a Poisson number, so a quantity's variance is the sum over papers of the square of what
the paper moves it by (delta method); here that is computed paper by paper, where the SQL multiplies it out.
Sums are exact fractions until a root, a logarithm or a variance is due; a paper's move is then a double, and
the papers that do not move a quantity are passed over. What a paper gives to countries is decided in
`tests.oracle_counting`.
"""

import math
from bisect import bisect_right
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

    @cached_property
    def known_weights(self) -> Mapping[str, Fraction]:
        """Each party's weight with all known others."""
        return _known_weights(self.weights)


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
    def known_weights(self) -> Mapping[str, Fraction]:
        """Weight with known partners, by party."""
        return _known_weights(self.weights)

    @cached_property
    def of_party(self) -> Mapping[str, Sequence[Paper]]:
        """The papers each party is on."""
        found: defaultdict[str, list[Paper]] = defaultdict(list)
        for paper in self.papers:
            for party in paper.outputs:
                found[party].append(paper)
        return found

    @cached_property
    def partners(self) -> Mapping[str, Sequence[str]]:
        """The known partners of each party."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for party, other in self.weights:
            if other != UNKNOWN:
                found[party].append(other)
        return found

    @cached_property
    def known_outputs(self) -> Sequence[Fraction]:
        """What each paper gives to known countries."""
        return [1 - paper.outputs.get(UNKNOWN, Fraction(0)) for paper in self.papers]

    @cached_property
    def known_output(self) -> Fraction:
        """The output of the known world."""
        return sum(self.known_outputs, Fraction(0))

    def country_row(self, country: str) -> Row:
        """Output and share of a country with their intervals."""
        output, known = self.outputs[country], self.known_output
        square = _square(paper.outputs[country] for paper in self.of_party[country])
        own = [paper.outputs.get(country, 0) for paper in self.papers]
        is_known = country != UNKNOWN
        low, high = _log_interval(float(output), square / output**2)
        share_low, share_high = (
            _share_interval(own, self.known_outputs, output, known) if is_known else (None, None)
        )
        number = output**2 / square
        return {
            "output": output,
            "output_se": math.sqrt(square),
            "output_low": low,
            "output_high": high,
            "share": output / known if is_known else None,
            "share_low": share_low,
            "share_high": share_high,
            "effective_number": number,
            "is_small": number < SMALL,
        }

    @cached_property
    def pair_rows(self) -> Mapping[Pair, Row]:
        """Weight and intensity of each ordered pair with their intervals."""
        rows = {(a, b): self._pair_row(a, b) for a, b in self.weights if a < b}
        return rows | {(b, a): row for (a, b), row in rows.items()}

    def _pair_row(self, a: str, b: str) -> Row:
        weight, outputs = self.weights[a, b], {party: float(self.outputs[party]) for party in (a, b)}
        joint = [paper.weights[a, b] for paper in self.of_party[a] if (a, b) in paper.weights]
        number = weight**2 / _square(joint) if weight else Fraction(0)
        row: dict[str, Fraction | float | bool | None] = {
            "papers": len(joint),
            "weight": weight,
            "intensity": self.intensities[a, b],
            "weight_se": math.sqrt(_square(joint)),
            "effective_number": number,
            "is_small": number < SMALL,
        }
        names = ("weight_low", "weight_high", "intensity_se", "intensity_low", "intensity_high")
        if not weight:
            return {**row, **dict.fromkeys(names)}
        alone = [paper for paper in self.of_party[b] if a not in paper.outputs]
        variance = math.fsum(
            (
                float(paper.weights.get((a, b), 0)) / float(weight)
                - sum(float(paper.outputs.get(party, 0)) / (2 * own) for party, own in outputs.items())
            )
            ** 2
            for paper in (*self.of_party[a], *alone)
        )
        low, high = _log_interval(self.intensities[a, b], variance)
        bounds = (*_log_interval(float(weight), 1 / number), math.sqrt(variance), low, min(high, 1.0))
        return {**row, **dict(zip(names, bounds, strict=True))}

    @cached_property
    def intensity_squares(self) -> Mapping[Pair, Fraction]:
        """The square of C / sqrt(R_A R_B), an exact fraction."""
        return {
            (a, b): weight**2 / (self.outputs[a] * self.outputs[b]) for (a, b), weight in self.weights.items()
        }

    @cached_property
    def intensities(self) -> Mapping[Pair, float]:
        """C / sqrt(R_A R_B)."""
        return {pair: math.sqrt(square) for pair, square in self.intensity_squares.items()}

    @cached_property
    def rankings(self) -> Mapping[str, "Ranking"]:
        """The values of the known partners of each party, by measure."""
        return {
            "weight": Ranking.of(self, self.weights),
            "intensity": Ranking.of(self, self.intensity_squares),
        }

    def share_row(self, country: str, partner: str) -> Row:
        """The partner's share of the country's weight, with its interval."""
        known = self.known_weights[country]
        all_weight = known + self.weights.get((country, UNKNOWN), Fraction(0))
        weight = self.weights[country, partner]
        papers = self.of_party[country]
        low, high = _share_interval(
            [paper.weights.get((country, partner), 0) for paper in papers],
            [paper.known_weights.get(country, 0) for paper in papers],
            weight,
            known,
        )
        return {
            "share_of_international": weight / known if known else None,
            "share_low": low,
            "share_high": high,
            "share_including_unknown": weight / all_weight if all_weight else None,
        }


@dataclass(frozen=True)
class Ranking:
    """The values that partners are ranked by, in ascending order, for each party."""

    values: Mapping[Pair, Fraction]
    of_all: Mapping[str, Sequence[Fraction]]
    of_large: Mapping[str, Sequence[Fraction]]
    """Without small partners."""

    @classmethod
    def of(cls, cell: Papers, values: Mapping[Pair, Fraction]) -> "Ranking":
        """The known partners of all parties of a cell."""
        large = {
            party: [b for b in partners if not cell.pair_rows[party, b]["is_small"]]
            for party, partners in cell.partners.items()
        }
        return cls(
            values,
            *(
                {party: sorted(values[party, b] for b in partners) for party, partners in chosen.items()}
                for chosen in (cell.partners, large)
            ),
        )

    def place(self, country: str, partner: str, *, among_large: bool) -> int:
        """One more than the partners that are strictly above."""
        rivals = (self.of_large if among_large else self.of_all)[country]
        return 1 + len(rivals) - bisect_right(rivals, self.values[country, partner])


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
        for view, merged in (("countries", frozenset[str]()), ("eu27", eu_members)):
            paper = paper_of(work, merged)
            for technology in work.technologies:
                papers[work.year, technology, view].append(paper)
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
    is_small = cell.pair_rows[country, partner]["is_small"]
    row: dict[str, float | None] = {}
    for name, ranking in cell.rankings.items():
        row[f"rank_{name}"] = ranking.place(country, partner, among_large=False)
        row[f"rank_{name}_stable"] = None if is_small else ranking.place(country, partner, among_large=True)
    return row


def _comparisons(cells: Mapping[Cell, Papers], key: Cell, country: str, partner: str) -> Row:
    year, technology, view = key

    def value(measure: str, wanted: int) -> float | None:
        """The value of another year; 0 without a joint paper, None for a year that was not counted."""
        if (wanted, TECHNOLOGY, view) not in cells:
            return None
        papers = cells.get((wanted, technology, view), Papers([]))
        values = papers.weights if measure == "weight" else papers.intensities
        return float(values.get((country, partner), 0))

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


def _log_interval(value: float, variance: Fraction | float) -> tuple[float, float]:
    factor = math.exp(NORMAL_95 * math.sqrt(variance))
    return value / factor, value * factor


def _share_interval(
    parts: Sequence[Fraction | int], wholes: Sequence[Fraction | int], part: Fraction, whole: Fraction
) -> tuple[float | None, float | None]:
    """The interval of a share, from what each paper gives and from the sums of that."""
    rest = whole - part
    if not part or not rest:
        return None, None
    of_part, of_rest = float(part), float(rest)
    gives = zip(map(float, parts), map(float, wholes), strict=True)
    variance = math.fsum((p / of_part - (w - p) / of_rest) ** 2 for p, w in gives)
    step = NORMAL_95 * math.sqrt(variance)
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


def _known_weights(weights: Mapping[Pair, Fraction]) -> Mapping[str, Fraction]:
    known: defaultdict[str, Fraction] = defaultdict(Fraction)
    for (party, other), weight in weights.items():
        known[party] += weight if other != UNKNOWN else 0
    return known
