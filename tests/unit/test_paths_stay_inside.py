"""What is read lies in the landing folder, also when somebody moves things after they were looked at."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assets.drops import DropState, Inspection, fingerprint, inspect
from assets.errors import CollaborationError
from assets.reading import read_drop

WORK = b'{"id":"https://openalex.org/W1","publication_year":2019,"authorships":[]}\n'


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside, as large and as old as the one delivered."""
    path = tmp_path / "elsewhere" / "a.jsonl"
    path.parent.mkdir()
    path.write_bytes(WORK.replace(b"W1", b"W2"))
    os.utime(path, ns=(10**18, 10**18))
    return path


@pytest.fixture
def drop(tmp_path: Path) -> Inspection:
    """A drop that was found ready."""
    path = tmp_path / "landing" / "drop" / "sub" / "a.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(WORK)
    os.utime(path, ns=(10**18, 10**18))
    found = inspect(tmp_path / "landing" / "drop", quiet_seconds=0, now=4e9)
    assert found.state is DropState.READY
    return found


def swap_file(drop: Inspection, secret: Path) -> None:
    (drop.root / "sub" / "a.jsonl").unlink()
    (drop.root / "sub" / "a.jsonl").symlink_to(secret)


def swap_folder(drop: Inspection, secret: Path) -> None:
    (drop.root / "sub").rename(drop.root.parent / ".sub")
    (drop.root / "sub").symlink_to(secret.parent)


def swap_drop(drop: Inspection, secret: Path) -> None:
    drop.root.rename(drop.root.parent / ".drop")
    (secret.parent / "sub").mkdir()
    secret.rename(secret.parent / "sub" / "a.jsonl")
    drop.root.symlink_to(secret.parent)


@pytest.mark.parametrize("swap", [swap_file, swap_folder, swap_drop])
def test_what_is_swapped_for_a_link_after_it_was_found_ready_is_not_read(
    drop: Inspection, secret: Path, tmp_path: Path, swap: Callable[[Inspection, Path], None]
) -> None:
    swap(drop, secret)
    with pytest.raises(CollaborationError, match="can no longer be read"):
        fingerprint(drop)
    with pytest.raises(CollaborationError, match="leads out of it since the drop was verified"):
        read(drop, tmp_path)
    assert not (tmp_path / "records").exists()


def test_what_is_swapped_for_a_pipe_is_not_waited_for(drop: Inspection, tmp_path: Path) -> None:
    path = drop.root / "sub" / "a.jsonl"
    path.unlink()
    os.mkfifo(path)
    os.utime(path, ns=(10**18, 10**18))
    with pytest.raises(CollaborationError, match="can no longer be read"):
        fingerprint(drop)
    with pytest.raises(CollaborationError, match="changed while it was read"):
        read(drop, tmp_path)
    (file,) = drop.files
    read(replace(drop, files=(replace(file, size=0),)), tmp_path)
    assert "no regular file" in (tmp_path / "rejected.jsonl").read_text()


def read(drop: Inspection, tmp_path: Path) -> None:
    read_drop(
        drop_id=drop.drop_id,
        root=drop.root,
        files=drop.files,
        destination=tmp_path / "records",
        quarantine_file=tmp_path / "rejected.jsonl",
        workers=1,
        on_progress=lambda _: None,
    )


def test_a_link_to_another_drop_of_the_landing_folder_stays_one(drop: Inspection) -> None:
    (drop.root.parent / "same").symlink_to(drop.root)
    assert inspect(drop.root.parent / "same", quiet_seconds=0, now=4e9).state is DropState.READY


def test_a_landing_folder_may_itself_be_a_link(drop: Inspection, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(drop.root.parent)
    found = inspect(tmp_path / "link" / "drop", quiet_seconds=0, now=4e9)
    assert found.state is DropState.READY
    assert fingerprint(found) == fingerprint(drop)


@pytest.mark.parametrize("name", ["manifest", "drop.toml"])
def test_a_manifest_of_gigabytes_is_refused_unread(drop: Inspection, name: str) -> None:
    with (drop.root / name).open("wb") as file:
        file.truncate(1 << 40)
    found = inspect(drop.root, quiet_seconds=0, now=4e9)
    assert found.state is DropState.REJECTED
    assert f"'{name}' has 1099511627776 bytes, more than the 67108864" in found.reason
