"""Marts held against the brute-force computation, and against the marts of another store.

Only comparing belongs here: what should be there is said by `tests.oracle`. Both sides are brought into
one form, rows by key, and every difference is listed: a missing row, an extra one, a column, a value.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from assets.build import connect
from tests.oracle import CRITICAL, TECHNOLOGY, OracleResult

TOLERANCE = Fraction(1, 10**9)
"""Of the expected value, or of 1 where that is greater (method, section 3)."""

CORE_KEYS: Mapping[str, Sequence[str]] = {
    "country_output": ("year", "technology", "country"),
    "pair_collaboration": ("year", "technology", "country_a", "country_b"),
    "year_totals": ("year", "technology"),
    "record_balance": ("drop_id", "source", "outcome", "reason"),
    "reconciliation": ("year", "technology", "identity"),
    "country_basis": ("year", "technology", "source", "basis"),
    "unknown_country_codes": ("year", "source", "code"),
    "year_quality": ("year",),
    "work_links": ("source", "work_id"),
    "address_link_coverage": ("year", "source"),
    "unmapped_addresses": ("year", "source", "label"),
    "technologies": ("technology",),
    "technology_size": ("year", "technology"),
    "technology_overlap": ("year", "technology_a", "technology_b"),
    "abstract_coverage": ("year", "source"),
}
STUDY_KEYS: Mapping[str, Sequence[str]] = {
    "country_groups": ("group_set", "country"),
    "group_output": ("year", "technology", "group_set", "group_name"),
    "group_collaboration": ("year", "technology", "country", "group_set", "group_name"),
    "country_certainty": ("year", "technology", "country"),
    "pair_certainty": ("year", "technology", "view", "party_a", "party_b"),
    "partner_ranking": ("year", "technology", "view", "country", "partner"),
    "high_impact_cutoffs": ("year", "technology"),
    "high_impact": ("year", "technology", "country"),
    "pair_high_impact": ("year", "technology", "country_a", "country_b"),
    "top_papers": ("year", "technology", "country_a", "country_b", "rank"),
    "top_paper_records": ("year", "source", "work_id"),
    "intensity_change": ("technology", "country_a", "country_b", "year", "base_year"),
    "intensity_mix_change": ("country_a", "country_b", "year", "base_year"),
    "technology_leaders": ("technology", "view", "country"),
    "institution_ranking": ("technology", "institution_id"),
    "reading_pairs": ("reading", "year", "technology", "country_a", "country_b"),
    "claims": ("claim",),
    "robustness": ("claim", "reading"),
}
KEYS: Mapping[str, Sequence[str]] = {**CORE_KEYS, **STUDY_KEYS}
"""What identifies a row of each mart: of the counts, and of the study that stands on them."""
WORK_TECHNOLOGY = ("source", "work_id", "technology")
"""What identifies a row of the technologies of works, which are no mart."""
BUILT = tuple(mart for mart in CORE_KEYS if mart != "reconciliation")
"""The marts that say the same in every store with the same drops."""

IDENTITIES = 5
"""Of a year; its technologies have all but the last, which is of records and not of works."""

_LISTED = 25

Value = Fraction | float | str | bool | None
Key = tuple[object, ...]
Rows = Mapping[Key, Mapping[str, Value]]


def read_mart(file: Path, mart: str) -> Rows:
    """The rows of a mart in a build or a published file, by key; fails when two have the same."""
    return _read(file, f"marts.{mart}", KEYS[mart])


def _read(file: Path, table: str, names: Sequence[str]) -> Rows:
    with connect(file) as connection:
        result = connection.execute(f"select * from {table}")
        columns = [str(column[0]) for column in result.description or ()]
        found = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    keyed = [(tuple(row.pop(name) for name in names), row) for row in found]
    repeated = [key for key, times in Counter(key for key, _ in keyed).items() if times > 1]
    assert not repeated, f"{table} has several rows of {repeated[:_LISTED]}"
    return dict(keyed)


def expected_marts(expected: OracleResult) -> dict[str, Rows]:
    """The brute-force computation in the form of the marts."""
    return {
        "country_output": _rows(expected.country_output),
        "pair_collaboration": {
            key: {
                "papers": row.papers,
                "weight": row.weight,
                "weight_squared": row.weight_squared,
                "intensity": row.intensity,
            }
            for key, row in expected.pair_collaboration.items()
        },
        "year_totals": _rows(expected.year_totals),
        "record_balance": {
            (drop_id, source, outcome, reason or ""): {"records": records}
            for (drop_id, source, outcome, reason), records in expected.record_balance.items()
        },
        "work_links": _rows(expected.work_links),
        "address_link_coverage": _rows(expected.address_link_coverage),
        "unmapped_addresses": _rows(expected.unmapped_addresses),
        "technologies": {(name,): vars(row) for name, row in expected.technologies.items()},
        "technology_size": _rows(expected.technology_size),
        "technology_overlap": _rows(expected.technology_overlap),
        "abstract_coverage": _rows(expected.abstract_coverage),
    }


def _rows(expected: Mapping[Any, object]) -> Rows:
    return {key: vars(row) for key, row in expected.items()}


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be."""

    mart: str
    key: Key
    what: str

    def __str__(self) -> str:
        return f"{self.mart} {self.key} {self.what}"


