"""A process that is left alone over New Year sees the new year, asks for it once, and agrees with its runs.

Midnight passes at its own pace: only where on the calendar the processes start is told to them wrongly.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.moved_clock import MovedClock, moved_clock
from tests.ledgers import settled_pipeline

_CHECKOUT = Path(__file__).resolve().parents[2]
_DECIDE = """
import sys
from pathlib import Path
from tests.faults.living_process import pipeline_at
from tests.ledgers import count_all, decide

pipeline = pipeline_at(Path(sys.argv[1]))
decide(pipeline)
count_all(pipeline)
print(pipeline.options.counting.end_year)
"""


class Living:
    """The process, and what it saw last."""

    def __init__(self, folder: Path, clock: MovedClock) -> None:
        self.folder = folder
        self.environment = {**os.environ, **clock.environment}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.living_process", str(folder)],
            cwd=_CHECKOUT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    def sees(self) -> tuple[str, dict[str, Any]]:
        """The next thing it sees: its day, and what."""
        assert self.process.stdout is not None
        day, _, what = self.process.stdout.readline().partition(" ")
        return day, json.loads(what)

    def run(self) -> str:
        """Do in a fresh process what a run does to the ledger; gives the last year in scope there."""
        command = [sys.executable, "-c", _DECIDE, str(self.folder)]
        finished = subprocess.run(
            command, cwd=_CHECKOUT, env=self.environment, capture_output=True, text=True, check=True
        )
        return finished.stdout.strip()


@pytest.fixture
def clock(tmp_path: Path) -> MovedClock:
    return moved_clock(tmp_path)


@pytest.fixture
def living(tmp_path: Path, clock: MovedClock) -> Iterator[Living]:
    folder = tmp_path / "place"
    folder.mkdir()
    settled_pipeline(folder)
    clock.set(datetime(2026, 12, 31, 12, tzinfo=UTC))
    process = Living(folder, clock)
    yield process
    process.process.kill()
    process.process.wait()
    assert process.process.stdout is not None
    process.process.stdout.close()


def test_a_process_that_lives_over_new_year_asks_for_the_new_year_once(
    living: Living, clock: MovedClock
) -> None:
    assert living.sees() == ("2026-12-31", {"years to": "2026", "asked": []})
    clock.set(datetime(2026, 12, 31, 23, 59, 57, tzinfo=UTC))

    assert living.sees() == ("2027-01-01", {"years to": "2027", "asked": ["resolve_records"]})
    assert living.run() == "2027"
    assert living.sees() == ("2027-01-01", {"years to": "2027", "asked": []})

    # A day later nothing else has come up, since it agrees with the fresh process about the rules; and a
    # clock that is moved back makes the year that began too early empty again.
    clock.set(datetime(2027, 1, 2, 12, tzinfo=UTC))
    clock.set(datetime(2026, 12, 31, 12, tzinfo=UTC))
    assert living.sees() == ("2026-12-31", {"years to": "2026", "asked": ["resolve_records"]})
    assert living.run() == "2026"
    assert living.sees() == ("2026-12-31", {"years to": "2026", "asked": []})
