"""What lies in the landing folder: which folders are drops, links, odd files, trouble."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from assets.drop_scan import Scan, list_drops, scan
from assets.drops import DropState, discover, inspect
from assets.errors import CollaborationError
from tests.landing_folders import (
    NOW,
    QUIET,
    FakeFormat,
    assert_rejected,
    assert_waits,
    listing,
    look,
    put,
    recognise,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


# Which folders are drops


def test_each_visible_folder_is_a_drop_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b", 'a drop\'s "name" ü..', ".hidden", "_work", "a..b"):
        (tmp_path / name).mkdir()
    put(tmp_path, "stray.jsonl")
    drops = list_drops(tmp_path)
    assert [drop.drop_id for drop in drops] == ['a drop\'s "name" ü..', "a..b", "b"]
    assert drops[2].root == tmp_path / "b"


def test_a_link_out_of_the_landing_folder_is_refused(tmp_path: Path, root: Path) -> None:
    put(root, "a.jsonl")
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "linked").symlink_to(root)
    (landing / "dangling").symlink_to(tmp_path / "nowhere")
    (landing / "loop").symlink_to(landing / "loop")
    linked, loop = sorted(
        discover(landing, quiet_seconds=QUIET, now=NOW, recognise=recognise),
        key=lambda drop: drop.state,
    )
    assert_rejected(linked, "a link to a folder outside the landing folder", "move the folder itself there")
    assert linked.files == ()
    assert_waits(loop, "loop", "cannot be read")


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_landing_folder_that_cannot_be_listed_is_an_error(tmp_path: Path, name: str) -> None:
    put(tmp_path, "file")
    with pytest.raises(CollaborationError, match=r"landing folder .*LANDING"):
        discover(tmp_path / name, quiet_seconds=QUIET)


@pytest.mark.parametrize(
    ("name", "drop_id"),
    [
        (b"a\nb", "a\\nb"),
        (b"bad\xff", "bad\\udcff"),
        ("line\u2028".encode(), "line\\u2028"),
        (b"a...b", "a...b"),
        (b"a,b", "a,b"),
    ],
)
def test_a_folder_whose_name_cannot_be_a_key_is_rejected(tmp_path: Path, name: bytes, drop_id: str) -> None:
    put(tmp_path / os.fsdecode(name), "a.jsonl")
    (drop,) = discover(tmp_path, quiet_seconds=QUIET, now=NOW, recognise=recognise)
    assert drop.drop_id == drop_id
    assert_rejected(drop, "rename the folder")


@pytest.mark.parametrize("name", ["it's", '"quoted"', "two  words", "Zürich 北京", "a..b", "\xa0x"])
def test_other_names_are_the_id_as_they_are(tmp_path: Path, name: str) -> None:
    put(tmp_path / name, f"{name}.jsonl")
    (drop,) = discover(tmp_path, quiet_seconds=QUIET, now=NOW, recognise=recognise)
    assert (drop.drop_id, drop.state) == (name, DropState.READY)
    assert drop.files[0].path == f"{name}.jsonl"


# Links, odd files and trouble with the disk


def test_a_link_to_a_file_inside_the_drop_is_a_file(root: Path) -> None:
    put(root, ".objects/1", b"{}")
    (root / "a.jsonl").symlink_to(root / ".objects" / "1")
    drop = look(root)
    assert drop.state is DropState.READY
    assert [(file.path, file.size) for file in drop.files] == [("a.jsonl", 2)]


@pytest.mark.parametrize("target", ["../secret", "../drop-2/x", "sub", "gone", "link"])
@pytest.mark.parametrize("with_manifest", [True, False])
def test_a_link_to_anything_else_is_refused(root: Path, target: str, with_manifest: bool) -> None:
    put(root, "../secret")
    put(root, "../drop-2/x")
    put(root, "sub/a.jsonl")
    if with_manifest:
        put(root, "sub/manifest", listing("a.jsonl").replace(b"data/works", b"sub"))
    (root / "link").symlink_to(target)
    assert_rejected(look(root), "'link' is a link that leads to no file inside the drop", "remove")


def test_what_is_no_regular_file_is_refused_unopened(root: Path) -> None:
    put(root, "a.jsonl")
    os.mkfifo(root / "pipe")
    assert_rejected(look(root), "'pipe'", "no regular file")


def test_a_file_whose_name_is_not_utf8_is_rejected(root: Path) -> None:
    put(root, os.fsdecode(b"a\xff.jsonl"))
    assert_rejected(look(root), "\\udcff", "rename the file")


def test_an_unreadable_folder_makes_the_drop_wait(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, "sub/a.jsonl")
    scandir = os.scandir

    def deny(path: Path) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", deny)
    assert_waits(look(root), str(root / "sub"), "Permission denied", "pipeline read it")


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "I/O")])
def test_an_unreadable_file_makes_the_drop_wait(
    root: Path, error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "a.jsonl")

    def deny(path: Path, flags: int) -> None:
        raise type(error)(error.errno, error.strerror, str(path))

    monkeypatch.setattr(os, "open", deny)
    drop = inspect(root, quiet_seconds=QUIET, now=NOW)
    assert_waits(drop, str(root / "a.jsonl"), str(error.strerror))


def test_the_order_in_which_the_disk_lists_files_does_not_matter(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "bca":
        put(root, f"{name}.jsonl")
        (root / name).symlink_to("/etc")
    scandir = os.scandir

    def listed(backwards: bool) -> Scan:
        def in_order(path: Path) -> nullcontext[list[os.DirEntry[str]]]:
            with scandir(path) as entries:
                return nullcontext(sorted(entries, key=lambda e: e.name, reverse=backwards))

        monkeypatch.setattr(os, "scandir", in_order)
        return scan(root)

    forwards = listed(backwards=False)
    backwards = listed(backwards=True)
    assert [file.path for file in backwards.files] == ["a.jsonl", "b.jsonl", "c.jsonl"]
    assert backwards.refused == ("a", "b", "c")
    assert backwards.signature == forwards.signature


def test_a_drop_that_is_gone_waits(tmp_path: Path) -> None:
    drop = look(tmp_path / "gone")
    assert_waits(drop, str(tmp_path / "gone"), "is gone")
    assert (drop.files, drop.signature) == ((), "")


def test_a_file_that_vanishes_during_the_inspection_makes_the_drop_wait(root: Path) -> None:
    file = put(root, "a.jsonl")

    def vanish(path: Path) -> FakeFormat | None:
        file.unlink()
        return recognise(path)

    drop = inspect(root, quiet_seconds=QUIET, now=NOW, recognise=vanish)
    assert_waits(drop, "a.jsonl", "is gone")
