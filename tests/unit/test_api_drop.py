import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from assets.errors import CollaborationError
from assets.pull import api_drop
from assets.pull.api_client import Page
from assets.pull.api_drop import Landing
from assets.pull.api_kept import Kept
from assets.pull.api_request import ApiRequest, ApiSearch
from tests.delivered_works import Json, author, work

DAY = date(2026, 5, 4)
REQUEST = ApiRequest((ApiSearch('title.search:"a\nb"'),), name="mine")


def landing_of(folder: Path) -> Landing:
    return Landing(REQUEST, folder / "landing", folder / "state")


def keep(target: Landing, *searches: list[list[Json]]) -> Kept:
    """What a pull keeps of searches that delivered these pages of works."""
    kept = Kept(target.staging, len(searches))
    for pages, pages_of_works in zip(kept.searches, searches, strict=True):
        for number, works in enumerate(pages_of_works, 1):
            packed = tuple(json.dumps(one).encode() for one in works)
            following = str(number) if number < len(pages_of_works) else None
            pages.keep(pages.cursor or "", Page(2, following, packed, credits=10), repeats=1)
    return kept


def delivered(path: Path) -> list[Json]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_a_drop_is_divided_into_files_that_its_manifest_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_drop, "_WORKS_A_FILE", 2)
    target = landing_of(tmp_path)
    landed = target.land(keep(target, [[work(1), work(2), work(3)], [work(4)]]), DAY)
    drop = tmp_path / "landing" / landed.name
    listed = json.loads((drop / "manifest.json").read_text())["files"]
    assert [(file["url"], file["meta"]["record_count"]) for file in listed] == [
        ("part-0001.jsonl.gz", 2),
        ("part-0002.jsonl.gz", 2),
    ]
    for file in listed:
        assert (drop / file["url"]).stat().st_size == file["meta"]["content_length"]
    assert [record["id"][-1] for record in delivered(drop / "part-0002.jsonl.gz")] == ["3", "4"]
    assert (landed.repeated_pages, landed.credits) == (2, 20)


def test_what_was_asked_for_stands_on_one_line_of_the_settings(tmp_path: Path) -> None:
    target = landing_of(tmp_path)
    target.land(keep(target, [[work(1)]]), DAY)
    assert (tmp_path / "landing" / "mine" / "drop.toml").read_text().splitlines() == [
        '# Pulled from the OpenAlex API: filter "title.search:\\"a\\nb\\""',
        'source = "openalex"',
        'mode = "delta"',
        "received = 2026-05-04",
    ]


@pytest.mark.parametrize("together", [True, False], ids=["in one search", "in two searches"])
def test_every_record_delivered_is_in_the_drop_or_counted_as_left_out(tmp_path: Path, together: bool) -> None:
    target = landing_of(tmp_path)
    many = work(5, authorships=[author()] * 100, is_authors_truncated=True)
    odd = work(6, id=None)
    first = [work(1), many, odd]
    second = [work(1), work(1, title="Changed"), many | {"cited_by_count": 8}, odd, odd | {"title": "Other"}]
    kept = keep(target, *(([first, second],) if together else ([first], [second])))
    kept.keep_complete(5, json.dumps(work(5, authorships=[author()] * 130)).encode())
    landed = target.land(kept, DAY)
    tally = landed.tally
    assert tally.delivered == 8 == tally.records + tally.exact_repeats + tally.replaced
    assert (tally.exact_repeats, tally.replaced, tally.completed, tally.still_cut) == (2, 1, 1, 0)
    # W1, W5 and two records that are no version of anything, having no id.
    assert (tally.works, tally.versions) == (4, 1)
    # As the API counts: for each search.
    assert (landed.listed, landed.expected) == ((4, 2) if together else (3 + 4, 2 + 2))
    (part,) = (tmp_path / "landing" / landed.name).glob("part-*")
    assert [(one["id"] or "")[-1:] for one in delivered(part)] == ["1", "5", "", "1", ""]
    assert len(delivered(part)[1]["authorships"]) == 130


def test_a_work_cut_even_on_its_own_is_counted(tmp_path: Path) -> None:
    target = landing_of(tmp_path)
    many = work(5, authorships=[author()] * 100, is_authors_truncated=True)
    kept = keep(target, [[many]])
    kept.keep_complete(5, json.dumps(many).encode())
    tally = target.land(kept, DAY).tally
    assert (tally.completed, tally.still_cut) == (1, 1)


def test_nothing_is_put_in_place_where_nothing_was_made(tmp_path: Path) -> None:
    assert landing_of(tmp_path).finish() is None


def test_a_drop_that_cannot_be_written_says_so_and_keeps_the_pages(tmp_path: Path) -> None:
    target = landing_of(tmp_path)
    kept = keep(target, [[work(1)]])
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(CollaborationError, match=r"cannot be laid down .*run the same again; all pages"):
        target.land(kept, DAY)
    assert Kept(target.staging, 1).delivered == 1
