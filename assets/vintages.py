"""Vintages: each publication in a folder of its own that never changes, and the link to the one that is read.

A vintage is `vintages/<name>/` in the store: the published DuckDB file, exports, figures, report, and
`vintage.json`, which says from what and by which rules all of it was made. What readers open (`warehouse/`,
`exports/`, ...) leads through the one link `published`, so a vintage is published whole, by one rename. What
goes into a vintage is `assets.publish`; comparing two is no part of this.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from assets.atomic_files import flush
from assets.errors import CollaborationError
from assets.ledger_facts import CatalogueEntry, DropContent, TechnologyContent
from assets.ledger_rows import content_objects, drop_content, technology_content, technology_objects
from assets.store import Store

DESCRIPTION: Final = "vintage.json"

_RETIRED: Final = ".retired-"
_READ_ONLY: Final = 0o444


@dataclass(frozen=True)
class VintageDrop:
    """A drop that counted when the vintage was made."""

    drop_id: str
    drop_version: str
    source: str
    format: str
    fingerprint: str
    """Digest of the files as delivered."""
    reader_version: int
    stated_date: str | None
    mode: str
    technology: str | None
    synthetic: bool
    records: int
    accepted: int


@dataclass(frozen=True)
class YearTotals:
    """A year of the vintage, technology `all`."""

    works: int
    works_multi_author: int
    works_international: int


@dataclass(frozen=True)
class Vintage:
    """One publication: from what, by which rules, and what it came to."""

    name: str
    number: int
    """Counts the publications of the store; names follow the clock, which may be moved back."""
    published_at: str
    """UTC, ISO 8601."""
    state: str
    """Digest of everything the build was made from (`assets.staleness.build_state`)."""
    code: str
    """Version of the project, with a digest of its code."""
    drops: tuple[VintageDrop, ...]
    catalogue: tuple[CatalogueEntry, ...]
    rules: Mapping[str, str]
    """Rule to digest, or to the option's value."""
    contents: Mapping[int, tuple[DropContent, ...]]
    """Year to what each drop version gave to it."""
    technologies: Mapping[int, tuple[TechnologyContent, ...]]
    """Year to what each technology was in it."""
    totals: Mapping[int, YearTotals]
    rows: Mapping[str, int]
    """Mart to rows."""
    bytes: int
    """Of the DuckDB file."""
    sha256: str
    """Of the DuckDB file."""

    @property
    def synthetic(self) -> bool:
        """Whether generated records are among those it was made from."""
        return any(drop.synthetic for drop in self.drops)


