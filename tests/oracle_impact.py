"""High impact and leaders, by brute force and in exact fractions.

Written from the definitions alone, for works given as plain values. Which works count, and what an author's
shares are, is decided before; see `tests.oracle_counting`, whose sums are used for outputs.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

from tests.oracle_counting import (
    UNKNOWN,
    Work,
    country_totals,
)
from tests.oracle_records import OPENALEX

EU = "EU27"
UNKNOWN_INSTITUTION = "unknown"
PLACES = 10

Cell = tuple[int, str]
"""Year and technology."""
Row = dict[str, Fraction | float | int | str | None]
Rows = dict[tuple[object, ...], Row]


@dataclass(frozen=True)
class Institution:
    """Where an author works, as far as its record tells."""

    institution_id: str | None
    name: str | None
    country: str | None
    """Reporting country."""


@dataclass(frozen=True)
class CitedWork:
    """A work as counting sees it, how often it is cited, and each author's institutions."""

    work: Work
    cited: int | None
    institutions: tuple[tuple[Institution, ...], ...]
    """For each author, each institution once."""
    source: str = OPENALEX
    citing_source: str | None = OPENALEX
    """The source whose citations count in the year; None where no source tells any."""

    @property
    def is_considered(self) -> bool:
        """Whether its citations can be compared with others'."""
        return self.cited is not None and self.source == self.citing_source


@dataclass(frozen=True)
class Cut:
    """Where the most cited tenth of some works begins."""

    citations: int
    above: int
    tied: int
    tied_share: Fraction | None
    """How much of a work at the cut is among the tenth; None where that is at 0 citations."""


def cells_of(works: Iterable[CitedWork]) -> dict[Cell, list[CitedWork]]:
    """The works of each year and technology."""
    cells: defaultdict[Cell, list[CitedWork]] = defaultdict(list)
    for each in works:
        for technology in each.work.technologies:
            cells[each.work.year, technology].append(each)
    return dict(cells)


def cut_of(citations: Collection[int]) -> Cut | None:
    """Sorted by citations, the first 0.1 N places are high impact; ties at the last share what is left.

    None without works.
    """
    if not citations:
        return None
    wanted = Fraction(len(citations), 10)
    cut = sorted(citations, reverse=True)[math.ceil(wanted) - 1]
    above = sum(cited > cut for cited in citations)
    tied = sum(cited == cut for cited in citations)
    return Cut(cut, above, tied, (wanted - above) / tied if cut else None)


def impacts(works: Sequence[CitedWork]) -> list[tuple[CitedWork, Fraction | None]]:
    """The works considered of one cell, each with how much of it is in the most cited tenth.

    None where uncited works would be among them.
    """
    considered = [each for each in works if each.is_considered]
    cut = cut_of([each.cited or 0 for each in considered])
    if cut is None or cut.tied_share is None:
        return [(each, None) for each in considered]
    return [
        (each, cut.tied_share if each.cited == cut.citations else Fraction((each.cited or 0) > cut.citations))
        for each in considered
    ]


def high_impact_cutoffs(works: Iterable[CitedWork]) -> Rows:
    """The mart `high_impact_cutoffs`."""
    rows: Rows = {}
    for cell, own in cells_of(works).items():
        (citing_source,) = {each.citing_source for each in own}
        considered = [each.cited or 0 for each in own if each.is_considered]
        cut = cut_of(considered)
        of_others = [each for each in own if citing_source not in (None, each.source)]
        rows[cell] = {
            "source": citing_source,
            "works": len(considered),
            "cutoff": cut.citations if cut else None,
            "above": cut.above if cut else None,
            "tied": cut.tied if cut else None,
            "tied_share": cut.tied_share if cut else None,
            "works_of_other_sources": len(of_others),
            "works_without_citations": len(own) - len(considered) - len(of_others),
        }
    return rows


def outputs_of(work: Work) -> dict[str, Fraction]:
    """The fractional count a work gives each of its countries."""
    return {country: total / len(work.authors) for country, total in country_totals(work.authors).items()}


