"""Every published number computed a second time, by brute force and in exact fractions.

Written from the method alone. It shares no code, no SQL and no engine with the pipeline, so that a
mistake on one side cannot hide on the other. Here belong the rules from a delivered record to a
published row; loading and deriving drops is `tests.derive`, random works are `tests.strategies`.
Only OpenAlex records are understood, and only the technology `all`.
"""

import csv
import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Shares = Mapping[str, Fraction]
"""One author's shares by reporting country; they add up to 1."""

SOURCE = "openalex"
TECHNOLOGY = "all"
UNKNOWN = "ZZ"
PAIRWISE_LIMIT = 60
"""Works with more authors than this are counted from sums: a double loop grows with n squared."""


@dataclass(frozen=True)
class OracleDrop:
    """The accepted records of one active drop, in the order they were delivered."""

    drop_id: str
    stated_date: date | None
    records: Sequence[Record]
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Records the reader refused, by reason."""


@dataclass(frozen=True)
class Version:
    """One delivered version of a work and where it came from."""

    drop: OracleDrop
    position: int
    """0-based place in the drop's records."""
    record: Record


@dataclass(frozen=True)
class Work:
    """What counting needs of a work in scope: its year and each author's shares."""

    year: int
    authors: tuple[Shares, ...]


@dataclass(frozen=True)
class CountryOutput:
    """One country in one year. `world_share` and `rank` are None for unknown authors."""

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
    """One pair of countries in one year, A before B in the alphabet."""

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
    """All works in scope of one year."""

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


@dataclass(frozen=True)
class OracleResult(Counts):
    """The counted tables and what became of every record."""

    record_balance: dict[tuple[str, str, str, str | None], int]
    """Records by drop, source, outcome, reason; the reason is None for `current`, `superseded`."""


@dataclass
class _YearTally:
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


def compute(
    drops: Sequence[OracleDrop],
    *,
    start_year: int,
    end_year: int,
    countries: Path,
    document_types: Path,
    content_hash: Callable[[Record], int],
) -> OracleResult:
    """Every number the active drops should lead to; both years are inside the range.

    `content_hash` decides between versions with equal dates, the greater one wins. Pass the
    reader's own to predict such ties; `hash_of_json` will do where nothing depends on them.
    """
    reporting = read_reporting_countries(countries)
    types = read_scope_types(document_types)
    current = current_versions(drops, content_hash)
    balance: Counter[tuple[str, str, str, str | None]] = Counter()
    works = []
    for drop in drops:
        for reason, records in drop.rejected.items():
            balance[drop.drop_id, SOURCE, "rejected", reason] += records
        for position, record in enumerate(drop.records):
            winner = current[work_id(record)]
            if winner.drop is not drop or winner.position != position:
                balance[drop.drop_id, SOURCE, "superseded", None] += 1
            elif excluded := exclusion_reason(record, types, start_year, end_year):
                balance[drop.drop_id, SOURCE, "out_of_scope", excluded] += 1
            else:
                balance[drop.drop_id, SOURCE, "current", None] += 1
                works.append(work_of(record, reporting))
    counts = count_works(works)
    return OracleResult(**vars(counts), record_balance=dict(balance))


def read_reporting_countries(path: Path) -> dict[str, str]:
    """Reporting country by delivered code, from the seed `countries`."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row["reporting_code"] for row in csv.DictReader(lines)}


def read_scope_types(path: Path) -> frozenset[str]:
    """OpenAlex's names of the document types in scope, from the seed `document_types`."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return frozenset(row["document_type"] for row in rows if row["source"] == SOURCE)


def hash_of_json(record: Record) -> int:
    """A signed 64-bit hash of the record without its own date."""
    content = {key: value for key, value in record.items() if key != "updated_date"}
    text = json.dumps(content, sort_keys=True).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), signed=True)


