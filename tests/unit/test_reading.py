"""Reading a drop: the store gets all of it or nothing, whatever happens, and in parallel."""

import errno
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assets import read_task, reading, record_writer
from assets.drop_files import DropFile
from assets.errors import CollaborationError
from assets.file_content import Meter
from assets.formats import FORMATS, Format
from assets.progress import Progress
from assets.quarantine import Rejected
from assets.read_task import DropChangedError
from assets.reading import read_drop
from assets.records import DeliveredRecord
from tests.delivered_works import (
    TEN_WORKS,
    Json,
    as_gzip,
    balanced,
    drop_files,
    left_behind,
    lines,
    read,
    read_content,
    work,
)

# --- drops that change, and paths ---


def test_a_file_that_vanished_stops_the_reading(tmp_path: Path) -> None:
    root = tmp_path / "drop"
    root.mkdir()
    (root / "a.gz").write_bytes(lines(TEN_WORKS))
    gone = DropFile("b/part 2.gz", 10, 0, None)
    with pytest.raises(DropChangedError, match=r"^Drop 'drop' changed .* 'b/part 2.gz' is gone"):
        read(root, [*drop_files(root), gone])
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("size", "mtime_ns", "message"),
    [(1, 0, r"'a\.gz' had 4321 bytes and has"), (0, 1, r"'a\.gz' was written to")],
)
def test_a_file_that_changed_before_reading_stops_it(
    tmp_path: Path, size: int, mtime_ns: int, message: str
) -> None:
    root = tmp_path / "drop"
    root.mkdir()
    (root / "a.gz").write_bytes(lines(TEN_WORKS))
    (file,) = drop_files(root)
    other = DropFile(file.path, 4321 if size else file.size, file.mtime_ns - mtime_ns, None)
    with pytest.raises(DropChangedError, match=message):
        read(root, [other])
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("change", ["grows", "vanishes", "is touched"])
def test_a_file_that_changes_while_it_is_read_stops_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    def read_and_change(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
        yield from FORMATS["openalex-jsonl"].read(path, meter)
        if change == "grows":
            path.write_bytes(lines(TEN_WORKS * 2))
        elif change == "vanishes":
            path.unlink()
        else:
            os.utime(path, ns=(0, 0))

    changing = Format("openalex-jsonl", "openalex", read_and_change)
    monkeypatch.setattr(read_task, "reader_of", lambda path: changing)
    with pytest.raises(DropChangedError, match="Nothing of it was recorded; run again"):
        read_content(tmp_path / "drop", lines([work(1, id=None), *TEN_WORKS]))
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("path", ["../elsewhere.gz", "a/../../b.gz", "/etc/hosts"])
def test_a_path_that_leaves_the_drop_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "drop").mkdir()
    with pytest.raises(CollaborationError, match="lies outside the drop's folder"):
        read(tmp_path / "drop", [DropFile(path, 1, 1, None)])


def test_odd_names_of_drops_and_files_are_kept(tmp_path: Path) -> None:
    root = tmp_path / 'it\'s a "drop" … ünï'
    names = ['a b\'s "c".gz', "..hidden/..x..gz", "ünï/日本.gz", "new\nline.gz"]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(lines([work(1), work(2, id=None)]))
    found = read(root)
    assert balanced(found, accepted=4, rejected=4)
    assert sorted(row["file"] for row in found.rows) == sorted(names)
    assert sorted(entry["file"] for entry in found.rejects) == sorted(names)
    assert {entry["drop"] for entry in found.rejects} == {root.name}


def test_a_name_that_is_not_utf8_is_kept_readable(tmp_path: Path) -> None:
    root = tmp_path / "drop"
    root.mkdir()
    (root / os.fsdecode(b"a\xff.gz")).write_bytes(lines([work(1), work(2, id=None)]))
    found = read(root)
    assert found.rows[0]["file"] == found.rejects[0]["file"] == "a\\xff.gz"


# --- all or nothing, and in parallel ---


def test_a_destination_that_is_there_is_left_alone(tmp_path: Path) -> None:
    read_content(tmp_path / "drop", lines(TEN_WORKS))
    with pytest.raises(CollaborationError, match="version is there already"):
        read(tmp_path / "drop")


