"""Every published number computed a second time, by brute force and in exact fractions.

Written from the method alone. It shares no code, no SQL and no engine with the pipeline, so that a
mistake on one side cannot hide on the other; of the queries' own code only what reads their notation is
used. Here is the whole of it; its parts are how a record is understood (`oracle_records`), which record
counts (`oracle_identity`), which technologies its work belongs to (`oracle_technologies`), which countries
its authors have (`oracle_countries`), what addresses and abstracts leave open (`oracle_coverage`) and what
the sums are (`oracle_counting`). Loading and deriving drops is `tests.derive` and `tests.naive_exports`,
random works are `tests.strategies`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assets.technologies.catalogue import Technology
from tests.oracle_counting import (
    CRITICAL,
    PAIRWISE_LIMIT,
    TECHNOLOGY,
    UNKNOWN,
    CountryOutput,
    Counts,
    PairCollaboration,
    Shares,
    Work,
    YearTotals,
    count_works,
    weights_from_author_pairs,
    weights_from_totals,
)
from tests.oracle_countries import read_countries, read_scope_types, shares_of_authors
from tests.oracle_coverage import (
    AbstractCoverage,
    LinkCoverage,
    UnmappedAddresses,
    abstract_coverage,
    link_coverage,
    unmapped_addresses,
)
from tests.oracle_identity import Identities, ScopeRules, WorkKey, WorkLink, identities
from tests.oracle_records import (
    OPENALEX,
    SCOPUS,
    WOS,
    Delivered,
    OracleDrop,
    Record,
    hash_of_json,
    updated_at,
    work_id,
)
from tests.oracle_technologies import (
    KnownTechnology,
    Technologies,
    TechnologyOverlap,
    TechnologySize,
    Ways,
    belonging,
    known_technologies,
    technology_overlap,
    technology_size,
    ways_of,
)

__all__ = [
    "CRITICAL",
    "OPENALEX",
    "PAIRWISE_LIMIT",
    "SCOPUS",
    "TECHNOLOGY",
    "UNKNOWN",
    "WOS",
    "AbstractCoverage",
    "CountedWork",
    "CountryOutput",
    "Counts",
    "KnownTechnology",
    "LinkCoverage",
    "OracleDrop",
    "OracleResult",
    "PairCollaboration",
    "Record",
    "Shares",
    "TechnologyOverlap",
    "TechnologySize",
    "UnmappedAddresses",
    "Ways",
    "Work",
    "WorkLink",
    "YearTotals",
    "compute",
    "count_works",
    "hash_of_json",
    "updated_at",
    "weights_from_author_pairs",
    "weights_from_totals",
    "work_id",
]

PREFERENCE = (OPENALEX, WOS, SCOPUS)


@dataclass(frozen=True)
class CountedWork:
    """A work in scope, and the record of it that counts."""

    work: Work
    record: Delivered


@dataclass(frozen=True)
class OracleResult(Counts):
    """The counted tables and what became of every record."""

    record_balance: dict[tuple[str, str, str, str | None], int]
    """Records by drop, source, outcome, reason; the reason is None where the outcome says it all."""
    work_links: dict[WorkKey, WorkLink] = field(default_factory=dict)
    """By source and id of the record that shares its DOI with a counted work."""
    address_link_coverage: dict[tuple[int, str], LinkCoverage] = field(default_factory=dict)
    """By year and source; OpenAlex gives no addresses."""
    unmapped_addresses: dict[tuple[int, str, str], UnmappedAddresses] = field(default_factory=dict)
    """By year, source and label."""
    abstract_coverage: dict[tuple[int, str], AbstractCoverage] = field(default_factory=dict)
    """By year and source."""
    technology_size: dict[tuple[int, str], TechnologySize] = field(default_factory=dict)
    """By year and technology."""
    technology_overlap: dict[tuple[int, str, str], TechnologyOverlap] = field(default_factory=dict)
    """By year, first technology, second technology."""
    technologies: dict[str, KnownTechnology] = field(default_factory=dict)
    """By id: those of the catalogue and those that any drop states, with or without works."""
    technology_ways: dict[tuple[str, str, str], Ways] = field(default_factory=dict)
    """By source and id of the counted work, and technology; without those that stand for a set of works. A
    title that matches alone is among the ways."""
    title_pairs: dict[tuple[int, str, str], PairCollaboration] = field(default_factory=dict)
    """By year and two known countries: of the works that titles or statements bring to a technology."""
    counted: dict[WorkKey, CountedWork] = field(default_factory=dict)
    """By source and id: what everything else is counted from, here and in `tests.oracle_study`."""

    @property
    def work_technologies(self) -> dict[tuple[str, str, str], Ways]:
        """Those that the work belongs to."""
        return {key: ways for key, ways in self.technology_ways.items() if ways.belongs}


def compute(
    drops: Sequence[OracleDrop],
    *,
    start_year: int,
    end_year: int,
    seeds: Path,
    content_hash: Callable[[Record], int] = hash_of_json,
    source_preference: Sequence[str] = PREFERENCE,
    use_address_links: bool = True,
    technologies: Sequence[Technology] = (),
) -> OracleResult:
    """Every number the active drops should lead to; both years are inside the range.

    `technologies` are those of the catalogue in force. Going through all of the project's own takes tens
    of milliseconds a work.

    `content_hash` decides between OpenAlex versions with equal dates, the greater one wins. Pass the
    reader's own to predict such ties; `hash_of_json` will do where nothing depends on them.
    """
    rules = ScopeRules(read_scope_types(seeds), start_year, end_year)
    found = identities(drops, rules, source_preference, content_hash)
    countries = read_countries(seeds)
    counted = {key: version.record for key, version in found.counted.items()}
    members = {key: [version.record for version in own] for key, own in found.members.items()}
    ways = ways_of(members, found.stated, technologies)
    found_in = {key: belonging(own) for key, own in ways.items()}
    works = {
        key: Work(
            year=_year(record),
            authors=shares_of_authors(record, countries, use_links=use_address_links),
            technologies=_dimension(found_in[key]),
        )
        for key, record in counted.items()
    }
    by_year = [(_year(record), found_in[key]) for key, record in counted.items()]
    return OracleResult(
        **vars(count_works(works.values())),
        record_balance=_balance(drops, found),
        work_links=found.links,
        address_link_coverage=link_coverage(counted.values()),
        unmapped_addresses=unmapped_addresses(counted.values(), countries),
        abstract_coverage=abstract_coverage(counted.values()),
        technology_size=technology_size(by_year, technologies),
        technology_overlap=technology_overlap(by_year),
        technologies=known_technologies(
            (drop.technology for drop in drops if drop.technology is not None), technologies
        ),
        technology_ways={(*key, name): way for key, own in ways.items() for name, way in own.items()},
        title_pairs=_title_pairs(works.values(), [ways[key] for key in counted]),
        counted={key: CountedWork(work, counted[key]) for key, work in works.items()},
    )


def _title_pairs(
    works: Iterable[Work], ways: Iterable[Technologies]
) -> dict[tuple[int, str, str], PairCollaboration]:
    """The pairs of the works that belong to a technology when titles alone are searched."""
    critical = frozenset({CRITICAL})
    read_by_title = [
        replace(work, technologies=critical)
        for work, own in zip(works, ways, strict=True)
        if any(way.belongs_by_title for way in own.values())
    ]
    pairs = count_works(read_by_title).pair_collaboration
    return {(year, a, b): row for (year, _, a, b), row in pairs.items() if UNKNOWN not in (a, b)}


def _dimension(technologies: Iterable[str]) -> frozenset[str]:
    """Where a work of these technologies is counted."""
    own = frozenset(technologies)
    return own | ({TECHNOLOGY, CRITICAL} if own else {TECHNOLOGY})


def _year(record: Delivered) -> int:
    assert record.year is not None, f"{record.work_id} counts without a year"
    return record.year


def _balance(drops: Iterable[OracleDrop], found: Identities) -> dict[tuple[str, str, str, str | None], int]:
    balance: Counter[tuple[str, str, str, str | None]] = Counter()
    for drop in drops:
        for reason, records in drop.rejected.items():
            balance[drop.drop_id, drop.source, "rejected", reason] += records
    for version, outcome in found.outcomes.items():
        balance[version.drop.drop_id, version.drop.source, *outcome] += 1
    return dict(balance)
