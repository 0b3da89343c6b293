"""What may go wrong while a snapshot is pulled, made to happen by a web server on loopback."""

import os
import threading
from datetime import date
from pathlib import Path

import pytest

from assets.drops import DropState, inspect
from assets.errors import CollaborationError
from assets.pull.download import ATTEMPTS
from tests.bucket import Bucket, Place, complete_ids, contents, serving, work

DAY = "2026-06-01"
FIRST = f"data/jsonl/works/updated_date={DAY}/part_0000.gz"
SECOND = "data/jsonl/works/updated_date=2026-06-02/part_0000.gz"
MANIFEST = "data/jsonl/works/manifest.json"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "here")


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    """A file of more than a megabyte and a small one."""
    bucket = Bucket(tmp_path / "bucket")
    bucket.put(DAY, *(work(number, padding=60_000) for number in range(1, 21)))
    bucket.put("2026-06-02", work(30))
    return bucket.publish()


def undisturbed(bucket: Bucket, root: Path) -> dict[str, bytes]:
    other = Place(root / "undisturbed")
    other.pull(bucket.root)
    return contents(other.landing)


def test_a_cut_connection_goes_on_from_the_byte_it_reached(
    bucket: Bucket, place: Place, tmp_path: Path
) -> None:
    with serving(bucket.root) as mirror:
        mirror.cut_after[FIRST] = [700_000, 300_000]
        place.pull(mirror.address)
        begins = [int(asked.removeprefix("bytes=").split("-")[0]) for asked in mirror.ranges_asked(FIRST)]
    assert begins == [700_000, 1_000_000]
    assert contents(place.landing) == undisturbed(bucket, tmp_path)


def test_without_etags_a_cut_connection_goes_on_as_long_as_the_time_of_change_is_the_same(
    bucket: Bucket, place: Place, tmp_path: Path
) -> None:
    with serving(bucket.root) as mirror:
        mirror.etags = False
        mirror.cut_after[FIRST] = [900_000]
        place.pull(mirror.address)
        [asked] = mirror.ranges_asked(FIRST)
    assert 0 < int(asked.removeprefix("bytes=").rstrip("-")) <= 900_000
    assert len(place.pauses) == 1
    assert contents(place.landing) == undisturbed(bucket, tmp_path)


def test_an_object_that_changed_after_the_cut_starts_again(
    bucket: Bucket, place: Place, tmp_path: Path
) -> None:
    def replace_object(_: float) -> None:
        bucket.put(DAY, *(work(number, padding=60_000) for number in range(101, 121)))
        bucket.publish()

    with serving(bucket.root) as mirror:
        mirror.etags = False
        mirror.cut_after[FIRST] = [900_000]
        _age(bucket)
        pull = place.pull(mirror.address, on_pause=replace_object)
    assert pull.drop is not None
    assert complete_ids(pull.drop)[0] == "W101"
    assert contents(place.landing) == undisturbed(bucket, tmp_path)


def test_a_server_without_ranges_sends_the_whole_object_again(
    bucket: Bucket, place: Place, tmp_path: Path
) -> None:
    with serving(bucket.root) as mirror:
        mirror.etags = mirror.ranges = False
        mirror.cut_after[FIRST] = [900_000]
        place.pull(mirror.address)
        whole = [one for one in mirror.requests if one[:3] == ("GET", FIRST, None)]
    assert len(whole) == 2
    assert place.progress[-1].bytes_done == place.progress[-1].bytes_total
    assert contents(place.landing) == undisturbed(bucket, tmp_path)


def test_a_download_that_never_gets_further_ends_the_pull_and_is_taken_up_by_the_next(
    bucket: Bucket, place: Place, tmp_path: Path
) -> None:
    with serving(bucket.root) as mirror:
        mirror.etags = False
        mirror.cut_after[FIRST] = [900_000] + [0] * ATTEMPTS
        with pytest.raises(CollaborationError, match=r"part_0000\.gz' at http.* cannot be read: .*kept"):
            place.pull(mirror.address)
        mirror.requests.clear()
        mirror.cut_after.clear()
        place.pull(mirror.address)
        assert len(mirror.ranges_asked(FIRST)) == 1
        assert SECOND not in {path for method, path, *_ in mirror.requests if method == "GET"}
    assert place.progress[-1].bytes_before > 0
    assert contents(place.landing) == undisturbed(bucket, tmp_path)


