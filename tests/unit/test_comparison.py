"""The comparison of marts notices whatever is missing, extra or off, and nothing else."""

from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from tests.comparison import (
    Rows,
    Value,
    assert_reconciled,
    assert_same_marts,
    assert_technologies,
    differences,
    equal,
    expected_marts,
    read_mart,
)
from tests.oracle import OracleResult, Ways, YearTotals

THIRD = Fraction(1, 3)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1 / 3, THIRD),
        (1 / 3 + 9e-10, THIRD),
        (3e6 + 2e-3, Fraction(3_000_000)),
        (0.0, Fraction(0)),
        (2, 2),
        ("US", "US"),
        (None, None),
        (True, True),
    ],
)
def test_values_within_the_tolerance_are_equal(actual: Value, expected: Value) -> None:
    assert equal(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1 / 3 + 2e-9, THIRD),
        (3e6 + 4e-3, Fraction(3_000_000)),
        (float("nan"), THIRD),
        (float("inf"), THIRD),
        (None, Fraction(0)),
        (0.0, None),
        (3, 2),
        (True, 1.0),
        (1, True),
        ("US", "AU"),
    ],
)
def test_other_values_are_not_equal(actual: Value, expected: Value) -> None:
    assert not equal(actual, expected)


def test_missing_and_extra_rows_columns_and_values_are_all_named() -> None:
    actual: Rows = {
        ("here",): {"a": 1},
        ("extra",): {"a": 1},
        ("off",): {"a": 2},
        ("wide",): {"a": 1, "b": 1},
    }
    expected: Rows = {("here",): {"a": 1}, ("missing",): {"a": 1}, ("off",): {"a": 1}, ("wide",): {"a": 1}}
    found = {difference.key[0]: difference.what for difference in differences("mart", actual, expected)}
    assert found.keys() == {"missing", "extra", "off", "wide"}
    assert found["off"] == "a: 2, expected 1"


def test_a_mart_is_read_by_its_key_and_held_against_the_expected_rows(tmp_path: Path) -> None:
    file = _file(tmp_path / "build.duckdb", "(2019, 'all', 3, 2, 1, 1.0 / 3)")
    totals = YearTotals(works=3, works_multi_author=2, works_international=1, unknown_output=THIRD)
    expected = expected_marts(OracleResult({}, {}, {(2019, "all"): totals}, {}))["year_totals"]
    assert not list(differences("year_totals", read_mart(file, "year_totals"), expected))


def test_two_rows_of_one_key_are_refused(tmp_path: Path) -> None:
    row = "(2019, 'all', 3, 2, 1, 0.5)"
    with pytest.raises(AssertionError, match="year_totals has several rows"):
        read_mart(_file(tmp_path / "build.duckdb", f"{row}, {row}"), "year_totals")


def test_stores_that_differ_are_told_apart(tmp_path: Path) -> None:
    first = _file(tmp_path / "first.duckdb", "(2019, 'all', 3, 2, 1, 0.5)")
    second = _file(tmp_path / "second.duckdb", "(2019, 'all', 3, 2, 1, 0.5), (2020, 'all', 1, 0, 0, 0.0)")
    assert_same_marts(first, first, ["year_totals"])
    with pytest.raises(AssertionError, match=r"2020, 'all'\) is missing"):
        assert_same_marts(first, second, ["year_totals"])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("('5 e', 1.0, 2.0, 1.0, false)", "'actual': 2.0"),
        ("('5 e', 1.0, 2.0, 1.0, true)", "'actual': 2.0"),
        ("('5 e', 1.0, 1.0, 0.5, true)", "'difference': 0.5"),
        ("('4 d', 1.0, 1.0, 0.0, true)", "several rows"),
        (None, "has 4 identities"),
    ],
)
def test_a_year_that_does_not_reconcile_is_named(tmp_path: Path, row: str | None, reason: str) -> None:
    held = [f"('{name}', 1.0, 1.0, 0.0, true)" for name in ("1 a", "2 b", "3 c", "4 d")]
    file = _file(tmp_path / "build.duckdb", "(2019, 'all', 1, 1, 0, 0.0)")
    rows = ", ".join([*held, row] if row else held)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table marts.reconciliation (year integer default 2019, technology varchar default 'all',"
            " identity varchar, expected double, actual double, difference double, passed boolean)"
        )
        connection.execute(
            f"insert into marts.reconciliation (identity, expected, actual, difference, passed) values {rows}"
        )
    with pytest.raises(AssertionError, match=reason):
        assert_reconciled(file)


_ICE = ("wos", "a", "ice")
_FOUND = {_ICE: Ways(by_query=True, by_title=True), ("wos", "b", "ice"): Ways(by_title=True)}


@pytest.mark.parametrize(
    ("ways", "reason"),
    [
        (
            _FOUND | {_ICE: Ways(by_topic=True, by_title=True)},
            "'ice'\\) by_query: True, expected False",
        ),
        ({_ICE: _FOUND[_ICE]}, "ledger.technology_ways .*'b', 'ice'\\) should not be there"),
        (_FOUND | {("wos", "b", "ice"): Ways(by_topic=True)}, "work_technologies .*'b'.* is missing"),
    ],
)
def test_a_work_in_a_technology_by_another_way_is_named(
    tmp_path: Path,
    ways: dict[tuple[str, str, str], Ways],
    reason: str,
) -> None:
    file = tmp_path / "build.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(_TECHNOLOGIES)
    assert_technologies(file, OracleResult({}, {}, {}, {}, technology_ways=_FOUND), "now")
    with pytest.raises(AssertionError, match=rf"now: (?s:.*){reason}"):
        assert_technologies(file, OracleResult({}, {}, {}, {}, technology_ways=ways), "now")


_TECHNOLOGIES = """
create schema ledger;
create table ledger.technology_ways as from (values
    (2019, 'wos', 'a', 'ice', true, false, true, false),
    (2019, 'wos', 'b', 'ice', false, false, true, false)
) as ways (year, source, work_id, technology, by_query, by_topic, by_title, by_statement);
create view ledger.work_technologies as from ledger.technology_ways where work_id = 'a';
"""


def _file(path: Path, rows: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.year_totals (year integer, technology varchar, works bigint,"
            " works_multi_author bigint, works_international bigint, unknown_output double)"
        )
        connection.execute(f"insert into marts.year_totals values {rows}")
    return path
