"""Seeing what lies in the landing folder without opening a file.

Which folders are drops, and the walk over one of them, belong here. What the files mean, and
whether they are all there, is judged in `assets.drops`.
"""

import hashlib
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assets.drop_files import DropFile
from assets.errors import CollaborationError

SUCCESS_FILE = "_SUCCESS"

_IGNORED = (".", "_")
# Dagster writes ranges of partition keys with "..." and lists of them with commas.
_SEPARATORS = ("...", ",")
# Control characters, lone surrogates (bytes that are not UTF-8), line and paragraph separators.
_UNUSABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True)
class DropFolder:
    """A folder that is a drop, not yet looked into."""

    drop_id: str
    root: Path


@dataclass(frozen=True)
class Scan:
    """What a walk over a drop sees without opening a file."""

    files: tuple[DropFile, ...]
    """All files but hidden and `_` ones, by path; manifests and `drop.toml` included."""
    mtimes_ns: tuple[int, ...]
    """Of every file and folder, hidden and `_` ones included."""
    refused: tuple[str, ...]
    """Paths that are neither a folder nor a file inside the drop."""
    declared_complete: bool
    """Whether a `_SUCCESS` file lies in the drop."""
    signature: str
    """Digest of (path, bytes, time of change) of all `files`, and of `refused`."""


def list_drops(landing: Path) -> list[DropFolder]:
    """The drops in the landing folder, by id; hidden and `_` folders are none.

    A link to a folder is a drop, too; where it leads is judged later. Raises CollaborationError when the
    landing folder cannot be listed.
    """
    try:
        with os.scandir(landing) as entries:
            names = [entry.name for entry in entries if _is_drop(entry)]
    except OSError as error:
        raise CollaborationError(
            f"the landing folder {str(landing)!r} cannot be listed ({error.strerror}): create it"
            " or set COLLAB_LANDING (make: LANDING) to the folder that holds the drops"
        ) from error
    return [DropFolder(drop_id(name), landing / name) for name in sorted(names)]


def scan(root: Path) -> Scan:
    """Walk a drop without opening a file; raises OSError when a part of it cannot be seen."""
    base = Path(os.path.realpath(root))
    files: list[DropFile] = []
    mtimes_ns = [base.stat().st_mtime_ns]
    refused: list[str] = []
    declared_complete = False
    folders = [("", False)]
    while folders:
        folder, ignored_folder = folders.pop()
        with os.scandir(base / folder) as entries:
            for entry in entries:
                path = f"{folder}{entry.name}"
                ignored = ignored_folder or entry.name.startswith(_IGNORED)
                if entry.is_dir(follow_symlinks=False):
                    mtimes_ns.append(entry.stat(follow_symlinks=False).st_mtime_ns)
                    folders.append((f"{path}/", ignored))
                elif _is_file_of(base, entry):
                    status = entry.stat()
                    mtimes_ns.append(status.st_mtime_ns)
                    declared_complete = declared_complete or path == SUCCESS_FILE
                    if not ignored:
                        files.append(DropFile(path, status.st_size, status.st_mtime_ns, None))
                elif not ignored:
                    refused.append(path)
    files.sort(key=lambda file: file.path)
    refused.sort()
    return Scan(
        tuple(files),
        tuple(mtimes_ns),
        tuple(refused),
        declared_complete,
        _signature(files, refused),
    )


def leads_out(root: Path, path: str = "") -> bool:
    """Whether, links followed, a path in a drop is outside it or the drop outside the landing folder."""
    base = Path(os.path.realpath(root))
    inside = Path(os.path.realpath(base / path)).is_relative_to(base)
    return not (inside and base.is_relative_to(os.path.realpath(root.parent)))


def drop_id(name: str) -> str:
    """The id of the drop in a folder of this name: the name itself, unusable characters escaped."""
    # Asked for each folder again and again; no character that can be printed is unusable.
    if name.isprintable():
        return name
    return "".join(repr(c)[1:-1] if _is_unusable(c) else c for c in name)


def can_be_key(name: str) -> bool:
    """Whether a folder's name can be a partition key and be written down."""
    return not any(part in name for part in _SEPARATORS) and not any(map(_is_unusable, name))


def _is_unusable(character: str) -> bool:
    return unicodedata.category(character) in _UNUSABLE


def _is_drop(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(_IGNORED):
        return False
    try:
        return entry.is_dir()
    except OSError:
        # A link that cannot be followed: looking into the drop will say why.
        return True


def _is_file_of(base: Path, entry: os.DirEntry[str]) -> bool:
    if not entry.is_symlink():
        return entry.is_file(follow_symlinks=False)
    target = Path(os.path.realpath(entry.path))
    return target.is_relative_to(base) and target.is_file()


def _signature(files: Iterable[DropFile], refused: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(os.fsencode(file.path) + b"\0%d\0%d\0" % (file.size, file.mtime_ns))
    for path in refused:
        digest.update(os.fsencode(path) + b"\0refused\0")
    return digest.hexdigest()
