"""The brute-force computation over several sources: addresses, retirement, merging, technologies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import OPENALEX, SCOPUS, UNKNOWN, WOS, OracleDrop, OracleResult, Record, compute
from tests.oracle_countries import country_label, equal_shares, read_countries, shares_of_authors
from tests.oracle_records import clearly_different, delivered, normalised_doi, title_overlap, title_words

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
COUNTRIES = read_countries(SEEDS)
F = Fraction
DE, GE, US, NOWHERE = "U, Bonn, Germany", "U, Tbilisi, Georgia", "U, Atlanta, GA 30332 USA", "U, Atlantis"
TITLE = "Coupling of research systems"
OTHER = "Vaccines for tropical frogs"


def _openalex(number: int = 1, /, **fields: Any) -> Record:
    return {
        "id": f"https://openalex.org/W{number}",
        "doi": "https://doi.org/10.5555/A",
        "title": TITLE,
        "publication_year": 2019,
        "type": "article",
        "authorships": [{"institutions": [{"country_code": "AU"}]}],
        "updated_date": "2024-01-01",
        **fields,
    }


def _wos(number: int = 1, /, **fields: Any) -> Record:
    common = {"PY": "2019", "EY": "", "EA": "", "DA": "2024-01-01", "DI": "10.5555/a", "TI": TITLE}
    authors = [{"name": "Roe, A", "addresses": [DE]}]
    own = {"UT": f"WOS:{number}", "DT": "Article", "addresses": [DE], "authors": authors}
    return {**common, **own, **fields}


def _scopus(number: int = 1, /, **fields: Any) -> Record:
    authors = [{"name": "Roe A.", "addresses": [GE]}]
    own = {"EID": f"2-s2.0-{number}", "Document Type": "Article", "Year": "2019", "DOI": "10.5555/a"}
    return {**own, "Title": TITLE, "addresses": [GE], "authors": authors, **fields}


MADE = {OPENALEX: _openalex, WOS: _wos, SCOPUS: _scopus}


def _drop(source: str, *records: Record, name: str = "", **stated: Any) -> OracleDrop:
    return replace(OracleDrop(name or source, None, records, source=source), **stated)


def _compute(*drops: OracleDrop, **options: Any) -> OracleResult:
    return compute(drops, start_year=2018, end_year=2020, seeds=SEEDS, **options)


def _outcomes(result: OracleResult) -> dict[tuple[str, str, str | None], int]:
    return {(drop, what, why): n for (drop, _, what, why), n in result.record_balance.items()}


# Addresses


@pytest.mark.parametrize(
    ("address", "label"),
    [
        (US, "USA"),
        (GE, "GEORGIA"),
        ("Univ X, New York, NY USA", "USA"),
        ("Univ X, San Juan, PR 00931 USA", "PR USA"),
        ("Univ X, PRATT USA", "USA"),
        ("Univ X, Abidjan, C\u00f4te d\u2019Ivoire.", "COTE D'IVOIRE"),
        ("Univ X, Ankara, T\u00fcrkiye", "TURKIYE"),
        ("Nowhere", "NOWHERE"),
    ],
)
def test_the_label_of_an_address_is_its_last_part(address: str, label: str) -> None:
    assert country_label(address) == label


@pytest.mark.parametrize(
    ("own", "all_addresses", "use_links", "expected"),
    [
        ([DE], [DE, GE], True, {"DE": F(1)}),
        ([DE, GE, US], [DE, GE, US], True, {"DE": F(1, 3), "GE": F(1, 3), "US": F(1, 3)}),
        ([], [DE, "V, Kiel, Germany", GE], True, {"DE": F(1, 2), "GE": F(1, 2)}),
        ([DE], [DE, GE], False, {"DE": F(1, 2), "GE": F(1, 2)}),
        ([NOWHERE], [DE, NOWHERE], True, {UNKNOWN: F(1)}),
        ([NOWHERE, DE], [DE, NOWHERE], True, {"DE": F(1)}),
        ([], [NOWHERE], True, {UNKNOWN: F(1)}),
        ([], [], True, {UNKNOWN: F(1)}),
    ],
)
def test_an_author_has_the_linked_countries_else_those_of_the_record(
    own: list[str], all_addresses: list[str], use_links: bool, expected: Mapping[str, Fraction]
) -> None:
    record = delivered(WOS, _wos(addresses=all_addresses, authors=[{"name": "Roe, A", "addresses": own}]))
    assert shares_of_authors(record, COUNTRIES, use_links=use_links) == (expected,)


def test_countries_are_told_apart_after_folding() -> None:
    scotland, wales = "U, Glasgow, Scotland", "U, Cardiff, Wales"
    assert equal_shares(COUNTRIES.of_addresses(WOS, [scotland, wales])) == {"GB": F(1)}


def test_ignoring_links_changes_shares_but_not_what_is_said_of_the_links() -> None:
    authors = [{"name": "Roe, A", "addresses": [DE]}, {"name": "Poe, B", "addresses": [GE]}]
    record = _wos(addresses=[DE, GE], authors=authors)
    linked = _compute(_drop(WOS, record))
    unlinked = _compute(_drop(WOS, record), use_address_links=False)
    assert linked.pair_collaboration[2019, "all", "DE", "GE"].weight == F(1, 2)
    assert unlinked.pair_collaboration[2019, "all", "DE", "GE"].weight == F(1, 4)
    assert linked.address_link_coverage == unlinked.address_link_coverage


def test_coverage_counts_authors_of_works_with_addresses() -> None:
    def record(number: int, links: Sequence[Sequence[str]], addresses: list[str]) -> Record:
        authors = [{"name": f"Roe{place}, A", "addresses": own} for place, own in enumerate(links)]
        return _wos(number, DI="", addresses=addresses, authors=authors)

    records = [
        record(1, [[DE], [DE]], [DE]),
        record(2, [[DE], []], [DE]),
        record(3, [[]], [NOWHERE]),
        record(4, [[], []], []),
    ]
    result = _compute(_drop(WOS, *records), _drop(OPENALEX, _openalex()))
    assert {key: tuple(vars(row).values()) for key, row in result.address_link_coverage.items()} == {
        (2019, WOS): (4, 3, 1, 1, 1, 1, 7, 5, 3, F(3, 5))
    }
    assert {key: tuple(vars(row).values()) for key, row in result.unmapped_addresses.items()} == {
        (2019, WOS, "ATLANTIS"): (1, 1, NOWHERE)
    }


# Scope


@pytest.mark.parametrize(
    ("types", "outcome"),
    [
        ("Article", ("current", None)),
        ("Book Chapter; Proceedings Paper", ("current", None)),
        ("Article; Retracted Publication", ("out_of_scope", "retracted")),
        ("Letter; Retracted Publication", ("out_of_scope", "document_type")),
        ("Retraction", ("out_of_scope", "document_type")),
        ("", ("out_of_scope", "document_type")),
    ],
)
def test_one_type_that_qualifies_suffices_unless_another_says_retracted(
    types: str, outcome: tuple[str, str | None]
) -> None:
    assert _outcomes(_compute(_drop(WOS, _wos(DT=types)))) == {(WOS, *outcome): 1}


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ({"PY": "2020"}, {2020}),
        ({"PY": "", "EA": "JAN 2020"}, {2020}),
        ({"PY": "", "EY": "2018", "EA": "JAN 2020"}, {2018}),
        ({"PY": ""}, set()),
    ],
)
def test_early_access_gives_the_year_where_there_is_no_other(
    years: dict[str, str], expected: set[int]
) -> None:
    assert {year for year, _ in _compute(_drop(WOS, _wos(**years))).year_totals} == expected


# Retirement


def _held(day: int, *numbers: int) -> OracleDrop:
    ids = frozenset(f"W{number}" for number in numbers)
    stated = date(2024, 6, day)
    return OracleDrop(f"held-{day}", stated, [], mode="snapshot", complete_ids=ids)


@pytest.mark.parametrize(
    ("stated", "updated", "is_retired"),
    [
        (None, "2024-06-09", True),
        (None, "2024-06-10T23:00:00", True),
        (None, "2024-06-11", False),
        (None, None, True),
        (date(2024, 6, 10), "2024-06-11", True),
        (date(2024, 6, 11), "2024-06-09", False),
    ],
)
def test_a_work_the_source_no_longer_holds_is_retired_unless_seen_later(
    stated: date | None, updated: str | None, is_retired: bool
) -> None:
    drop = _drop(OPENALEX, _openalex(1, updated_date=updated), _openalex(2, doi=None), stated_date=stated)
    result = _compute(drop, _held(10, 2))
    assert ((OPENALEX, "retired", None) in _outcomes(result)) == is_retired
    assert result.year_totals[2019, "all"].works == 2 - is_retired


def test_the_latest_complete_set_decides_and_concerns_its_own_source_alone() -> None:
    drops = [_drop(OPENALEX, _openalex()), _drop(WOS, _wos(DI=""))]
    assert _compute(*drops, _held(20, 1), _held(10)).year_totals[2019, "all"].works == 2
    assert _compute(*drops, _held(20), _held(10, 1)).year_totals[2019, "all"].works == 1


def test_a_snapshot_without_a_list_of_ids_is_complete_in_itself() -> None:
    whole = _drop(SCOPUS, _scopus(2), name="whole", mode="snapshot", stated_date=date(2024, 6, 1))
    result = _compute(_drop(SCOPUS, _scopus(1), _scopus(2), stated_date=date(2024, 5, 1)), whole)
    assert _outcomes(result) == {
        (SCOPUS, "retired", None): 1,
        (SCOPUS, "superseded", None): 1,
        ("whole", "current", None): 1,
    }


def test_an_older_version_of_a_retired_work_stays_superseded() -> None:
    versions = [_openalex(updated_date="2024-01-01"), _openalex(updated_date="2024-01-02")]
    result = _compute(_drop(OPENALEX, *versions), _held(10))
    assert _outcomes(result) == {(OPENALEX, "retired", None): 1, (OPENALEX, "superseded", None): 1}


def test_a_retired_work_takes_no_part_in_merging_and_retracts_nothing() -> None:
    retracted = _drop(OPENALEX, _openalex(is_retracted=True))
    assert _outcomes(_compute(retracted, _drop(WOS, _wos())))[WOS, "out_of_scope", "retracted"] == 1
    assert _outcomes(_compute(retracted, _drop(WOS, _wos()), _held(10)))[WOS, "current", None] == 1


# Merging


@pytest.mark.parametrize(
    ("preference", "counted"),
    [((OPENALEX, WOS, SCOPUS), OPENALEX), ((SCOPUS, WOS, OPENALEX), SCOPUS), ((WOS, OPENALEX, SCOPUS), WOS)],
)
def test_the_record_of_the_preferred_source_counts(preference: tuple[str, ...], counted: str) -> None:
    drops = [_drop(source, made()) for source, made in MADE.items()]
    result = _compute(*drops, source_preference=preference)
    assert result.year_totals[2019, "all"].works == 1
    assert _outcomes(result)[counted, "current", None] == 1
    assert {link.counted_source for link in result.work_links.values()} == {counted}


def test_one_doi_within_one_source_is_two_works_and_the_better_title_takes_the_other_source() -> None:
    near, far = _openalex(1, title="Coupling of systems and more"), _openalex(2, title=f"{TITLE}!")
    result = _compute(_drop(OPENALEX, near, far), _drop(SCOPUS, _scopus()))
    assert result.year_totals[2019, "all"].works == 2
    assert {link.counted_work_id for link in result.work_links.values()} == {"W2"}
    again = _compute(_drop(OPENALEX, _openalex(12), _openalex(11)), _drop(SCOPUS, _scopus()))
    assert {link.counted_work_id for link in again.work_links.values()} == {"W11"}


def test_empty_dois_never_match() -> None:
    result = _compute(_drop(OPENALEX, _openalex(doi="")), _drop(WOS, _wos(DI="")))
    assert result.year_totals[2019, "all"].works == 2
    assert not result.work_links


def test_one_doi_under_clearly_different_titles_is_flagged_and_both_count() -> None:
    result = _compute(_drop(OPENALEX, _openalex()), _drop(WOS, _wos(TI=OTHER)))
    assert result.year_totals[2019, "all"].works == 2
    (link,) = result.work_links.values()
    assert (link.relation, link.counted_work_id, link.title_overlap) == ("different_title", "W1", 0)


def test_a_chain_of_titles_ends_in_one_counted_work_with_all_technologies() -> None:
    first, between, last = "melting polar ice", "melting polar frogs today", "tropical frogs today"
    drops = [
        _drop(OPENALEX, _openalex(title=first), technology="one"),
        _drop(WOS, _wos(TI=between)),
        _drop(SCOPUS, _scopus(Title=last), technology="two"),
    ]
    assert clearly_different(first, last)
    result = _compute(*drops)
    assert {link.counted_work_id for link in result.work_links.values()} == {"W1"}
    assert {link.relation for link in result.work_links.values()} == {"merged"}
    assert {technology for _, technology in result.year_totals} == {"all", "critical", "one", "two"}
    apart = _compute(drops[0], drops[2])
    assert apart.year_totals[2019, "all"].works == 2
    assert apart.year_totals[2019, "two"].works == 1


def test_a_work_has_the_technologies_of_all_drops_it_came_with() -> None:
    older = _drop(WOS, _wos(), name="older", technology="one")
    newer = _drop(WOS, _wos(DA="2024-02-01"), name="newer", technology="two")
    result = _compute(older, newer)
    assert {technology for _, technology in result.year_totals} == {"all", "critical", "one", "two"}


def test_what_is_out_of_scope_takes_no_part_in_merging() -> None:
    result = _compute(_drop(OPENALEX, _openalex(type="letter")), _drop(WOS, _wos()))
    assert _outcomes(result)[WOS, "current", None] == 1
    assert not result.work_links


# Retraction elsewhere


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "retracted"),
        ({"is_paratext": True}, "retracted"),
        ({"authorships": []}, "retracted"),
        ({"publication_year": 2000}, "publication_year"),
        ({"type": "letter"}, "document_type"),
        ({"doi": None}, None),
        ({"title": OTHER}, None),
    ],
)
def test_a_retraction_in_another_source_stands_in_its_place_among_the_reasons(
    fields: dict[str, Any], reason: str | None
) -> None:
    retracted = _drop(SCOPUS, _scopus(**{"Document Type": "Retracted"}))
    outcomes = _outcomes(_compute(_drop(OPENALEX, _openalex(**fields)), retracted))
    assert outcomes[OPENALEX, "out_of_scope" if reason else "current", reason] == 1


def test_a_retraction_under_the_same_doi_in_the_same_source_is_of_another_work() -> None:
    result = _compute(_drop(OPENALEX, _openalex(1), _openalex(2, is_retracted=True)))
    assert result.year_totals[2019, "all"].works == 1


# Titles, DOIs, ties


@pytest.mark.parametrize(
    ("one", "other", "are_different"),
    [
        (TITLE, "<b>COUPLING</b> of r\u00e9search-systems.", False),
        (TITLE, OTHER, True),
        ("Editorial", OTHER, False),
        ("one two three four", "one two five six", False),
        ("one two three four five", "one two six seven eight", True),
        ("one two three", "one two three and much more of it", False),
        ("", OTHER, False),
    ],
)
def test_titles_are_clearly_different_where_they_share_too_few_words(
    one: str, other: str, are_different: bool
) -> None:
    assert clearly_different(one, other) == clearly_different(other, one) == are_different


def test_a_title_without_words_overlaps_with_nothing() -> None:
    assert title_words("--- <i></i>") == frozenset()
    assert title_overlap("---", TITLE) is None


@pytest.mark.parametrize(
    ("delivered_as", "doi"),
    [
        ("https://doi.org/10.5555/A", "10.5555/a"),
        ("http://dx.doi.org/10.5555/a ", "10.5555/a"),
        ("DOI: 10.5555/a", "10.5555/a"),
        ("10.5555/a", "10.5555/a"),
        ("10.5555/a(10.6)b", "10.5555/a(10.6)b"),
        (None, ""),
        (" ", ""),
    ],
)
def test_a_doi_is_compared_without_its_resolver(delivered_as: str | None, doi: str) -> None:
    assert normalised_doi(delivered_as) == doi


def test_a_tie_that_hangs_on_an_unknown_hash_is_no_guess() -> None:
    rivals = [_drop(WOS, _wos(), name="a"), _drop(WOS, _wos(PY="2020"), name="b")]
    with pytest.raises(ValueError, match="hash"):
        _compute(*rivals)
    assert _outcomes(_compute(rivals[0], replace(rivals[0], drop_id="b"))) == {
        ("a", "superseded", None): 1,
        ("b", "current", None): 1,
    }