def test_a_store_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "drop-store").write_text("a file where the store should be")
    with pytest.raises(CollaborationError, match="Drop 'drop': its records cannot be written to"):
        read_content(tmp_path / "drop", lines(TEN_WORKS))


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(record_writer, "flush", no_room)
    with pytest.raises(CollaborationError, match=r"No space left .* make room or mend"):
        read_content(tmp_path / "drop", lines([*TEN_WORKS, work(1, id=None)]))
    assert left_behind(tmp_path) == []


def test_what_a_killed_reading_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    stale = tmp_path / "drop-store" / ".version.partial" / "year=2019"
    stale.mkdir(parents=True)
    (stale / "part-00000.parquet").write_text("half a file")
    (tmp_path / "drop-store" / "quarantine.jsonl").write_text("{}\n")
    assert balanced(read_content(tmp_path / "drop", lines(TEN_WORKS)), accepted=10, rejected=0)


@pytest.fixture
def wide_drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A drop of seven files with rejects and many years, in processes despite its size."""
    monkeypatch.setattr(reading, "SMALL_DROP_BYTES", -1)
    root = tmp_path / "drop"
    root.mkdir()
    for number in range(7):
        works: list[Json] = [
            work(100 * number + n, publication_year=1495 + n % 10) for n in range(20 + 40 * number)
        ]
        works.append(work(1, id=None))
        (root / f"part_{number:03d}.gz").write_bytes(as_gzip(lines(works)))
    return root


def test_processes_read_the_same_as_one(wide_drop: Path, tmp_path: Path) -> None:
    together = read(wide_drop, workers=3, store=tmp_path / "together")
    alone = read(wide_drop, workers=1, store=tmp_path / "alone")
    assert balanced(together, accepted=980, rejected=7)
    assert together.rows == alone.rows
    assert together.summary.records_by_year == alone.summary.records_by_year
    parts = {path.name for path in (tmp_path / "together").rglob("*.parquet")}
    assert parts == {"part-00000.parquet", "part-00001.parquet", "part-00002.parquet"}
    assert together.progress[-1].records == 987
    assert together.progress[-1].done == together.progress[-1].total
    assert left_behind(tmp_path / "together") == ["quarantine.jsonl", "version"]


def test_a_fault_in_one_process_ends_all(wide_drop: Path, tmp_path: Path) -> None:
    files = [*drop_files(wide_drop), DropFile("part_999.gz", 1, 1, None)]
    with pytest.raises(DropChangedError, match=r"'part_999\.gz' is gone"):
        read(wide_drop, files, workers=3)
    assert left_behind(tmp_path) == []
    assert multiprocessing.active_children() == []


def _read_forever(
    root: Path, on_progress: Callable[[Progress], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read a work and then zeros for minutes, so that `on_progress` ends it."""
    monkeypatch.setattr(reading, "SMALL_DROP_BYTES", -1)
    root.mkdir()
    (root / "endless").write_text(json.dumps(work(1)) + "\n")
    # It takes no room: what was never written is read as zeros.
    os.truncate(root / "endless", 1 << 40)
    state = (root / "endless").stat()
    read_drop(
        drop_id=root.name,
        root=root,
        files=[DropFile("endless", state.st_size, state.st_mtime_ns, None)],
        destination=root.parent / "drop-store" / "version",
        quarantine_file=root.parent / "drop-store" / "quarantine.jsonl",
        workers=2,
        on_progress=on_progress,
    )


def test_an_interrupt_ends_the_processes_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _read_forever(tmp_path / "drop", interrupt, monkeypatch)
    assert multiprocessing.active_children() == []
    assert left_behind(tmp_path) == []


def test_a_process_that_dies_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(progress: Progress) -> None:
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)

    message = r"Drop 'drop': a process that read 1 .* was ended by signal SIGKILL; nothing of it was recorded"
    with pytest.raises(CollaborationError, match=message):
        _read_forever(tmp_path / "drop", kill, monkeypatch)
    assert left_behind(tmp_path) == []


def test_progress_tells_rate_and_time_left() -> None:
    progress = Progress(records=500, done=100, total=400, seconds=2.0)
    assert progress.rate == 250.0
    assert progress.seconds_left == 6.0
    begun = Progress(records=0, done=0, total=400, seconds=0.0)
    assert begun.rate == 0.0
    assert begun.seconds_left is None
