"""What a pull takes from the machine it runs on, as values that tests replace.

Only that belongs here: what to do with them is decided by the pulls.
"""

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

_LONGEST_PAUSE: Final = 30.0


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Surroundings:
    """Time, disk and chance."""

    sleep: Callable[[float], None] = time.sleep
    """For so many seconds."""
    clock: Callable[[], float] = time.monotonic
    """In seconds."""
    today: Callable[[], date] = _today
    """In UTC."""
    free_bytes: Callable[[Path], int] = _free_bytes
    """On the file system of a folder."""
    chance: Callable[[], float] = random.random
    """From 0 to 1."""

    def pause(self, attempt: int) -> None:
        """Wait after the attempt of this number, counted from 1.

        One second, then twice as long each time up to half a minute; a random half of it is left
        out, so that many who failed together do not come back together.
        """
        self.sleep(min(_LONGEST_PAUSE, 2.0 ** (attempt - 1)) * (1 - self.chance() / 2))
