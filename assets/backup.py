"""Backing up a store: a folder from which the store can be made again as it was.

A file that did not change since the last backup into the same folder is not read again. The backup that was
whole before stays so until the new one is: its files are removed after the new manifest has its name. What a
backup that was broken off has copied is taken over by the next. Bringing a store back is `assets.restore`.
"""

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

import msgspec

from assets.atomic_files import flush
from assets.backup_manifest import BACKUP_FORMAT, BackupFolder, Manifest, StoredFile, StoredLink
from assets.errors import CollaborationError
from assets.progress import ByteMeter
from assets.store import FORMAT_VERSION, Store

_BLOCK: Final = 1 << 20
_SQLITE: Final = b"SQLite format 3\0"
_BESIDE_SQLITE: Final = ("-wal", "-shm", "-journal")
_SETTLED_NS: Final = 2_000_000_000
"""A file changed so shortly before it was copied may change again without another time of change."""


@dataclass(frozen=True)
class BackedUp:
    """What a backup came to."""

    manifest: Manifest
    copied: int
    """Files that were new or changed."""
    copied_bytes: int


def back_up(
    store: Store, folder: Path, *, announce: Callable[[str], None], show: Callable[[str], None]
) -> BackedUp:
    """Make `folder` hold the store as it is now.

    Takes the lock of pulls for what they remember, then the writer's lock for everything else, and waits in
    line for both. Databases are copied by their own means, so that readers of Dagster's history need not
    stop. What the pipeline can make again without counting is left out, see `_entries`.

    Raises:
        CollaborationError: The folder holds something else or cannot be written; a backup that was whole in
            it before still is.
    """
    target = BackupFolder(folder.absolute())
    if target.root.resolve().is_relative_to(store.root.resolve()):
        raise CollaborationError(
            f"{folder} lies in the store itself: name a folder outside, best on another disk."
        )
    try:
        target.root.mkdir(parents=True, exist_ok=True)
        if target.is_foreign():
            raise CollaborationError(f"{folder} is not empty and no backup: name an empty or new folder.")
        with target.held(writing=True):
            return _Backup(store, target, show).make(announce)
    except (OSError, sqlite3.Error) as error:
        before = target.manifest()
        kept = (
            f"The backup of {before.made_at} in it is still whole" if before else "It holds no whole backup"
        )
        raise CollaborationError(
            f"The backup into {folder} stopped: {error}. {kept}, and what was copied now is kept: "
            "make room or mend the permissions, then back up again."
        ) from error


@dataclass(frozen=True)
class _Entry:
    """A file to back up, as seen before it is copied."""

    path: str
    source: Path
    size: int
    mtime_ns: int


class _Backup:
    """One backup on its way."""

    def __init__(self, store: Store, target: BackupFolder, show: Callable[[str], None]) -> None:
        self._store = store
        self._target = target
        self._meter = ByteMeter("Backing up", show)
        self._before = target.manifest()
        if self._before is not None and self._before.store != str(store.root):
            raise CollaborationError(
                f"{target.root} holds a backup of the store {self._before.store}, this one is {store.root}: "
                "name a folder of its own for it."
            )
        self._began = datetime.now(UTC)
        self._files: list[StoredFile] = []
        self._links: list[StoredLink] = []
        self._copied: list[StoredFile] = []

    def make(self, announce: Callable[[str], None]) -> BackedUp:
        target = self._target
        with _Journal(target.journal) as journal:
            before = self._before.files if self._before else ()
            known = {file.path: file for file in (*before, *journal.read())}
            # First, so that a pull is never remembered whose drop the ledger does not know.
            with self._store.pulling("backup", announce):
                self._keep(["pulls"], known, journal)
            with self._store.writing("backup", announce):
                names = [path.name for path in self._store.root.iterdir() if path.name != "pulls"]
                self._keep(sorted(names), known, journal)
        manifest = Manifest(
            format_version=BACKUP_FORMAT,
            store=str(self._store.root),
            store_format=FORMAT_VERSION,
            made_at=self._began.isoformat(timespec="seconds"),
            files=tuple(sorted(self._files, key=lambda file: file.path)),
            links=tuple(sorted(self._links, key=lambda link: link.path)),
        )
        target.write_manifest(manifest)
        target.journal.unlink()
        _remove_all_but(target, {file.digest for file in manifest.files})
        return BackedUp(manifest, len(self._copied), sum(file.size for file in self._copied))

    def _keep(self, names: list[str], known: dict[str, StoredFile], journal: "_Journal") -> None:
        found = [entry for name in names for entry in _entries(self._store.root, name)]
        self._links += [entry for entry in found if isinstance(entry, StoredLink)]
        entries = [entry for entry in found if isinstance(entry, _Entry)]
        self._meter.expect(sum(entry.size for entry in entries))
        for entry in entries:
            stored = known.get(entry.path)
            if stored is not None and self._is_unchanged(entry, stored):
                self._meter.expect(-entry.size)
            else:
                try:
                    stored = self._copy(entry)
                except FileNotFoundError:
                    # Dagster tidies up without asking the store's writer.
                    if not entry.path.startswith("dagster/"):
                        raise
                    continue
                self._copied.append(stored)
                journal.note(stored)
            self._files.append(stored)

    def _is_unchanged(self, entry: _Entry, stored: StoredFile) -> bool:
        if (entry.size, entry.mtime_ns) != (stored.size, stored.mtime_ns) or _has_log(entry.source):
            return False
        if stored.copied_ns < entry.mtime_ns + _SETTLED_NS:
            return False
        try:
            return self._target.content_of(stored.digest).stat().st_size == stored.size
        except FileNotFoundError:
            return False

    def _copy(self, entry: _Entry) -> StoredFile:
        began_ns = time.time_ns()
        incoming = self._target.incoming
        incoming.unlink(missing_ok=True)
        try:
            digest, size = self._take(entry, incoming)
            flush(incoming)
            kept = self._target.content_of(digest)
            kept.parent.mkdir(parents=True, exist_ok=True)
            incoming.replace(kept)
            flush(kept.parent)
        finally:
            incoming.unlink(missing_ok=True)
        return StoredFile(entry.path, size, entry.mtime_ns, digest, began_ns)

    def _take(self, entry: _Entry, incoming: Path) -> tuple[str, int]:
        """Copy a file; gives digest and bytes of the copy."""
        if not _is_sqlite(entry.source):
            return copy_hashed(entry.source, incoming, self._meter.add)
        _copy_database(entry.source, incoming)
        self._meter.add(entry.size)
        with incoming.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), incoming.stat().st_size


