"""What a backup holds, as it says itself: `backup.json`, and the layout of the folder around it.

    backup.json            every file of the store with bytes and digest; whole or not there
    content/ab/ab12...     the files, each under its SHA-256 digest
    copied.jsonl           what a backup that is not finished has copied so far

Names and the manifest only; `assets.backup` fills the folder, `assets.restore` reads it.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from assets.atomic_files import staged_file
from assets.errors import CollaborationError

BACKUP_FORMAT: Final = 1

_MANIFEST: Final = "backup.json"
_LOCK: Final = "backup.lock"


class StoredFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the store."""

    path: str
    """Inside the store, with forward slashes."""
    size: int
    """Bytes."""
    mtime_ns: int
    """Of its last change, nanoseconds since 1970."""
    digest: str
    """SHA-256 of its bytes, in hexadecimal."""
    copied_ns: int
    """When copying it began, in nanoseconds since 1970."""


class StoredLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A symbolic link of the store to another place in it."""

    path: str
    target: str
    """As the link says it: relative to the folder the link is in."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One whole backup."""

    format_version: int
    store: str
    """The folder of the store it was made of."""
    store_format: int
    made_at: str
    """When it began, in UTC, to the second."""
    files: tuple[StoredFile, ...]
    links: tuple[StoredLink, ...]
    digest: str = ""
    """SHA-256 of the manifest with this left empty."""

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(file.size for file in self.files)

    def signed(self) -> "Manifest":
        """The same with its digest."""
        return msgspec.structs.replace(self, digest=_digest(self))


class BackupFolder:
    """The folder of one store's backups."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def incoming(self) -> Path:
        """The file that is being copied."""
        return self.root / ".incoming"

    @property
    def journal(self) -> Path:
        return self.root / "copied.jsonl"

    def content_of(self, digest: str) -> Path:
        """Where the bytes with this digest are."""
        return self.content / digest[:2] / digest

    def is_foreign(self) -> bool:
        """Whether it holds something and is no backup, finished or not."""
        ours = {_MANIFEST, _LOCK, self.content.name, self.incoming.name, self.journal.name}
        names = {path.name for path in self.root.iterdir()}
        return bool(names) and not (names & ours)

    def manifest(self) -> Manifest | None:
        """The whole backup in the folder, or None.

        Raises:
            CollaborationError: It cannot be read, was made by a newer version, or is not as it was written.
        """
        path = self.root / _MANIFEST
        try:
            written = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise CollaborationError(f"{path} cannot be read ({error.strerror}).") from error
        try:
            stated = msgspec.json.decode(written, type=_Version).format_version
            if stated != BACKUP_FORMAT:
                raise CollaborationError(
                    f"{path} is of backup format {stated}; this version of the project reads "
                    f"{BACKUP_FORMAT}. Use the version that made it, or another backup."
                )
            manifest = msgspec.json.decode(written, type=Manifest)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise _damaged(path, str(error)) from error
        if manifest.digest != _digest(manifest):
            raise _damaged(path, "its digest is another")
        _refuse_unsafe(manifest, path)
        return manifest

    def write_manifest(self, manifest: Manifest) -> None:
        """Put it in the place of the one before; until then that one is valid."""
        with staged_file(self.root / _MANIFEST) as staging:
            staging.write_bytes(msgspec.json.format(msgspec.json.encode(manifest.signed()), indent=1))

    @contextmanager
    def held(self, *, writing: bool) -> Iterator[None]:
        """Hold the folder: alone to write, together with others to read.

        Raises:
            CollaborationError: A backup or, for a writer, a restore is at work in it.
        """
        path = self.root / _LOCK
        if not writing and not path.exists():
            # A copy of a backup, perhaps on a medium that cannot be written.
            yield
            return
        with path.open("a" if writing else "r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, (fcntl.LOCK_EX if writing else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CollaborationError(
                    f"Another backup or restore is at work in {self.root}: try again when it has finished."
                ) from None
            yield


class _Version(msgspec.Struct):
    format_version: int


def _digest(manifest: Manifest) -> str:
    unsigned = msgspec.structs.replace(manifest, digest="")
    return hashlib.sha256(msgspec.json.encode(unsigned)).hexdigest()


def _damaged(path: Path, why: str) -> CollaborationError:
    return CollaborationError(f"{path} is damaged ({why}): use another copy of this backup, or another.")


def _refuse_unsafe(manifest: Manifest, path: Path) -> None:
    """A backup may come from anywhere: nothing in it leads out of the store that is restored."""
    links = {PurePosixPath(link.path) for link in manifest.links}
    places = [PurePosixPath(file.path) for file in manifest.files] + sorted(links)
    if len(set(places)) < len(manifest.files) + len(manifest.links):
        raise CollaborationError(f"{path} names a file twice: it is not used.")
    for place in places:
        if not _stays_inside(place.parts) or links.intersection(place.parents):
            raise CollaborationError(f"{path} names {str(place)!r}, out of the store: it is not used.")
    for link in manifest.links:
        leads_to = PurePosixPath(link.path).parent / link.target
        if not _stays_inside(leads_to.parts):
            raise CollaborationError(
                f"{path} has a link {link.path!r} to {link.target!r}, out of the store: it is not used."
            )


def _stays_inside(parts: tuple[str, ...]) -> bool:
    """Whether a path of these parts never rises above where it begins."""
    depth = 0
    for part in parts:
        if part.startswith("/") or "\0" in part:
            return False
        depth += -1 if part == ".." else 1
        if depth < 0:
            return False
    return depth > 0
