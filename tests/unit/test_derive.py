"""Derived drops are complete, deterministic, and differ from their models as they claim."""

import gzip
import json
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest

from tests.derive import (
    DERIVATIONS,
    Layout,
    emptied_year,
    folded,
    land,
    load_drop,
    moved_to_year,
    older_versions,
    published_in,
    repeated_within,
    restamped,
    sample,
    tied_exactly,
    tied_with_other_content,
    with_one_author,
    with_several_countries,
    write_drop,
)
from tests.oracle import Counts, OracleDrop, Record, compute, hash_of_json, updated_at

DAY = date(2026, 5, 1)
SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


def _record(number: int) -> Record:
    institution = {"id": None, "display_name": "Universität", "country_code": "DE"}
    author = {"author": {"display_name": "A"}, "institutions": [institution, {**institution}]}
    return {
        "id": f"https://openalex.org/W{number}",
        "title": f"Line\u2028separator {number}",
        "type": "article",
        "publication_year": 2008 + number % 3,
        "authorships": [author, deepcopy(author)],
        "updated_date": f"2023-02-{10 + number:02}T09:12:51.084661",
    }


RECORDS = [_record(number) for number in range(12)]
NEWER = [name for name in DERIVATIONS if not name.startswith(("tied", "repeated", "older"))]


@pytest.mark.parametrize("layout", ["2023", "2026"])
@pytest.mark.parametrize("files", [1, 5, 13])
def test_a_written_drop_reads_back_as_it_was(tmp_path: Path, layout: Layout, files: int) -> None:
    drop = write_drop(tmp_path / "drop", RECORDS, date=DAY, layout=layout, files=files)
    assert load_drop(drop) == RECORDS
    assert len(list(drop.rglob("*.gz"))) == files


@pytest.mark.parametrize(
    ("layout", "manifest", "entries"),
    [("2026", "jsonl/works/manifest.json", "files"), ("2023", "data/works/manifest", "entries")],
)
def test_the_manifest_lists_each_file_with_its_size_and_records(
    tmp_path: Path, layout: Layout, manifest: str, entries: str
) -> None:
    drop = write_drop(tmp_path / "drop", RECORDS, date=DAY, layout=layout, files=3)
    listed = json.loads((drop / manifest).read_text())[entries]
    for entry in listed:
        file = (drop / manifest).parent.joinpath(*entry["url"].rsplit("/", 2)[1:])
        assert file.stat().st_size == entry["meta"]["content_length"]
        lines = gzip.decompress(file.read_bytes()).count(b"\n")
        assert lines == entry["meta"]["record_count"] == 4
    assert len(listed) == 3


def test_only_a_drop_with_a_date_states_one(tmp_path: Path) -> None:
    dated = land(tmp_path, OracleDrop("dated", DAY, RECORDS))
    undated = land(tmp_path, OracleDrop("undated", None, RECORDS))
    assert json.loads((dated / "jsonl/works/manifest.json").read_text())["date"] == "2026-05-01"
    assert "date" not in json.loads((undated / "data/works/manifest").read_text())


@pytest.mark.parametrize("name", DERIVATIONS)
def test_a_derivation_repeats_itself_and_leaves_its_input_alone(name: str) -> None:
    given = deepcopy(RECORDS)
    first = DERIVATIONS[name](given, 7)
    assert given == RECORDS
    assert first == DERIVATIONS[name](given, 7)
    assert first
    first[0]["authorships"].clear()
    assert given == RECORDS


@pytest.mark.parametrize("name", DERIVATIONS)
def test_a_derivation_keeps_to_the_works_it_was_given(name: str) -> None:
    assert {record["id"] for record in DERIVATIONS[name](RECORDS, 7)} == {record["id"] for record in RECORDS}


def _moments(records: list[Record]) -> list[object]:
    return [updated_at(record) for record in records]


@pytest.mark.parametrize("name", NEWER)
def test_a_newer_version_is_later_than_the_one_it_replaces(name: str) -> None:
    for newer, model in zip(DERIVATIONS[name](RECORDS, 7), RECORDS, strict=True):
        assert str(updated_at(newer)) > str(updated_at(model))


def test_older_versions_are_older() -> None:
    for older, model in zip(older_versions(RECORDS, 7), RECORDS, strict=True):
        assert str(updated_at(older)) < str(updated_at(model))


def test_a_restamped_version_says_the_same() -> None:
    for newer, model in zip(restamped(RECORDS, 7), RECORDS, strict=True):
        assert newer == {**model, "updated_date": newer["updated_date"]} != model


def test_a_year_is_emptied_by_moving_or_retracting_all_its_works() -> None:
    moved = emptied_year(RECORDS, 7, year=2009, into=2015)
    gone = emptied_year(RECORDS, 7, year=2009)
    assert [r["id"] for r in moved] == [r["id"] for r in published_in(RECORDS, 2009)]
    assert {record["publication_year"] for record in moved} == {2015}
    assert all(record["is_retracted"] for record in gone)
    assert {record["publication_year"] for record in gone} == {2009}


def test_moving_a_work_changes_its_year_and_its_date_alone() -> None:
    (moved,) = moved_to_year(RECORDS[:1], 7, year=2015)
    changed = {key for key, value in moved.items() if value != RECORDS[0][key]}
    assert changed == {"publication_year", "updated_date"}


def test_folding_codes_and_lone_strings_all_occur() -> None:
    authors = [author for record in folded(RECORDS * 9, 7) for author in record["authorships"]]
    codes = {each["country_code"] for author in authors for each in author["institutions"]}
    assert codes == {"HK", "MO", "CN", "TW", "US", "XX", None}
    assert {len(author["countries"]) for author in authors} == {0, 1, 2}


def test_ties_keep_the_date() -> None:
    assert sorted(tied_exactly(RECORDS, 7), key=RECORDS.index) == RECORDS
    revised = tied_with_other_content(RECORDS, 7)
    assert _moments(revised) == _moments(RECORDS)
    assert all(record not in RECORDS for record in revised)


def test_a_drop_can_hold_each_work_three_times() -> None:
    assert len(repeated_within(RECORDS, 7)) == 3 * len(RECORDS)


def test_authors_can_be_alone_or_in_several_countries() -> None:
    assert all(len(record["authorships"]) == 1 for record in with_one_author(RECORDS, 7))
    several = with_several_countries(RECORDS, 7)
    counts = {len(author["institutions"]) for each in several for author in each["authorships"]}
    assert counts == {1, 2, 3}


def test_a_sample_keeps_the_order_and_takes_no_work_twice() -> None:
    chosen = sample(RECORDS, 7, 5)
    assert len(chosen) == 5
    assert sorted(chosen, key=RECORDS.index) == chosen
    assert len({record["id"] for record in chosen}) == 5
    assert sample(RECORDS, 7, 99) == RECORDS


def _numbers(*drops: list[Record]) -> Counts:
    result = compute(
        [OracleDrop(f"drop-{number}", None, records) for number, records in enumerate(drops)],
        start_year=2005,
        end_year=2020,
        seeds=SEEDS,
        content_hash=hash_of_json,
    )
    return Counts(result.country_output, result.pair_collaboration, result.year_totals)


@pytest.mark.parametrize("name", DERIVATIONS)
def test_only_other_content_of_a_later_version_changes_a_number(name: str) -> None:
    before, after = _numbers(RECORDS), _numbers(RECORDS, DERIVATIONS[name](RECORDS, 7))
    assert len(before.year_totals) == 3
    assert (before == after) == (name in {"newer, same content", "tied exactly", "older"})
