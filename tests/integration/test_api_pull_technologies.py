"""Pulls of technologies: what their searches bring together, against the exact matcher."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assets.drop_settings import read_settings
from assets.pull.api import estimate_api_pull
from assets.pull.api_client import ApiError
from assets.pull.api_cost import BudgetSpentError
from assets.pull.api_kept import Kept
from assets.pull.technology_searches import Wanted, wanted_of
from assets.staleness import YearRange
from assets.technologies.catalogue import Catalogue
from assets.technologies.matcher import Matcher
from tests.api_server import Fault, running
from tests.api_workplace import Workplace, ids
from tests.delivered_works import Json, work

YEARS = YearRange(2018, 2020)
WORKS = 1_000
CHOSEN_BY = {
    "policy": """topics = ["T12965"]""",
    "radar": """query = '''
        radar$ OR "phased array*" OR SAR NEAR/3 (image* OR satellite$) OR lidar NOT toy
    '''""",
    "solar-cells": """query = '''
        TI=("solar cell*" OR perovskite) OR AB=("solar cell*" NEAR/2 dye)
    '''""",
}
WORDS = (
    "radar", "Radars", "phased", "array", "arrays", "SAR", "image", "imaging", "satellites", "lidar", "toy",
    "solar", "cell", "Cells", "perovskite", "dye", "phased-array", "solar-cell", "radar,",
    "of", "the", "a", "study", "growth", "soil",
)  # fmt: skip


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for id_, chosen_by in CHOSEN_BY.items():
        (folder / f"{id_}.toml").write_text(
            f'id = "{id_}"\nname = "{id_}"\ncategory = "Made up"\nversion = 1\n{chosen_by}\n'
            'means = "what it says"\ndoes_not_mean = "all else"\n'
        )
    return Catalogue.load(folder)


@pytest.fixture
def wanted(catalogue: Catalogue) -> Wanted:
    return wanted_of(catalogue, "all", YEARS)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with running(_works()) as server:
        yield Workplace(server, tmp_path / "landing", tmp_path / "state")


def _works() -> list[Json]:
    """Of a few words each, some without an abstract, many without a technology."""
    draw = random.Random(74)
    return [
        work(
            number,
            title=" ".join(draw.choices(WORDS, k=draw.randint(2, 4))),
            abstract_inverted_index=_index(draw.choices(WORDS, k=draw.randint(0, 8))) or None,
            publication_year=draw.randint(2017, 2021),
            topics=[{"id": f"https://openalex.org/T{draw.choice((12965, 10001, 10002, 10003))}"}],
            cited_by_count=number,
        )
        for number in range(1, WORKS + 1)
    ]


def _index(words: list[str]) -> dict[str, list[int]]:
    return {word: [at for at, other in enumerate(words) if other == word] for word in words}


def _abstract(one: Json) -> str:
    at = {place: word for word, places in (one["abstract_inverted_index"] or {}).items() for place in places}
    return " ".join(at[place] for place in sorted(at))


def accepted(catalogue: Catalogue, works: list[Json]) -> dict[int, set[str]]:
    """The works of the years that the exact matcher accepts by title, abstract and topic, and in what."""
    matcher = Matcher(catalogue.technologies)
    found = {}
    for one in works:
        topics = [topic["id"].rpartition("/")[2] for topic in one["topics"]]
        matches = matcher.matches(one["title"], _abstract(one), topics=topics)
        technologies = {match.technology for match in matches if match.how != "title"}
        if technologies and one["publication_year"] in YEARS.years:
            found[int(one["id"].rpartition("W")[2])] = technologies
    return found


def test_all_works_the_matcher_accepts_come_and_each_comes_once(
    place: Workplace, catalogue: Catalogue, wanted: Wanted
) -> None:
    pull = place.pull(place.request_for(wanted))
    pulled = ids(pull.drop)
    matching = accepted(catalogue, place.server.works)
    assert set().union(*matching.values()) == set(CHOSEN_BY)
    assert any(len(technologies) > 1 for technologies in matching.values())
    assert set(pulled) >= set(matching)
    assert len(pulled) == len(set(pulled)) == pull.tally.works
    # What the searches find beyond what matches must stay a fraction, or they would not choose at all.
    assert len(matching) <= len(pulled) < 1.2 * len(matching)
    assert pull.tally.exact_repeats == pull.expected - pull.tally.works > 0
    assert place.left_behind == []


def test_works_outside_the_years_do_not_come(place: Workplace, wanted: Wanted) -> None:
    pulled = set(ids(place.pull(place.request_for(wanted)).drop))
    years = {
        one["publication_year"] for one in place.server.works if int(one["id"].rpartition("W")[2]) in pulled
    }
    assert years == set(YEARS.years)


def test_the_drop_says_what_it_was_pulled_for_and_states_no_technology(
    place: Workplace, wanted: Wanted
) -> None:
    pull = place.pull(place.request_for(wanted))
    assert pull.drop is not None
    assert "# Pulled from the OpenAlex API: all 3 technologies, 2018-2020\n" in (
        pull.drop / "drop.toml"
    ).read_text("utf-8")
    assert read_settings(pull.drop / "drop.toml").technology is None


def test_the_cost_of_all_searches_is_said_before_a_page_is_asked_for(
    place: Workplace, wanted: Wanted
) -> None:
    place.pull(place.request_for(wanted))
    assert place.server.asked[:4] == ["count", "count", "count", "*"]
    assert place.said[0].startswith("OpenAlex counts ")
    assert " works in 3 searches, works in several counted with each: " in place.said[0]
    assert [shown.counted for shown in place.shown[:3]] == [1, 2, 3]


def test_what_the_estimate_says_is_what_it_costs(place: Workplace, wanted: Wanted) -> None:
    request = place.request_for(wanted)
    with place.client(request) as client:
        estimate = estimate_api_pull(request, client, Kept(place.landing / "none", 3))
    for_estimate = client.budget.used
    # Two searches for words at 10 credits, one by topic at 1.
    assert for_estimate == 10 + 10 + 1
    pull = place.pull(request)
    assert (pull.credits, pull.expected) == (estimate.credits, estimate.works)
    assert place.server.remaining == 10_000 - 2 * for_estimate - estimate.credits


def test_nothing_is_pulled_when_not_even_counting_can_be_paid(place: Workplace, wanted: Wanted) -> None:
    place.server.remaining = 15
    with pytest.raises(BudgetSpentError, match="credits of today are spent"):
        place.pull(place.request_for(wanted))
    assert place.server.asked == ["count"]
    with pytest.raises(BudgetSpentError, match=r"Counting the works of 3 more searches takes 21 credits"):
        place.pull(place.request_for(wanted, max_credits=20))
    assert place.server.asked == ["count"]
    assert not place.landing.exists()


@dataclass(frozen=True)
class _Stopped:
    """A pull that stopped, beside the same without a fault."""

    contents: dict[str, bytes]
    """Of the landing folder, as it is to be in the end."""
    asked: list[str]
    """What the pull without a fault asked for."""
    at: int
    """Place in it of what the other pull stopped at."""


def _stop_in_second_search(place: Workplace, wanted: Wanted, landing: Path) -> _Stopped:
    """Pull without a fault, then to `landing` with one before the second page of the second search."""
    place.pull(place.request_for(wanted))
    contents, asked = place.contents(), place.server.asked
    at = asked.index("*", asked.index("*") + 1) + 1
    place.landing = landing
    first = len(asked)
    place.server.faults = {first + at + n: Fault.SERVER_ERROR for n in range(1, 5)}
    with pytest.raises(ApiError, match=r"are kept in .*the same again goes on from there"):
        place.pull(place.request_for(wanted))
    return _Stopped(contents, asked, at)


def test_a_pull_that_stopped_goes_on_with_its_search_and_counts_one_again(
    place: Workplace, wanted: Wanted, tmp_path: Path
) -> None:
    stopped = _stop_in_second_search(place, wanted, tmp_path / "other")
    place.said.clear()
    first = len(place.server.requests)
    place.pull(place.request_for(wanted))
    assert place.server.asked[first:] == ["count", *stopped.asked[stopped.at :]]
    assert "Going on with search 2 of 3 after page 1, which an earlier run kept" in place.said
    assert place.contents() == stopped.contents


def test_a_cursor_that_is_refused_starts_its_own_search_again(
    place: Workplace, wanted: Wanted, tmp_path: Path
) -> None:
    stopped = _stop_in_second_search(place, wanted, tmp_path / "other")
    first = len(place.server.requests)
    place.server.faults = {first + 2: Fault.CURSOR_REFUSED}
    place.pull(place.request_for(wanted))
    # One count, the refused page, another count, then the second search from its beginning.
    assert place.server.asked[first + 2 :] == ["count", *stopped.asked[stopped.at - 1 :]]
    assert place.contents() == stopped.contents
    assert place.shown[-1].works_before < place.shown[-1].works == place.shown[-1].works_expected


def test_a_search_the_api_refuses_is_shown(place: Workplace, wanted: Wanted) -> None:
    place.server.faults = {2: Fault.CURSOR_REFUSED}
    with pytest.raises(ApiError, match=r'refused what was asked for, filter "publication_year:2018-2020,'):
        place.pull(place.request_for(wanted))
