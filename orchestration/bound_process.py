"""Ending a process with this one, however this one ends.

What a killed process has started goes on by itself: dbt would write to the build file while the next run,
which the operating system has let have the lock, counts on it.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Reads nothing as long as the other end of its input is open, and an end of file when that process is gone.
_GUARD: Final = 'read -r done || kill -KILL "$1" 2>/dev/null'


@contextmanager
def ended_with_this_one(process: int) -> Iterator[None]:
    """While the block lasts, have the process of that number killed as soon as this one is gone."""
    command = ["/bin/sh", "-c", _GUARD, "sh", str(process)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as guard:
        try:
            yield
        finally:
            guard.communicate(b"done\n")
