"""A whole run that is killed at any moment is finished by the next, as if nothing had happened.

Real processes: the command line, its readers, dbt. By turns all of them are killed, and only the one a person
sees, whose children must not go on without it.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from orchestration.plan import make_plan
from tests.command_process import start
from tests.derive import restamped
from tests.integration.workshop import Workshop, base_records, open_workshop, works_of
from tests.outcomes import differences, outcome
from tests.watching import Watcher

KILLS = 12
_PATIENCE = 400
_IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@dataclass
class Ground:
    """A store runs start from, and what an undisturbed one makes of it."""

    name: str
    template: Path
    seconds: float
    expected: dict[str, object]


def _run(workshop: Workshop) -> str:
    with start(workshop.root, "run") as process:
        said, _ = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 0, said
    return said


def _ground(workshop: Workshop, name: str) -> Ground:
    template = workshop.root.with_name(name)
    shutil.copytree(workshop.root, template, symlinks=True)
    started = time.monotonic()
    _run(workshop)
    return Ground(name, template, time.monotonic() - started, outcome(workshop.store))


@pytest.fixture(scope="module")
def grounds() -> Iterator[tuple[Workshop, list[Ground]]]:
    """A new store with a drop waiting, and one in use when a second drop comes that moves works."""
    with TemporaryDirectory(dir=_IN_MEMORY) as folder:
        workshop = open_workshop(Path(folder) / "place")
        workshop.land("first", base_records())
        new = _ground(workshop, "a new store")
        moved = [{**record, "publication_year": 2012} for record in works_of(2009)]
        workshop.land("second", restamped([*moved, *works_of(2021)], 1, days=30))
        yield workshop, [new, _ground(workshop, "a store in use")]


def _survivors(session: int) -> list[str]:
    """The processes of a session that are still there."""
    listed = subprocess.run(
        ["ps", "-s", str(session), "-o", "stat=,args="], capture_output=True, text=True, check=False
    )
    return [line for line in listed.stdout.splitlines() if not line.startswith("Z")]


@pytest.mark.parametrize("turn", range(KILLS))
def test_the_next_run_finishes_what_a_killed_one_began(
    turn: int,
    grounds: tuple[Workshop, list[Ground]],
    fault_seed: int,
    record_property: Callable[[str, object], None],
) -> None:
    workshop, places = grounds
    ground = places[turn % len(places)]
    alone = turn // len(places) % 2 == 1
    shutil.rmtree(workshop.root)
    shutil.copytree(ground.template, workshop.root, symlinks=True)
    # A whole run in as many parts as there are kills, one in each, so that late steps have their turn.
    part = (turn + Random(f"{fault_seed} {turn}").random()) / KILLS
    watcher = Watcher(workshop.store)
    watcher.start()
    process = start(workshop.root, "run")
    time.sleep(ground.seconds * part)
    (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
    process.wait()
    said = _run(workshop)
    watcher.stop()
    assert process.stdout is not None
    process.stdout.close()
    at = f"killed {'alone' if alone else 'with all its processes'} after {part:.0%} of a run on {ground.name}"
    found = differences(outcome(workshop.store), ground.expected)
    record_property("kills", ("a whole run", 1, int(not found and not watcher.torn)))
    assert not found, "\n  ".join([at, *found, said])
    assert not watcher.torn, "\n  ".join([at, *watcher.torn[:3]])
    assert make_plan(workshop.pipeline()).nothing_to_do, at
    assert not _survivors(process.pid), at
    with workshop.instance() as instance:
        assert {run.status.value for run in instance.get_runs()} <= {"SUCCESS", "FAILURE"}, at
