"""Timing work that is done in several processes: seconds by the clock and by the processor."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.lines import Goal, Line, Spread


@dataclass(frozen=True)
class Cost:
    """What one round took."""

    seconds: float
    processor_seconds: float
    """Of this process and all it started and waited for."""


@dataclass(frozen=True)
class Work:
    """Something to be timed, with a name for the report."""

    name: str
    do: Callable[[], object]


def cost(work: Callable[[], object]) -> Cost:
    """Do something once."""
    before, started = os.times(), time.perf_counter()
    work()
    seconds, after = time.perf_counter() - started, os.times()
    # The fields before the last are processor times, of this process and of its children.
    return Cost(seconds, sum(after[:4]) - sum(before[:4]))


def in_turns(works: Sequence[Work], rounds: int, say: Callable[[str], None]) -> list[list[Cost]]:
    """Do all in turns, so that whatever else the machine does falls on all; the costs of each."""
    costs: list[list[Cost]] = [[] for _ in works]
    for turn in range(rounds):
        for work, found in zip(works, costs, strict=True):
            found.append(cost(work.do))
            say(f"Round {turn + 1} of {rounds}, {work.name}: {found[-1].seconds:.2f} s")
    return costs


def compared(work: Work, baseline: Work, costs: Sequence[Sequence[Cost]], goal: Goal) -> Line:
    """The line of the report for two costs taken in turns."""
    ours, others = costs
    return Line(
        what=work.name,
        unit="s",
        measured=seconds(ours),
        against=baseline.name,
        baseline=seconds(others),
        processor_ratio=_processor(ours) / _processor(others),
        goal=goal,
    )


def seconds(costs: Sequence[Cost]) -> Spread:
    """By the clock."""
    return Spread(tuple(item.seconds for item in costs))


def _processor(costs: Sequence[Cost]) -> float:
    return Spread(tuple(item.processor_seconds for item in costs)).median
