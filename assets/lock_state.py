"""Who holds a lock of the store, or died while holding it; looking takes nothing from anybody.

Taking a lock is `assets.store`.
"""

import fcntl
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assets.processes import is_alive

_HOLDER = re.compile(r"process (\d+) \((.*)\)", re.DOTALL)


@dataclass(frozen=True)
class LockState:
    """What a lock file and the operating system say."""

    is_held: bool
    holder: str
    """Such as `process 4711 (headless run)`; empty when nobody left a name."""
    since: datetime
    """When the name was written; means something while there is one."""

    @property
    def process(self) -> int | None:
        """Number of the process named."""
        named = _HOLDER.fullmatch(self.holder)
        return int(named[1]) if named else None

    @property
    def holder_died(self) -> bool:
        """Whether the process named ended without letting go in order."""
        return bool(self.holder) and not self.is_held


def lock_state(file: Path) -> LockState:
    """The state of a lock file; one that is not there is held by nobody.

    Raises OSError when it may not be read.
    """
    try:
        with file.open("r", encoding="utf-8", errors="replace") as opened:
            is_held = _is_held(opened.fileno())
            text = opened.read().strip()
            since = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return LockState(False, "", datetime.now(UTC))
    return LockState(is_held, text, since)


def living(holder: str) -> str:
    """The name a lock file gives its holder, if that process is alive; empty otherwise.

    The name of a process that was killed stays until the next one has the lock.
    """
    named = _HOLDER.fullmatch(holder)
    return holder if named is None or is_alive(int(named[1])) else ""


def _is_held(descriptor: int) -> bool:
    """Whether a writer has it: several who read may share it, and one more of them holds up nobody."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False
