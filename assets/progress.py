"""How far a long step is: counted, and as text to whoever watches at once, to the run's log now and then.

What the steps are and what they say belongs to them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

REPORT_SECONDS: Final = 0.5
_LOG_SECONDS: Final = 10.0

Report = Callable[[int, int], None]
"""Called now and then with the records a task has gone through so far, and how much of its work that is."""


@dataclass(frozen=True)
class Progress:
    """How far a step over many records is."""

    records: int
    """Gone through so far."""
    done: int
    total: int
    """Of the step's work: in records where their number is known beforehand, else in bytes as on disk."""
    seconds: float
    """Since the step began."""

    @property
    def rate(self) -> float:
        """Records per second so far."""
        return self.records / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """By the work that is left; None before anything is done."""
        if self.done == 0:
            return None
        return self.seconds * (self.total - self.done) / self.done


class Pace:
    """Tells when it is time for something that is done every so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + seconds

    def due(self) -> bool:
        """Whether the time has come; if so, it begins anew."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


class ByteMeter:
    """Shows how far copying bytes is, as `what: 12 of 34 MB, 210 MB/s, 3 s left`."""

    def __init__(self, what: str, show: Callable[[str], None]) -> None:
        self._what = what
        self._show = show
        self._pace = Pace(REPORT_SECONDS)
        self._began = time.monotonic()
        self._done = 0
        self._total = 0

    def expect(self, size: int) -> None:
        """So many bytes more are to be copied; fewer where the number is negative."""
        self._total += size

    def add(self, size: int) -> None:
        """So many were copied."""
        self._done += size
        if self._pace.due():
            seconds = time.monotonic() - self._began
            progress = Progress(0, self._done, max(self._total, self._done), seconds)
            self._show(
                f"{self._what}: {self._done / 1e6:,.0f} of {progress.total / 1e6:,.0f} MB, "
                f"{self._done / seconds / 1e6:,.0f} MB/s, {duration(progress.seconds_left)} left"
            )


class ProgressTexts:
    """Hands texts on, each taking the place of the one before."""

    def __init__(self, show: Callable[[str], None], log: Callable[[str], None]) -> None:
        self._show = show
        self._log = log
        self._pace = Pace(_LOG_SECONDS)

    def show(self, text: str) -> None:
        """Show it; log it as well if the last one logged is a while ago."""
        self._show(text)
        if self._pace.due():
            self._log(text)


def duration(seconds: float | None) -> str:
    """Such as `2 min 5 s`; None is a time nobody knows yet."""
    if seconds is None:
        return "unknown time"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
