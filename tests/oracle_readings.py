"""Other readings of the same works, by brute force and in exact fractions.

A reading that changes the works (who is an author, what share an author has where, which works there are)
changes them first and counts them anew by the sums of `tests.oracle_counting`; one that only measures
otherwise takes the counts as they are.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from tests.oracle_counting import (
    CRITICAL,
    TECHNOLOGY,
    UNKNOWN,
    Counts,
    PairCollaboration,
    Shares,
    Work,
    count_works,
)

LARGE_TEAM = 100
Row = Mapping[str, Fraction | float]
Rows = dict[tuple[str, int, str, str, str], Row]
"""By reading, year, technology, first country, second country."""


@dataclass(frozen=True)
class AffiliatedWork:
    """A work as counting sees it, with the places of its authors counted one by one."""

    work: Work
    affiliations: tuple[Sequence[str], ...]
    """For each author the known country of each institution; empty where the shares say it all."""


def reading_pairs(
    works: Iterable[AffiliatedWork],
    counts: Counts,
    title_pairs: Mapping[tuple[int, str, str], PairCollaboration],
) -> Rows:
    """The mart `reading_pairs`.

    From the works, from what they count in the main reading, and from what those count, by year and pair,
    that titles or statements bring to a technology.
    """
    read = [
        replace(each, work=replace(each.work, technologies=each.work.technologies & {TECHNOLOGY, CRITICAL}))
        for each in works
    ]
    own = [each.work for each in read]
    recounted = {
        "small_teams": [work for work in own if len(work.authors) <= LARGE_TEAM],
        "known_authors": list(map(known_authors, own)),
        "by_affiliation": list(map(by_affiliation, read)),
    }
    rows = dict(_measured_otherwise(counts))
    for reading, changed in recounted.items():
        rows |= _as_counted(reading, count_works(changed).pair_collaboration)
    by_title = {(year, CRITICAL, a, b): row for (year, a, b), row in title_pairs.items()}
    rows |= _as_counted("title_only", by_title)
    return {key: row for key, row in rows.items() if UNKNOWN not in key}


def known_authors(work: Work) -> Work:
    """The work without its authors of no known country; it counts nowhere where none is left."""
    known = tuple(shares for shares in work.authors if UNKNOWN not in shares)
    return replace(work, authors=known, technologies=work.technologies if known else frozenset())


def by_affiliation(each: AffiliatedWork) -> Work:
    """The work with every author split equally over affiliations instead of countries."""
    authors = map(_split, each.work.authors, each.affiliations)
    return replace(each.work, authors=tuple(authors))


def _split(shares: Shares, affiliations: Sequence[str]) -> Shares:
    if not affiliations:
        return shares
    return {
        country: Fraction(affiliations.count(country), len(affiliations))
        for country in sorted(set(affiliations))
    }


def _as_counted(reading: str, pairs: Mapping[tuple[int, str, str, str], PairCollaboration]) -> Rows:
    return {(reading, *key): {"weight": row.weight, "intensity": row.intensity} for key, row in pairs.items()}


def _measured_otherwise(counts: Counts) -> Iterator[tuple[tuple[str, int, str, str, str], Row]]:
    for key, pair in counts.pair_collaboration.items():
        year, technology, first, second = key
        if UNKNOWN in key or technology not in (TECHNOLOGY, CRITICAL):
            continue
        a, b = (counts.country_output[year, technology, country] for country in (first, second))
        totals = counts.year_totals[year, technology]
        joint = Fraction(pair.papers)
        squared = math.sqrt(pair.weight_squared**2 / (a.output * b.output))
        yield ("n_squared", *key), {"weight": pair.weight_squared, "intensity": squared}
        full_counts: Mapping[str, Fraction | float] = {
            "full_salton": math.sqrt(joint**2 / (a.papers * b.papers)),
            "full_jaccard": joint / (a.papers + b.papers - joint),
            # Joint papers over those expected where papers meet at random.
            "full_association": joint / (Fraction(a.papers * b.papers) / totals.works),
            "full_index": (joint / a.papers_international)
            / (Fraction(b.papers_international) / totals.works_international),
        }
        for reading, intensity in full_counts.items():
            yield (reading, *key), {"weight": joint, "intensity": intensity}
