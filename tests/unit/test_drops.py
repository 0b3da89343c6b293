"""Judging drops: completeness, formats, manifests and settings."""

import gzip
import json
import os
from datetime import date
from pathlib import Path

import pytest

from assets.drop_settings import Mode
from assets.drops import DropState, discover, inspect
from assets.errors import UnsuitableExportError
from tests.landing_folders import (
    NOW,
    PARTS,
    QUIET,
    WORKS,
    aged,
    assert_rejected,
    assert_waits,
    listing,
    look,
    put,
    put_snapshot,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def snapshot(root: Path) -> Path:
    return put_snapshot(root)


# Drops without a manifest


def test_a_quiet_drop_is_ready(root: Path) -> None:
    put(root, "sub/b.jsonl", b"{1}")
    put(root, "a.json", b"[]")
    for ignored in (".DS_Store", "_log", "_temporary/part", ".git/config"):
        put(root, ignored, b"?")
    drop = look(root)
    assert (drop.drop_id, drop.root, drop.state, drop.reason) == (
        "drop",
        root,
        DropState.READY,
        "",
    )
    assert [(file.path, file.size) for file in drop.files] == [("a.json", 2), ("sub/b.jsonl", 3)]
    assert drop.files[0].mtime_ns == (root / "a.json").stat().st_mtime_ns
    assert (drop.format, drop.source) == ("array + lines", "openalex")
    assert (drop.bytes, drop.listed_records, drop.stated_date) == (5, None, None)
    assert drop.synthetic is False


@pytest.mark.parametrize("changed", ["a.jsonl", "sub", ".", ".a.jsonl.Xy12", "_temporary"])
@pytest.mark.parametrize("age", [5, -5])
def test_a_drop_that_just_changed_waits(root: Path, changed: str, age: int) -> None:
    put(root, "a.jsonl")
    put(root, ".a.jsonl.Xy12")
    (root / "sub").mkdir()
    (root / "_temporary").mkdir()
    aged(root / changed, age)
    assert_waits(look(root), "changed 5 s ago", "60 s", "_SUCCESS")


@pytest.mark.parametrize("age", [QUIET, -QUIET, -1e9])
def test_a_change_long_ago_or_far_ahead_does_not_hold_a_drop_up(root: Path, age: float) -> None:
    aged(put(root, "a.jsonl"), age)
    assert look(root).state is DropState.READY


def test_a_success_file_makes_a_drop_ready_at_once(root: Path) -> None:
    aged(put(root, "a.jsonl"), 5)
    aged(put(root, "_SUCCESS", b""), 5)
    drop = look(root)
    assert drop.state is DropState.READY
    assert [file.path for file in drop.files] == ["a.jsonl"]


@pytest.mark.parametrize("path", [None, "drop.toml", "_SUCCESS", ".hidden", "sub/_x"])
def test_a_drop_without_data_files_waits(root: Path, path: str | None) -> None:
    if path:
        put(root, path, b"")
    assert_waits(look(root), "no files yet")


def test_a_drop_of_empty_files_is_rejected(root: Path) -> None:
    put(root, "a.jsonl", b"")
    put(root, "b.jsonl", b"")
    assert_rejected(look(root), "empty", "no records", "deliver it again")


def test_an_empty_file_beside_others_does_not_hold_a_drop_up(root: Path) -> None:
    put(root, "a.jsonl", b"")
    put(root, "b.jsonl")
    drop = look(root)
    assert (drop.state, len(drop.files), drop.format) == (DropState.READY, 2, "lines")


# Formats


def test_a_file_no_reader_knows_makes_the_drop_wait_and_shows_how_it_begins(root: Path) -> None:
    put(root, "a.jsonl")
    put(root, "savedrecs.txt", b"\xef\xbb\xbfPT\tAU\x00\nBA " + b"x" * 100)
    assert_waits(look(root), "'savedrecs.txt'", "'PT AU BA xxx", "no reader", "this version")
    assert len(look(root).reason) < 250


def test_a_packed_file_no_reader_knows_is_shown_unpacked(root: Path) -> None:
    put(root, "a.gz", gzip.compress(b"Authors,Title " + os.urandom(5000)))
    assert_waits(look(root), "'a.gz'", "Authors,Title")


def test_a_drop_of_two_sources_waits(root: Path) -> None:
    put(root, "a.jsonl")
    put(root, "b.txt", b"FN Clarivate")
    assert_waits(look(root), "openalex: 'a.jsonl'", "wos: 'b.txt'", "split it")


# Drops with manifests


def test_a_drop_with_all_listed_files_is_ready_however_fresh(snapshot: Path) -> None:
    for path in snapshot.rglob("*"):
        aged(path, 0)
    drop = look(snapshot)
    assert (drop.state, drop.reason) == (DropState.READY, "")
    assert [file.path for file in drop.files] == [f"{WORKS}/{part}" for part in PARTS]
    assert [file.listed_records for file in drop.files] == [5, 5]
    assert drop.listed_records == 10


def test_the_manifests_date_is_the_stated_date_unless_the_settings_say_otherwise(
    snapshot: Path,
) -> None:
    put(snapshot, f"{WORKS}/manifest", listing(*PARTS, date="2026-03-02", entity="works"))
    assert look(snapshot).stated_date == date(2026, 3, 2)
    put(snapshot, "drop.toml", b"received = 2025-01-31")
    assert look(snapshot).stated_date == date(2025, 1, 31)


def test_records_are_counted_only_when_all_files_state_them(snapshot: Path) -> None:
    content = json.loads((snapshot / WORKS / "manifest").read_bytes())
    del content["entries"][0]["meta"]["record_count"]
    put(snapshot, f"{WORKS}/manifest", json.dumps(content).encode())
    drop = look(snapshot)
    assert drop.state is DropState.READY
    assert drop.listed_records is None


def test_a_drop_with_missing_or_short_files_waits(snapshot: Path) -> None:
    (snapshot / WORKS / PARTS[0]).unlink()
    assert_waits(look(snapshot), "1 of 2 listed files is not there yet", f"'{WORKS}/{PARTS[0]}'")
    put(snapshot, f"{WORKS}/{PARTS[0]}", b"{")
    assert_waits(look(snapshot), "1 of 2", "1 of 2 bytes")


def test_a_manifest_that_arrives_first_makes_the_drop_wait(root: Path) -> None:
    put(root, f"{WORKS}/manifest", listing(*PARTS))
    assert_waits(look(root), "2 of 2 listed files are not there yet")


def test_a_manifest_of_nothing_waits_for_files(root: Path) -> None:
    put(root, "manifest", listing())
    assert_waits(look(root), "no files yet")


def test_a_file_longer_than_listed_makes_the_drop_wait(snapshot: Path) -> None:
    put(snapshot, f"{WORKS}/{PARTS[1]}", b"{ }")
    assert_waits(look(snapshot), PARTS[1], "3 bytes", "lists 2", "copy")


def test_a_file_no_manifest_lists_makes_the_drop_wait(snapshot: Path) -> None:
    put(snapshot, "README.txt")
    assert_waits(look(snapshot), "'README.txt' is not listed", "move it out of the drop")


@pytest.mark.parametrize("content", [b"", b'{"entries": [{"ur', b'{"name": "frictionless"}'])
def test_a_broken_manifest_waits_while_fresh_and_is_rejected_after(snapshot: Path, content: bytes) -> None:
    aged(put(snapshot, f"{WORKS}/manifest", content), 5)
    assert_waits(look(snapshot), f"'{WORKS}/manifest'", "copy it again")
    assert_rejected(look(snapshot, now=NOW + QUIET), f"'{WORKS}/manifest'", "copy it again")


def test_a_manifest_that_leads_out_of_the_drop_or_lists_authors_is_rejected(snapshot: Path) -> None:
    put(snapshot, f"{WORKS}/manifest", listing("../../../secret"))
    assert_rejected(look(snapshot), "could lead out of the drop")
    put(snapshot, f"{WORKS}/manifest", listing(*PARTS, entity="authors"))
    assert_rejected(look(snapshot), "lists authors, not works")


@pytest.mark.parametrize(
    ("drop_id", "files", "records", "stated"),
    [
        ("openalex-2023-03", 31, 6279, None),
        ("openalex-2025-09", 102, 622, date(2026, 3, 2)),
    ],
)
def test_the_real_openalex_drops_are_ready(
    real_landing: Path, drop_id: str, files: int, records: int, stated: date | None
) -> None:
    drop = inspect(real_landing / drop_id, quiet_seconds=QUIET, now=NOW)
    assert (drop.state, drop.reason, drop.source) == (DropState.READY, "", "openalex")
    assert (len(drop.files), drop.listed_records, drop.stated_date) == (files, records, stated)


def test_each_real_drop_is_recognised_for_what_it_is(real_landing: Path) -> None:
    drops = discover(real_landing, quiet_seconds=QUIET, now=NOW)
    assert {drop.drop_id: (drop.state.value, drop.format) for drop in drops} == {
        "iot-2017-scopus": ("ready", "scopus-csv"),
        "iot-2017-wos": ("ready", "wos-tab"),
        "openalex-2023-03": ("ready", "openalex-jsonl"),
        "openalex-2025-09": ("ready", "openalex-jsonl"),
        "wos-ble-2019": ("ready", "wos-tab"),
        "wos-ble-2023": ("ready", "wos-tab"),
        "wos-genai-2024": ("ready", "wos-tagged"),
    }


# drop.toml


def test_the_settings_of_a_drop_are_read(root: Path) -> None:
    put(root, "a.jsonl")
    put(root, "drop.toml", b"\xef\xbb\xbfreceived = 2024-05-01\nsynthetic = true\n")
    drop = look(root)
    assert (drop.state, drop.stated_date, drop.synthetic) == (
        DropState.READY,
        date(2024, 5, 1),
        True,
    )


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"recieved = 2024-05-01", "recieved"),
        (b'received = "2024-05-01"', "received"),
        (b"received = 2024-05-01T10:00:00Z", "received"),
        (b"received = 2024-02-31", "line 1"),
        (b"synthetic = 1", "synthetic"),
        (b"synthetic = ", "Invalid value"),
        (b"synthetic = true\nsynthetic = true", "overwrite"),
        (b"\xff = 1", "utf-8"),
        (b'source = "web of science"', "name one of openalex, wos, scopus"),
        (b'format = "csv"', "name one of openalex-jsonl"),
        (b'source = "wos"\nformat = "openalex-jsonl"', "one of openalex, not of wos"),
        (b'technology = " "', "technology is empty"),
        (b'technology = "all"', "stands for a set of works"),
        (b'technology = " ALL "', "stands for a set of works"),
        (b"received = 2999-01-01", "still to come"),
        (
            b'mode = "snapshot"\nreceived = 2026-03-02\ntechnology = "radar"',
            "not all its source holds",
        ),
        (b'mode = "full"', "mode"),
        (b'mode = "snapshot"', "add received"),
    ],
)
def test_wrong_settings_reject_the_drop_and_are_named(root: Path, content: bytes, named: str) -> None:
    put(root, "a.jsonl")
    put(root, "drop.toml", content)
    assert_rejected(look(root), "drop.toml cannot be used", named, "mend or remove")


