"""Signatures (what need not be looked at again) and fingerprints (what is the same content)."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.drops import DropState, discover, fingerprint
from assets.errors import CollaborationError
from tests.landing_folders import (
    NOW,
    PARTS,
    QUIET,
    WORKS,
    FakeFormat,
    aged,
    look,
    put,
    put_snapshot,
    recognise,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def snapshot(root: Path) -> Path:
    return put_snapshot(root)


# Signatures: what need not be looked at again


def unused(path: Path) -> FakeFormat | None:
    raise AssertionError(f"{path} was opened")


def test_a_drop_with_its_known_signature_is_ingested_and_not_opened(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = look(snapshot)
    monkeypatch.setattr(Path, "open", unused)
    monkeypatch.setattr("builtins.open", unused)
    (drop,) = discover(
        snapshot.parent,
        quiet_seconds=QUIET,
        now=NOW,
        known_signatures={"drop": before.signature},
        recognise=unused,
    )
    assert (drop.state, drop.reason, drop.signature) == (DropState.INGESTED, "", before.signature)
    assert (drop.bytes, len(drop.files)) == (4, 2)


@pytest.mark.parametrize("path", [f"{WORKS}/{PARTS[0]}", f"{WORKS}/manifest", "drop.toml", "new"])
def test_any_change_of_a_file_gives_a_drop_another_signature(snapshot: Path, path: str) -> None:
    put(snapshot, "drop.toml", b"")
    before = look(snapshot).signature
    put(snapshot, ".DS_Store")
    put(snapshot, "_log/x")
    assert look(snapshot).signature == before
    aged(put(snapshot, path), 100)
    after = look(snapshot).signature
    assert after != before
    (drop,) = discover(
        snapshot.parent, quiet_seconds=QUIET, known_signatures={"drop": before}, recognise=recognise
    )
    assert drop.state is not DropState.INGESTED


def test_a_forbidden_link_changes_the_signature(snapshot: Path) -> None:
    before = look(snapshot).signature
    (snapshot / "link").symlink_to("/etc")
    assert look(snapshot).signature != before


# Fingerprints: what is the same content

TREES = st.dictionaries(
    st.from_regex(r"[a-c](/[a-c]\.x)?\.y", fullmatch=True),
    st.binary(max_size=20).map(lambda content: b"{" + content),
    min_size=1,
    max_size=6,
)


def print_of(files: Sequence[tuple[str, bytes]], age: int = 1000, toml: bytes = b"") -> str:
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files:
            aged(put(Path(folder), path, content), age)
        put(Path(folder), "drop.toml", toml)
        drop = look(Path(folder))
        assert drop.state is DropState.READY, drop.reason
        return fingerprint(drop)


@settings(max_examples=40, deadline=None)
@given(TREES, st.randoms(use_true_random=False), st.integers(1000, 10**9), st.data())
def test_a_fingerprint_is_of_content_and_names_alone(
    tree: dict[str, bytes], random: Any, age: int, data: st.DataObject
) -> None:
    files = list(tree.items())
    expected = print_of(files)
    random.shuffle(files)
    assert print_of(files, age) == expected

    path, content = files[0]
    position = data.draw(st.integers(1, len(content)))
    changed = content[: position - 1] + bytes([content[position - 1] ^ 1]) + content[position:]
    others = files[1:]
    if changed.startswith(b"{"):
        assert print_of([(path, changed), *others]) != expected
    assert print_of([(f"{path}.renamed", content), *others]) != expected
    assert print_of([("another", b"{"), *files]) != expected


def test_a_fingerprint_covers_the_settings() -> None:
    files = [("a", b"{}")]
    prints = {
        print_of(files, toml=toml)
        for toml in (b"", b"synthetic = true", b"received = 2024-01-01", b"received = 2024-01-02")
    }
    assert len(prints) == 4
    assert print_of(files, toml=b"# a remark\nsynthetic = false") in prints


def test_moving_a_byte_from_one_file_to_the_next_changes_the_fingerprint() -> None:
    assert print_of([("a", b"{1"), ("b", b"{")]) != print_of([("a", b"{"), ("b", b"{1")])


def test_a_fingerprint_does_not_depend_on_the_number_of_threads(snapshot: Path) -> None:
    drop = look(snapshot)
    assert fingerprint(drop, workers=1) == fingerprint(drop, workers=4)


def test_a_file_that_changed_since_the_inspection_has_no_fingerprint(root: Path) -> None:
    file = put(root, "a.jsonl")
    drop = look(root)
    aged(file, 7)
    with pytest.raises(CollaborationError, match=r"'a.jsonl' of drop 'drop' changed"):
        fingerprint(drop)
    file.unlink()
    with pytest.raises(CollaborationError, match=r"'a.jsonl' of drop 'drop' can no longer be read"):
        fingerprint(drop)


def test_only_a_ready_drop_has_a_fingerprint(snapshot: Path) -> None:
    with pytest.raises(ValueError, match="not ready"):
        fingerprint(replace(look(snapshot), state=DropState.WAITING))
