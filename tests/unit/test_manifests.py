"""OpenAlex manifests of both layouts: parsing, placing files, comparing them with what is there."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.errors import CollaborationError
from assets.manifests import ListedFile, Manifest, incomplete, is_manifest, parse_manifest, place

OLD = "data/works/manifest"
NEW = "jsonl/works/manifest.json"
PART = "updated_date=2023-02-13/part_000.gz"


def entry(url: str, size: int = 10, records: int | None = 3) -> dict[str, Any]:
    return {"url": url, "meta": {"content_length": size, "record_count": records}}


def old_layout(*urls: str, path: str = OLD) -> Manifest:
    return parse_manifest(json.dumps({"entries": [entry(url) for url in urls]}).encode(), path)


def placed(manifest: Manifest, *present: str, drop_name: str = "drop") -> list[str]:
    return list(place([manifest], dict.fromkeys(present, 10), drop_name))


def test_the_layout_before_2026_is_read() -> None:
    content = {
        "entries": [entry(f"s3://openalex/data/works/{PART}", 58892, 25)],
        "meta": {"content_length": 58892, "record_count": 25},
    }
    manifest = parse_manifest(json.dumps(content).encode(), OLD)
    assert manifest.entity == "works"
    assert manifest.stated_date is None
    assert manifest.entries == ((f"s3://openalex/data/works/{PART}", ListedFile(58892, 25)),)


def test_the_layout_of_2026_is_read_with_its_date_and_entity() -> None:
    content = {
        "date": "2026-03-02",
        "format": "jsonl",
        "entity": "works",
        "record_count": 1,
        "content_length": 5760,
        "files": [entry(f"s3://openalex/data/jsonl/works/{PART}", 5760, None)],
        "key_of_tomorrow": {"x": []},
    }
    manifest = parse_manifest(json.dumps(content).encode(), NEW)
    assert (manifest.entity, manifest.stated_date) == ("works", date(2026, 3, 2))
    assert [listed for _, listed in manifest.entries] == [ListedFile(5760, None)]


@pytest.mark.parametrize(
    ("path", "files", "records", "stated"),
    [
        (f"openalex-2023-03/{OLD}", 31, 6279, None),
        (f"openalex-2025-09/{NEW}", 102, 622, date(2026, 3, 2)),
    ],
)
def test_the_real_manifests_are_read(
    real_landing: Path, path: str, files: int, records: int, stated: date | None
) -> None:
    manifest = parse_manifest((real_landing / path).read_bytes(), path)
    assert len(manifest.entries) == files
    assert sum(listed.records or 0 for _, listed in manifest.entries) == records
    assert (manifest.entity, manifest.stated_date) == ("works", stated)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"entries": [{"url": "s3://openalex/data/wor',
        b"[]",
        b"{}",
        b'{"entries": [], "files": []}',
        b'{"entries": {}}',
        b'{"entries": [{"url": 1, "meta": {"content_length": 1}}]}',
        b'{"entries": [{"url": "a", "meta": {"content_length": "1"}}]}',
        b'{"entries": [{"url": "a", "meta": {"content_length": -1}}]}',
        b'{"entries": [{"url": "a"}]}',
        b'{"files": [], "date": "soon"}',
        b'{"files": [], "date": "\xff"}',
        b'{"x": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_manifest_is_named_with_its_path(content: bytes) -> None:
    with pytest.raises(CollaborationError, match=r"'data/works/manifest' is no OpenAlex manifest"):
        parse_manifest(content, OLD)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("manifest", True), (OLD, True), (NEW, True), ("manifest.txt", False), ("my_manifest", False)],
)
def test_manifests_are_known_by_their_name(path: str, expected: bool) -> None:
    assert is_manifest(path) is expected


@pytest.mark.parametrize(
    ("manifest", "url", "file"),
    [
        (OLD, f"s3://openalex/data/works/{PART}", f"data/works/{PART}"),
        ("data/jsonl/works/manifest.json", f"s3://o/data/jsonl/works/{PART}", None),
        ("works/manifest", f"https://openalex.s3.amazonaws.com/data/works/{PART}", f"works/{PART}"),
        ("manifest", f"s3://openalex/data/works/{PART}", PART),
        ("manifest", f"s3://openalex/data/works/{PART}", f"data/works/{PART}"),
        ("manifest", f"s3://openalex/data/works/{PART}", f"works/{PART}"),
        ("mine/manifest", f"s3://openalex/data/works/{PART}", f"mine/{PART}"),
        ("works/manifest", "s3://works/copy/works/flat.gz", "works/flat.gz"),
        ("works/manifest", f"s3://b/works/old/works/{PART}", f"works/{PART}"),
        ("works/manifest", "s3://b/works/old/works/flat.gz", "works/flat.gz"),
        ("works/manifest", "flat.gz", "works/flat.gz"),
        ("manifest", "sub/a b'ü..gz", "sub/a b'ü..gz"),
    ],
)
def test_an_address_stands_for_a_file_beside_the_manifest(manifest: str, url: str, file: str | None) -> None:
    file = file or f"data/jsonl/works/{PART}"
    assert placed(old_layout(url, path=manifest), file) == [file]


def test_a_file_not_yet_there_is_expected_after_the_name_of_the_manifests_folder() -> None:
    assert placed(old_layout(f"s3://openalex/data/works/{PART}")) == [f"data/works/{PART}"]


def test_the_drops_own_name_counts_for_a_manifest_directly_in_it() -> None:
    manifest = old_layout("s3://bucket/spring/flat.gz", path="manifest")
    assert placed(manifest, drop_name="spring") == ["flat.gz"]


@pytest.mark.parametrize(
    "url",
    [
        f"/data/works/{PART}",
        "s3://openalex/data/works/../../../etc/passwd",
        "../works/part.gz",
        "s3://openalex/data/works//etc/passwd",
        "works/./part.gz",
        "s3://openalex",
        "",
    ],
)
def test_an_address_that_could_lead_out_of_the_drop_is_refused(url: str) -> None:
    with pytest.raises(CollaborationError, match="absolute or could lead out of the drop") as error:
        placed(old_layout(url))
    assert repr(url) in str(error.value)


@given(st.lists(st.sampled_from(["..", ".", "", "works", "updated_date=1", "a", "s3:", "data"])))
def test_whatever_the_address_no_listed_path_leaves_the_drop(parts: list[str]) -> None:
    try:
        paths = placed(old_layout("/".join(parts)))
    except CollaborationError:
        return
    for path in paths:
        assert not path.startswith("/")
        assert ".." not in path.split("/")


def test_an_address_without_a_known_folder_is_refused() -> None:
    with pytest.raises(CollaborationError, match="neither the manifest's folder nor"):
        placed(old_layout("s3://openalex/elsewhere/part.gz"))


@pytest.mark.parametrize(
    "content",
    [
        {"entity": "authors", "files": [entry("s3://b/authors/updated_date=1/p.gz")]},
        {"entries": [entry("s3://openalex/data/authors/updated_date=1/p.gz")]},
    ],
)
def test_a_manifest_of_another_entity_is_refused(content: dict[str, Any]) -> None:
    manifest = parse_manifest(json.dumps(content).encode(), "data/authors/manifest")
    with pytest.raises(CollaborationError, match="'data/authors/manifest' lists authors, not work"):
        placed(manifest)


def test_somebodys_own_bucket_says_nothing_about_the_entity() -> None:
    assert old_layout("s3://mine/authors-of-chile/updated_date=1/p.gz").entity is None


def test_a_file_listed_twice_alike_is_one_file() -> None:
    url = f"s3://openalex/data/works/{PART}"
    assert placed(old_layout(url, url)) == [f"data/works/{PART}"]


@pytest.mark.parametrize("other", [{"size": 11}, {"records": 4}])
def test_entries_that_contradict_each_other_are_refused(other: dict[str, int]) -> None:
    url = f"s3://openalex/data/works/{PART}"
    content = {"entries": [entry(url), entry(url, **other)]}
    with pytest.raises(CollaborationError, match="listed twice with different lengths"):
        placed(parse_manifest(json.dumps(content).encode(), OLD))


def test_files_of_several_manifests_are_put_together() -> None:
    manifests = [
        old_layout(f"s3://openalex/data/{kind}/works/{PART}", path=f"{kind}/works/manifest")
        for kind in ("jsonl", "parquet")
    ]
    assert list(place(manifests, {}, "drop")) == [f"jsonl/works/{PART}", f"parquet/works/{PART}"]


LISTED = {name: ListedFile(100, 1) for name in "abc"}


@pytest.mark.parametrize(
    ("present", "reason"),
    [
        ({"a": 100, "b": 100, "c": 100}, ""),
        ({"a": 100}, "2 of 3 listed files are not there yet (first: 'b'): finish copying"),
        ({"a": 100, "b": 40, "c": 100}, "1 of 3 listed files is not there yet"),
        ({"a": 100, "b": 40, "c": 100}, "(first: 'b', 40 of 100 bytes)"),
        ({"a": 0, "c": 400}, "2 of 3 listed files are not there yet (first: 'a', 0 of 100 bytes)"),
        ({"a": 100, "b": 101, "c": 100}, "'b' has 101 bytes where its manifest lists 100: copy"),
        ({"a": 100, "b": 100, "c": 100, "x y": 1}, "'x y' is not listed in any manifest"),
        ({"a": 100, "b": 100, "c": 100, "x": 1, "y": 1}, "'x' (and 1 more) is not listed"),
    ],
)
def test_files_are_held_against_the_list(present: dict[str, int], reason: str) -> None:
    found = incomplete(LISTED, present)
    assert reason in found
    assert bool(found) is bool(reason)
