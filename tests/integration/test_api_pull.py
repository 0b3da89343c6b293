"""Pulls from a server that behaves like the OpenAlex API: whole, broken, short of credits, gone on with."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assets.drops import DropState, inspect
from assets.errors import CollaborationError
from assets.file_content import Meter
from assets.formats import reader_of
from assets.pull.api import estimate_api_pull
from assets.pull.api_client import ApiError
from assets.pull.api_cost import BudgetSpentError
from assets.pull.api_kept import Kept
from assets.records import DeliveredRecord
from tests.api_server import KEY, Fault, running
from tests.api_workplace import (
    AUTHORS,
    LAST,
    PAGES,
    SINGLE,
    THIRD,
    TODAY,
    WORKS,
    Workplace,
    ids,
    made_up_works,
    records,
)
from tests.delivered_works import work


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with running(made_up_works()) as server:
        yield Workplace(server, tmp_path / "landing", tmp_path / "state")


def test_a_pull_lays_down_a_complete_drop(place: Workplace) -> None:
    pull = place.pull()
    assert pull.drop is not None
    assert ids(pull.drop) == list(range(1, WORKS + 1))
    assert pull.drop.name.startswith("openalex-api-2026-05-04-")
    looked = inspect(pull.drop, quiet_seconds=60, now=pull.drop.stat().st_mtime)
    assert looked.state is DropState.READY, looked.reason
    assert (looked.source, looked.format, looked.stated_date) == ("openalex", "openalex-jsonl", TODAY)
    assert looked.listed_records == WORKS
    (part,) = looked.files
    reader = reader_of(pull.drop / part.path)
    assert reader is not None
    read = list(reader.read(pull.drop / part.path, Meter()))
    assert sum(isinstance(record, DeliveredRecord) for record in read) == WORKS
    assert place.left_behind == []


def test_a_pull_costs_one_call_for_the_estimate_and_one_a_page(place: Workplace) -> None:
    place.pull()
    assert place.server.asked[0] == "count"
    assert len(place.server.requests) == 1 + PAGES + 1
    assert place.server.remaining == 10_000 - 1 - PAGES
    assert place.said[0] == (
        "OpenAlex counts 350 works: 4 calls at 1 credit, 4 credits in all (0.0004 USD); left to spend"
        " today: 9,999"
    )


def test_works_of_many_authors_come_with_all_of_them(place: Workplace) -> None:
    pull = place.pull()
    (many,) = [record for record in records(pull.drop) if record["id"].endswith("/W150")]
    assert len(many["authorships"]) == AUTHORS
    assert not many.get("is_authors_truncated")
    assert (pull.tally.completed, pull.tally.still_cut) == (1, 0)
    assert place.server.asked[-1] == "W150"
    assert any(
        "1 works are fetched again on their own, which costs no credits" in said for said in place.said
    )


def test_a_work_that_is_gone_when_it_is_fetched_alone_stays_as_listed(place: Workplace) -> None:
    def delete() -> None:
        del place.server.works[149]

    place.server.before[SINGLE] = delete
    pull = place.pull()
    (many,) = [record for record in records(pull.drop) if record["id"].endswith("/W150")]
    assert many["is_authors_truncated"]
    assert pull.tally.still_cut == 1
    assert "1 works may lack authors: OpenAlex did not give all of them on their own, either" in place.said


def test_a_work_merged_into_another_is_not_replaced_by_the_other(place: Workplace) -> None:
    place.server.merged = {"W150": "W151"}
    pull = place.pull()
    assert ids(pull.drop) == list(range(1, WORKS + 1))
    assert (pull.tally.completed, pull.tally.still_cut) == (0, 1)


def test_an_estimate_alone_costs_one_call_and_leaves_nothing_behind(place: Workplace, tmp_path: Path) -> None:
    request = place.request(search="coupling")
    with place.client(request) as client:
        estimate = estimate_api_pull(request, client, Kept(tmp_path / "kept", 1))
    assert (estimate.works, estimate.calls, estimate.credits) == (WORKS, PAGES, 40)
    assert place.server.asked == ["count"]
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_pulled_when_the_day_cannot_pay_for_all_of_it(place: Workplace) -> None:
    place.server.remaining = PAGES
    with pytest.raises(BudgetSpentError, match=r"needs 4 credits.*3 are left of today.*narrower filter"):
        place.pull()
    assert place.server.asked == ["count"]
    assert not place.landing.exists()


def test_nothing_is_pulled_beyond_the_limit_of_the_run(place: Workplace) -> None:
    with pytest.raises(BudgetSpentError, match=r"raise max_credits \(--max-credits\) to 5"):
        place.pull(place.request(max_credits=4))
    assert place.pull(place.request(max_credits=5)).tally.works == WORKS


def test_a_day_that_runs_out_on_the_way_is_gone_on_with_on_the_next(place: Workplace) -> None:
    place.server.remaining = 3
    request = place.request(max_credits=100)
    with pytest.raises(BudgetSpentError) as stopped:
        place.pull(request)
    assert "run the same again after 20" in str(stopped.value)
    assert "2 pages (200 works) are kept" in str(stopped.value)

    place.server.remaining = 10_000
    place.server.requests.clear()
    assert ids(place.pull(request).drop) == list(range(1, WORKS + 1))
    assert place.server.asked[0] == "count"
    assert len(place.server.asked) == 1 + 2 + 1
    assert "OpenAlex counts 350 works (200 are kept from before): 2 calls" in "".join(place.said)
    assert place.shown[-1].works_before == 200


def test_prepaid_credits_pay_only_when_a_limit_is_set(place: Workplace) -> None:
    place.server.remaining, place.server.prepaid = 2, 100
    with pytest.raises(BudgetSpentError, match="besides 100 prepaid"):
        place.pull()
    assert place.pull(place.request(max_credits=50)).tally.works == WORKS


def test_another_spender_can_empty_the_day_at_any_time(place: Workplace) -> None:
    def spend() -> None:
        place.server.remaining = 0

    place.server.before[THIRD] = spend
    with pytest.raises(BudgetSpentError, match=r"run the same again after .* 2 pages \(200 works\) are kept"):
        place.pull()


def test_faults_of_every_kind_change_nothing_of_the_drop(place: Workplace, tmp_path: Path) -> None:
    place.pull()
    undisturbed = place.contents()
    place.landing = tmp_path / "other"
    first = len(place.server.requests)
    faults = [Fault.SLOW_DOWN, Fault.SERVER_ERROR, Fault.CUT, Fault.TRUNCATED, Fault.GARBLED]
    place.server.faults = {first + 2 * number: fault for number, fault in enumerate(faults, 1)}
    place.pull()
    assert place.contents() == undisturbed


def test_a_server_that_stays_down_leaves_what_was_pulled(place: Workplace) -> None:
    place.server.faults = dict.fromkeys(range(THIRD, THIRD + 4), Fault.SERVER_ERROR)
    with pytest.raises(ApiError, match=r"HTTP 500.*2 pages \(200 works\) are kept in .*goes on from there"):
        place.pull()
    assert ids(place.pull().drop) == list(range(1, WORKS + 1))


@pytest.mark.parametrize("fault", [Fault.PREVIOUS_PAGE, Fault.PREVIOUS_PAGE_LEADING_ON])
def test_a_page_sent_again_in_place_of_the_next_is_not_counted_twice(place: Workplace, fault: Fault) -> None:
    place.server.faults = {THIRD: fault}
    pull = place.pull()
    assert ids(pull.drop) == list(range(1, WORKS + 1))
    assert (pull.repeated_pages, pull.tally.exact_repeats) == (1, 0)
    assert pull.credits == PAGES + 1
    assert "1 pages of 100 sent twice and asked for again" in place.said[-1]


def test_a_server_that_leads_in_a_circle_is_stopped(place: Workplace) -> None:
    place.server.faults = dict.fromkeys(range(THIRD, 99), Fault.PREVIOUS_PAGE)
    with pytest.raises(ApiError, match="leads from page 3 back to an earlier one, asked 3 times"):
        place.pull()
    assert len(place.server.requests) == THIRD + 2


def test_a_page_that_stays_a_repeat_leaves_its_works_missing_and_says_so(place: Workplace) -> None:
    place.server.faults = dict.fromkeys(range(THIRD, THIRD + 3), Fault.PREVIOUS_PAGE_LEADING_ON)
    pull = place.pull()
    assert (pull.tally.exact_repeats, pull.tally.works, pull.expected) == (99, 250, 350)
    assert any(said.startswith("OpenAlex counts 350 works, 250 were delivered") for said in place.said)


def test_a_work_that_changed_between_pages_stays_in_both_versions(place: Workplace) -> None:
    def change() -> None:
        place.server.works[4] = work(5, cited_by_count=320, updated_date="2026-05-04T10:00:00")

    place.server.before[THIRD] = change
    pull = place.pull()
    of_five = [record for record in records(pull.drop) if record["id"].endswith("/W5")]
    assert [record["updated_date"][:10] for record in of_five] == ["2025-11-06", "2026-05-04"]
    assert (pull.tally.works, pull.tally.records, pull.tally.versions) == (WORKS, WORKS + 1, 1)


def test_a_work_of_many_authors_that_changed_between_pages_is_one_record(place: Workplace) -> None:
    def change() -> None:
        place.server.works[149] = place.server.works[149] | {"cited_by_count": 320}

    place.server.before[LAST] = change
    pull = place.pull()
    assert ids(pull.drop) == list(range(1, WORKS + 1))
    assert (pull.tally.completed, pull.tally.replaced) == (1, 1)


def test_works_that_appear_while_paging_are_announced_as_a_difference(place: Workplace) -> None:
    def appear() -> None:
        place.server.works.append(work(900, cited_by_count=0))

    place.server.before[THIRD] = appear
    pull = place.pull()
    assert (pull.tally.works, pull.expected) == (WORKS, WORKS + 1)
    assert any(said.startswith("OpenAlex counts 351 works, 350 were delivered") for said in place.said)


def test_a_result_of_whole_pages_ends_with_an_empty_one(place: Workplace) -> None:
    del place.server.works[200:]
    assert place.pull().tally.works == 200
    assert len([asked for asked in place.server.asked if asked not in ("count", "W150")]) == 3


def test_no_match_gives_no_drop_and_says_so(place: Workplace) -> None:
    pull = place.pull(place.request(filter="publication_year:1900"))
    assert pull.drop is None
    assert place.said == ['No work matches filter "publication_year:1900": there is no drop']
    assert not place.landing.exists()


def test_the_same_request_again_makes_another_drop(place: Workplace) -> None:
    first, second = place.pull().drop, place.pull().drop
    assert first is not None
    assert second is not None
    assert second.name == f"{first.name}-2"
    assert place.pull(place.request(name="mine")).drop == place.landing / "mine"


def test_a_cursor_that_is_refused_starts_the_paging_again(place: Workplace) -> None:
    place.server.faults = dict.fromkeys(range(THIRD, THIRD + 4), Fault.SERVER_ERROR)
    with pytest.raises(ApiError):
        place.pull()
    place.server.faults = {len(place.server.requests) + 2: Fault.CURSOR_REFUSED}
    place.said.clear()
    assert ids(place.pull().drop) == list(range(1, WORKS + 1))
    assert "The API does not go on after page 2 any more (HTTP 400): starting again with page 1" in place.said


def test_progress_tells_how_far_how_fast_and_how_long(place: Workplace) -> None:
    place.pull()
    assert [(shown.works, shown.pages) for shown in place.shown[1 : PAGES + 1]] == [
        (100, 1),
        (200, 2),
        (300, 3),
        (350, 4),
    ]
    assert [shown.credits for shown in place.shown[1 : PAGES + 1]] == [2, 3, 4, 5]
    assert (place.shown[-1].completed, place.shown[-1].to_complete) == (1, 1)
    first, last = place.shown[1], place.shown[-1]
    half = replace(first, works=300, works_expected=350, works_before=200, seconds=4.0)
    assert (half.works_per_second, half.seconds_left) == (25.0, 2.0)
    assert replace(half, works=200).seconds_left is None
    assert (last.searches_done, last.searches) == (1, 1)


def test_the_key_is_nowhere_on_disk_and_in_nothing_that_is_said(place: Workplace, tmp_path: Path) -> None:
    place.server.faults = dict.fromkeys(range(THIRD, THIRD + 4), Fault.SERVER_ERROR)
    with pytest.raises(CollaborationError) as failed:
        place.pull()
    kept = [gzip.decompress(path.read_bytes()) for path in tmp_path.rglob("page-*")]
    place.pull()
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    unpacked = [gzip.decompress(content) for content in written if content.startswith(b"\x1f\x8b")]
    names = [str(path).encode() for path in tmp_path.rglob("*")]
    words = [" ".join(place.said).encode(), str(failed.value).encode(), repr(failed.value).encode()]
    everything = b"\n".join(kept + written + unpacked + names + words + [repr(place.shown).encode()])
    assert b"part-0001" in everything
    assert b"works" in everything
    assert KEY.encode() not in everything