def test_a_manifest_that_changes_while_pulling_is_planned_by_again(
    bucket: Bucket, place: Place, tmp_path: Path
) -> None:
    once = threading.Lock()

    def move_a_work(path: str) -> None:
        if path == SECOND and once.acquire(blocking=False):
            bucket.put("2026-06-02", work(30), work(31))
            bucket.put("2026-06-03", work(32))
            bucket.stated_date = "2026-06-27"
            bucket.publish()

    with serving(bucket.root) as mirror:
        mirror.before = move_a_work
        pull = place.pull(mirror.address)
        assert [path for method, path, *_ in mirror.requests if method == "GET"].count(FIRST) == 1
    assert pull.drop == place.landing / "openalex-snapshot-2026-06-27"
    assert pull.files == 3
    assert any("manifest changed" in line for line in place.said)
    assert contents(place.landing) == undisturbed(bucket, tmp_path)


def test_files_that_are_taken_away_with_a_new_manifest_are_left_out(
    bucket: Bucket, place: Place, tmp_path: Path
) -> None:
    def take_away(path: str) -> None:
        if path == SECOND and SECOND.removeprefix("data/jsonl/works/") in bucket.parts:
            bucket.take_away("2026-06-02")
            bucket.put("2026-06-04", work(30))
            bucket.publish()

    with serving(bucket.root) as mirror:
        mirror.before = take_away
        pull = place.pull(mirror.address)
    assert pull.files == 2
    assert contents(place.landing) == undisturbed(bucket, tmp_path)


def test_a_manifest_that_is_away_for_a_while_is_waited_for(
    bucket: Bucket, place: Place, tmp_path: Path
) -> None:
    content = bucket.manifest.read_bytes()

    def take_away(path: str) -> None:
        if path == SECOND:
            bucket.manifest.unlink()

    def put_back(_: float) -> None:
        if len(place.pauses) == 3:
            bucket.manifest.write_bytes(content)

    with serving(bucket.root) as mirror:
        mirror.before = take_away
        place.pull(mirror.address, on_pause=put_back)
    assert len(place.pauses) == 3
    assert contents(place.landing) == undisturbed(bucket, tmp_path)


def test_a_manifest_that_stays_away_ends_the_pull_with_everything_kept(bucket: Bucket, place: Place) -> None:
    with serving(bucket.root) as mirror:
        mirror.before = lambda path: bucket.manifest.unlink() if path == SECOND else None
        with pytest.raises(
            CollaborationError, match=r"no manifest .*works/manifest\.json.* pull again later"
        ):
            place.pull(mirror.address)
        assert len(place.pauses) == 6
        assert sorted(place.pauses) == place.pauses
        bucket.publish()
        mirror.before = lambda _: None
        mirror.requests.clear()
        place.pull(mirror.address)
        assert {path for method, path, *_ in mirror.requests if method == "GET"} == {MANIFEST}


def test_a_manifest_that_never_holds_still_is_given_up(bucket: Bucket, place: Place) -> None:
    one_by_one = threading.Lock()

    def add_a_day(path: str) -> None:
        if path == MANIFEST:
            return
        with one_by_one:
            day = f"2026-07-{len(bucket.parts):02d}"
            bucket.put(day, work(1000 + len(bucket.parts)))
            bucket.publish()

    with serving(bucket.root) as mirror:
        mirror.before = add_a_day
        with pytest.raises(CollaborationError, match=r"changed 11 times during the pull.* pull again later"):
            place.pull(mirror.address)