def high_impact(works: Iterable[CitedWork]) -> Rows:
    """The mart `high_impact`."""
    rows: Rows = {}
    for cell, own in cells_of(works).items():
        considered: Counter[str] = Counter()
        totals: defaultdict[str, Fraction] = defaultdict(Fraction)
        has_value = True
        for each, impact in impacts(own):
            has_value = impact is not None
            for country, output in outputs_of(each.work).items():
                considered[country] += 1
                totals[country] += output * (impact or 0)
        known = {country: total for country, total in totals.items() if country != UNKNOWN}
        for country, number in considered.items():
            ranked = has_value and country != UNKNOWN
            rows[(*cell, country)] = {
                "works_considered": number,
                "high_impact_output": totals[country] if has_value else None,
                "high_impact_share": _over(totals[country], sum(known.values())) if ranked else None,
                "rank": _rank(totals[country], known.values()) if ranked else None,
            }
    return rows


def pair_high_impact(works: Iterable[CitedWork]) -> Rows:
    """The mart `pair_high_impact`."""
    rows: Rows = {}
    for cell, own in cells_of(works).items():
        shared: defaultdict[tuple[str, str], list[Fraction | None]] = defaultdict(list)
        for each, impact in impacts(own):
            for pair in combinations(sorted(outputs_of(each.work).keys() - {UNKNOWN}), 2):
                shared[pair].append(impact)
        for pair, found in shared.items():
            total = None if None in found else sum((value or Fraction(0) for value in found), Fraction(0))
            rows[(*cell, *pair)] = {
                "papers": len(found),
                "high_impact_papers": total,
                "high_impact_share": None if total is None else total / len(found),
            }
    return rows


@dataclass
class _InstitutionTally:
    output: Fraction = Fraction(0)
    names: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    countries: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By year, what the records of high impact call it, and where they say it is."""


def institution_ranking(works: Iterable[CitedWork], window: Collection[int]) -> Rows:
    """The mart `institution_ranking`: fractional high-impact output, an author's share split over theirs."""
    tallies: defaultdict[str, defaultdict[str, _InstitutionTally]] = defaultdict(
        lambda: defaultdict(_InstitutionTally)
    )
    for (year, technology), own in cells_of(works).items():
        for each, impact in impacts(own) if year in window else ():
            for author in each.institutions if impact else ():
                for institution in author or (Institution(None, None, None),):
                    part = Fraction(1, len(each.institutions) * max(len(author), 1)) * (impact or 0)
                    _add(tallies[technology][institution.institution_id or UNKNOWN_INSTITUTION], part)
                    if institution.institution_id:
                        _describe(tallies[technology][institution.institution_id], year, institution)
    rows: Rows = {}
    for technology, by_id in tallies.items():
        known = [tally.output for name, tally in by_id.items() if name != UNKNOWN_INSTITUTION]
        for name, tally in by_id.items():
            rows[technology, name] = {
                "window_end": max(window),
                "name": _latest(tally.names),
                "country": _latest(tally.countries),
                "high_impact_output": tally.output,
                "rank": None if name == UNKNOWN_INSTITUTION else _rank(tally.output, known),
            }
    return rows


def _add(tally: _InstitutionTally, part: Fraction) -> None:
    tally.output += part


def _describe(tally: _InstitutionTally, year: int, institution: Institution) -> None:
    tally.names[year] |= {institution.name} if institution.name else set()
    tally.countries[year] |= {institution.country} if institution.country else set()


def _latest(by_year: Mapping[int, Collection[str]]) -> str | None:
    """What the latest year says that says anything; the first in the alphabet where records differ."""
    said = {year: texts for year, texts in by_year.items() if texts}
    return min(said[max(said)]) if said else None


def h_index(citations: Iterable[int]) -> int:
    """The greatest h with h works cited at least h times."""
    ordered = sorted(citations, reverse=True)
    return max((h for h in range(1, len(ordered) + 1) if ordered[h - 1] >= h), default=0)


