import json
from pathlib import Path

from assets.pull.api_client import Page
from assets.pull.api_kept import Kept
from tests.delivered_works import Json, work


def page(*works: Json, count: int, following: str | None = None) -> Page:
    return Page(count, following, tuple(json.dumps(one).encode() for one in works), credits=1)


def test_each_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "pull", 2)
    kept.searches[0].keep("*", page(work(1), work(2), count=2), repeats=0)
    kept.searches[1].keep("*", page(work(2), count=150, following="b"), repeats=0)

    again = Kept(tmp_path / "pull", 2)
    assert [pages.cursor for pages in again.searches] == [None, "b"]
    assert (again.pages, again.delivered, again.listed) == (2, 3, False)
    assert [json.loads(record)["id"][-1] for record in again.records()] == ["1", "2", "2"]


def test_works_are_counted_as_of_the_last_page_or_else_as_kept(tmp_path: Path) -> None:
    kept = Kept(tmp_path, 3)
    assert kept.counts() == [None, None, None]
    kept.searches[1].keep("*", page(work(1), count=7), repeats=0)
    assert kept.counts() == [None, 7, None]
    kept.keep_counts([5, 6, 0])
    assert Kept(tmp_path, 3).counts() == [5, 7, 0]


def test_damaged_counts_are_counted_again(tmp_path: Path) -> None:
    Kept(tmp_path, 1).keep_counts([5])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    assert Kept(tmp_path, 1).counts() == [None]


def test_a_search_that_is_forgotten_begins_anew_and_the_others_stay(tmp_path: Path) -> None:
    kept = Kept(tmp_path, 2)
    for pages in kept.searches:
        pages.keep("*", page(work(1), count=1), repeats=0)
    kept.forget(0)
    assert [pages.cursor for pages in kept.searches] == ["*", None]
    assert [pages.cursor for pages in Kept(tmp_path, 2).searches] == ["*", None]


def test_a_work_cut_in_several_searches_is_completed_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path, 2)
    for pages in kept.searches:
        pages.keep("*", page(work(9, is_authors_truncated=True), count=1), repeats=0)
    assert list(kept.cut) == [9]


def test_a_complete_record_is_kept_and_so_is_that_there_is_none(tmp_path: Path) -> None:
    kept = Kept(tmp_path, 1)
    kept.keep_complete(1, b'{"id": "W1"}')
    kept.keep_complete(2, b"")
    assert [kept.has_complete(number) for number in (1, 2, 3)] == [True, True, False]
    assert [kept.complete(number) for number in (1, 2, 3)] == [b'{"id": "W1"}', b"", b""]