def test_a_drop_may_state_what_its_records_are(root: Path) -> None:
    put(root, "a.jsonl")
    put(root, "drop.toml", b'source = "openalex"\ntechnology = "quantum-sensors"\nmode = "delta"\n')
    drop = look(root)
    assert (drop.state, drop.technology, drop.mode) == (DropState.READY, "quantum-sensors", Mode.DELTA)


def test_an_export_without_addresses_is_none_the_better_for_a_stated_format(root: Path) -> None:
    put(root, "a.txt")
    put(root, "drop.toml", b'format = "wos-tab"')

    def refuse(_: Path) -> None:
        raise UnsuitableExportError("'a.txt' has no addresses: choose the full record")

    drop = inspect(root, quiet_seconds=QUIET, now=NOW, recognise=refuse)
    assert_rejected(drop, "'a.txt' has no addresses: choose the full record")


def test_blanks_around_a_technology_are_none_of_its_name(root: Path) -> None:
    put(root, "a.jsonl")
    put(root, "drop.toml", b'technology = " radar "')
    assert look(root).technology == "radar"


def test_a_stated_format_stands_in_for_recognising(root: Path) -> None:
    put(root, "a.xyz", b"nothing a reader knows")
    assert_waits(look(root), "no reader for the format")
    put(root, "drop.toml", b'format = "openalex-jsonl"')
    drop = look(root)
    assert (drop.state, drop.format, drop.stated_format) == (
        DropState.READY,
        "openalex-jsonl",
        "openalex-jsonl",
    )


