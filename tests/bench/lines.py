"""Lines of the benchmark's report: what was measured, beside what, and whether the goal is reached.

Arithmetic and wording only; nothing is measured here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

HEADER = ("what", "median (min-max)", "against", "ratio", "processor", "goal", "")
"""`processor` is the ratio of processor times, which other work on the machine disturbs far less."""
_TEXTS = ("what", "against", "")


@dataclass(frozen=True)
class Spread:
    """The values of some rounds, at least one."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)


@dataclass(frozen=True)
class Goal:
    """The range a ratio has to lie in, or a median that is compared with nothing."""

    least: float = 0.0
    most: float = float("inf")

    def holds(self, figure: float) -> bool:
        return self.least <= figure <= self.most

    def __str__(self) -> str:
        if self.most == float("inf"):
            return f">= {self.least:,g}"
        return f"{self.least:,g} to {self.most:,g}" if self.least else f"<= {self.most:,g}"


@dataclass(frozen=True)
class Line:
    """One line of the report. Both spreads are in `unit`: `s`, `GiB`, `B` a work, or none."""

    what: str
    unit: str
    measured: Spread
    against: str = ""
    baseline: Spread | None = None
    processor_ratio: float | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Of the medians; None without anything to compare with."""
        return self.measured.median / self.baseline.median if self.baseline else None

    @property
    def reached(self) -> bool | None:
        """None without a goal."""
        if self.goal is None:
            return None
        return self.goal.holds(self.measured.median if self.ratio is None else self.ratio)

    def cells(self) -> tuple[str, ...]:
        """The columns of `HEADER`."""
        return (
            self.what,
            _shown(self.measured, self.unit),
            f"{self.against} {_figure(self.baseline.median, self.unit)}" if self.baseline else "",
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.processor_ratio is None else f"{self.processor_ratio:.2f}",
            str(self.goal or ""),
            {None: "", True: "reached", False: "NOT reached"}[self.reached],
        )

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "what": self.what,
            "unit": self.unit,
            "measured": _spread_json(self.measured),
            "against": self.against,
            "baseline": _spread_json(self.baseline) if self.baseline else None,
            "ratio": self.ratio,
            "processor_ratio": self.processor_ratio,
            "goal": str(self.goal) if self.goal else None,
            "reached": self.reached,
        }


def table(lines: Sequence[Line]) -> list[str]:
    """The report as text: texts to the left, figures to the right."""
    rows = [HEADER, *(line.cells() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_aligned, HEADER, row, widths)).rstrip() for row in rows]


def _aligned(header: str, cell: str, width: int) -> str:
    return cell.ljust(width) if header in _TEXTS else cell.rjust(width)


def _shown(spread: Spread, unit: str) -> str:
    if len(spread.values) == 1:
        return _figure(spread.median, unit)
    return f"{_figure(spread.median, unit)} ({_figure(spread.low)}-{_figure(spread.high)})"


def _figure(value: float, unit: str = "") -> str:
    return f"{value:,.0f} {unit}".rstrip() if value >= 1000 else f"{value:.2f} {unit}".rstrip()


def _spread_json(spread: Spread) -> dict[str, object]:
    return {
        "median": spread.median,
        "min": spread.low,
        "max": spread.high,
        "values": list(spread.values),
    }