@pytest.mark.parametrize(
    ("length", "records", "said"),
    [
        (0, 19, "has 20 records where its manifest lists 19"),
        (5, 20, r"has \d+ bytes where its manifest lists \d+"),
    ],
)
def test_a_file_that_stays_unlike_its_manifest_is_named_with_both_numbers(
    bucket: Bucket, place: Place, length: int, records: int, said: str
) -> None:
    path = FIRST.removeprefix("data/jsonl/works/")
    bucket.parts[path] = records
    size = (bucket.works / path).stat().st_size
    listing = bucket.listing().replace(str(size).encode(), str(size + length).encode())
    bucket.manifest.write_bytes(listing)
    with serving(bucket.root) as mirror:
        with pytest.raises(CollaborationError, match=rf"part_0000\.gz' at http\S+ {said}, also when asked"):
            place.pull(mirror.address)
        assert [path for method, path, *_ in mirror.requests if method == "GET"].count(FIRST) == 2
    assert place.drops() == [".pull-openalex-snapshot"]


def test_a_file_that_arrives_damaged_once_is_asked_for_again(
    bucket: Bucket, place: Place, tmp_path: Path
) -> None:
    whole = contents(bucket.root)[SECOND]
    file = bucket.root / SECOND
    expected = undisturbed(bucket, tmp_path)
    with serving(bucket.root) as mirror:
        damaged = iter([whole[:-9] + bytes(9), whole])

        def write(path: str) -> None:
            if path == SECOND:
                file.write_bytes(next(damaged))

        mirror.before = write
        place.pull(mirror.address)
    assert any("is damaged" in line for line in place.said)
    assert contents(place.landing) == expected


def test_a_file_that_is_listed_and_never_there_is_named(bucket: Bucket, place: Place) -> None:
    (bucket.root / SECOND).unlink()
    with (
        serving(bucket.root) as mirror,
        pytest.raises(
            CollaborationError, match=r"updated_date=2026-06-02/part_0000\.gz' at http\S+ is not there"
        ),
    ):
        place.pull(mirror.address)


def test_too_small_a_disk_is_noticed_before_the_first_byte(bucket: Bucket, place: Place) -> None:
    with serving(bucket.root) as mirror:
        with pytest.raises(
            CollaborationError, match=r"needs 6\d\.\d MB \(6\d+ bytes\).* 1\.0 MB \(1000000 bytes\) are free"
        ):
            place.pull(mirror.address, free_bytes=1_000_000)
        assert {path for _, path, *_ in mirror.requests} == {MANIFEST}


def test_an_empty_manifest_retires_nothing(bucket: Bucket, place: Place) -> None:
    place.pull(bucket.root)
    for day in (DAY, "2026-06-02"):
        bucket.take_away(day)
    bucket.publish()
    with pytest.raises(CollaborationError, match="lists no file"):
        place.pull(bucket.root)


def test_a_place_without_a_manifest_is_said_to_have_none(place: Place, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        CollaborationError, match=r"no manifest \(data/jsonl/works/manifest\.json or .*location"
    ):
        place.pull(tmp_path / "empty")


def test_the_rest_of_an_unfinished_whole_pull_waits_while_a_delta_is_pulled(
    bucket: Bucket, place: Place
) -> None:
    with serving(bucket.root) as mirror:
        mirror.etags = False
        mirror.cut_after[SECOND] = [0] * ATTEMPTS
        with pytest.raises(CollaborationError):
            place.pull(mirror.address)
        mirror.cut_after.clear()
        delta = place.pull(mirror.address, since=date(2026, 6, 2))
        assert delta.drop is not None
        assert inspect(delta.drop, quiet_seconds=0, now=0).state is DropState.READY
        assert ".pull-openalex-snapshot" in place.drops()
        mirror.requests.clear()
        assert place.pull(mirror.address).files == 1
        assert {path for method, path, *_ in mirror.requests if method == "GET"} == {MANIFEST}
    assert place.drops() == ["openalex-snapshot-2026-06-26", "openalex-snapshot-2026-06-26-2"]


def _age(bucket: Bucket) -> None:
    """Web servers tell changes by the second."""
    for path in bucket.works.rglob("*.gz"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