def differences(mart: str, actual: Rows, expected: Rows) -> Iterator[Difference]:
    """Each missing and each extra row, and each value that is off."""
    for key in sorted(expected.keys() - actual.keys(), key=str):
        yield Difference(mart, key, f"is missing, expected {dict(expected[key])}")
    for key in sorted(actual.keys() - expected.keys(), key=str):
        yield Difference(mart, key, f"should not be there: {dict(actual[key])}")
    for key in sorted(actual.keys() & expected.keys(), key=str):
        found, wanted = actual[key], expected[key]
        if found.keys() != wanted.keys():
            yield Difference(mart, key, f"has columns {sorted(found)}, expected {sorted(wanted)}")
            continue
        for column, value in wanted.items():
            if not equal(found[column], value):
                yield Difference(mart, key, f"{column}: {found[column]!r}, expected {_shown(value)}")


def equal(actual: Value, expected: Value) -> bool:
    """Whether a value is the expected one: exactly, or numbers up to the tolerance."""
    if not isinstance(expected, int | float | Fraction) or isinstance(expected, bool):
        return actual == expected and isinstance(actual, bool) == isinstance(expected, bool)
    if isinstance(expected, int):
        return actual == expected
    if not isinstance(actual, int | float) or isinstance(actual, bool) or not math.isfinite(actual):
        return False
    # As fractions, so that the comparison itself rounds nothing.
    wanted = Fraction(expected)
    return abs(Fraction(actual) - wanted) <= TOLERANCE * max(Fraction(1), abs(wanted))


def oracle_differences(file: Path, expected: OracleResult) -> list[Difference]:
    """Where the counted marts of a file are not what the brute-force computation gives."""
    return [
        difference
        for mart, rows in expected_marts(expected).items()
        for difference in differences(mart, read_mart(file, mart), rows)
    ]


def assert_equals_oracle(file: Path, expected: OracleResult, when: str) -> None:
    """The counted marts have exactly the expected rows and, in every column, the expected values."""
    _fail_on(oracle_differences(file, expected), f"{when}: not as the brute-force computation says")


def assert_mart(file: Path, mart: str, expected: Mapping[Any, Mapping[str, Any]], when: str) -> None:
    """The mart has exactly the expected rows and, in every column, the expected values."""
    found = list(differences(mart, read_mart(file, mart), expected))
    _fail_on(found, f"{when}: not as the brute-force computation says")


def assert_technologies(build_file: Path, expected: OracleResult, when: str) -> None:
    """Each work belongs to the technologies it should, in the ways it should; a published file has less."""
    found: list[Difference] = []
    for table, rows in (
        ("ledger.technology_ways", expected.technology_ways),
        ("ledger.work_technologies", expected.work_technologies),
    ):
        actual = {key[1:]: row for key, row in _read(build_file, table, ("year", *WORK_TECHNOLOGY)).items()}
        found += differences(table, actual, _rows(rows))
    _fail_on(found, f"{when}: not as the brute-force computation says")


def assert_title_reading(file: Path, expected: OracleResult, when: str) -> None:
    """The reading by titles has the pairs it should."""
    readings = read_mart(file, "reading_pairs")
    actual = {key: row for key, row in readings.items() if key[0] == "title_only"}
    rows: Rows = {
        ("title_only", year, CRITICAL, a, b): {"weight": row.weight, "intensity": row.intensity}
        for (year, a, b), row in expected.title_pairs.items()
    }
    found = list(differences("reading_pairs", actual, rows))
    _fail_on(found, f"{when}: not as the brute-force computation says")


def assert_reconciled(file: Path) -> None:
    """Every identity was looked at in every counted year and technology, and held."""
    rows = read_mart(file, "reconciliation")
    found = [f"{key} {dict(row)}" for key, row in rows.items() if not _holds(row)]
    identities = Counter(key[:2] for key in rows)
    found += (
        f"{key} has {identities[key]} identities"
        for key in read_mart(file, "year_totals")
        if identities[key] != IDENTITIES - (key[1] != TECHNOLOGY)
    )
    _fail_on(found, f"{file.name} does not reconcile")


def assert_same_marts(first: Path, second: Path, marts: Iterable[str] = BUILT) -> None:
    """Two stores hold the same marts, whichever way they came to them."""
    found = [
        difference
        for mart in marts
        for difference in differences(mart, read_mart(first, mart), read_mart(second, mart))
    ]
    _fail_on(found, f"{first} differs from {second}")


def _holds(row: Mapping[str, Value]) -> bool:
    expected, actual, difference = (row[name] for name in ("expected", "actual", "difference"))
    assert isinstance(expected, float)
    assert isinstance(actual, float)
    return row["passed"] is True and equal(actual, expected) and equal(difference, actual - expected)


def _shown(value: Value) -> str:
    return f"{value} = {float(value)!r}" if isinstance(value, Fraction) else repr(value)


def _fail_on(found: Sequence[object], what: str) -> None:
    more = [f"... and {len(found) - _LISTED} more"] if len(found) > _LISTED else []
    assert not found, "\n".join([what, *map(str, found[:_LISTED]), *more])
