"""The brute-force computation reads records by the method's rules and keeps its identities."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.derive import load_drop
from tests.oracle import UNKNOWN, OracleDrop, OracleResult, Record, compute, hash_of_json, updated_at
from tests.oracle_countries import equal_shares, openalex_countries, read_countries
from tests.oracle_records import openalex_author
from tests.strategies import drops

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
F = Fraction


def _compute(
    delivered: Sequence[OracleDrop],
    years: tuple[int, int] = (2018, 2020),
    content_hash: Callable[[Record], int] = hash_of_json,
) -> OracleResult:
    return compute(
        delivered,
        start_year=years[0],
        end_year=years[1],
        seeds=SEEDS,
        content_hash=content_hash,
    )


# From a delivered record to a country

COUNTRIES = read_countries(SEEDS)


def _delivered(institutions: Sequence[str | None], strings: Sequence[str] = ()) -> Record:
    return {
        "institutions": [{"country_code": code} for code in institutions],
        "countries": list(strings),
    }


@pytest.mark.parametrize(
    ("institutions", "strings", "expected"),
    [
        (["US"], [], {"US": F(1)}),
        (["US", "US", None], ["DE"], {"US": F(1)}),
        (["HK", "MO", "CN"], [], {"CN": F(1)}),
        (["HK", "TW"], [], {"CN": F(1, 2), "TW": F(1, 2)}),
        (["US", "XX"], [], {"US": F(1)}),
        (["XX"], ["US"], {UNKNOWN: F(1)}),
        ([None], ["US"], {"US": F(1)}),
        ([], ["HK", "CN"], {"CN": F(1)}),
        ([], ["US", "XX"], {"US": F(1)}),
        ([], ["US", "DE"], {UNKNOWN: F(1)}),
        ([], ["XX"], {UNKNOWN: F(1)}),
        ([], [], {UNKNOWN: F(1)}),
        (["NA"], [], {"NA": F(1)}),
    ],
)
def test_an_author_reports_for(
    institutions: list[str | None], strings: list[str], expected: Mapping[str, Fraction]
) -> None:
    author = openalex_author(_delivered(institutions, strings))
    assert equal_shares(openalex_countries(author, COUNTRIES)) == expected


def test_an_author_of_an_old_vintage_has_no_countries_field() -> None:
    assert not openalex_countries(openalex_author({"institutions": []}), COUNTRIES)


# Scope, versions and the balance


def _record(**changes: object) -> Record:
    return {
        "id": "https://openalex.org/W1",
        "publication_year": 2019,
        "type": "article",
        "authorships": [_delivered(["US"])],
        "updated_date": "2024-01-01T00:00:00.000000",
        **changes,
    }


def _outcomes(result: OracleResult) -> dict[tuple[str, str, str | None], int]:
    return {(drop, what, why): n for (drop, _, what, why), n in result.record_balance.items()}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": None, "publication_year": 1999}, "document_type"),
        ({"type": "preprint"}, "document_type"),
        ({"publication_year": None, "is_retracted": True}, "publication_year"),
        ({"publication_year": 2017}, "publication_year"),
        ({"publication_year": 2021}, "publication_year"),
        ({"is_retracted": True, "is_paratext": True}, "retracted"),
        ({"is_paratext": True, "is_xpac": True}, "paratext"),
        ({"is_xpac": True, "authorships": []}, "xpac"),
        ({"authorships": []}, "no_authors"),
    ],
)
def test_a_work_out_of_scope_is_counted_by_its_first_reason(changes: dict[str, object], reason: str) -> None:
    result = _compute([OracleDrop("a", None, [_record(**changes)])])
    assert _outcomes(result) == {("a", "out_of_scope", reason): 1}
    assert not result.year_totals


@pytest.mark.parametrize("year", [2018, 2020])
def test_both_ends_of_the_range_are_in_scope(year: int) -> None:
    record = _record(publication_year=year, is_retracted=None, is_paratext=False)
    result = _compute([OracleDrop("a", None, [record])])
    assert result.year_totals[year, "all"].works == 1


@pytest.mark.parametrize("first", [0, 1])
def test_the_newer_version_counts_whichever_comes_first(first: int) -> None:
    newer = _record(updated_date="2024-01-01T00:00:00.000001", publication_year=2020)
    delivered = [OracleDrop("a", None, [newer]), OracleDrop("b", date(2026, 1, 1), [_record()])]
    result = _compute([delivered[first], delivered[1 - first]])
    assert set(result.year_totals) == {(2020, "all")}
    assert _outcomes(result) == {("a", "current", None): 1, ("b", "superseded", None): 1}


def test_scope_is_decided_on_the_current_version_alone() -> None:
    withdrawn = _record(updated_date="2024-02-01", is_retracted=True)
    result = _compute([OracleDrop("a", None, [_record(), withdrawn])])
    assert _outcomes(result) == {
        ("a", "superseded", None): 1,
        ("a", "out_of_scope", "retracted"): 1,
    }
    assert not result.country_output


def test_a_version_without_a_date_is_the_oldest() -> None:
    undated = _record(updated_date=None, publication_year=2020)
    result = _compute([OracleDrop("b", date(2026, 1, 1), [undated, _record()])])
    assert set(result.year_totals) == {(2019, "all")}


@pytest.mark.parametrize("earlier", [None, date(2025, 1, 1)])
def test_the_drops_date_decides_between_equal_dates(earlier: date | None) -> None:
    late = OracleDrop("a", date(2025, 1, 2), [_record(publication_year=2020)])
    result = _compute([late, OracleDrop("b", earlier, [_record()])], content_hash=lambda _: 0)
    assert set(result.year_totals) == {(2020, "all")}


@pytest.mark.parametrize("sign", [1, -1])
def test_the_content_hash_decides_where_both_dates_are_equal(sign: int) -> None:
    rivals = [_record(), _record(publication_year=2020)]
    result = _compute(
        [OracleDrop("a", None, rivals)], content_hash=lambda r: sign * int(r["publication_year"])
    )
    assert set(result.year_totals) == {(2020 if sign == 1 else 2019, "all")}


def test_of_identical_versions_the_drop_greatest_by_name_keeps_the_work() -> None:
    delivered = [OracleDrop(name, None, [_record(), _record()]) for name in ("b", "a")]
    assert _outcomes(_compute(delivered)) == {
        ("a", "superseded", None): 2,
        ("b", "superseded", None): 1,
        ("b", "current", None): 1,
    }


def test_rejected_records_stand_in_the_balance() -> None:
    result = _compute([OracleDrop("a", None, [_record()], rejected={"invalid_json": 2})])
    assert _outcomes(result) == {("a", "current", None): 1, ("a", "rejected", "invalid_json"): 2}


def test_dates_with_a_zone_compare_in_utc() -> None:
    assert updated_at({"updated_date": "2024-01-01T01:00:00+01:00"}) == updated_at(
        {"updated_date": "2024-01-01T00:00:00"}
    )


# Identities (section 3), exactly


def _assert_identities(result: OracleResult, delivered: Sequence[OracleDrop]) -> None:
    countries, pairs = result.country_output, result.pair_collaboration
    for (year, technology), totals in result.year_totals.items():
        rows = {k[2]: row for k, row in countries.items() if k[:2] == (year, technology)}
        weights = {k[2:]: row for k, row in pairs.items() if k[:2] == (year, technology)}
        assert sum(row.output for row in rows.values()) == totals.works
        domestic = sum(row.domestic_weight for row in rows.values())
        between = sum(row.weight for row in weights.values())
        assert 2 * between + domestic == totals.works_multi_author
        for country, row in rows.items():
            partners = sum(pair.weight for key, pair in weights.items() if country in key)
            assert row.international_weight == partners
            assert row.output == row.solo_output + row.domestic_weight + row.international_weight
            assert 0 <= row.papers_international <= row.papers <= totals.works
        assert sum(row.world_share or 0 for row in rows.values()) == (rows.keys() != {UNKNOWN})
    for key, pair in pairs.items():
        assert key[2] < key[3]
        assert pair.papers > 0
        assert 0 <= pair.intensity_squared <= 1
    balance: Counter[str] = Counter()
    for (drop, *_), records in result.record_balance.items():
        balance[drop] += records
    assert balance == {drop.drop_id: len(drop.records) for drop in delivered}


@settings(deadline=None, max_examples=60)
@given(drops())
def test_the_identities_hold_on_random_works(delivered: list[OracleDrop]) -> None:
    _assert_identities(_compute(delivered), delivered)


@settings(deadline=None, max_examples=60)
@given(drops(), st.randoms(use_true_random=False))
def test_no_number_depends_on_the_order_of_arrival(delivered: list[OracleDrop], random: Random) -> None:
    shuffled = list(delivered)
    random.shuffle(shuffled)
    assert _compute(shuffled) == _compute(delivered)


@pytest.fixture(scope="module")
def real_drops(real_landing: Path) -> list[OracleDrop]:
    return [
        OracleDrop("openalex-2023-03", None, load_drop(real_landing / "openalex-2023-03")),
        OracleDrop("openalex-2025-09", date(2026, 3, 2), load_drop(real_landing / "openalex-2025-09")),
    ]


@pytest.mark.parametrize("chosen", [(0,), (1,), (0, 1)])
def test_the_identities_hold_on_the_real_drops(real_drops: list[OracleDrop], chosen: tuple[int, ...]) -> None:
    delivered = [real_drops[index] for index in chosen]
    result = _compute(delivered, (2005, 2026))
    _assert_identities(result, delivered)
    assert [len(drop.records) for drop in real_drops] == [6279, 622]
    assert len(result.year_totals) == (18 if chosen == (0,) else 20)