def copy_hashed(source: Path, target: Path, on_bytes: Callable[[int], None]) -> tuple[str, int]:
    """Copy a file; gives the SHA-256 digest and the bytes of what was copied."""
    digest = hashlib.sha256()
    size = 0
    with source.open("rb") as incoming, target.open("wb") as outgoing:
        while block := incoming.read(_BLOCK):
            digest.update(block)
            outgoing.write(block)
            size += len(block)
            on_bytes(len(block))
    return digest.hexdigest(), size


class _Journal:
    """What an unfinished backup has copied, so that the next need not."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._file = self._path.open("ab")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self) -> list[StoredFile]:
        """What is noted; a last line that was cut off is no note."""
        notes = []
        for line in self._path.read_bytes().split(b"\n"):
            try:
                notes.append(msgspec.json.decode(line, type=StoredFile))
            except (msgspec.MsgspecError, ValueError):
                continue
        return notes

    def note(self, file: StoredFile) -> None:
        # A line of its own even after one that was cut off.
        self._file.write(b"\n" + msgspec.json.encode(file) + b"\n")
        self._file.flush()


def _entries(root: Path, name: str) -> Iterator[_Entry | StoredLink]:
    """What is backed up of one entry of the store's folder.

    Left out are files that appear under another name once they are whole (hidden ones), locks, and the
    working folder but for the build file: logs, and what dbt parses anew.
    """
    if name == "work":
        for build in ("build.duckdb", "build.duckdb.wal"):
            if (root / name / build).exists():
                yield _entry(root / name / build, f"{name}/{build}")
        return
    yield from _below(root, name, frozenset())


def _below(root: Path, path: str, followed: frozenset[Path]) -> Iterator[_Entry | StoredLink]:
    place = root / path
    if place.name.startswith(".") or place.name.endswith((".lock", *_BESIDE_SQLITE)):
        return
    if place.is_symlink():
        leads_to = place.resolve()
        if leads_to.is_relative_to(root.resolve()):
            yield StoredLink(path, os.path.relpath(place.parent / place.readlink(), place.parent))
            return
        # What somebody moved to a larger disk belongs to the store all the same.
        if leads_to in followed:
            return
        followed |= {leads_to}
    if place.is_dir():
        for below in sorted(place.iterdir()):
            yield from _below(root, f"{path}/{below.name}", followed)
    elif place.is_file():
        yield _entry(place, path)


def _entry(source: Path, path: str) -> _Entry:
    if path.encode(errors="ignore").decode() != path:
        raise CollaborationError(
            f"The name of {path!r} in the store is not UTF-8: rename or remove the file."
        )
    status = source.stat()
    return _Entry(path, source, status.st_size, status.st_mtime_ns)


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _has_log(path: Path) -> bool:
    """Whether a database has changes that are not in its file yet."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _copy_database(source: Path, target: Path) -> None:
    """A copy of a SQLite database as of one moment, whoever writes to it meanwhile."""
    address = f"file:{quote(str(source))}?mode=rw"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=30)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)


def _remove_all_but(target: BackupFolder, wanted: set[str]) -> None:
    """Remove the content of earlier backups that this one does not have."""
    for folder in target.content.iterdir():
        for file in folder.iterdir():
            if file.name not in wanted:
                file.unlink()
