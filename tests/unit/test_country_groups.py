"""The groups of countries hold what they must; what else they hold is for whoever edits the seed."""

import csv
from collections import Counter
from pathlib import Path

import pytest

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


def _rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def groups() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for row in _rows("country_groups"):
        found.setdefault((row["group_set"], row["group_name"]), set()).add(row["country"])
    return found


def test_every_member_is_a_country_that_reports_as_itself() -> None:
    reporting = {row["reporting_code"] for row in _rows("countries")}
    assert {row["country"] for row in _rows("country_groups")} <= reporting


def test_no_country_is_in_two_groups_of_a_set() -> None:
    places = Counter((row["group_set"], row["country"]) for row in _rows("country_groups"))
    assert [place for place, times in places.items() if times > 1] == []


def test_the_eu_has_27_members_and_the_united_kingdom_is_none(
    groups: dict[tuple[str, str], set[str]],
) -> None:
    members = groups["eu27", "EU27"]
    assert len(members) == 27
    assert {"HR", "GR", "IE"} <= members
    assert not members & {"GB", "NO", "CH", "UK", "EL"}


def test_every_country_but_china_has_a_stance(groups: dict[tuple[str, str], set[str]]) -> None:
    stances = {name: members for (group_set, name), members in groups.items() if group_set == "stance_china"}
    assert stances.keys() == {"Strategic partners", "Competitors", "Hedging"}
    assert stances["Strategic partners"] == {"RU", "PK", "BY", "IR"}
    assert stances["Competitors"] >= {"US", "JP", "GB"}
    assert set.union(*stances.values()) == {row["reporting_code"] for row in _rows("countries")} - {"CN"}
