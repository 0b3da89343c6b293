"""What the statements of the scorecard come to, by brute force, and whether they can be told at all.

From the rows of `tests.oracle_study`; the statements are the project's seed. Whether a value agrees with a
statement is left out: that is for data large enough to tell.
"""

import csv
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import linear_regression
from typing import Any

from tests.oracle_certainty import SMALL
from tests.oracle_counting import CRITICAL, TECHNOLOGY
from tests.oracle_groups import Groups
from tests.oracle_study import Study

MAIN = "main"
OF_PARTNERS = (
    "peak_year",
    "years_first",
    "share",
    "intensity_ratio",
    "passing_year",
    "rank_intensity",
    "yearly_change",
)
"""Measures of single partners, which other readings measure, too."""
OF_TWO_YEARS = ("intensity_ratio", "works_ratio", "group_shift", "technology_rise_rank")
LEAST_WORKS_OF_A_WORLD = 40
"""Works for each of the effective papers that are too few."""
LEAST_PAPERS_OF_A_PLACE = 4


@dataclass(frozen=True)
class Statement:
    """A row of the seed, as far as it says what is measured."""

    claim: str
    measure: str
    technology: str
    view: str
    country: str
    partner: str
    other: str
    first_year: int
    last_year: int

    @property
    def years(self) -> Sequence[int]:
        """The years that have to be there."""
        if self.measure in OF_TWO_YEARS:
            return self.first_year, self.last_year
        return range(self.first_year, self.last_year + 1)


@dataclass(frozen=True)
class Finding:
    """What is found for a statement; None where there is nothing to measure it by."""

    found: float | None
    effective_number: float = 0
    """Of the papers the value rests on."""


@dataclass(frozen=True)
class Partner:
    """A partner of a country in one year, under a reading."""

    weight: float
    intensity: float
    share: float | None
    effective_number: float
    """Of the main reading."""


NOTHING = Finding(None)
Series = Mapping[int, Mapping[str, Partner]]
"""The partners of a country by year."""


def read_statements(seeds: Path) -> list[Statement]:
    """The statements of the study."""
    with (seeds / "claim_statements.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Statement(
                **{name: row[name] for name in ("claim", "measure", "technology", "view")},
                **{name: row[name] for name in ("country", "partner", "other")},
                first_year=int(row["first_year"]),
                last_year=int(row["last_year"]),
            )
            for row in csv.DictReader(lines)
        ]


