"""A technology that changed is all of its year that is counted again; the other numbers of the year stand."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from assets.ledger import Ledger
from assets.ledger_facts import TechnologyContent
from assets.staleness import Refresh, build_state, refresh_of, stale_years
from tests.ledgers import RULES, content, count, counted_ledger, resolve, technology, version

BASE = version("base")

_COUNTED = [
    technology("critical", 5, 50),
    technology("radar", 3, 30, "version 1 a"),
    technology("sonar", 2, 20),
]


@pytest.fixture
def matched(tmp_path: Path) -> Ledger:
    """A ledger of two years with two technologies, counted and checked."""
    ledger = counted_ledger(tmp_path / "ledger.sqlite", 2018, 2019)
    _match(ledger, _COUNTED)
    count(ledger, 2018, 2019)
    return ledger


def _match(ledger: Ledger, in_2019: Sequence[TechnologyContent]) -> None:
    contents = {year: [content(BASE)] for year in (2018, 2019)}
    resolve(ledger, contents, technologies={2018: _COUNTED, 2019: in_2019})


def test_technologies_that_stay_make_nothing_stale(matched: Ledger) -> None:
    _match(matched, _COUNTED)
    assert stale_years(matched, RULES) == []


@pytest.mark.parametrize(
    ("radar", "reason"),
    [
        (technology("radar", 4, 30, "version 1 a"), "4 works instead of 3"),
        (technology("radar", 3, 31, "version 1 a"), "other works"),
        (technology("radar", 1, 30, "version 2 b"), "its query changed, 1 work instead of 3"),
        (technology("radar", 3, 30, "version 2 b"), "its query changed, the same works"),
        (None, "has no work any more"),
    ],
)
def test_a_technology_that_changed_is_all_of_its_year_that_is_stale(
    matched: Ledger, radar: TechnologyContent | None, reason: str
) -> None:
    others = [item for item in _COUNTED if item.technology != "radar"]
    _match(matched, [*others, radar] if radar else others)
    (stale,) = stale_years(matched, RULES)
    assert (stale.year, stale.reason, stale.technologies) == (2019, f"radar: {reason}", ("radar",))
    assert refresh_of(matched, RULES, [2019]) == Refresh((), ((2019, "radar"),))


def test_a_new_technology_is_counted_together_with_the_set_of_all(matched: Ledger) -> None:
    _match(matched, [technology("critical", 7, 70), *_COUNTED[1:], technology("biofuels", 2, 20)])
    (stale,) = stale_years(matched, RULES)
    assert stale.technologies == ("biofuels", "critical")
    assert stale.reason == "biofuels: has 2 works"


def test_a_year_with_other_records_is_counted_whole_whatever_its_technologies(matched: Ledger) -> None:
    changed = [*_COUNTED, technology("biofuels")]
    resolve(
        matched,
        {2018: [content(BASE)], 2019: [content(BASE, works=11)]},
        technologies={2018: changed, 2019: changed},
    )
    refresh = refresh_of(matched, RULES, [2018, 2019])
    assert refresh.years == (2019,)
    assert refresh.cells == (
        *((2019, name) for name in ("all", "biofuels", "critical", "radar", "sonar")),
        (2018, "biofuels"),
    )


def test_a_year_that_is_not_stale_is_counted_whole_when_someone_asks(matched: Ledger) -> None:
    refresh = refresh_of(matched, RULES, [2018])
    assert refresh.years == (2018,)
    assert refresh.cells == tuple((2018, name) for name in ("all", "critical", "radar", "sonar"))


def test_a_count_of_technologies_that_broke_off_makes_the_whole_year_stale(matched: Ledger) -> None:
    _match(matched, [*_COUNTED, technology("biofuels")])
    matched.begin_year_builds([2019])
    assert refresh_of(matched, RULES, [2019]).years == (2019,)


def test_other_technologies_are_another_attempt_and_another_state(matched: Ledger) -> None:
    attempts, states = set(), {build_state(matched)}
    for works in (4, 5):
        _match(matched, [*_COUNTED[:2], technology("sonar", works)])
        attempts |= {item.attempt for item in stale_years(matched, RULES)}
        count(matched, 2019)
        states.add(build_state(matched))
    assert len(attempts) == 2
    assert len(states) == 3