def technology_leaders(works: Sequence[CitedWork], window: Collection[int], members: Collection[str]) -> Rows:
    """The mart `technology_leaders`."""
    rows: Rows = {}
    yearly = high_impact(works)
    institutions = institution_ranking(works, window)
    for technology in {technology for _, technology in cells_of(works)}:
        places = _country_places([row for (name, _), row in institutions.items() if name == technology])
        inside = [each for each in works if technology in each.work.technologies and each.work.year in window]
        for view, in_view in (("countries", frozenset[str]()), ("eu27", frozenset(members))):
            totals: defaultdict[str, list[Fraction]] = defaultdict(list)
            for (year, name, country), row in yearly.items():
                if name == technology and year in window and country != UNKNOWN:
                    totals[_party(str(country), in_view)] += _values(row["high_impact_output"])
            for party, row in _leaders(totals, places, in_view, inside):
                rows[technology, view, party] = row | {"window_start": min(window), "window_end": max(window)}
    return rows


def _values(value: Fraction | float | int | str | None) -> list[Fraction]:
    return [value] if isinstance(value, Fraction) else []


def _party(country: str, members: Collection[str]) -> str:
    return EU if country in members else country


def _leaders(
    totals: Mapping[str, Sequence[Fraction]],
    places: Mapping[str | None, Fraction] | None,
    members: Collection[str],
    works: Sequence[CitedWork],
) -> Iterator[tuple[str, Row]]:
    known = {party: sum(own, Fraction(0)) for party, own in totals.items() if own}
    world = sum(known.values())
    shares = {party: total / world for party, total in known.items()} if world else {}
    # Numbers of citations of several sources cannot be compared.
    has_index = len({each.citing_source for each in works} - {None}) == 1
    citations = _citations(works, members)
    indices = {party: h_index(citations[party]) for party in totals}
    for party in totals:
        share = shares.get(party)
        others = [other for name, other in shares.items() if name != party]
        is_first = share is not None and share >= max(others, default=Fraction(0))
        second = max(others, default=Fraction(0))
        own_places = None
        if places is not None:
            own_places = sum(
                (n for country, n in places.items() if country and _party(country, members) == party),
                Fraction(0),
            )
        yield (
            party,
            {
                "high_impact_output": known.get(party),
                "high_impact_share": share,
                "h_index": indices[party] if has_index else None,
                "rank": None if share is None else _rank(share, shares.values()),
                "rank_h_index": _rank(indices[party], indices.values()) if has_index else None,
                "lead_over_second": _over(share, second) if is_first and share is not None else None,
                "institutions_in_top_ten": own_places,
                "concentration": _concentration(share, second, own_places) if is_first else None,
            },
        )


def _concentration(share: Fraction | None, second: Fraction, places: Fraction | None) -> str | None:
    if share is None or places is None:
        return None
    if places >= 8 and share >= 3 * second:
        return "high"
    return "medium" if places >= 5 and share >= 2 * second else "low"


def _citations(works: Iterable[CitedWork], members: Collection[str]) -> Mapping[str, Sequence[int]]:
    """How often each work of each party is cited."""
    citations: defaultdict[str, list[int]] = defaultdict(list)
    for each in works:
        if each.is_considered:
            for party in {_party(country, members) for shares in each.work.authors for country in shares}:
                citations[party].append(each.cited or 0)
    return citations


def _country_places(institutions: Iterable[Row]) -> dict[str | None, Fraction] | None:
    """How many of the ten leading institutions are in each country; None where ten are not known."""
    known = [(row["high_impact_output"], row["country"]) for row in institutions if row["rank"] is not None]
    outputs = sorted((output for output, _ in known if isinstance(output, Fraction)), reverse=True)
    if len(outputs) < PLACES:
        return None
    last = outputs[PLACES - 1]
    above = sum(output > last for output in outputs)
    places: defaultdict[str | None, Fraction] = defaultdict(Fraction)
    for output, country in known:
        if isinstance(output, Fraction) and output >= last:
            place = Fraction(1) if output > last else Fraction(PLACES - above, outputs.count(last))
            places[None if country is None else str(country)] += place
    return dict(places)


def _over(value: Fraction, other: Fraction | int) -> Fraction | None:
    return value / other if other else None


def _rank(value: Fraction | int, values: Iterable[Fraction | int]) -> int:
    return 1 + sum(other > value for other in values)
