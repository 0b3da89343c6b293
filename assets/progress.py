"""How far a long step is, as text: to whoever watches at once, to the run's log now and then."""

import time
from collections.abc import Callable
from typing import Final

_LOG_SECONDS: Final = 10.0


class ProgressTexts:
    """Hands texts on, each taking the place of the one before."""

    def __init__(self, show: Callable[[str], None], log: Callable[[str], None]) -> None:
        self._show = show
        self._log = log
        self._logged = time.monotonic()

    def show(self, text: str) -> None:
        """Show it; log it as well if the last one logged is a while ago."""
        self._show(text)
        if time.monotonic() - self._logged >= _LOG_SECONDS:
            self._logged = time.monotonic()
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
