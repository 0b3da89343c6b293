"""What a process that was killed leaves in a store: finding it, and cleaning it up.

Only what no later step would use is a leftover. These stay, whatever was killed: files that belong to a
database (`ledger.sqlite-wal`, `build.duckdb.wal`), since the next one who opens it takes over from them what
was committed; what a pull goes on from; records of a drop that is no longer in the landing folder. Each
place is known by its name, so that nothing a person put into a store is taken away.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assets.pipeline import Pipeline
from assets.processes import is_alive, users_of
from assets.store import Store

_VERSION: Final = re.compile(r"[0-9a-f]{16}-r\d+(-\d+)?")
_MATCHES: Final = re.compile(r"[0-9a-f]{16}\.parquet")
_DBT_RUN: Final = re.compile(r"\w+-[0-9a-f]{7}-[0-9a-f]{7}")
_PARTIAL: Final = re.compile(r"\..+\.partial(-parts)?")


@dataclass(frozen=True)
class Leftover:
    """A file or folder that nobody uses."""

    path: Path
    what: str
    """Such as `a dry run that did not finish`."""
    bytes: int


Found = Iterator[tuple[Path, str]]


def find_leftovers(pipeline: Pipeline) -> list[Leftover]:
    """Leftovers of those who hold the writer lock; exact while nobody holds it, or the caller does."""
    found = [
        *_unfinished_records(pipeline),
        *_unrecorded_matches(pipeline),
        *_unfinished_vintages(pipeline.store),
        *_unfinished_work(pipeline.store),
    ]
    return _measured(found)


def find_pull_leftovers(store: Store) -> list[Leftover]:
    """Leftovers of pulls, in what they remember; exact while no pull is at work, or the caller is one.

    What lies in the landing folder a pull cleans up itself, when it goes on from there.
    """
    found = [(path, "a note of a pull, half written") for path in _named(store.pulls, _PARTIAL, "**/.*")]
    return _measured(found)


def clean(leftovers: Iterable[Leftover], root: Path, announce: Callable[[str], None]) -> None:
    """Remove leftovers and say so of each; `root` is the store. The caller holds the lock they are behind.

    What cannot be removed is told and stays: it is in nobody's way.
    """
    for item in leftovers:
        name = item.path.relative_to(root)
        try:
            _remove(item.path)
        except OSError as error:
            announce(f"{name} ({item.what}) cannot be removed: {error.strerror or error}. Remove it by hand.")
        else:
            announce(f"Cleaned up {name}: {item.what}, {size(item.bytes)}.")


@contextmanager
def writing_turn(
    pipeline: Pipeline, purpose: str, announce: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the store's writer lock for a step that begins something.

    Where the lock had to be taken, what a process killed before this one left is cleaned up first.
    `announce` gets what there is to say, the pipeline's by default.
    """
    announce = announce or pipeline.announce
    with pipeline.store.writing(purpose, announce) as taken:
        if taken:
            clean(find_leftovers(pipeline), pipeline.store.root, announce)
        yield


@contextmanager
def pulling_turn(pipeline: Pipeline, purpose: str) -> Iterator[None]:
    """The same with the lock of pulls."""
    with pipeline.store.pulling(purpose, pipeline.announce) as taken:
        if taken:
            clean(find_pull_leftovers(pipeline.store), pipeline.store.root, pipeline.announce)
        yield


def unknown_records(pipeline: Pipeline) -> list[Path]:
    """Stored drop versions the ledger does not know and nobody could read again: their drops are gone.

    A killed process leaves such a folder where its drop was taken away afterwards; several of them mean
    that the ledger is not the one of this store.
    """
    readable = _readable_again(pipeline)
    return [path for path in _unknown(pipeline) if path.parent.name not in readable]


