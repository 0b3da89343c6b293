"""Bringing a store back from a backup: every digest is verified before the store has its name."""

import os
from collections.abc import Callable
from pathlib import Path

from assets.atomic_files import flush, staged_directory
from assets.backup import copy_hashed
from assets.backup_manifest import BackupFolder, Manifest, StoredFile
from assets.errors import CollaborationError
from assets.progress import ByteMeter


def restore(folder: Path, store: Path, *, show: Callable[[str], None]) -> Manifest:
    """Make the store at `store`, a new or empty folder, what it was when the backup was made.

    It is put together beside that folder and renamed, so a store is there whole or not at all.

    Raises:
        CollaborationError: There is no whole backup, a file of it is missing or damaged (says which), or the
            place is taken or cannot be written.
    """
    source = BackupFolder(folder.absolute())
    destination = store.resolve()
    if destination.exists() and not (destination.is_dir() and not any(destination.iterdir())):
        raise CollaborationError(f"{store} is not empty: restore into an empty or new folder (COLLAB_STORE).")
    with source.held(writing=False):
        manifest = source.manifest()
        if manifest is None:
            raise CollaborationError(f"{folder} holds no whole backup: name the folder of one.")
        try:
            if destination.exists():
                destination.rmdir()
            with staged_directory(destination) as staging:
                _fill(staging, source, manifest, show)
        except OSError as error:
            raise CollaborationError(
                f"The store {store} cannot be restored: {error}. Make room or mend the permissions; where "
                "the folder cannot be replaced, as the root of a disk, name one inside it (COLLAB_STORE)."
            ) from error
    return manifest


def _fill(staging: Path, source: BackupFolder, manifest: Manifest, show: Callable[[str], None]) -> None:
    meter = ByteMeter("Restoring", show)
    meter.expect(manifest.bytes)
    for file in manifest.files:
        _restore_file(staging / file.path, source, file, meter)
    for link in manifest.links:
        place = staging / link.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(link.target)


def _restore_file(place: Path, source: BackupFolder, file: StoredFile, meter: ByteMeter) -> None:
    content = source.content_of(file.digest)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        digest, _ = copy_hashed(content, place, meter.add)
    except FileNotFoundError as error:
        raise _damaged(content, file, "is missing") from error
    if digest != file.digest:
        raise _damaged(content, file, "is damaged")
    # The next backup sees by it that nothing changed.
    os.utime(place, ns=(file.mtime_ns, file.mtime_ns))
    flush(place)


def _damaged(content: Path, file: StoredFile, how: str) -> CollaborationError:
    return CollaborationError(
        f"{content}, which holds {file.path!r} of the store, {how}: nothing was restored. Use another copy "
        "of this backup; while the store is still there, remove that file and back up again."
    )
