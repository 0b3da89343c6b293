"""A stage that is killed at any moment leaves a store the next run makes equal to an undisturbed one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests import random_kills
from tests.random_kills import IN_PROCESSES

_CHECKOUT = Path(__file__).resolve().parents[2]
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

Answers = Callable[[str, int], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def killed(fault_seed: int) -> Iterator[Answers]:
    """Asks the program that kills stages."""
    with TemporaryDirectory(dir=_IN_MEMORY) as folder:
        root = str(Path(folder) / "ground")
        program = subprocess.Popen(
            [sys.executable, "-m", random_kills.__name__, root, str(fault_seed)],
            cwd=_CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        asked, told = program.stdin, program.stdout
        assert asked is not None
        assert told is not None
        assert told.readline() == "ready\n"

        def ask(stage: str, number: int) -> list[dict[str, Any]]:
            asked.write(f"{stage} {number}\n")
            asked.flush()
            return [json.loads(told.readline()) for _ in range(number)]

        try:
            yield ask
        finally:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()
            asked.close()
            told.close()


@pytest.mark.parametrize("stage", KILLS)
def test_the_next_run_makes_good_what_a_kill_broke_off(
    stage: str, killed: Answers, record_property: Callable[[str, object], None]
) -> None:
    found = killed(stage, KILLS[stage])
    failed = [kill for kill in found if kill["differences"]]
    record_property("kills", (stage, len(found), len(found) - len(failed)))
    assert not failed, "\n".join(
        "\n  ".join([f"killed while {stage}: {kill['at']}", *kill["differences"], *kill["said"]])
        for kill in failed
    )
