"""One cold one-year refresh, as `python -m orchestration backfill` does it, with the time of each phase.

A program: `python -m tests.bench.refresh_phases YEAR` counts the year in the store of the environment and
prints the phases in their order, as a JSON object of seconds.
"""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from assets.staleness import YearRange

if TYPE_CHECKING:
    import dagster as dg

_DBT_STEP = "yearly_models"


class _Clock:
    """The time since the process started, divided into phases."""

    def __init__(self) -> None:
        self.phases: dict[str, float] = {}
        self._last = _process_start()

    def until(self, moment: float, phase: str) -> None:
        """Count the time since the last phase to this one."""
        self.phases[phase] = self.phases.get(phase, 0.0) + moment - self._last
        self._last = moment

    def take(self, seconds: float, phase: str) -> None:
        """Count so much of the time after the last phase."""
        self.until(self._last + seconds, phase)

    def until_now(self, phase: str) -> None:
        self.until(time.time(), phase)


def main() -> int:
    year, clock = int(sys.argv[1]), _Clock()
    from orchestration.definitions import build_definitions
    from orchestration.headless import HeadlessRunner
    from orchestration.instance import open_instance
    from orchestration.settings import read_pipeline

    clock.until_now("imports")
    # Standard output is for the result.
    pipeline = replace(read_pipeline(), announce=lambda text: print(text, file=sys.stderr))
    instance = open_instance(pipeline.store)
    clock.until_now("instance")
    definitions = build_definitions(pipeline)
    clock.until_now("definitions")
    with (
        Path(os.devnull).open("w", encoding="utf-8") as log,
        mock.patch("orchestration.headless.open_instance", return_value=instance),
        mock.patch("orchestration.headless.build_definitions", return_value=definitions),
    ):
        runner = HeadlessRunner(pipeline, log)
        outcome = runner.backfill([YearRange(year, year)])
    ended = time.time()
    if outcome.failures or outcome.refreshed != [year]:
        raise RuntimeError(f"The refresh of {year} failed: {outcome}")
    _count_steps(clock, instance, pipeline.ledger.year_builds()[year].seconds)
    clock.until(ended, "ending the run")
    print(json.dumps(clock.phases))
    return 0


def _count_steps(clock: _Clock, instance: "dg.DagsterInstance", dbt_seconds: float) -> None:
    """The steps of the last run, from its event log; what dbt took of the first is in the ledger."""
    run = instance.get_run_records(limit=1)[0].dagster_run
    for entry in instance.all_logs(run.run_id):
        event = entry.dagster_event
        if event is None or event.step_key is None:
            continue
        if event.is_step_start:
            clock.until(entry.timestamp, "starting the run")
        elif event.is_step_success and event.step_key == _DBT_STEP:
            clock.take(dbt_seconds, "dbt, as Dagster runs it")
            clock.until(entry.timestamp, f"the rest of {_DBT_STEP}")
        elif event.is_step_success:
            clock.until(entry.timestamp, event.step_key)


def _process_start() -> float:
    """When this process was started, to a hundredth of a second."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    uptime = time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.time() - uptime + ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
