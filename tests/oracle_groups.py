"""Groups of countries, by brute force and in exact fractions (method, section 6).

Here belongs what a group's output and weights are; which works count and what an author's shares are is
decided before, see `tests.oracle` and `tests.oracle_counting`.
"""

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from tests.oracle_counting import UNKNOWN, Work, country_totals, ordered_weights

Groups = Mapping[tuple[str, str], frozenset[str]]
"""Members by group set and group."""


@dataclass(frozen=True)
class GroupOutput:
    """One group in one year and technology."""

    members: int
    papers: int
    output: Fraction
    inside_weight: Fraction
    international_weight: Fraction
    world_share: Fraction


@dataclass(frozen=True)
class GroupCollaboration:
    """One country with one group in one year and technology."""

    papers: int
    weight: Fraction
    intensity: float


@dataclass
class _Tally:
    papers: int = 0
    members: set[str] = field(default_factory=set)
    output: Fraction = Fraction(0)
    inside_weight: Fraction = Fraction(0)
    international_weight: Fraction = Fraction(0)


@dataclass
class _Meetings:
    papers: int = 0
    weight: Fraction = Fraction(0)


@dataclass(frozen=True)
class GroupCounts:
    """The tables of groups."""

    group_output: dict[tuple[int, str, str, str], GroupOutput]
    """By year, technology, group set, group."""
    group_collaboration: dict[tuple[int, str, str, str, str], GroupCollaboration]
    """By year, technology, country, group set, group."""


def read_groups(seeds: Path) -> Groups:
    """The groups as the seed lists them."""
    members: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    with (seeds / "country_groups.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            members[row["group_set"], row["group_name"]].add(row["country"])
    return {group: frozenset(countries) for group, countries in members.items()}


def count_groups(works: Iterable[Work], groups: Groups) -> GroupCounts:
    """What each group gives together, and each country with the members other than itself."""
    outputs: defaultdict[tuple[int, str, str], Fraction] = defaultdict(Fraction)
    tallies: defaultdict[tuple[int, str, str, str], _Tally] = defaultdict(_Tally)
    meetings: defaultdict[tuple[int, str, str, str, str], _Meetings] = defaultdict(_Meetings)
    for work in works:
        shares = country_totals(work.authors)
        weights = ordered_weights(work.authors)
        for technology in work.technologies:
            for country, total in shares.items():
                outputs[work.year, technology, country] += total / len(work.authors)
            for (group_set, name), members in groups.items():
                if members & shares.keys():
                    tally = tallies[work.year, technology, group_set, name]
                    _add(tally, work, shares, weights, members)
                for country in shares:
                    if others := (members & shares.keys()) - {country}:
                        met = meetings[work.year, technology, country, group_set, name]
                        met.papers += 1
                        met.weight += sum((weights.get((country, other), 0) for other in others), Fraction(0))
    return GroupCounts(
        {key: _group_row(tally, outputs, key) for key, tally in tallies.items()},
        {key: _meeting_row(met, outputs, tallies, key) for key, met in meetings.items()},
    )


def _add(
    tally: _Tally,
    work: Work,
    shares: Mapping[str, Fraction],
    weights: Mapping[tuple[str, str], Fraction],
    members: frozenset[str],
) -> None:
    tally.papers += 1
    tally.members |= members & shares.keys()
    tally.output += sum((shares[country] for country in members & shares.keys()), Fraction(0)) / len(
        work.authors
    )
    for (country, other), weight in weights.items():
        if country in members and other in members:
            tally.inside_weight += weight
        elif country in members:
            tally.international_weight += weight


def _group_row(
    tally: _Tally, outputs: Mapping[tuple[int, str, str], Fraction], key: tuple[int, str, str, str]
) -> GroupOutput:
    known = sum(
        output
        for (*cell, country), output in outputs.items()
        if tuple(cell) == key[:2] and country != UNKNOWN
    )
    return GroupOutput(
        members=len(tally.members),
        papers=tally.papers,
        output=tally.output,
        inside_weight=tally.inside_weight,
        international_weight=tally.international_weight,
        world_share=tally.output / known,
    )


def _meeting_row(
    met: _Meetings,
    outputs: Mapping[tuple[int, str, str], Fraction],
    tallies: Mapping[tuple[int, str, str, str], _Tally],
    key: tuple[int, str, str, str, str],
) -> GroupCollaboration:
    year, technology, country, group_set, name = key
    group_output = tallies[year, technology, group_set, name].output
    own_output = outputs[year, technology, country]
    return GroupCollaboration(met.papers, met.weight, math.sqrt(met.weight**2 / (own_output * group_output)))
