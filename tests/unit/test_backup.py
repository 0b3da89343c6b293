"""A backup gives the store back as it was, or says why not."""

import errno
import os
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest

from assets.backup_manifest import BackupFolder, Manifest, StoredFile, StoredLink
from assets.errors import CollaborationError
from assets.restore import restore
from assets.store import Store
from orchestration import cli
from orchestration.conclusion import ExitStatus
from tests.backed_up import backed_up, held, note, notes, put, restored, silent, small_store, worth_keeping
from tests.kills import in_fork


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where the machine offers that: every file is written through, on a busy disk for seconds."""
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with TemporaryDirectory(dir=in_memory, prefix="backup-") as folder:
        yield Path(folder)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return small_store(tmp_path / "store")


def whole_manifest(folder: Path) -> Manifest:
    manifest = BackupFolder(folder).manifest()
    assert manifest is not None
    return manifest


def content_of(folder: Path, path: str) -> Path:
    """Where a backup has a file of the store."""
    (digest,) = (file.digest for file in whole_manifest(folder).files if file.path == path)
    return BackupFolder(folder).content_of(digest)


def test_a_restored_store_holds_what_the_one_backed_up_held(store: Store, tmp_path: Path) -> None:
    backed_up(store, tmp_path / "backup")
    back = restored(tmp_path / "backup", tmp_path / "again")
    assert back == worth_keeping(store.root)
    assert (tmp_path / "again" / "warehouse").readlink() == Path("published/warehouse")
    assert notes(tmp_path / "again" / "ledger.sqlite") == ["first"]
    assert "work/build.duckdb" in back
    assert "work/headless.log" not in back


def test_a_second_backup_copies_what_is_new_and_forgets_what_is_gone(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    backed_up(store, folder)
    gone = content_of(folder, "records/a-12345678/v1/year=2019/part.parquet")
    assert gone.exists()
    shutil.rmtree(store.records / "a-12345678/v1/year=2019")
    put(store, "records/b-12345678/v1/year=2019/part.parquet", b"records of b")
    note(store.ledger_file, "second")
    made = backed_up(store, folder)
    assert made.copied == 2
    assert not gone.exists()
    assert restored(folder, tmp_path / "again") == worth_keeping(store.root)


def test_nothing_is_copied_again_when_nothing_changed_nor_after_a_restore(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    backed_up(store, folder)
    assert backed_up(store, folder).copied == 0
    shutil.rmtree(store.root)
    restore(folder, store.root, show=silent)
    assert backed_up(store, folder).copied == 0


def test_a_file_changed_just_before_a_backup_is_looked_at_again_by_the_next(
    store: Store, tmp_path: Path
) -> None:
    # File systems tell times of change by the tick of a clock: two changes can have the same.
    file = store.build_file
    file.write_bytes(b"count")
    changed = file.stat().st_mtime_ns
    backed_up(store, tmp_path / "backup")
    file.write_bytes(b"built")
    os.utime(file, ns=(changed, changed))
    backed_up(store, tmp_path / "backup")
    assert restored(tmp_path / "backup", tmp_path / "again")["work/build.duckdb"] == b"built"


def test_a_database_in_use_is_copied_as_of_one_moment(store: Store, tmp_path: Path) -> None:
    history = store.dagster_home / "history" / "runs.db"
    backed_up(store, tmp_path / "backup")
    with closing(sqlite3.connect(history)) as busy:
        busy.execute("insert into notes values ('run 2')")
        busy.commit()
        busy.execute("insert into notes values ('not committed')")
        backed_up(store, tmp_path / "backup")
        restore(tmp_path / "backup", tmp_path / "again", show=silent)
    assert notes(tmp_path / "again" / "dagster" / "history" / "runs.db") == ["run 1", "run 2"]


def test_a_folder_moved_to_another_disk_is_part_of_the_backup(store: Store, tmp_path: Path) -> None:
    records = worth_keeping(store.root)
    (store.records / ".b.partial").rename(tmp_path / "left")
    store.records.rename(tmp_path / "large_disk")
    store.records.symlink_to(tmp_path / "large_disk")
    backed_up(store, tmp_path / "backup")
    back = restored(tmp_path / "backup", tmp_path / "again")
    assert back == records
    assert not (tmp_path / "again" / "records").is_symlink()


def test_a_damaged_file_is_named_and_no_store_is_made(store: Store, tmp_path: Path) -> None:
    backed_up(store, tmp_path / "backup")
    path = "records/a-12345678/v1/year=2020/part.parquet"
    content = content_of(tmp_path / "backup", path)
    content.write_bytes(b"recorts of 2020")
    with pytest.raises(CollaborationError, match=rf"'{path}' of the store, is damaged: nothing was restored"):
        restore(tmp_path / "backup", tmp_path / "again", show=silent)
    content.unlink()
    with pytest.raises(CollaborationError, match=rf"'{path}' of the store, is missing"):
        restore(tmp_path / "backup", tmp_path / "again", show=silent)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "store"]


def test_a_damaged_file_removed_from_the_backup_comes_back_with_the_next(
    store: Store, tmp_path: Path
) -> None:
    backed_up(store, tmp_path / "backup")
    content_of(tmp_path / "backup", "work/build.duckdb").unlink()
    assert backed_up(store, tmp_path / "backup").copied == 1
    assert restored(tmp_path / "backup", tmp_path / "again") == worth_keeping(store.root)


def test_a_manifest_that_was_touched_is_not_used(store: Store, tmp_path: Path) -> None:
    backed_up(store, tmp_path / "backup")
    manifest = tmp_path / "backup" / "backup.json"
    written = manifest.read_text()
    for changed in (written.replace("year=2019", "year=2018"), written[:-20], ""):
        manifest.write_text(changed)
        with pytest.raises(CollaborationError, match=r"backup\.json is damaged"):
            restore(tmp_path / "backup", tmp_path / "again", show=silent)
    manifest.write_text(written.replace('"format_version": 1', '"format_version": 2'))
    with pytest.raises(
        CollaborationError, match="is of backup format 2; this version of the project reads 1"
    ):
        restore(tmp_path / "backup", tmp_path / "again", show=silent)


@pytest.mark.parametrize("path", ["../out", "/tmp/out", "records/../../out", "warehouse/out", ""])
def test_a_backup_of_unknown_origin_cannot_write_outside_the_store(
    store: Store, tmp_path: Path, path: str
) -> None:
    backed_up(store, tmp_path / "backup")
    rogue = whole_manifest(tmp_path / "backup")
    rogue = msgspec.structs.replace(rogue, files=(*rogue.files, StoredFile(path, 0, 0, "0" * 64, 0)))
    BackupFolder(tmp_path / "backup").write_manifest(rogue)
    with pytest.raises(CollaborationError, match="out of the store: it is not used"):
        restore(tmp_path / "backup", tmp_path / "again", show=silent)
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("target", ["../..", "/etc", "../../store", "published/../../.."])
def test_a_backup_of_unknown_origin_cannot_link_outside_the_store(
    store: Store, tmp_path: Path, target: str
) -> None:
    backed_up(store, tmp_path / "backup")
    rogue = whole_manifest(tmp_path / "backup")
    rogue = msgspec.structs.replace(rogue, links=(*rogue.links, StoredLink("vintages/link", target)))
    BackupFolder(tmp_path / "backup").write_manifest(rogue)
    with pytest.raises(CollaborationError, match="out of the store: it is not used"):
        restore(tmp_path / "backup", tmp_path / "again", show=silent)


def test_what_is_in_the_way_is_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(CollaborationError, match="lies in the store itself"):
        backed_up(store, store.root / "backup")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").touch()
    with pytest.raises(CollaborationError, match="is not empty and no backup"):
        backed_up(store, tmp_path / "letters")
    with pytest.raises(CollaborationError, match="holds no whole backup"):
        restore(tmp_path / "letters", tmp_path / "again", show=silent)
    backed_up(store, tmp_path / "backup")
    with pytest.raises(
        CollaborationError, match=r"holds a backup of the store .*/store, this one is .*/other"
    ):
        backed_up(small_store(tmp_path / "other"), tmp_path / "backup")
    with pytest.raises(CollaborationError, match="is not empty: restore into an empty or new folder"):
        restore(tmp_path / "backup", store.root, show=silent)
    with (
        BackupFolder(tmp_path / "backup").held(writing=False),
        pytest.raises(CollaborationError, match="Another backup or restore is at work"),
    ):
        backed_up(store, tmp_path / "backup")


def test_a_backup_on_a_medium_that_cannot_be_written_is_restored(store: Store, tmp_path: Path) -> None:
    backed_up(store, tmp_path / "backup")
    (tmp_path / "backup" / "backup.lock").unlink()
    (tmp_path / "again").mkdir()
    assert restored(tmp_path / "backup", tmp_path / "again") == worth_keeping(store.root)
    assert not (tmp_path / "backup" / "backup.lock").exists()


def test_a_full_disk_leaves_the_earlier_backup_whole_and_what_was_copied(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    backed_up(store, folder)
    before = worth_keeping(store.root)
    put(store, "records/b-12345678/v1/year=2019/part.parquet", b"fits")
    put(store, "records/c-12345678/v1/year=2019/part.parquet", bytes(100_000))

    def back_up_on_a_full_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))
        with pytest.raises(CollaborationError, match=rf"(?s){os.strerror(errno.EFBIG)}.*is still whole"):
            backed_up(store, folder)

    assert in_fork(back_up_on_a_full_disk) == 0
    assert restored(folder, tmp_path / "earlier") == before
    assert not BackupFolder(folder).incoming.exists()
    assert backed_up(store, folder).copied == 1
    assert restored(folder, tmp_path / "again") == worth_keeping(store.root)


def test_a_full_disk_while_restoring_leaves_no_store(store: Store, tmp_path: Path) -> None:
    put(store, "records/c-12345678/v1/year=2019/part.parquet", bytes(100_000))
    backed_up(store, tmp_path / "backup")

    def restore_on_a_full_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))
        with pytest.raises(CollaborationError, match="cannot be restored"):
            restore(tmp_path / "backup", tmp_path / "again", show=silent)

    assert in_fork(restore_on_a_full_disk) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "store"]


def test_what_was_copied_before_a_note_of_it_was_cut_off_is_copied_again(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    backed_up(store, folder)
    (folder / "copied.jsonl").write_bytes(b'{"path":"records/a')
    put(store, "records/b-12345678/v1/year=2019/part.parquet", b"new")
    assert backed_up(store, folder).copied == 1
    assert restored(folder, tmp_path / "again") == worth_keeping(store.root)
    assert "pulls/openalex-snapshot/pulled.json" in held(tmp_path / "again")


def test_the_commands_say_what_they_did(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    backed_up(store, tmp_path / "backup")
    monkeypatch.setenv("COLLAB_STORE", str(tmp_path / "again"))
    assert cli.main(["restore", str(tmp_path / "backup")]) == ExitStatus.OK
    said = capfd.readouterr().out
    assert said.startswith(f"Restored 11 files, 0.0 MB, into {tmp_path}/again, as they were at 20"), said
    assert cli.main(["restore", str(tmp_path / "backup")]) == ExitStatus.FAILED
    assert "is not empty" in capfd.readouterr().out
    monkeypatch.setenv("COLLAB_STORE", str(tmp_path / "empty"))
    assert cli.main(["backup", str(tmp_path / "backup")]) == ExitStatus.FAILED
    assert "Nothing in" in capfd.readouterr().out