@dataclass(frozen=True)
class Scorecard:
    """Findings over the works of a study."""

    study: Study

    @cached_property
    def statements(self) -> Sequence[Statement]:
        """The statements of the seed."""
        return read_statements(self.study.seeds)

    @cached_property
    def readings(self) -> Sequence[str]:
        """The readings there are, the main one first."""
        return [MAIN, *dict.fromkeys(str(key[0]) for key in self.study.rows("reading_pairs"))]

    def reason(self, statement: Statement, finding: Finding) -> str | None:
        """Why a statement cannot be told; None where it may be."""
        counted = self.study.result.year_totals
        if any((year, statement.technology) not in counted for year in statement.years):
            return "years are missing"
        if finding.found is None:
            return "nothing to measure it by"
        return "small numbers" if finding.effective_number < SMALL else None

    def main_findings(self) -> Iterator[tuple[Statement, Finding]]:
        """What the main reading finds, for every statement."""
        for statement in self.statements:
            yield statement, self._finding(statement)

    def readings_of_partners(self) -> Iterator[tuple[Statement, str, Finding]]:
        """What each reading finds for the statements about single partners, EU members one by one."""
        for statement in self.statements:
            is_read = statement.view == "countries" and statement.technology in (TECHNOLOGY, CRITICAL)
            for reading in self.readings if is_read and statement.measure in OF_PARTNERS else ():
                yield statement, reading, _of_partners(statement, self._series(statement, reading))

    def _finding(self, statement: Statement) -> Finding:
        if statement.measure in OF_PARTNERS:
            return _of_partners(statement, self._series(statement, MAIN))
        others = {
            "world_share": self._world_share,
            "works_ratio": self._works_ratio,
            "group_shift": self._group_shift,
            "technology_rise_rank": self._technology_rise_rank,
            "high_impact_rank": self._high_impact,
            "high_impact_ratio": self._high_impact,
        }
        return others[statement.measure](statement)

    def _series(self, statement: Statement, reading: str) -> Series:
        about = statement.technology, statement.view, statement.country
        if (reading, *about) not in self._known:
            main = self._main_series(*about)
            self._known[reading, *about] = main if reading == MAIN else self._read(reading, main, *about)
        known = self._known[reading, *about]
        return {year: known[year] for year in known if statement.first_year <= year <= statement.last_year}

    @cached_property
    def _known(self) -> dict[tuple[str, ...], Series]:
        return {}

    def _main_series(self, *about: str) -> Series:
        series: defaultdict[int, dict[str, Partner]] = defaultdict(dict)
        for (year, *key, partner), row in self._rows("partner_ranking").items():
            if tuple(key) == about:
                share = row["share_of_international"]
                series[year][partner] = Partner(
                    float(row["weight"]),
                    row["intensity"],
                    None if share is None else float(share),
                    float(row["effective_number"]),
                )
        return series

    def _read(self, reading: str, main: Series, technology: str, _: str, country: str) -> Series:
        """Another reading's values, with its own shares; of partners that the main one has, too."""
        series: defaultdict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
        for (name, year, of, *pair), row in self._rows("reading_pairs").items():
            if (name, of) == (reading, technology) and country in pair:
                (partner,) = {*pair} - {country}
                series[year][partner] = float(row["weight"]), float(row["intensity"])
        totals = {year: math.fsum(weight for weight, _ in own.values()) for year, own in series.items()}
        return {
            year: {
                partner: Partner(
                    weight,
                    intensity,
                    weight / totals[year] if totals[year] else None,
                    main[year][partner].effective_number,
                )
                for partner, (weight, intensity) in own.items()
                if partner in main.get(year, {})
            }
            for year, own in series.items()
        }

    def _rows(self, mart: str) -> Mapping[Any, Mapping[str, Any]]:
        return self.study.rows(mart)

    def _world_share(self, statement: Statement) -> Finding:
        key = statement.last_year, statement.technology, statement.country
        row = self._rows("country_certainty").get(key)
        if row is None:
            return NOTHING
        works = self.study.result.year_totals[key[:2]].works
        number = min(float(row["effective_number"]), works / LEAST_WORKS_OF_A_WORLD)
        return Finding(float(row["share"]), number)

    def _works_ratio(self, statement: Statement) -> Finding:
        counted = self.study.result.year_totals
        if any((year, statement.technology) not in counted for year in statement.years):
            return NOTHING
        first, last = (counted[year, statement.technology].works for year in statement.years)
        return Finding(last / first, min(first, last))

    def _group_shift(self, statement: Statement) -> Finding:
        logarithms, numbers = [], []
        for year in statement.years:
            for group in (statement.partner, statement.other):
                key = (year, statement.technology, statement.country, "stance_china", group)
                row = self._rows("group_collaboration").get(key)
                if row is None or not row["weight"]:
                    return NOTHING
                sign = (1 if group == statement.partner else -1) * (1 if year == statement.last_year else -1)
                logarithms.append(sign * math.log(row["weight"]))
                numbers.append(self._papers_with(statement, year, group))
        return Finding(math.fsum(logarithms), min(numbers))

    def _papers_with(self, statement: Statement, year: int, group: str) -> float:
        groups: Groups = self.study.group_members
        partners = self._series(statement, MAIN)[year]
        return math.fsum(
            partners[member].effective_number
            for member in groups["stance_china", group]
            if member in partners
        )

    def _technology_rise_rank(self, statement: Statement) -> Finding:
        rows = self._rows("partner_ranking")
        pair = statement.view, statement.country, statement.partner
        rises = {}
        for (year, technology, *key), row in rows.items():
            is_one = technology not in (TECHNOLOGY, CRITICAL) and tuple(key) == pair
            if is_one and year == statement.last_year and not row["is_small"]:
                before = rows.get((statement.first_year, technology, *pair))
                rises[technology] = row["intensity"] - (before["intensity"] if before else 0)
        if statement.technology not in rises:
            return NOTHING
        own = rises[statement.technology]
        number = rows[statement.last_year, statement.technology, *pair]["effective_number"]
        return Finding(1 + sum(rise > own for rise in rises.values()), float(number))

    def _high_impact(self, statement: Statement) -> Finding:
        rows = self._rows("technology_leaders")
        own, other = (
            rows.get((statement.technology, statement.view, country))
            for country in (statement.partner, statement.other)
        )
        if own is None or own["window_end"] != statement.last_year or own["high_impact_share"] is None:
            return NOTHING
        number = float(own["high_impact_output"])
        if statement.measure == "high_impact_rank":
            return Finding(own["rank"], number)
        if other is None or not other["high_impact_share"]:
            return NOTHING
        return Finding(float(own["high_impact_share"] / other["high_impact_share"]), number)


