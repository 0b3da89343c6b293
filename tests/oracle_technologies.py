"""Which technologies a counted work belongs to and how it comes there, by brute force (method, section 5).

Here belong the technologies there are, the ways into one, how many works each has and how many two
of them share. What the query of one matches is worked out by `tests.naive_matcher`; which records are one
work, and which drops delivered them, is decided in `tests.oracle_identity`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations

from assets.technologies.catalogue import Technology
from tests.naive_matcher import holds, segments_of
from tests.oracle_counting import CRITICAL, TECHNOLOGY
from tests.oracle_identity import WorkKey
from tests.oracle_records import Delivered


@dataclass(frozen=True)
class Ways:
    """How a work came to a technology; at least one way applies."""

    by_query: bool = False
    by_topic: bool = False
    by_statement: bool = False
    by_title: bool = False
    """Of a record with nothing but its title the query would hold."""

    @property
    def belongs(self) -> bool:
        """Whether the work belongs to the technology: a title alone is not enough."""
        return self.by_query or self.by_topic or self.by_statement

    @property
    def belongs_by_title(self) -> bool:
        """Whether it would if there were no abstracts, keywords and topics."""
        return self.by_title or self.by_statement


Technologies = Mapping[str, Ways]
"""Technologies of one work, without those that stand for a set of works."""


@dataclass(frozen=True)
class TechnologySize:
    """The works of one year and technology. A work that came several ways counts in each of them."""

    works: int
    works_by_query: int
    works_by_topic: int
    works_by_statement: int
    """Of `critical`, each: works that came that way to at least one technology; of `all` none."""
    works_only_here: int | None
    """Works of no other technology; None for `all` and `critical`."""
    share_of_all: Fraction
    share_of_critical: Fraction | None
    """None for `all`."""
    catalogue_version: int | None
    catalogue_digest: str | None
    """Of the entry its works were found by; None where there is none."""


@dataclass(frozen=True)
class TechnologyOverlap:
    """The works that two technologies share in one year."""

    works: int
    jaccard: Fraction
    """Of the works in at least one of the two."""


@dataclass(frozen=True)
class KnownTechnology:
    """One technology that works can belong to."""

    origin: str
    """`catalogue`, else `statement`."""
    name: str
    category: str | None
    version: int | None
    digest: str | None


def known_technologies(stated: Iterable[str], catalogue: Iterable[Technology]) -> dict[str, KnownTechnology]:
    """By id; what drops state need not be in the catalogue."""
    named = {name: KnownTechnology("statement", name, None, None, None) for name in stated}
    return named | {
        one.id: KnownTechnology("catalogue", one.name, one.category, one.version, one.digest)
        for one in catalogue
    }


def ways_of(
    members: Mapping[WorkKey, Sequence[Delivered]],
    stated: Mapping[WorkKey, Collection[str]],
    catalogue: Sequence[Technology],
) -> dict[WorkKey, Technologies]:
    """By counted work, from the records it is made of and from what is stated of it.

    The union of what any of the records matches, or its title alone, of what its topics are listed under, and
    of what is stated.
    """
    matched_by = _evaluator(tuple(catalogue))
    found: dict[WorkKey, Technologies] = {}
    for key, records in members.items():
        by_query = {name for each in records for name in matched_by(each.title, each.abstract, each.keywords)}
        by_title = {name for each in records for name in matched_by(each.title, "", ())}
        topics = {topic for each in records for topic in each.topics}
        by_topic = {one.id for one in catalogue if topics.intersection(one.topics)}
        found[key] = {
            name: Ways(name in by_query, name in by_topic, name in stated[key], name in by_title)
            for name in sorted({*by_query, *by_topic, *by_title, *stated[key]})
        }
    return found


def belonging(ways: Technologies) -> Technologies:
    """The technologies a work belongs to, of all that anything led it to."""
    return {name: way for name, way in ways.items() if way.belongs}


@cache
def _evaluator(
    catalogue: tuple[Technology, ...],
) -> Callable[[str, str, tuple[str, ...]], frozenset[str]]:
    """Says whose queries a text matches; keeps its answers, since most works are asked for time and again."""

    @cache
    def matched_by(title: str, abstract: str, keywords: tuple[str, ...]) -> frozenset[str]:
        segments = segments_of(title, abstract, keywords)
        return frozenset(one.id for one in catalogue if one.expression and holds(one.expression, segments))

    return matched_by


def technology_size(
    works: Iterable[tuple[int, Technologies]], catalogue: Iterable[Technology]
) -> dict[tuple[int, str], TechnologySize]:
    """By year and technology, from each counted work's year and technologies; none without a work."""
    entries = {one.id: one for one in catalogue}
    by_year: dict[int, list[Technologies]] = {}
    for year, technologies in works:
        by_year.setdefault(year, []).append(technologies)
    return {
        (year, name): size
        for year, of_works in by_year.items()
        for name, size in _sizes_of_year(of_works, entries).items()
    }


def _sizes_of_year(
    works: Sequence[Technologies], entries: Mapping[str, Technology]
) -> dict[str, TechnologySize]:
    critical = [technologies for technologies in works if technologies]
    # The ways of each work of a technology.
    ways: defaultdict[str, list[Collection[Ways]]] = defaultdict(list)
    ways |= {TECHNOLOGY: [() for _ in works], CRITICAL: [one.values() for one in critical]}
    for technologies in critical:
        for name, way in technologies.items():
            ways[name].append([way])
    alone = Counter(name for technologies in critical if len(technologies) == 1 for name in technologies)
    return {
        name: TechnologySize(
            works=len(own),
            works_by_query=sum(any(way.by_query for way in of_work) for of_work in own),
            works_by_topic=sum(any(way.by_topic for way in of_work) for of_work in own),
            works_by_statement=sum(any(way.by_statement for way in of_work) for of_work in own),
            works_only_here=None if name in (TECHNOLOGY, CRITICAL) else alone[name],
            share_of_all=Fraction(len(own), len(works)),
            share_of_critical=None if name == TECHNOLOGY else Fraction(len(own), len(critical)),
            catalogue_version=entries[name].version if name in entries else None,
            catalogue_digest=entries[name].digest if name in entries else None,
        )
        for name, own in ways.items()
        if own
    }


def technology_overlap(
    works: Iterable[tuple[int, Technologies]],
) -> dict[tuple[int, str, str], TechnologyOverlap]:
    """By year and two technologies in the order of the alphabet; only those that share a work."""
    alone: Counter[tuple[int, str]] = Counter()
    together: Counter[tuple[int, str, str]] = Counter()
    for year, technologies in works:
        alone.update((year, name) for name in technologies)
        together.update((year, *pair) for pair in combinations(sorted(technologies), 2))
    return {
        (year, first, second): TechnologyOverlap(
            shared, Fraction(shared, alone[year, first] + alone[year, second] - shared)
        )
        for (year, first, second), shared in together.items()
    }
