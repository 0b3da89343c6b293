"""High impact, leaders and why intensities moved, by brute force and in exact fractions.

Written from the definitions alone, for works given as plain values. Which works count, and what an author's
shares are, is decided before; see `tests.oracle_counting`, whose sums are used for outputs and weights.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from tests.oracle_counting import (
    CRITICAL,
    TECHNOLOGY,
    UNKNOWN,
    Work,
    count_works,
    country_totals,
    ordered_weights,
)

EU = "EU27"
UNKNOWN_INSTITUTION = "unknown"
PLACES = 10
BASE_YEAR = 2005

Cell = tuple[int, str]
"""Year and technology."""
Row = dict[str, Fraction | float | int | str | None]
Rows = dict[tuple[object, ...], Row]


@dataclass(frozen=True)
class CitedWork:
    """A work as counting sees it, how often it is cited, and each author's institutions with an id."""

    work: Work
    cited: int | None
    institutions: tuple[tuple[str | None, ...], ...]
    """For each author the distinct institutions; None for one without an id."""
    is_considered: bool = True
    """Of the source whose citations count."""


def cells_of(works: Iterable[CitedWork]) -> dict[Cell, list[CitedWork]]:
    """The works of each year and technology."""
    cells: defaultdict[Cell, list[CitedWork]] = defaultdict(list)
    for each in works:
        for technology in each.work.technologies:
            cells[each.work.year, technology].append(each)
    return dict(cells)


def impacts(works: Sequence[CitedWork]) -> list[tuple[CitedWork, Fraction | None]]:
    """The works considered of one cell, each with how much of it is in the most cited tenth.

    Sorted by citations, the first 0.1 N places are high impact; works tied around the last of them share
    what places are left. None where uncited works would be among them.
    """
    considered = [each for each in works if each.is_considered and each.cited is not None]
    wanted = Fraction(len(considered), 10)
    citations = sorted((each.cited or 0 for each in considered), reverse=True)
    if not citations:
        return []
    cut = citations[math.ceil(wanted) - 1]
    above = sum(cited > cut for cited in citations)
    at_cut = (wanted - above) / citations.count(cut)
    values = {True: Fraction(1), False: Fraction(0)}
    return [
        (each, None if cut == 0 else at_cut if each.cited == cut else values[(each.cited or 0) > cut])
        for each in considered
    ]


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


