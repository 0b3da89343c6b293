"""Whole pulls of made-up snapshots from an S3 server, a web server and a folder."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from assets.drop_settings import Mode
from assets.drops import DropState, Inspection, inspect
from assets.errors import CollaborationError
from tests.bucket import Bucket, Layout, Place, complete_ids, contents, serving, work


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "here")


def snapshot(root: Path, layout: Layout = "jsonl") -> Bucket:
    bucket = Bucket(root, layout)
    bucket.put("2026-06-01", work(11), work(10), work(7))
    bucket.put("2026-06-02", work(200))
    bucket.put("2026-06-02", work(9), work(12), part=1)
    return bucket.publish()


def judged(drop: Path | None) -> Inspection:
    assert drop is not None
    return inspect(drop, quiet_seconds=0, now=time.time())


def test_a_whole_pull_from_a_bucket_is_a_complete_drop(tmp_path: Path, place: Place, s3_server: str) -> None:
    snapshot(tmp_path / "bucket").upload(s3_server, "whole")
    pull = place.pull("s3://whole", endpoint=s3_server)
    drop = judged(pull.drop)
    assert (drop.state, drop.reason) == (DropState.READY, "")
    assert (drop.drop_id, drop.source, drop.format) == (
        "openalex-snapshot-2026-06-26",
        "openalex",
        "openalex-jsonl",
    )
    assert (drop.mode, drop.stated_date, drop.listed_records) == (Mode.SNAPSHOT, date(2026, 6, 26), 6)
    assert (pull.files, pull.records, pull.records_without_id, pull.complete_ids) == (3, 6, 0, 6)
    assert complete_ids(drop.root) == ["W10", "W11", "W12", "W200", "W7", "W9"]
    delivered = contents(drop.root)
    for path, content in contents(tmp_path / "bucket").items():
        if path.endswith(".gz"):
            assert delivered[path] == content
    assert place.drops() == ["openalex-snapshot-2026-06-26"]
    last = place.progress[-1]
    assert (last.files_done, last.files, last.bytes_done, last.records) == (3, 3, last.bytes_total, 6)


def test_a_second_pull_brings_only_what_changed_since(tmp_path: Path, place: Place, s3_server: str) -> None:
    bucket = snapshot(tmp_path / "bucket")
    bucket.upload(s3_server, "twice")
    place.pull("s3://twice", endpoint=s3_server)
    again = place.pull("s3://twice", endpoint=s3_server)
    assert (again.drop, again.files, again.unchanged_files, again.complete_ids) == (None, 0, 3, 6)
    bucket.put("2026-06-01", work(11), work(10))
    bucket.put("2026-07-01", work(7), work(300))
    bucket.stated_date = "2026-07-02"
    bucket.publish().upload(s3_server, "twice")
    newer = place.pull("s3://twice", endpoint=s3_server)
    drop = judged(newer.drop)
    assert (drop.state, drop.drop_id) == (DropState.READY, "openalex-snapshot-2026-07-02")
    assert [file.path for file in drop.files] == [
        "data/jsonl/works/updated_date=2026-06-01/part_0000.gz",
        "data/jsonl/works/updated_date=2026-07-01/part_0000.gz",
    ]
    assert drop.listed_records == 4
    assert complete_ids(drop.root) == ["W10", "W11", "W12", "W200", "W300", "W7", "W9"]


def test_a_file_with_the_same_length_and_count_but_another_etag_is_pulled_again(
    tmp_path: Path, place: Place, s3_server: str
) -> None:
    bucket = snapshot(tmp_path / "bucket")
    bucket.upload(s3_server, "etag")
    place.pull("s3://etag", endpoint=s3_server)
    before = bucket.listing()
    bucket.put("2026-06-02", work(201))
    assert bucket.listing() == before
    bucket.upload(s3_server, "etag")
    pull = place.pull("s3://etag", endpoint=s3_server)
    assert pull.files == 1
    assert pull.drop == place.landing / "openalex-snapshot-2026-06-26-2"
    assert complete_ids(pull.drop) == ["W10", "W11", "W12", "W201", "W7", "W9"]


def test_works_gone_with_their_partition_are_told_by_a_drop_of_ids_alone(
    tmp_path: Path, place: Place
) -> None:
    bucket = snapshot(tmp_path / "bucket")
    place.pull(bucket.root)
    bucket.take_away("2026-06-02")
    bucket.stated_date = "2026-06-30"
    bucket.publish()
    pull = place.pull(bucket.root)
    assert pull.drop is not None
    assert (pull.files, pull.complete_ids) == (0, 3)
    assert (judged(pull.drop).state, judged(pull.drop).reason) == (DropState.READY, "")
    assert complete_ids(pull.drop) == ["W10", "W11", "W7"]
    assert place.pull(bucket.root).drop is None


def test_a_manifest_that_is_only_dated_anew_brings_nothing(tmp_path: Path, place: Place) -> None:
    bucket = snapshot(tmp_path / "bucket")
    place.pull(bucket.root)
    bucket.stated_date = "2026-08-01"
    bucket.publish()
    assert place.pull(bucket.root).drop is None
    assert place.drops() == ["openalex-snapshot-2026-06-26"]


def test_the_layout_before_2026_is_found_and_dated_by_its_newest_partition(
    tmp_path: Path, place: Place, s3_server: str
) -> None:
    snapshot(tmp_path / "bucket", "before").upload(s3_server, "before")
    drop = judged(place.pull("s3://before", endpoint=s3_server).drop)
    assert (drop.state, drop.drop_id) == (DropState.READY, "openalex-snapshot-2026-06-02")
    assert (drop.stated_date, drop.listed_records) == (date(2026, 6, 2), 6)
    assert drop.files[0].path == "data/works/updated_date=2026-06-01/part_0000.gz"
    assert complete_ids(drop.root) == ["W10", "W11", "W12", "W200", "W7", "W9"]


def test_parquet_is_pulled_and_counted_by_its_rows(tmp_path: Path, place: Place, s3_server: str) -> None:
    snapshot(tmp_path / "bucket", "parquet").upload(s3_server, "parquet")
    pull = place.pull("s3://parquet", endpoint=s3_server, format="parquet")
    drop = judged(pull.drop)
    assert (drop.state, drop.format, drop.listed_records) == (DropState.READY, "openalex-parquet", 6)
    assert complete_ids(drop.root) == ["W10", "W11", "W12", "W200", "W7", "W9"]


def test_a_pull_since_a_day_is_a_delta_without_ids(tmp_path: Path, place: Place) -> None:
    bucket = snapshot(tmp_path / "bucket")
    pull = place.pull(bucket.root, since=date(2026, 6, 2))
    drop = judged(pull.drop)
    assert (drop.state, drop.mode, drop.listed_records) == (DropState.READY, Mode.DELTA, 3)
    assert pull.complete_ids is None
    assert not (drop.root / "complete_ids.parquet").exists()
    rest = place.pull(bucket.root)
    assert rest.drop is not None
    assert (rest.files, rest.unchanged_files) == (1, 2)
    assert complete_ids(rest.drop) == ["W10", "W11", "W12", "W200", "W7", "W9"]


def test_a_web_mirror_below_a_path_and_a_copy_without_data_folder_are_pulled_alike(
    tmp_path: Path, place: Place
) -> None:
    bucket = snapshot(tmp_path / "web" / "mirrors" / "openalex")
    with serving(tmp_path / "web") as mirror:
        over_http = place.pull(f"{mirror.address}/mirrors/openalex/")
    copy = Place(tmp_path / "copy")
    local = copy.pull((bucket.root / "data").as_uri())
    assert over_http.drop is not None
    assert local.drop is not None
    assert complete_ids(over_http.drop) == complete_ids(local.drop)
    assert judged(local.drop).files[0].path == "jsonl/works/updated_date=2026-06-01/part_0000.gz"
    assert judged(local.drop).state is DropState.READY


def test_another_copy_of_the_same_snapshot_brings_nothing_new(tmp_path: Path, place: Place) -> None:
    bucket = snapshot(tmp_path / "bucket")
    place.pull(bucket.root)
    with serving(bucket.root) as mirror:
        assert place.pull(mirror.address).drop is None


def test_a_private_bucket_is_read_with_signed_requests(
    tmp_path: Path, place: Place, s3_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    snapshot(tmp_path / "bucket").upload(s3_server, "private", acl="private")
    with pytest.raises(CollaborationError, match=r"403 Forbidden.*ask for signed requests"):
        place.pull("s3://private", endpoint=s3_server)
    assert place.pull("s3://private", endpoint=s3_server, signed=True).files == 3


def test_requests_are_signed_only_when_asked(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    snapshot(tmp_path / "web" / "some-bucket")
    with serving(tmp_path / "web") as mirror:
        place.pull("s3://some-bucket", endpoint=mirror.address)
        assert {signed for *_, signed in mirror.requests} == {False}
        mirror.requests.clear()
        place.pull("s3://some-bucket", endpoint=mirror.address, signed=True)
        assert {signed for *_, signed in mirror.requests} == {True}


def test_the_real_copies_are_pulled_whole(real_landing: Path, tmp_path: Path) -> None:
    for name, records in (("openalex-2023-03", 6279), ("openalex-2025-09", 622)):
        drop = judged(Place(tmp_path / name).pull(real_landing / name).drop)
        assert (drop.state, drop.listed_records) == (DropState.READY, records)
        assert len(complete_ids(drop.root)) == records
