"""What a process that was killed leaves half-written in a store: found by name, and removed.

Only files under temporary names belong here: nothing reads them, whoever writes next starts them anew. What
bears its final name is whole, and known to the module that writes it.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PATTERNS: Final = (
    # Staged beside their destinations (`assets.atomic_files`).
    ".*.partial",
    "records/*/.*.partial",
    "matches/*/*/.*.partial",
    "quarantine/*/.*.partial",
    "work/terms/.*.partial",
    # A dry run's copy; what DuckDB had no memory for; what dbt wrote in one invocation.
    "work/dry-run-*",
    "work/duckdb_temp/*",
    "work/dbt/ledger_models-*",
    "work/dbt/yearly_models-*",
    # A vintage that is not whole yet, or not wanted any more; the link that was to lead to it.
    "vintages/.next",
    "vintages/.retired-*",
    ".published-*",
)
_FORMAT_FILES: Final = ".store.json-*"


def leftovers(root: Path) -> list[Path]:
    """What lies half-written in the store at `root`, provided that nobody is writing now."""
    found = [path for pattern in _PATTERNS for path in root.glob(pattern)]
    return sorted([*found, *_abandoned_format_files(root)])


def remove_leftovers(root: Path) -> list[Path]:
    """Remove it; the caller holds the writer lock. Gives what was removed."""
    found = leftovers(root)
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return found


def is_running(process: int) -> bool:
    """Whether there is a process of that number on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _abandoned_format_files(root: Path) -> Iterator[Path]:
    """A new store is made without the lock, so whoever makes it may be at it now."""
    for path in root.glob(_FORMAT_FILES):
        number = path.name.rpartition("-")[2]
        if not number.isdecimal() or not is_running(int(number)):
            yield path
