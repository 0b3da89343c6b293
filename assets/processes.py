"""Processes of this machine: which are alive, and which of them have a file open.

A number alone does not tell a process: numbers are given again. So a process is named by its host, number
and start. Where the system does not show processes as files (`/proc`), only the number is looked at.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_STATE, _START = 0, 19
"""Places in what `/proc/<number>/stat` says after the name of the program."""
_ENDED: Final = frozenset("ZX")
_SECONDS_OF_SLACK: Final = 60.0


def identity(number: int | None = None) -> str:
    """Names a living process of this machine, this one by default; no other ever has the same name."""
    number = number or os.getpid()
    return f"{socket.gethostname()} {number} {_start(number)}"


def has_ended(named: str) -> bool | None:
    """Whether the process of that `identity` is gone; None where that cannot be known from here."""
    host, _, rest = named.partition(" ")
    number, _, start = rest.partition(" ")
    if host != socket.gethostname() or not number.isdigit():
        return None
    return not is_alive(int(number)) or _start(int(number)) != start


def is_alive(number: int) -> bool:
    """Whether there is a process of that number that has not ended."""
    try:
        os.kill(number, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    stat = _stat(number)
    return stat is None or stat[_STATE] not in _ENDED


def began_before(number: int, moment: float) -> bool:
    """Whether the living process of that number was there at a moment, in seconds since 1970."""
    stat = _stat(number)
    booted = _booted()
    if stat is None or booted is None:
        return True
    began = booted + int(stat[_START]) / os.sysconf("SC_CLK_TCK")
    return began <= moment + _SECONDS_OF_SLACK


def users_of(file: Path) -> list[int]:
    """The processes that have a file open, as far as this user may see."""
    try:
        wanted = file.stat()
    except OSError:
        return []
    return sorted({number for number, path in _open_files() if _is(path, wanted)})


def _open_files() -> Iterator[tuple[int, Path]]:
    with suppress(OSError):
        for folder in _PROC.iterdir():
            if folder.name.isdigit():
                # Processes end, and those of others are not shown.
                with suppress(OSError):
                    for path in (folder / "fd").iterdir():
                        yield int(folder.name), path


def _is(path: Path, wanted: os.stat_result) -> bool:
    with suppress(OSError):
        return os.path.samestat(path.stat(), wanted)
    return False


def _start(number: int) -> str:
    """When a process began, in a form that never repeats; empty where it is not shown."""
    stat = _stat(number)
    if stat is None:
        return ""
    with suppress(OSError):
        return f"{(_PROC / 'sys/kernel/random/boot_id').read_text().strip()[:8]}-{stat[_START]}"
    return stat[_START]


def _stat(number: int) -> list[str] | None:
    with suppress(OSError):
        text = (_PROC / str(number) / "stat").read_text(errors="replace")
        # The name of the program may hold blanks and brackets.
        return text.rpartition(")")[2].split()
    return None


def _booted() -> int | None:
    with suppress(OSError):
        for line in (_PROC / "stat").read_text().splitlines():
            if line.startswith("btime "):
                return int(line.split()[1])
    return None
