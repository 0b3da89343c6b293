"""Is the machine fit for the store: Python and packages, room on the disk, permissions, the clock."""

import os
import re
import shutil
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Final

from assets.health.findings import Code, Finding, alarm, ok, warning
from assets.health.look import Look
from assets.leftovers import size

_CHECKOUT: Final = Path(__file__).resolve().parents[2]
_SPARE_BYTES: Final = 256 << 20
"""For what is small: ledger, logs, run history."""
_SPARE_FILES: Final = 50_000
"""A report has one file a technology and country, exports one a mart and year."""
_CLOCK_SLACK: Final = timedelta(minutes=10)
_NAMED: Final = 4
_PIN: Final = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)
_SUPPORTED: Final = re.compile(r">=(\d+)\.(\d+),<(\d+)\.(\d+)")


def versions() -> list[Finding]:
    """Whether this is the Python and these are the packages the project was tested with."""
    found = []
    supported = tomllib.loads((_CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    python = ".".join(map(str, sys.version_info[:3]))
    if not _is_supported(supported):
        found.append(
            alarm(
                "versions",
                Code.PYTHON_UNSUPPORTED,
                f"This is Python {python}; the project works with {supported}.",
                "Remove .venv and set it up with another one: make setup PYTHON=python3.11.",
            )
        )
    differing = list(_differing(_CHECKOUT / "requirements.lock"))
    if differing:
        found.append(
            warning(
                "versions",
                Code.PACKAGES_DIFFER,
                f"Installed otherwise than requirements.lock says: {_listed(differing)}.",
                "Install what the lock says (make setup), or write it anew and run the tests.",
            )
        )
    dagster, duckdb = metadata.version("dagster"), metadata.version("duckdb")
    return found or [ok("versions", f"Python {python}, Dagster {dagster}, DuckDB {duckdb}, as locked.")]


def disk(look: Look) -> list[Finding]:
    """Room for the next count and the next vintage beside those that are there."""
    store = look.store
    build = store.build_file.stat().st_size if store.build_file.exists() else 0
    need = build + _bytes_below(store.published) + _SPARE_BYTES
    free = shutil.disk_usage(store.root).free
    files = os.statvfs(store.root)
    told = f"{size(free)} are free; the next count and vintage may need {size(need)}"
    todo = (
        "Make room on the disk of the store: keep fewer vintages (COLLAB_KEEP_VINTAGES), take ingested drops "
        "out of the landing folder if it is on it, or move the store to a larger one."
    )
    if free < need:
        return [alarm("disk", Code.DISK_SHORT, f"{told}.", todo)]
    if files.f_files and files.f_favail < _SPARE_FILES:
        return [
            alarm(
                "disk",
                Code.FILES_SHORT,
                f"The file system of the store has room for {files.f_favail:,} more files; a vintage has "
                f"up to {_SPARE_FILES:,}.",
                todo,
            )
        ]
    if free < 2 * need:
        return [warning("disk", Code.DISK_LOW, f"{told}, so for one more only.", todo)]
    return [ok("disk", f"{told}.")]


def permissions(look: Look) -> list[Finding]:
    """Whether this user may write what a run writes."""
    store = look.store
    folders = (store.records, store.matches, store.quarantine, store.vintages, store.work, store.pulls)
    files = (store.ledger_file, store.build_file, store.lock_file)
    refused = [path for path in (store.root, *folders, *files) if path.exists() and not _may_write(path)]
    if not refused:
        return [ok("permissions", "Everything in the store may be written.")]
    names = [str(path) for path in refused]
    return [
        alarm(
            "permissions",
            Code.STORE_UNWRITABLE,
            f"This user may not write {_listed(names)}.",
            "Run as the user the store belongs to, give it back to them (chown -R), or mount it writable.",
        )
    ]


def clock(look: Look) -> list[Finding]:
    """Nothing can have happened after now."""
    latest = max(_moments(look), default=None)
    if latest is not None and latest > look.now + _CLOCK_SLACK:
        return [
            alarm(
                "clock",
                Code.CLOCK_BEHIND,
                f"It is {look.now:%Y-%m-%d %H:%M} UTC by this machine, but the ledger tells of "
                f"{latest:%Y-%m-%d %H:%M} UTC.",
                "Set the clock right (timedatectl). Nothing is wrong in the store: what is newest is decided "
                "by dates in the records.",
            )
        ]
    return [ok("clock", f"{look.now:%Y-%m-%d %H:%M} UTC, after everything the ledger tells of.")]


def _moments(look: Look) -> Iterator[datetime]:
    ledger = look.pipeline.ledger
    told = [version.recorded_at for version in ledger.versions()]
    told += [build.built_at for build in ledger.year_builds().values()]
    told.append(ledger.resolution().resolved_at)
    for text in filter(None, told):
        yield datetime.fromisoformat(text)


def _is_supported(supported: str) -> bool:
    bounds = _SUPPORTED.fullmatch(supported)
    if bounds is None:
        return True
    first, first_minor, last, last_minor = map(int, bounds.groups())
    return (first, first_minor) <= sys.version_info[:2] < (last, last_minor)


def _differing(lock: Path) -> Iterator[str]:
    """Installed packages whose version is none of the locked ones; tools of developers need not be there."""
    locked: dict[str, set[str]] = defaultdict(set)
    for name, version in _PIN.findall(lock.read_text("utf-8") if lock.exists() else ""):
        locked[name].add(version)
    for name, wanted in locked.items():
        with suppress(metadata.PackageNotFoundError):
            installed = metadata.version(name)
            if installed not in wanted:
                yield f"{name} {installed} instead of {' or '.join(sorted(wanted))}"


def _may_write(path: Path) -> bool:
    mode = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _bytes_below(folder: Path) -> int:
    return sum(
        (Path(parent) / name).lstat().st_size for parent, _, names in os.walk(folder) for name in names
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