def current_versions(
    drops: Sequence[OracleDrop], content_hash: Callable[[Record], int]
) -> dict[str, Version]:
    """The version that counts of each work, by its id (method, section 5)."""
    versions: defaultdict[str, list[Version]] = defaultdict(list)
    for drop in drops:
        for position, record in enumerate(drop.records):
            versions[work_id(record)].append(Version(drop, position, record))

    def precedence(version: Version) -> tuple[object, ...]:
        own, stated = updated_at(version.record), version.drop.stated_date
        return (
            *(own is not None, own or datetime.min),
            *(stated is not None, stated or date.min),
            content_hash(version.record),
            *(version.drop.drop_id, version.position),
        )

    return {
        work: max(rivals, key=precedence) if len(rivals) > 1 else rivals[0]
        for work, rivals in versions.items()
    }


def work_id(record: Record) -> str:
    """The short id of a record, such as `W2006136153`."""
    return str(record["id"]).rsplit("/", 1)[-1]


def updated_at(record: Record) -> datetime | None:
    """The record's own date as naive UTC; None where it states none."""
    text = record.get("updated_date")
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def exclusion_reason(
    record: Record, scope_types: frozenset[str], start_year: int, end_year: int
) -> str | None:
    """The first reason why a current version is out of scope (method, section 4)."""
    year = record.get("publication_year")
    checks = {
        "document_type": record.get("type") not in scope_types,
        "publication_year": year is None or not start_year <= year <= end_year,
        "retracted": bool(record.get("is_retracted")),
        "paratext": bool(record.get("is_paratext")),
        "xpac": bool(record.get("is_xpac")),
        "no_authors": not record.get("authorships"),
    }
    return next((reason for reason, applies in checks.items() if applies), None)


def work_of(record: Record, reporting: Mapping[str, str]) -> Work:
    """What counting needs of a record in scope."""
    authors = tuple(author_shares(author, reporting) for author in record["authorships"])
    return Work(year=record["publication_year"], authors=authors)


def author_shares(authorship: Record, reporting: Mapping[str, str]) -> Shares:
    """An OpenAlex author's shares (method, section 1).

    Codes found from raw strings stand in only where no institution has any code, not where all
    the institutions' codes are unknown ones.
    """
    institutions = authorship.get("institutions") or []
    codes = {code for each in institutions if (code := each.get("country_code"))}
    known = {reporting[code] for code in codes if code in reporting}
    if not codes:
        strings = authorship.get("countries") or []
        folded = {reporting[code] for code in strings if code in reporting}
        known = folded if len(folded) == 1 else set()
    return {code: Fraction(1, len(known)) for code in known} or {UNKNOWN: Fraction(1)}


def count_works(works: Iterable[Work]) -> Counts:
    """The counted tables of works in scope (method, section 2); any unit may be a country."""
    tallies: defaultdict[int, _YearTally] = defaultdict(_YearTally)
    for work in works:
        _add(tallies[work.year], work.authors)
    counts = Counts({}, {}, {})
    for year, tally in sorted(tallies.items()):
        counts.year_totals[year, TECHNOLOGY] = YearTotals(
            works=tally.works,
            works_multi_author=tally.works_multi_author,
            works_international=tally.works_international,
            unknown_output=tally.output.get(UNKNOWN, Fraction(0)),
        )
        for country in sorted(tally.papers):
            counts.country_output[year, TECHNOLOGY, country] = _country_row(tally, country)
        for first, second in sorted(tally.pair_papers):
            row = _pair_row(tally, first, second)
            counts.pair_collaboration[year, TECHNOLOGY, first, second] = row
    return counts


def _add(tally: _YearTally, authors: Sequence[Shares]) -> None:
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


def ordered_weights(authors: Sequence[Shares]) -> dict[tuple[str, str], Fraction]:
    """One work's weight by ordered pair of countries, A = B included; empty for one author."""
    if len(authors) <= PAIRWISE_LIMIT:
        return weights_from_author_pairs(authors)
    return weights_from_totals(authors)


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


def _country_row(tally: _YearTally, country: str) -> CountryOutput:
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


def _pair_row(tally: _YearTally, first: str, second: str) -> PairCollaboration:
    weight = tally.ordered_weight.get((first, second), Fraction(0))
    return PairCollaboration(
        papers=tally.pair_papers[first, second],
        weight=weight,
        weight_squared=tally.weight_squared[first, second],
        intensity_squared=weight**2 / (tally.output[first] * tally.output[second]),
    )
