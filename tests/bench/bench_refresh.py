"""The pipeline over a store that is filled: a run with nothing to do, and one year counted again.

Each round is a process of its own, started as a user starts it.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from assets.pipeline import Pipeline
from tests.bench.ground import CHECKOUT, YEAR, Ground, orchestrate, say
from tests.bench.lines import Goal, Line, Spread
from tests.bench.timing import Work, compared, cost, in_turns, seconds

NOOP_GOAL = Goal(most=2.0)
"""Seconds."""
REFRESH_GOAL = Goal(most=4.0)
"""Times a bare `dbt build`."""
_NOOP_ROUNDS = 5
_REFRESH_ROUNDS = 3
_BREAKDOWN_ROUNDS = 2


def fill_store(ground: Ground) -> Line:
    """A new store, from an empty folder to a published vintage."""
    shutil.rmtree(ground.store, ignore_errors=True)
    say("Filling a new store; this takes a minute or two.")
    filled = cost(partial(orchestrate, ground, "run"))
    return Line(f"first run, {ground.works:,} works, all years", "s", seconds([filled]))


def bench_noop(ground: Ground) -> list[Line]:
    """A run on a store that is up to date."""
    costs = [cost(partial(_noop, ground)) for _ in range(_NOOP_ROUNDS)]
    return [Line("run with nothing to do", "s", seconds(costs), goal=NOOP_GOAL)]


def bench_refresh(ground: Ground) -> list[Line]:
    """One year counted, checked and published again, against bare dbt on the same control tables."""
    refresh = Work(
        f"one-year refresh ({YEAR})", partial(orchestrate, ground, "backfill", "--years", str(YEAR))
    )
    bare = Work("bare dbt build", _bare_dbt(ground))
    return [compared(refresh, bare, in_turns((refresh, bare), _REFRESH_ROUNDS, say), REFRESH_GOAL)]


def bench_breakdown(ground: Ground) -> list[Line]:
    """Where the time of a one-year refresh goes; the ratio is the share of the whole."""
    rounds = [_phases(ground) for _ in range(_BREAKDOWN_ROUNDS)]
    whole = Spread(tuple(sum(phases.values()) for phases in rounds))
    return [
        Line(f"  of it {name}", "s", _values(rounds, name), against="whole refresh", baseline=whole)
        for name in rounds[0]
    ]


def _noop(ground: Ground) -> None:
    said = orchestrate(ground, "run")
    if "Nothing new" not in said:
        raise RuntimeError(f"The store was not up to date, so nothing was measured:\n{said}")


def _bare_dbt(ground: Ground) -> Callable[[], object]:
    """`dbt build` of the years the control tables name: those of the refresh before."""
    from orchestration.dbt import DBT_EXECUTABLE, LEDGER_MODELS, dbt_environment

    pipeline = _pipeline(ground)
    command = [DBT_EXECUTABLE, "build", "--exclude-resource-type", "unit_test", "--exclude", LEDGER_MODELS]
    command += ["--project-dir", str(pipeline.project), "--profiles-dir", str(pipeline.project)]
    with dbt_environment(pipeline):
        environment = dict(os.environ)
    return partial(_run, command, environment)


def _pipeline(ground: Ground) -> Pipeline:
    from orchestration.settings import read_pipeline

    return read_pipeline(ground.environment)


def _phases(ground: Ground) -> dict[str, float]:
    say("Looking into a one-year refresh ...")
    command = [sys.executable, "-m", "tests.bench.refresh_phases", str(YEAR)]
    found: dict[str, float] = json.loads(_run(command, ground.environment))
    return found


def _values(rounds: Sequence[Mapping[str, float]], name: str) -> Spread:
    return Spread(tuple(phases.get(name, 0.0) for phases in rounds))


def _run(command: Sequence[str], environment: Mapping[str, str]) -> str:
    finished = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{finished.stdout[-2000:]}{finished.stderr[-2000:]}")
    return finished.stdout
