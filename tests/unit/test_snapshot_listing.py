"""Finding and reading manifests, and what is wrong with locations, states and settings."""

import json
from datetime import date
from pathlib import Path

import pytest

from assets.errors import CollaborationError
from assets.pull.object_source import open_source
from assets.pull.snapshot_fetch import PullProgress
from assets.pull.snapshot_listing import find_listing, restricted
from assets.pull.snapshot_state import StateFolder
from assets.pull.surroundings import Surroundings
from tests.bucket import Bucket, Layout, work


def snapshot(root: Path, layout: Layout) -> Bucket:
    bucket = Bucket(root, layout)
    bucket.put("2026-06-01", work(1))
    bucket.put("2026-06-02", work(2), work(3))
    return bucket.publish()


@pytest.mark.parametrize("layout", ["jsonl", "before"])
def test_a_manifest_is_restricted_to_the_files_of_the_drop(tmp_path: Path, layout: Layout) -> None:
    bucket = snapshot(tmp_path, layout)
    listing = find_listing(open_source(str(tmp_path)), "jsonl")
    kept = next(file for file in listing.files if file.updated == date(2026, 6, 2))
    short = json.loads(restricted(listing, {kept.path}))
    entries = short["files" if layout == "jsonl" else "entries"]
    assert [entry["url"] for entry in entries] == [kept.url]
    totals = short if layout == "jsonl" else short["meta"]
    assert (totals["record_count"], totals["content_length"]) == (2, kept.size)
    assert short.keys() == json.loads(bucket.listing()).keys()


def test_the_newer_layout_is_taken_where_both_are(tmp_path: Path) -> None:
    snapshot(tmp_path, "before")
    snapshot(tmp_path, "jsonl")
    assert find_listing(open_source(str(tmp_path)), "jsonl").path == "data/jsonl/works/manifest.json"


def test_one_file_under_two_addresses_is_refused(tmp_path: Path) -> None:
    bucket = snapshot(tmp_path, "jsonl")
    manifest = json.loads(bucket.listing())
    entry = dict(manifest["files"][0])
    entry["url"] = entry["url"].replace("s3://openalex/", "s3://elsewhere/")
    manifest["files"].append(entry)
    bucket.manifest.write_text(json.dumps(manifest))
    with pytest.raises(CollaborationError, match="twice"):
        find_listing(open_source(str(tmp_path)), "jsonl")


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("gs://bucket", "none that can be read"),
        ("", "none that can be read"),
        ("s3://", "none that can be read"),
        ("/no/such/folder", "no folder is there"),
        ("file:///no/such/folder", "no folder is there"),
    ],
)
def test_a_location_that_cannot_be_meant_is_refused(location: str, said: str) -> None:
    with pytest.raises(CollaborationError, match=said):
        open_source(location)


def test_an_endpoint_goes_with_a_bucket_only(tmp_path: Path) -> None:
    with pytest.raises(CollaborationError, match="is no bucket"):
        open_source(str(tmp_path), endpoint="http://127.0.0.1:9")


def test_a_state_that_cannot_be_read_is_named_and_never_overwritten(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    (tmp_path / "state" / "pulled.json").write_text('{"files": 3}')
    with pytest.raises(CollaborationError, match=r"pulled\.json.*cannot be used"):
        state.load()
    assert (tmp_path / "state" / "pulled.json").read_text() == '{"files": 3}'


def test_pauses_double_up_to_half_a_minute_less_a_random_half() -> None:
    for chance, expected in ((0.0, [1, 2, 4, 8, 16, 30, 30]), (1.0, [0.5, 1, 2, 4, 8, 15, 15])):
        pauses: list[float] = []
        surroundings = Surroundings(sleep=pauses.append, chance=lambda chance=chance: chance)  # type: ignore[misc]
        for attempt in range(1, 8):
            surroundings.pause(attempt)
        assert pauses == expected


def test_the_rate_counts_only_what_this_pull_brought() -> None:
    progress = PullProgress(1, 3, 700, 1000, bytes_before=500, records=10, seconds=4.0)
    assert (progress.rate, progress.seconds_left) == (50.0, 6.0)
    begin = PullProgress(0, 3, 500, 1000, bytes_before=500, records=0, seconds=0.0)
    assert (begin.rate, begin.seconds_left) == (0.0, None)
