"""The method's worked examples (section 7), counted by brute force, in exact fractions."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import (
    PAIRWISE_LIMIT,
    UNKNOWN,
    CountryOutput,
    Counts,
    PairCollaboration,
    Shares,
    Work,
    count_works,
    weights_from_author_pairs,
    weights_from_totals,
)
from tests.strategies import author_shares

F = Fraction


def _author(*units: str) -> Shares:
    return {unit: F(1, len(units)) for unit in units}


def _count(*works: Sequence[Shares]) -> Counts:
    return count_works(Work(2020, tuple(authors)) for authors in works)


def _country(counts: Counts, country: str) -> CountryOutput:
    return counts.country_output[2020, "all", country]


def _pair(counts: Counts, first: str, second: str) -> PairCollaboration:
    return counts.pair_collaboration[2020, "all", first, second]


def _outputs(counts: Counts) -> dict[str, Fraction]:
    return {key[2]: row.output for key, row in counts.country_output.items()}


def _weights(counts: Counts) -> dict[str, Fraction]:
    return {key[2] + key[3]: row.weight for key, row in counts.pair_collaboration.items()}


def test_two_authors_of_two_countries_share_one_work_and_half_its_weight() -> None:
    counts = _count([_author("US"), _author("AU")])
    assert _outputs(counts) == {"AU": F(1, 2), "US": F(1, 2)}
    assert _weights(counts) == {"AUUS": F(1, 2)}
    assert _pair(counts, "AU", "US").intensity == 1.0


def test_five_authors_of_three_countries() -> None:
    counts = _count([_author(code) for code in ("US", "AU", "DE", "DE", "DE")])
    assert _weights(counts) == {"AUUS": F(1, 20), "AUDE": F(3, 20), "DEUS": F(3, 20)}
    assert _country(counts, "DE").domestic_weight == F(6, 20)
    assert 2 * sum(_weights(counts).values()) + F(6, 20) == 1


def test_output_is_by_author() -> None:
    counts = _count([_author(code) for code in ("US", "US", "CN", "BR")])
    assert _outputs(counts) == {"US": F(1, 2), "CN": F(1, 4), "BR": F(1, 4)}


def test_an_author_of_two_countries_gives_each_a_half() -> None:
    counts = _count([_author("CZ"), _author("CZ", "MX"), _author("CZ"), _author("CZ", "IT")])
    assert _outputs(counts) == {"CZ": F(3, 4), "IT": F(1, 8), "MX": F(1, 8)}


def test_one_author_of_two_countries_is_a_pair_without_weight() -> None:
    counts = _count([_author("CN", "US")])
    assert _outputs(counts) == {"CN": F(1, 2), "US": F(1, 2)}
    assert _country(counts, "CN").solo_output == _country(counts, "US").solo_output == F(1, 2)
    assert _pair(counts, "CN", "US") == PairCollaboration(1, F(0), F(1, 4), F(0))


def test_two_authors_who_overlap_in_one_country() -> None:
    counts = _count([_author("CN", "US"), _author("CN")])
    assert _outputs(counts) == {"CN": F(3, 4), "US": F(1, 4)}
    assert _weights(counts) == {"CNUS": F(1, 4)}
    assert _country(counts, "CN").domestic_weight == F(1, 2)
    assert _country(counts, "US").domestic_weight == 0


@pytest.mark.parametrize("authors", [2, 3, 7])
@pytest.mark.parametrize("units", [("DE",), ("DE", "US"), ("AU", "DE", "US")])
def test_authors_without_links_spread_over_all_countries(authors: int, units: tuple[str, ...]) -> None:
    counts = _count([_author(*units)] * authors)
    k = len(units)
    assert _outputs(counts) == dict.fromkeys(units, F(1, k))
    assert set(_weights(counts).values()) <= {F(1, k * k)}
    assert {_country(counts, unit).domestic_weight for unit in units} == {F(1, k * k)}


def test_leydesdorff_and_park_table_1_with_researchers_as_units() -> None:
    works = [("R1", "R2", "R3"), ("R1", "R3"), ("R2", "R4")]
    counts = _count(*([_author(name) for name in work] for work in works))
    assert _weights(counts) == {
        "R1R2": F(1, 6),
        "R2R3": F(1, 6),
        "R1R3": F(2, 3),
        "R2R4": F(1, 2),
    }
    assert _pair(counts, "R1", "R2").weight_squared == F(1, 9)
    assert _pair(counts, "R2", "R3").weight_squared == F(1, 9)
    assert _pair(counts, "R1", "R3").weight_squared == F(13, 36)
    assert _pair(counts, "R2", "R4").weight_squared == F(1, 4)


def test_intensity_is_the_weight_over_the_geometric_mean_of_the_outputs() -> None:
    counts = _count([_author("AU"), _author("US")], [_author("US")], [_author("US")])
    assert _pair(counts, "AU", "US").intensity_squared == F(1, 4) / (F(1, 2) * F(5, 2))
    assert _pair(counts, "AU", "US").intensity == pytest.approx(0.2**0.5, rel=1e-15)


def test_equal_outputs_share_the_lowest_rank_and_the_unknown_has_none() -> None:
    solo = {"US": 3, "DE": 2, "AU": 2, "CN": 1, UNKNOWN: 9}
    counts = _count(*([_author(unit)] for unit, times in solo.items() for _ in range(times)))
    ranks = {unit: _country(counts, unit).rank for unit in solo}
    assert ranks == {"US": 1, "DE": 2, "AU": 2, "CN": 4, UNKNOWN: None}
    assert _country(counts, "US").world_share == F(3, 8)
    assert _country(counts, "US").world_share_including_unknown == F(3, 17)
    assert _country(counts, UNKNOWN).world_share is None


def test_an_unknown_author_makes_no_work_international() -> None:
    counts = _count([_author("US"), _author(UNKNOWN)], [_author("AU"), _author("US"), _author(UNKNOWN)])
    assert counts.year_totals[2020, "all"].works_international == 1
    for unit, papers in (("AU", 1), ("US", 2), (UNKNOWN, 2)):
        assert _country(counts, unit).papers == papers
        assert _country(counts, unit).papers_international == 1
    assert _country(counts, "US").international_weight == F(1, 2) + F(1, 3)
    assert _pair(counts, "US", UNKNOWN).weight == F(1, 2) + F(1, 6)


@given(st.lists(author_shares(), min_size=2, max_size=9))
def test_both_ways_to_the_weights_agree(authors: list[Shares]) -> None:
    by_pairs = weights_from_author_pairs(authors)
    assert {pair: weight for pair, weight in by_pairs.items() if weight} == weights_from_totals(authors)


def test_both_ways_agree_around_the_size_where_one_takes_over() -> None:
    units = [_author("US"), _author("CN", "US"), _author("DE"), _author(UNKNOWN), _author("AU")]
    for size in (PAIRWISE_LIMIT, PAIRWISE_LIMIT + 1):
        authors = [units[number % len(units)] for number in range(size)]
        assert weights_from_author_pairs(authors) == weights_from_totals(authors)
