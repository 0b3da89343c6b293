import json
from pathlib import Path

import pytest

from assets.errors import CollaborationError
from assets.pull.api_client import Page
from assets.pull.api_pages import Pages, content_key, look
from tests.delivered_works import Json, author, work


def packed(*works: Json) -> tuple[bytes, ...]:
    return tuple(json.dumps(one).encode() for one in works)


def page(*works: Json, following: str | None = None) -> Page:
    return Page(count=7, next_cursor=following, records=packed(*works), credits=1)


def test_a_record_tells_its_id_and_whether_authors_may_be_missing() -> None:
    (plain, flagged, full, nameless, odd) = packed(
        work(3),
        work(4, is_authors_truncated=True),
        work(5, authorships=[author()] * 100),
        work(6, id="https://openalex.org/A6"),
        work(7, id=7),
    )
    assert (look(plain).work_id, look(plain).may_be_cut) == ("W3", False)
    assert (look(flagged).may_be_cut, look(flagged).flagged) == (True, True)
    assert (look(full).may_be_cut, look(full).flagged) == (True, False)
    assert look(nameless).work_id is None
    assert look(odd).work_id is None


def test_pages_with_the_same_works_are_one_page_whatever_else_changed() -> None:
    same = content_key(packed(work(1), work(2, cited_by_count=8)))
    assert content_key(packed(work(1), work(2))) == same
    assert content_key(packed(work(2), work(1))) != same


def test_pages_go_on_where_they_stopped(tmp_path: Path) -> None:
    pages = Pages(tmp_path / "pull")
    assert pages.cursor == "*"
    pages.keep("*", page(work(1), work(2), following="b"), repeats=0)
    pages.keep("b", page(work(2, title="Changed"), work(3), following="c"), repeats=1)

    again = Pages(tmp_path / "pull")
    assert (again.cursor, again.works, again.delivered, len(again.heads)) == ("c", 3, 4, 2)
    assert [json.loads(record)["title"] for record in again.records()][2] == "Changed"
    assert again.has(packed(work(1), work(2)))
    assert again.has_cursor("b")
    assert not again.has_cursor("c")
    assert again.heads[1].repeats == 1


def test_the_last_page_leads_nowhere(tmp_path: Path) -> None:
    Pages(tmp_path).keep("*", page(work(1)), repeats=0)
    assert Pages(tmp_path).cursor is None


def test_nothing_is_written_before_the_first_page(tmp_path: Path) -> None:
    Pages(tmp_path / "pull")
    assert not (tmp_path / "pull").exists()


def test_a_damaged_page_is_asked_for_again_with_all_after_it(tmp_path: Path) -> None:
    pages = Pages(tmp_path)
    for cursor, following in (("*", "b"), ("b", "c"), ("c", "d")):
        pages.keep(cursor, page(work(1), following=following), repeats=0)
    second = tmp_path / "page-00002.jsonl.gz"
    second.write_bytes(second.read_bytes()[:-9])

    assert Pages(tmp_path).cursor == "b"
    assert [path.name for path in tmp_path.iterdir()] == ["page-00001.jsonl.gz"]


def test_pages_that_do_not_follow_each_other_are_not_taken_for_one_paging(tmp_path: Path) -> None:
    pages = Pages(tmp_path)
    pages.keep("*", page(work(1), following="b"), repeats=0)
    pages.keep("elsewhere", page(work(2), following="c"), repeats=0)
    assert Pages(tmp_path).cursor == "b"


def test_works_that_may_lack_authors_are_listed_once(tmp_path: Path) -> None:
    pages = Pages(tmp_path)
    pages.keep("*", page(work(9, is_authors_truncated=True), work(1), following="b"), repeats=0)
    pages.keep("b", page(work(9, is_authors_truncated=True, cited_by_count=8)), repeats=0)
    assert list(pages.cut) == [9]
    assert list(Pages(tmp_path).cut) == [9]


def test_a_record_without_an_id_is_a_work_of_its_own_unless_it_is_the_same(tmp_path: Path) -> None:
    pages = Pages(tmp_path)
    pages.keep("*", page(work(1), work(1, id=None), work(1, id=None), work(2, id=None)), repeats=0)
    assert pages.works == 3
    assert [identity > 0 for identity in pages.identities] == [True, False, False, False]


def test_a_page_that_cannot_be_written_says_where_and_what_to_do(tmp_path: Path) -> None:
    in_the_way = tmp_path / "pull"
    in_the_way.write_bytes(b"")
    with pytest.raises(CollaborationError, match=r"page-00001.*cannot be written.*run the same again"):
        Pages(in_the_way).keep("*", page(work(1)), repeats=0)