def test_records_of_another_source_than_stated_reject_the_drop(root: Path) -> None:
    put(root, "a.jsonl")
    put(root, "drop.toml", b'source = "scopus"')
    assert_rejected(look(root), "states the source scopus", "'a.jsonl' holds records of openalex", "mend")


def test_an_export_without_addresses_is_rejected_with_its_sentence(root: Path) -> None:
    put(root, "a.ris")

    def refuse(_: Path) -> None:
        raise UnsuitableExportError("'a.ris' is an export without addresses: choose the full record")

    drop = inspect(root, quiet_seconds=QUIET, now=NOW, recognise=refuse)
    assert_rejected(drop, "'a.ris' is an export without addresses: choose the full record")


# Complete id sets


def test_a_snapshot_may_tell_of_nothing_but_what_is_gone(root: Path) -> None:
    put(root, "complete_ids.parquet", b"?")
    put(root, "drop.toml", b'source = "openalex"\nmode = "snapshot"\nreceived = 2026-03-02')
    drop = look(root)
    assert (drop.state, drop.source, drop.files) == (DropState.READY, "openalex", ())


def test_a_complete_set_of_ids_is_no_data_file(root: Path) -> None:
    put(root, "a.jsonl")
    put(root, "complete_ids.parquet", b"?")
    put(root, "drop.toml", b'mode = "snapshot"\nreceived = 2026-03-02')
    drop = look(root)
    assert drop.state is DropState.READY
    assert [file.path for file in drop.files] == ["a.jsonl"]
    assert drop.complete_ids is not None
    assert drop.complete_ids.size == 1


def test_a_complete_set_of_ids_needs_a_snapshot(root: Path) -> None:
    put(root, "a.jsonl")
    put(root, "complete_ids.parquet", b"?")
    assert_rejected(look(root), "complete_ids.parquet lists all works", "state that or remove the file")