def write_description(folder: Path, vintage: Vintage) -> None:
    """Write `vintage.json` into the folder of a vintage."""
    described = {
        **asdict(vintage),
        "contents": {year: content_objects(items) for year, items in vintage.contents.items()},
        "technologies": {year: technology_objects(items) for year, items in vintage.technologies.items()},
    }
    (folder / DESCRIPTION).write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read_description(folder: Path) -> Vintage:
    """What `vintage.json` in the folder of a vintage says.

    Raises:
        CollaborationError: It is missing or damaged; says what to do.
    """
    path = folder / DESCRIPTION
    try:
        return _vintage(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CollaborationError(
            f"{path} cannot be read ({error}). Restore the vintage from a backup, or remove the folder "
            f"{folder.name}; if it is the published one, `rollback` to another or run it to publish anew."
        ) from error


def vintages(store: Store) -> list[Vintage]:
    """The vintages the store keeps, in the order they were published."""
    found = [read_description(folder) for folder in _folders(store)]
    return sorted(found, key=lambda vintage: vintage.number)


def published(store: Store) -> Vintage | None:
    """The vintage readers see; None before the first, or when its DuckDB file is gone."""
    if not store.warehouse_file.exists():
        return None
    return read_description(store.published)


def find_vintage(store: Store, name: str) -> Vintage:
    """The vintage of that name, or the only one whose name begins so.

    `published` is the one readers see, `previous` the one published before it.

    Raises:
        CollaborationError: There is none, or more than one; lists those there are.
    """
    if name == "published" and (current := published(store)) is not None:
        return current
    if name == "previous" and (current := published(store)) is not None:
        named = [item.name for item in vintages(store) if item.number < current.number][-1:]
    else:
        named = _named(store, name)
    if len(named) == 1:
        # The others are not looked at: one that is damaged must not keep readers from a whole one.
        return read_description(store.vintages / named[0])
    how_many = "is no vintage" if not named else f"are {len(named)} vintages"
    kept = ", ".join(folder.name for folder in _folders(store))
    raise CollaborationError(f"There {how_many} {name!r}. Those kept: {kept or 'none'}.")


def warehouse_of(store: Store, vintage: Vintage) -> Path:
    """The DuckDB file of a vintage that is kept."""
    return store.vintages / vintage.name / store.warehouse_file.relative_to(store.root)


def put_in_place(store: Store, staged: Path, vintage: Vintage) -> None:
    """Make a whole, described vintage the published one. The caller holds the store's writer lock.

    Until the link is switched readers see the vintage before; from then on everything of the new one.
    """
    for path in staged.rglob("*"):
        if path.is_file():
            # A file may be linked into the vintage before, so it must not be written to in either.
            path.chmod(_READ_ONLY)
    # A report is thousands of files; to flush each by itself would take longer than to write them.
    os.sync()
    staged.rename(store.vintages / vintage.name)
    flush(store.vintages)
    switch(store, vintage.name)


def switch(store: Store, name: str) -> None:
    """Let readers see a vintage the store keeps. The caller holds the store's writer lock."""
    link = store.root / f".published-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(store.vintages.name) / name)
    link.replace(store.published)
    flush(store.root)


def retain(store: Store, keep: int) -> list[str]:
    """Remove the oldest vintages but for `keep`; the published one stays. Gives the names of those removed.

    The caller holds the store's writer lock. Who has a file of a removed one open keeps it.
    """
    current = published(store)
    oldest = [item.name for item in vintages(store)[: -max(keep, 1)]]
    removed = [name for name in oldest if current is None or name != current.name]
    for name in removed:
        retired = store.vintages / f"{_RETIRED}{name}"
        (store.vintages / name).rename(retired)
        shutil.rmtree(retired)
    return removed


def free_name(store: Store, wanted: str) -> str:
    """The name, or one like it that no vintage has: a clock that is moved back gives a name twice."""
    taken = {folder.name for folder in _folders(store)}
    candidates = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in candidates if name not in taken)


def next_number(store: Store) -> int:
    """The number of the next publication."""
    return max((item.number for item in vintages(store)), default=0) + 1


def _folders(store: Store) -> list[Path]:
    if not store.vintages.is_dir():
        return []
    # What is staged, or being removed, has a hidden name.
    return sorted(path for path in store.vintages.iterdir() if not path.name.startswith("."))


def _named(store: Store, name: str) -> list[str]:
    """The vintage of that name, else those whose name begins so."""
    kept = [folder.name for folder in _folders(store)]
    return [item for item in kept if item == name] or [
        item for item in kept if name and item.startswith(name)
    ]


def _vintage(stored: Mapping[str, Any]) -> Vintage:
    return Vintage(
        **{
            **stored,
            "drops": tuple(VintageDrop(**item) for item in stored["drops"]),
            "catalogue": tuple(CatalogueEntry(**item) for item in stored["catalogue"]),
            "contents": _by_year(stored["contents"], drop_content),
            "technologies": _by_year(stored["technologies"], technology_content),
            "totals": {int(year): YearTotals(**item) for year, item in stored["totals"].items()},
        }
    )


def _by_year(stored: Mapping[str, Sequence[Mapping[str, object]]], read: Any) -> dict[int, tuple[Any, ...]]:
    return {int(year): tuple(read(item) for item in items) for year, items in stored.items()}
