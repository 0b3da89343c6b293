"""A disk that runs full, or cannot be written to, costs a message and nothing else."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests import full_disk
from tests.full_disk import READ_ONLY
from tests.programs import Ask, answering
from tests.stages import STAGES

_ALONE = ["unshare", "--mount"]
_LEFT = (0, 100_000, 1_500_000)
"""Bytes free when a stage begins: it runs full at once, and at later points where it writes so much."""


def _may_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    probe = [*_ALONE, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def disk() -> Iterator[Ask]:
    """Asks the program whose store lies on a small disk."""
    if not _may_mount():
        pytest.skip("only root may mount a small file system")
    with (
        TemporaryDirectory() as folder,
        answering(full_disk.__name__, f"{folder}/ground", within=_ALONE) as ask,
    ):
        yield ask


@pytest.fixture(scope="module")
def outages(disk: Ask) -> dict[str, list[dict[str, Any]]]:
    return {stage: [disk(f"{stage} {left}", 1)[0] for left in _LEFT] for stage in STAGES}


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk_is_named_with_what_to_do(stage: str, outages: dict[str, list[dict[str, Any]]]) -> None:
    failed = [found for found in outages[stage] if found["error"]]
    assert failed, f"{stage} never ran out of space"
    for found in failed:
        assert "Make room, then run again." in found["advice"], found["error"]


@pytest.mark.parametrize("stage", STAGES)
def test_readers_have_the_last_vintage_while_the_disk_is_full(
    stage: str, outages: dict[str, list[dict[str, Any]]]
) -> None:
    for found in outages[stage]:
        before, after = found["seen"]
        assert before
        assert not found["torn"]
        assert after == before or (stage == "publishing" and not found["error"])


@pytest.mark.parametrize("stage", STAGES)
def test_once_there_is_room_the_next_run_ends_like_an_undisturbed_one(
    stage: str, outages: dict[str, list[dict[str, Any]]]
) -> None:
    for found in outages[stage]:
        assert not found["differences"], found["error"]


@pytest.mark.parametrize("command", ["status", "explain US 2019"])
def test_a_store_that_cannot_be_written_is_read_all_the_same(command: str, disk: Ask) -> None:
    (found,) = disk(f"{READ_ONLY}{command}", 1)
    assert found["status"] == 0, found
    assert "US in 2019" in found["said"] or "Published: " in found["said"]


def test_a_run_on_a_store_that_cannot_be_written_says_so(disk: Ask) -> None:
    disk("reading 999999999", 1)
    (found,) = disk(f"{READ_ONLY}backfill --years 2019", 1)
    assert found["status"] == 1
    assert "Nothing can be written to" in found["said"]
    assert "Mount it for writing" in found["said"]
    assert not found["errors"]