def _of_partners(statement: Statement, series: Series) -> Finding:
    measures = {
        "peak_year": _peak_year,
        "years_first": _years_first,
        "share": _share,
        "intensity_ratio": _intensity_ratio,
        "passing_year": _passing_year,
        "rank_intensity": _rank_intensity,
        "yearly_change": _yearly_change,
    }
    return measures[statement.measure](statement, series)


def _of_partner(statement: Statement, series: Series, value: str) -> dict[int, Partner]:
    """The years in which the partner of the statement has anything."""
    found = {year: own[statement.partner] for year, own in series.items() if statement.partner in own}
    return {year: partner for year, partner in sorted(found.items()) if getattr(partner, value) > 0}


def _peak_year(statement: Statement, series: Series) -> Finding:
    years = _of_partner(statement, series, "weight")
    if not years:
        return NOTHING
    peak = max(years, key=lambda year: years[year].weight)
    return Finding(peak, years[peak].effective_number)


def _years_first(statement: Statement, series: Series) -> Finding:
    years = _of_partner(statement, series, "weight")
    places = [_place(series[year], statement.partner, "weight") for year in years]
    if not places:
        return NOTHING
    return Finding(sum(place == 1 for place, _ in places), min(number for _, number in places))


def _share(statement: Statement, series: Series) -> Finding:
    partner = series.get(statement.last_year, {}).get(statement.partner)
    return Finding(partner.share, partner.effective_number) if partner else NOTHING


def _intensity_ratio(statement: Statement, series: Series) -> Finding:
    years = _of_partner(statement, series, "intensity")
    if any(year not in years for year in statement.years):
        return NOTHING
    first, last = (years[year] for year in statement.years)
    return Finding(last.intensity / first.intensity, min(first.effective_number, last.effective_number))


def _passing_year(statement: Statement, series: Series) -> Finding:
    if not series:
        return NOTHING
    none = Partner(0, 0, None, 0)
    duels = {
        year: (own.get(statement.partner, none), own.get(statement.other, none))
        for year, own in series.items()
    }
    behind = [year for year, (one, other) in duels.items() if one.intensity <= other.intensity]
    last = duels.get(statement.last_year, (none, none))
    # Who has no weight has no papers to rest on.
    number = min(each.effective_number if each.intensity else 0 for each in last)
    return Finding(max(behind, default=statement.first_year - 1) + 1, number)


def _rank_intensity(statement: Statement, series: Series) -> Finding:
    if statement.last_year not in _of_partner(statement, series, "intensity"):
        return NOTHING
    return Finding(*_place(series[statement.last_year], statement.partner, "intensity"))


def _place(partners: Mapping[str, Partner], subject: str, value: str) -> tuple[int, float]:
    """The place among those with anything, and the papers it rests on; nine digits that agree are equal."""
    values = {name: getattr(one, value) for name, one in partners.items() if getattr(one, value) > 0}
    logarithms = {name: round(math.log(one), 9) for name, one in values.items()}
    number = math.fsum(partners[name].effective_number for name in values)
    enough = SMALL / LEAST_PAPERS_OF_A_PLACE * partners[subject].effective_number
    return 1 + sum(one > logarithms[subject] for one in logarithms.values()), min(number, enough)


def _yearly_change(statement: Statement, series: Series) -> Finding:
    years = _of_partner(statement, series, "intensity")
    number = math.fsum(one.effective_number for one in years.values()) / len(statement.years)
    if len(years) < 2:
        return Finding(None, number)
    line = linear_regression(list(years), [math.log(one.intensity) for one in years.values()])
    return Finding(line.slope, number)
