"""Downloading one object to disk so that a broken download goes on from the byte it reached.

Whether the content is right belongs to the callers; here it is only whole, and of one version.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from assets.atomic_files import flush, staged_file
from assets.pull.object_source import (
    ObjectChangedError,
    ObjectSource,
    ObjectVersion,
    RangeRefusedError,
    TransferError,
)
from assets.pull.surroundings import Surroundings

_NOTE: Final = ".version"
ATTEMPTS: Final = 5
"""In a row without a byte gained, after each of which the client itself has tried several times."""


class StoppedError(Exception):
    """The pull ends: something else failed, or the user wants it to."""


class Download:
    """An object on its way to a file; beside the file lies a note of the version it is of."""

    def __init__(self, source: ObjectSource, key: str, target: Path) -> None:
        self._source = source
        self._key = key
        self._target = target

    def run(
        self, surroundings: Surroundings, on_bytes: Callable[[int], None], stopped: Callable[[], bool]
    ) -> ObjectVersion:
        """Download what is missing, and return the version of the whole.

        `on_bytes` is told of bytes gained, and with a negative number of bytes lost because the
        object changed.

        Raises:
            ObjectGoneError, AccessRefusedError: From the source.
            TransferError: No attempt gained anything any more.
            StoppedError: `stopped` said so.
            OSError: The file cannot be written.
        """
        failures = 0
        furthest = held_bytes(self._target)
        while True:
            try:
                return self._attempt(on_bytes, stopped)
            except (ObjectChangedError, RangeRefusedError):
                on_bytes(-held_bytes(self._target))
                discard(self._target)
            except TransferError:
                # Against the furthest: where ranges are refused, every attempt begins from nothing.
                held = held_bytes(self._target)
                failures = 1 if held > furthest else failures + 1
                furthest = max(furthest, held)
                if failures >= ATTEMPTS:
                    raise
                surroundings.pause(failures)

    def _attempt(self, on_bytes: Callable[[int], None], stopped: Callable[[], bool]) -> ObjectVersion:
        begun = _begun(self._target)
        held = held_bytes(self._target) if begun is not None else 0
        if begun is not None and held == begun.size:
            if self._source.version(self._key) != begun:
                raise ObjectChangedError(self._key)
            return begun
        opened = self._source.open(self._key, held, begun)
        if begun is None:
            discard(self._target)
            with staged_file(_note(self._target)) as staging:
                staging.write_bytes(msgspec.json.encode(opened.version))
        with self._target.open("ab") as file:
            for chunk in opened.chunks():
                if stopped():
                    raise StoppedError(self._key)
                file.write(chunk)
                on_bytes(len(chunk))
        held = held_bytes(self._target)
        if held != opened.version.size:
            raise TransferError(f"{held} of {opened.version.size} bytes came")
        flush(self._target)
        return opened.version


def resumable_bytes(target: Path) -> int:
    """How much of a download need not be asked for again."""
    return held_bytes(target) if _begun(target) is not None else 0


def held_bytes(target: Path) -> int:
    """How much of a file is on disk; 0 when it is not there."""
    try:
        return target.stat().st_size
    except FileNotFoundError:
        return 0


def discard(target: Path) -> None:
    """Remove a download, finished or not."""
    target.unlink(missing_ok=True)
    _note(target).unlink(missing_ok=True)


def discard_leftovers(folder: Path) -> None:
    """Remove what lies beside downloads that are no longer in their folder."""
    for path in list(folder.iterdir()):
        if path.name.startswith(".") or (path.suffix == _NOTE and not path.with_suffix("").exists()):
            path.unlink()


def _note(target: Path) -> Path:
    return target.with_name(f"{target.name}{_NOTE}")


def _begun(target: Path) -> ObjectVersion | None:
    """The version the bytes on disk are of; None when nothing usable is there."""
    try:
        begun = msgspec.json.decode(_note(target).read_bytes(), type=ObjectVersion)
    except FileNotFoundError:
        return None
    return begun if 0 < held_bytes(target) <= begun.size else None
