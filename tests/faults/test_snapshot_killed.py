"""A pull that is killed and called again ends with what an undisturbed one ends with."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.bucket import Bucket, Place, contents, serving, work

IMPORTS = "from pathlib import Path; from tests import snapshot_kills"
CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    bucket = Bucket(tmp_path / "bucket")
    bucket.put("2026-06-01", *(work(number, padding=60_000) for number in range(1, 21)))
    bucket.put("2026-06-02", work(30))
    return bucket.publish()


def outcome(root: Path) -> dict[str, bytes]:
    """What a pull leaves behind, empty folders included."""
    folders = {f"{path.relative_to(root)}/": b"" for path in root.rglob("*") if path.is_dir()}
    files = contents(root)
    files.pop("changes.json", None)
    return folders | files


def pull_elsewhere(bucket: Bucket, root: Path, kill_at: int | None = None) -> int:
    """Pull in a process of its own; returns its exit status."""
    call = f"snapshot_kills.pull({str(bucket.root)!r}, Path({str(root)!r}), {kill_at})"
    return subprocess.run([sys.executable, "-c", f"{IMPORTS}; {call}"], cwd=CHECKOUT, check=False).returncode


def test_killed_before_any_change_to_the_disk_and_pulled_again(bucket: Bucket, tmp_path: Path) -> None:
    undisturbed = Place(tmp_path / "undisturbed")
    undisturbed.pull(bucket.root)
    expected = outcome(undisturbed.root)
    program = [sys.executable, "-m", "tests.snapshot_kills", str(bucket.root), str(tmp_path / "places")]
    subprocess.run(program, cwd=CHECKOUT, check=True)
    places = sorted((tmp_path / "places").iterdir(), key=lambda place: int(place.name))
    assert len(places) > 25
    for place in places:
        assert outcome(place) == expected, f"killed before change {place.name}"


def test_killed_while_a_download_is_on_its_way_it_goes_on_from_there(bucket: Bucket, tmp_path: Path) -> None:
    path = "data/jsonl/works/updated_date=2026-06-01/part_0000.gz"
    place = Place(tmp_path / "place")
    half_sent = threading.Event()
    killed = threading.Event()
    with serving(bucket.root) as mirror:
        mirror.etags = False
        mirror.cut_after[path] = [700_000, 0]

        def hold_the_second(asked: str) -> None:
            if asked == path and len(mirror.cut_after[path]) == 1:
                half_sent.set()
                killed.wait(30)

        mirror.before = hold_the_second
        call = f"snapshot_kills.pull({mirror.address!r}, Path({str(place.root)!r}), None)"
        with subprocess.Popen([sys.executable, "-c", f"{IMPORTS}; {call}"], cwd=CHECKOUT) as process:
            assert half_sent.wait(30)
            process.send_signal(signal.SIGKILL)
            assert process.wait(30) == -signal.SIGKILL
        killed.set()
        mirror.before = lambda _: None
        mirror.cut_after.clear()
        mirror.requests.clear()
        pull = place.pull(mirror.address)
        [asked] = mirror.ranges_asked(path)
    assert 0 < int(asked.removeprefix("bytes=").rstrip("-")) <= 700_000
    assert pull.files == 2
    undisturbed = Place(tmp_path / "undisturbed")
    undisturbed.pull(bucket.root)
    assert contents(place.landing) == contents(undisturbed.landing)


def test_a_drop_that_was_ready_gets_another_name_when_its_own_was_taken(
    bucket: Bucket, tmp_path: Path
) -> None:
    place = Place(tmp_path / "place")
    place.root.mkdir()
    counted = tmp_path / "counted"
    counted.mkdir()
    assert pull_elsewhere(bucket, counted) == 0
    changes = json.loads((counted / "changes.json").read_text())
    delivery = changes.index(f"os.rename {counted}/landing/.pull-openalex-snapshot/drop") + 1
    assert pull_elsewhere(bucket, place.root, delivery) == -signal.SIGKILL
    (place.landing / "openalex-snapshot-2026-06-26").mkdir()
    pull = place.pull(bucket.root)
    assert pull.finished_before == place.landing / "openalex-snapshot-2026-06-26-2"
    assert (pull.drop, pull.files) == (None, 0)
    assert any("interrupted" in line for line in place.said)