def institution_outputs(
    works: Iterable[CitedWork], window: Collection[int]
) -> dict[str, dict[str, Fraction]]:
    """Fractional high-impact output by technology and institution; an author's share is split over theirs."""
    totals: defaultdict[str, defaultdict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for (year, technology), own in cells_of(works).items():
        for each, impact in impacts(own) if year in window else ():
            for author in each.institutions if impact else ():
                for institution in author or (None,):
                    part = Fraction(1, len(each.institutions) * max(len(author), 1))
                    totals[technology][institution or UNKNOWN_INSTITUTION] += part * (impact or 0)
    return {technology: dict(own) for technology, own in totals.items()}


def institution_ranking(works: Iterable[CitedWork], window: Collection[int]) -> Rows:
    """The mart `institution_ranking` without names and countries."""
    rows: Rows = {}
    for technology, totals in institution_outputs(works, window).items():
        known = [total for name, total in totals.items() if name != UNKNOWN_INSTITUTION]
        for institution, total in totals.items():
            is_known = institution != UNKNOWN_INSTITUTION
            rows[technology, institution] = {
                "window_end": max(window),
                "high_impact_output": total,
                "rank": _rank(total, known) if is_known else None,
            }
    return rows


def h_index(citations: Iterable[int]) -> int:
    """The greatest h with h works cited at least h times."""
    ordered = sorted(citations, reverse=True)
    return max((h for h in range(1, len(ordered) + 1) if ordered[h - 1] >= h), default=0)


def technology_leaders(
    works: Sequence[CitedWork],
    window: Collection[int],
    members: Collection[str],
    country_of: Mapping[str, str | None],
) -> Rows:
    """The mart `technology_leaders`; `country_of` gives the reporting country of each institution."""
    rows: Rows = {}
    yearly = high_impact(works)
    by_institution = institution_outputs(works, window)
    for technology in {technology for _, technology in cells_of(works)}:
        places = _country_places(by_institution.get(technology, {}), country_of)
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
    indices = {party: h_index(_citations(works, party, members)) for party in totals}
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
                "h_index": indices[party],
                "rank": None if share is None else _rank(share, shares.values()),
                "rank_h_index": _rank(indices[party], indices.values()),
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


def _citations(works: Iterable[CitedWork], party: str, members: Collection[str]) -> list[int]:
    return [
        each.cited
        for each in works
        if each.is_considered
        and each.cited is not None
        and party in {_party(country, members) for country in outputs_of(each.work)}
    ]


def _country_places(
    totals: Mapping[str, Fraction], country_of: Mapping[str, str | None]
) -> dict[str | None, Fraction] | None:
    known = {name: total for name, total in totals.items() if name != UNKNOWN_INSTITUTION}
    if len(known) < PLACES:
        return None
    last = sorted(known.values(), reverse=True)[PLACES - 1]
    above = sum(total > last for total in known.values())
    tied = sum(total == last for total in known.values())
    places: defaultdict[str | None, Fraction] = defaultdict(Fraction)
    for name, total in known.items():
        if total >= last:
            places[country_of[name]] += 1 if total > last else Fraction(PLACES - above, tied)
    return dict(places)


def compared_years(works: Iterable[CitedWork]) -> list[tuple[int, int]]:
    """Each year with the year before and the base year, where both have works."""
    years = {each.work.year for each in works}
    wanted = {(year, base) for year in years for base in (year - 1, BASE_YEAR) if base < year}
    return sorted((year, base) for year, base in wanted if base in years)


def intensity_change(works: Sequence[CitedWork]) -> Rows:
    """The mart `intensity_change`: logarithms of quotients of exact sums."""
    counts = count_works(each.work for each in works)
    rows: Rows = {}
    for year, base in compared_years(works):
        for (pair_year, technology, a, b), pair in counts.pair_collaboration.items():
            before = counts.pair_collaboration.get((base, technology, a, b))
            if pair_year != year or b == UNKNOWN or not pair.weight or before is None or not before.weight:
                continue
            now_a, now_b = (counts.country_output[year, technology, country] for country in (a, b))
            base_a, base_b = (counts.country_output[base, technology, country] for country in (a, b))
            growth = pair.weight / before.weight
            output_a, output_b = now_a.output / base_a.output, now_b.output / base_b.output
            known_a = now_a.international_weight / base_a.international_weight
            known_b = now_b.international_weight / base_b.international_weight
            rows[technology, a, b, year, base] = {
                "log_change": math.log(pair.intensity_squared / before.intensity_squared) / 2,
                "from_weight": math.log(growth),
                "from_output_a": -math.log(output_a) / 2,
                "from_output_b": -math.log(output_b) / 2,
                "from_preference_a": math.log(growth / known_a) / 2,
                "from_preference_b": math.log(growth / known_b) / 2,
                "from_openness_a": math.log(known_a / output_a) / 2,
                "from_openness_b": math.log(known_b / output_b) / 2,
            }
    return rows


def intensity_mix_change(works: Sequence[CitedWork]) -> Rows:
    """`within` and `shift` of the mart `intensity_mix_change`, term by term over all technologies."""
    outputs, weights = _spread(works)
    technologies = {technology for _, technology, _ in outputs}
    rows: Rows = {}
    for technology, a, b, year, base in intensity_change(works):
        if technology != CRITICAL:
            continue
        within = shift = 0.0
        for name in technologies:
            (share, own), (base_share, base_own) = (
                _term(outputs, weights, at, name, str(a), str(b)) for at in (int(str(year)), int(str(base)))
            )
            own, base_own = (base_own if own is None else own), (own if base_own is None else base_own)
            if own is not None and base_own is not None:
                within += (share + base_share) / 2 * (own - base_own)
                shift += (own + base_own) / 2 * (share - base_share)
        rows[a, b, year, base] = {"within": within, "shift": shift}
    return rows


Outputs = Mapping[tuple[int, str, str], Fraction]
Weights = Mapping[tuple[int, str, str, str], Fraction]


def _spread(works: Iterable[CitedWork]) -> tuple[Outputs, Weights]:
    """Outputs and weights with each work spread over its technologies, and under `critical` their sums."""
    outputs: defaultdict[tuple[int, str, str], Fraction] = defaultdict(Fraction)
    weights: defaultdict[tuple[int, str, str, str], Fraction] = defaultdict(Fraction)
    for each in works:
        work = each.work
        own = work.technologies - {TECHNOLOGY, CRITICAL}
        for technology in own:
            for country, output in outputs_of(work).items():
                outputs[work.year, technology, country] += output / len(own)
            for (a, b), weight in ordered_weights(work.authors).items():
                weights[work.year, technology, a, b] += weight / len(own)
    return outputs, weights


def _term(
    outputs: Outputs, weights: Weights, year: int, technology: str, a: str, b: str
) -> tuple[float, float | None]:
    """The share of a technology in both outputs, and the intensity in it where both have output."""
    own = [outputs.get((year, technology, country), Fraction(0)) for country in (a, b)]
    all_own = [
        sum(value for (at, _, name), value in outputs.items() if (at, name) == (year, country))
        for country in (a, b)
    ]
    share = math.sqrt(own[0] * own[1] / (all_own[0] * all_own[1]))
    weight = weights.get((year, technology, a, b), Fraction(0))
    return share, float(weight) / math.sqrt(own[0] * own[1]) if share else None


def _over(value: Fraction, other: Fraction | int) -> Fraction | None:
    return value / other if other else None


def _rank(value: Fraction | int, values: Iterable[Fraction | int]) -> int:
    return 1 + sum(other > value for other in values)
