import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from assets.errors import CollaborationError
from assets.pull import api_drop
from assets.pull.api_client import Page
from assets.pull.api_drop import Landing
from assets.pull.api_pages import Pages
from assets.pull.api_request import ApiRequest
from tests.delivered_works import Json, author, work

DAY = date(2026, 5, 4)
REQUEST = ApiRequest(filter='title.search:"a\nb"', name="mine")


def landing_of(folder: Path) -> Landing:
    return Landing(REQUEST, folder / "landing", folder / "state")


def keep(pages: Pages, *pages_of_works: list[Json]) -> Pages:
    for number, works in enumerate(pages_of_works, 1):
        packed = tuple(json.dumps(one).encode() for one in works)
        following = str(number) if number < len(pages_of_works) else None
        pages.keep(pages.cursor or "", Page(2, following, packed, credits=10), repeats=1)
    return pages


def delivered(path: Path) -> list[Json]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_a_drop_is_divided_into_files_that_its_manifest_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_drop, "_WORKS_A_FILE", 2)
    target = landing_of(tmp_path)
    landed = target.land(keep(Pages(target.staging), [work(1), work(2), work(3)], [work(4)]), DAY)
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
    target.land(keep(Pages(target.staging), [work(1)]), DAY)
    assert (tmp_path / "landing" / "mine" / "drop.toml").read_text().splitlines() == [
        '# Pulled from the OpenAlex API: filter "title.search:\\"a\\nb\\""',
        'source = "openalex"',
        'mode = "delta"',
        "received = 2026-05-04",
    ]


def test_every_record_delivered_is_in_the_drop_or_counted_as_left_out(tmp_path: Path) -> None:
    target = landing_of(tmp_path)
    many = work(5, authorships=[author()] * 100, is_authors_truncated=True)
    odd = work(6, id=None)
    pages = keep(
        Pages(target.staging),
        [work(1), many, odd],
        [work(1), work(1, title="Changed"), many | {"cited_by_count": 8}, odd, odd | {"title": "Other"}],
    )
    pages.keep_complete("W5", json.dumps(work(5, authorships=[author()] * 130)).encode())
    tally = target.land(pages, DAY).tally
    assert tally.delivered == 8 == tally.records + tally.exact_repeats + tally.replaced
    assert (tally.exact_repeats, tally.replaced, tally.completed, tally.still_cut) == (2, 1, 1, 0)
    # W1, W5 and two records that are no version of anything, having no id.
    assert (tally.works, tally.versions) == (4, 1)


def test_a_work_cut_even_on_its_own_is_counted(tmp_path: Path) -> None:
    target = landing_of(tmp_path)
    many = work(5, authorships=[author()] * 100, is_authors_truncated=True)
    pages = keep(Pages(target.staging), [many])
    pages.keep_complete("W5", json.dumps(many).encode())
    tally = target.land(pages, DAY).tally
    assert (tally.completed, tally.still_cut) == (1, 1)


def test_nothing_is_put_in_place_where_nothing_was_made(tmp_path: Path) -> None:
    assert landing_of(tmp_path).finish() is None


def test_a_drop_that_cannot_be_written_says_so_and_keeps_the_pages(tmp_path: Path) -> None:
    target = landing_of(tmp_path)
    pages = keep(Pages(target.staging), [work(1)])
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(CollaborationError, match=r"cannot be laid down .*run the same again; all pages"):
        target.land(pages, DAY)
    assert Pages(target.staging).works == 1
