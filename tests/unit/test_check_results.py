"""What checks find: expected, observed and difference for every year, whether it passed or not."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from assets.check_results import (
    Thresholds,
    abstract_findings,
    balance_findings,
    identity_findings,
    jump_findings,
    linked_findings,
    presence_findings,
    unknown_findings,
)

THRESHOLDS = Thresholds(unknown_share=0.25, year_jump=3, linked_share=0.5, abstract_share=0.6)
_FIRST, _SECOND = "1 output adds up to works", "2 weight adds up to multi-author works"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A build file with the tables the checks look at, all of them empty."""
    path = tmp_path / "build.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "begin; create schema marts; create schema control;"
            "create table marts.reconciliation (year integer, technology varchar, identity varchar,"
            " expected double, actual double, difference double, passed boolean);"
            "create table marts.year_quality (year integer, works_expected bigint, works bigint,"
            " unknown_share double, neighbour_ratio double);"
            "create table marts.address_link_coverage (year integer, source varchar, linked_share double);"
            "create table marts.abstract_coverage (year integer, source varchar, abstract_share double);"
            "create table marts.record_balance (drop_id varchar, records bigint);"
            "create table control.active_drops (drop_id varchar, records bigint); commit"
        )
    return path


def _fill(file: Path, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)


def test_a_year_shows_its_identity_whether_it_holds_or_not(file: Path) -> None:
    _fill(
        file,
        "marts.reconciliation",
        [(2018, "all", _FIRST, 5, 5, 0, True), (2019, "all", _FIRST, 5, 4, -1, False)],
    )
    found = identity_findings(file, 1, [2018, 2019])
    assert {year: finding.passed for year, finding in found.items()} == {2018: True, 2019: False}
    values = {"expected": 5, "observed": 5, "difference": 0, "technology": "all"}
    assert found[2018].values == values
    assert found[2019].values == {**values, "observed": 4, "difference": -1}
    assert found[2019].description == "expected 5.000000, found 4.000000 (technology all)"


def test_the_technology_that_is_farthest_off_stands_for_all(file: Path) -> None:
    _fill(
        file,
        "marts.reconciliation",
        [
            # A large one may be within the tolerance where a small one is not.
            (2019, "all", _FIRST, 1e12, 1e12 + 5, 5, True),
            (2019, "radar", _FIRST, 9, 8, -1, False),
            (2019, "lasers", _FIRST, 9, 8.5, -0.5, False),
            (2019, "sonar", _SECOND, 9, 0, -9, False),
        ],
    )
    finding = identity_findings(file, 1, [2019])[2019]
    assert (finding.passed, finding.values["technology"]) == (False, "radar")


def test_a_year_without_works_has_nothing_to_add_up(file: Path) -> None:
    finding = identity_findings(file, 1, [2019])[2019]
    assert (finding.passed, finding.description) == (True, "no works")
    assert finding.values == {"expected": 0.0, "observed": 0.0, "difference": 0.0}


@pytest.mark.parametrize(
    ("expected", "works", "passed", "description"),
    [
        (5, 5, True, "the marts hold the works of the ledger"),
        (5, 0, False, "the year is missing: the ledger has 5 works"),
        (0, 5, False, "the year should not be there: the marts hold 5 works"),
        (5, 4, False, "the ledger has 5 works, the marts 4"),
    ],
)
def test_a_year_is_there_exactly_when_the_ledger_says_so(
    file: Path, expected: int, works: int, description: str, *, passed: bool
) -> None:
    _fill(file, "marts.year_quality", [(2019, expected, works, None, None)])
    finding = presence_findings(file, [2019])[2019]
    assert (finding.passed, finding.description) == (passed, description)
    assert finding.values == {"expected": expected, "observed": works, "difference": works - expected}


def test_a_year_neither_expected_nor_there_is_as_it_should_be(file: Path) -> None:
    assert presence_findings(file, [2019])[2019].passed


def test_a_large_share_of_unknown_country_is_remarked_on(file: Path) -> None:
    _fill(
        file,
        "marts.year_quality",
        [(2018, 5, 5, 0.25, 1), (2019, 5, 5, 0.26, 1), (2020, 0, 0, None, None)],
    )
    found = unknown_findings(file, [2018, 2019, 2020, 2021], THRESHOLDS)
    assert {year: finding.passed for year, finding in found.items()} == {
        2018: True,
        2019: False,
        2020: True,
        2021: True,
    }
    assert found[2019].description == "26.0% of output has no known country"
    assert found[2019].values["expected"] == "at most 25.0%"
    assert found[2019].values["difference"] == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("ratio", "passed"),
    [(1.0, True), (3.0, True), (1 / 3, True), (3.1, False), (0.32, False), (None, True)],
)
def test_a_year_out_of_line_with_its_neighbours_is_remarked_on(
    file: Path, ratio: float | None, *, passed: bool
) -> None:
    _fill(file, "marts.year_quality", [(2019, 5, 5, 0, ratio)])
    finding = jump_findings(file, [2019], THRESHOLDS)[2019]
    assert finding.passed is passed
    assert finding.values["observed"] == (1 if ratio is None else ratio)
    assert finding.values["expected"] == "between 0.33 and 3.00"


def test_the_outcomes_of_each_drop_add_up_to_its_records(file: Path) -> None:
    _fill(file, "control.active_drops", [("whole", 10), ("short", 10), ("lost", 10)])
    _fill(file, "marts.record_balance", [("whole", 7), ("whole", 3), ("short", 9), ("left over", 1)])
    found = balance_findings(file)
    assert {drop: finding.values["difference"] for drop, finding in found.items()} == {
        "whole": 0,
        "short": -1,
        "lost": -10,
        "left over": 1,
    }
    assert [drop for drop, finding in found.items() if finding.passed] == ["whole"]
    assert found["short"].description == "9 of 10 records have an outcome"


def test_the_source_with_the_fewest_linked_authors_stands_for_the_year(file: Path) -> None:
    _fill(
        file,
        "marts.address_link_coverage",
        [(2005, "scopus", 1.0), (2005, "wos", 0.2), (2009, "wos", 0.5), (2009, "scopus", None)],
    )
    found = linked_findings(file, [2005, 2009, 2010], THRESHOLDS)
    assert {year: finding.passed for year, finding in found.items()} == {2005: False, 2009: True, 2010: True}
    assert found[2005].values["source"] == "wos"
    assert "20.0% of the authors of wos records" in found[2005].description
    assert found[2010].description == "no addresses"


def test_the_source_with_the_fewest_abstracts_stands_for_the_year(file: Path) -> None:
    _fill(
        file,
        "marts.abstract_coverage",
        [(2005, "openalex", 0.9), (2005, "wos", 0.25), (2009, "openalex", 0.6)],
    )
    found = abstract_findings(file, [2005, 2009, 2010], THRESHOLDS)
    assert {year: finding.passed for year, finding in found.items()} == {2005: False, 2009: True, 2010: True}
    assert found[2005].values["source"] == "wos"
    assert found[2005].description == "25.0% of the works of wos have an abstract to find technologies by"
    assert found[2010].description == "no works"
