"""A stage that is killed at any moment leaves a store the next run makes equal to an undisturbed one."""

import os
from collections.abc import Callable, Iterator
from tempfile import TemporaryDirectory

import pytest

from tests import random_kills
from tests.programs import Ask, answering
from tests.random_kills import IN_PROCESSES

_IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

# By turns on a store in use and on a new one.
KILLS = {
    "reading": 8,
    f"reading{IN_PROCESSES}": 6,
    "matching": 6,
    "resolving": 12,
    "counting": 12,
    "checking": 4,
    "publishing": 10,
}


@pytest.fixture(scope="module")
def killed(fault_seed: int) -> Iterator[Ask]:
    """Asks the program that kills stages."""
    with (
        TemporaryDirectory(dir=_IN_MEMORY) as folder,
        answering(random_kills.__name__, f"{folder}/ground", str(fault_seed)) as ask,
    ):
        yield ask


@pytest.mark.parametrize("stage", KILLS)
def test_the_next_run_makes_good_what_a_kill_broke_off(
    stage: str, killed: Ask, record_property: Callable[[str, object], None]
) -> None:
    found = killed(f"{stage} {KILLS[stage]}", KILLS[stage])
    failed = [kill for kill in found if kill["differences"]]
    record_property("kills", (stage, len(found), len(found) - len(failed)))
    assert not failed, "\n".join(
        "\n  ".join([f"killed while {stage}: {kill['at']}", *kill["differences"], *kill["said"]])
        for kill in failed
    )
