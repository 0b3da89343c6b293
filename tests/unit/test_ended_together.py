"""What a process has started does not outlive it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.processes import is_alive

_CHECKOUT = Path(__file__).resolve().parents[2]
_SECONDS_TO_WAIT = 30

_WITH_A_GUARD = """
import subprocess
from orchestration.bound_process import ended_with_this_one

child = subprocess.Popen(["sleep", "600"])
with ended_with_this_one(child.pid):
    print(child.pid, flush=True)
    child.wait()
"""

_WITH_READERS = """
import os
from dataclasses import dataclass
from assets.task_processes import run_in_processes
from tests.unit.test_ended_together import Endless, tell_and_wait

run_in_processes(tell_and_wait, [Endless()], lambda _, __: None)
"""


class Endless:
    title = "an endless task"


def tell_and_wait(_: Endless, __: Callable[[int, int], object]) -> None:
    print(os.getpid(), flush=True)
    time.sleep(600)


@pytest.mark.parametrize("program", [_WITH_A_GUARD, _WITH_READERS], ids=["dbt", "readers"])
def test_a_killed_process_takes_what_it_started_with_it(program: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=_CHECKOUT, stdout=subprocess.PIPE, text=True
    ) as caller:
        assert caller.stdout is not None
        child = int(caller.stdout.readline())
        assert is_alive(child)
        caller.send_signal(signal.SIGKILL)
    until = time.monotonic() + _SECONDS_TO_WAIT
    while is_alive(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not is_alive(child)


def test_a_process_that_ended_by_itself_is_left_in_peace() -> None:
    finished = _WITH_A_GUARD.replace('"600"', '"0"') + "\nprint('done', flush=True)"
    ended = subprocess.run(
        [sys.executable, "-c", finished], cwd=_CHECKOUT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "done"
    assert ended.stderr == ""