def size(number: int) -> str:
    """Bytes for a person to read."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= factor:
            return f"{number / factor:,.1f} {unit}"
    return f"{number:,} bytes"


def _unfinished_records(pipeline: Pipeline) -> Found:
    store = pipeline.store
    for folder in (store.records, store.quarantine):
        for path in _named(folder, _PARTIAL):
            yield path, "a drop that was being read"
    readable = _readable_again(pipeline)
    for path in _unknown(pipeline):
        if path.parent.name in readable:
            yield path, "records that were read but not taken into account; the drop is read again"
    known = _known_versions(pipeline)
    for path in _two_levels(store.quarantine):
        version = path.name.removesuffix(".jsonl")
        is_unknown = f"{path.parent.name}/{version}" not in known
        if _VERSION.fullmatch(version) and is_unknown and path.parent.name in readable:
            yield path, "rejected records of a drop that was being read"


def _unknown(pipeline: Pipeline) -> list[Path]:
    known = _known_versions(pipeline)
    return [
        path
        for path in _two_levels(pipeline.store.records)
        if _VERSION.fullmatch(path.name) and f"{path.parent.name}/{path.name}" not in known
    ]


def _known_versions(pipeline: Pipeline) -> set[str]:
    return {version.drop_version for version in pipeline.ledger.versions()}


def _readable_again(pipeline: Pipeline) -> set[str]:
    """Folders of the record store whose drops lie in the landing folder."""
    if not pipeline.landing.is_dir():
        return set()
    # Arrow takes a while to import, and a run with nothing to do needs none of it.
    from assets.record_store import drop_folder

    return {drop_folder(path.name) for path in pipeline.landing.iterdir()}


def _unrecorded_matches(pipeline: Pipeline) -> Found:
    matches = pipeline.store.matches
    used = {item.file for item in pipeline.ledger.matches()}
    for path in matches.glob("*/*/*"):
        if _PARTIAL.fullmatch(path.name) or (
            _MATCHES.fullmatch(path.name) and path.relative_to(matches).as_posix() not in used
        ):
            yield path, "technologies that were being found; they are found again"


def _unfinished_vintages(store: Store) -> Found:
    staged = store.vintages / ".next"
    if staged.exists():
        yield staged, "a vintage that was being written"
    for path in store.vintages.glob(".retired-*"):
        yield path, "a vintage that was being removed, since newer ones are kept"
    for path in store.root.glob(".published-*"):
        yield path, "a link that was being put into its place"


def _unfinished_work(store: Store) -> Found:
    for path in store.root.glob(".store.json-*"):
        number = path.name.rpartition("-")[2]
        # Whoever makes a store has no lock yet.
        if number.isdigit() and not is_alive(int(number)):
            yield path, "the first file of a store that was being made"
    for path in store.work.glob("dry-run-*"):
        yield path, "a dry run that did not finish"
    for folder in (store.work, store.work / "terms"):
        for path in _named(folder, _PARTIAL, ".*"):
            yield path, "a file that was being written"
    # A killed process may leave a dbt behind that goes on until it has finished.
    if users_of(store.build_file):
        return
    for path in _named(store.dbt_target, _DBT_RUN, "*"):
        if path.is_dir():
            yield path, "what dbt wrote of a run that did not finish"
    for path in (store.work / "duckdb_temp").glob("*"):
        yield path, "what DuckDB did not hold in memory"


def _named(folder: Path, name: re.Pattern[str], pattern: str = "*/.*") -> list[Path]:
    return [path for path in folder.glob(pattern) if name.fullmatch(path.name)]


def _two_levels(folder: Path) -> list[Path]:
    return list(folder.glob("*/*"))


def _measured(found: Iterable[tuple[Path, str]]) -> list[Leftover]:
    return [Leftover(path, what, _bytes(path)) for path, what in sorted(set(found))]


def _bytes(path: Path) -> int:
    """Of a file or all files in a folder; where a link leads to is not its own."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum((Path(folder) / name).lstat().st_size for folder, _, names in os.walk(path) for name in names)


def _remove(path: Path) -> None:
    folder = path.parent
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    # The folder of a drop of which nothing else is stored.
    if folder.parent.name in ("records", "quarantine") and not any(folder.iterdir()):
        folder.rmdir()
