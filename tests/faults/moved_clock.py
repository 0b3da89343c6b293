"""A clock that Python processes believe, moved from outside while they live."""

import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("moved_clock.c")


@dataclass(frozen=True)
class MovedClock:
    """The wall clock of all processes started with its environment; `file` holds how far it is off."""

    file: Path
    library: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to see this clock."""
        return {"MOVED_CLOCK": str(self.file), "LD_PRELOAD": str(self.library)}

    def set(self, moment: datetime) -> None:
        """Let it be this moment now."""
        incoming = self.file.with_name(f"{self.file.name}.incoming")
        incoming.write_text(f"{moment.timestamp() - time.time():.0f}")
        incoming.replace(self.file)


def moved_clock(folder: Path) -> MovedClock:
    """A clock set to the true time; skips the test where no C compiler is at hand."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler, cc")
    clock = MovedClock(folder / "clock", folder / "moved_clock.so")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", clock.library, _SOURCE, "-ldl"], check=True)
    clock.file.write_text("0")
    return clock
