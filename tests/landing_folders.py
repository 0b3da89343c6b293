"""Builds landing folders and looks at them, for the tests of drops."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.drops import DropState, Inspection, inspect

QUIET = 60.0
# Long after the clock of any machine this runs on: what a test writes is quiet unless it is aged.
NOW = 4_000_000_000.0
WORKS = "data/works"
PARTS = ("updated_date=2023-02-13/part_000.gz", "updated_date=2023-02-14/part_000.gz")


@dataclass(frozen=True)
class FakeFormat:
    name: str
    source: str


FORMATS = {b"{": FakeFormat("lines", "openalex"), b"[": FakeFormat("array", "openalex")} | {
    b"F": FakeFormat("tagged", "wos")
}


def recognise(path: Path) -> FakeFormat | None:
    return FORMATS.get(path.read_bytes()[:1])


def look(root: Path, *, now: float = NOW) -> Inspection:
    return inspect(root, quiet_seconds=QUIET, now=now, recognise=recognise)


def put(root: Path, path: str, content: bytes = b"{}") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def aged(path: Path, seconds: float) -> Path:
    os.utime(path, (NOW - seconds, NOW - seconds))
    return path


def listing(*parts: str, size: int = 2, **more: Any) -> bytes:
    meta = {"content_length": size, "record_count": 5}
    entries = [{"url": f"s3://openalex/{WORKS}/{part}", "meta": meta} for part in parts]
    return json.dumps({"files" if more else "entries": entries} | more).encode()


def put_snapshot(root: Path) -> Path:
    """A complete drop of two files with a manifest."""
    for part in PARTS:
        put(root, f"{WORKS}/{part}")
    put(root, f"{WORKS}/manifest", listing(*PARTS))
    return root


def assert_waits(drop: Inspection, *fragments: str) -> None:
    assert drop.state is DropState.WAITING, drop.reason
    for fragment in fragments:
        assert fragment in drop.reason


def assert_rejected(drop: Inspection, *fragments: str) -> None:
    assert drop.state is DropState.REJECTED, drop.reason
    for fragment in fragments:
        assert fragment in drop.reason
