"""Drops: whether what was delivered is complete, what it is, and what identifies it.

Judging a drop and taking its fingerprint belong here. Reading records does not, nor does
remembering what was ingested: the caller hands in the signatures it remembers.
"""

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from assets.drop_files import DropFile
from assets.drop_scan import SUCCESS_FILE, Scan, can_be_key, drop_id, leads_out, list_drops, scan
from assets.drop_settings import SETTINGS_FILE, Mode, read_settings
from assets.errors import CollaborationError, UnsuitableExportError
from assets.file_content import ContentLostError, Meter, content_blocks, open_regular
from assets.formats import format_named, recognise
from assets.manifests import Manifest, incomplete, is_manifest, parse_manifest, place

COMPLETE_IDS_FILE = "complete_ids.parquet"
"""In a snapshot: the ids of all works its source holds, those that are in no file of it included."""

_NONE_KNOWN: Mapping[str, str] = MappingProxyType({})
_PEEK_BYTES = 512
_MOST_BYTES_BESIDE = 64 << 20
_SHOWN_CHARACTERS = 40


class Recognised(Protocol):
    """What judging a drop needs to know of a file's format."""

    @property
    def name(self) -> str:
        """The format."""

    @property
    def source(self) -> str:
        """Whose records it holds."""


Recogniser = Callable[[Path], Recognised | None]


class DropState(StrEnum):
    """How far a drop has come."""

    WAITING = "waiting"
    """Something is missing that may still come: files, quiet, a reader for the format."""
    READY = "ready"
    """Complete and recognised."""
    INGESTED = "ingested"
    """Unchanged since the caller took it in."""
    REJECTED = "rejected"
    """Wrong as it is; waiting will not mend it."""


@dataclass(frozen=True)
class Inspection:
    """What is known about one drop."""

    drop_id: str
    root: Path
    state: DropState
    reason: str
    """One sentence: why it waits or is rejected, and what to do; empty otherwise."""
    files: tuple[DropFile, ...] = ()
    """The data files, by path."""
    format: str | None = None
    """Format of the data files, several joined by ` + `; None unless READY."""
    source: str | None = None
    stated_date: date | None = None
    """`received` of `drop.toml`, else the newest `date` of its manifests."""
    synthetic: bool = False
    technology: str | None = None
    """What all its records belong to, by `drop.toml`."""
    mode: Mode = Mode.DELTA
    stated_format: str | None = None
    """The format `drop.toml` says its files have; None where they were recognised."""
    complete_ids: DropFile | None = None
    """Its file of that name, which is no data file."""
    signature: str = ""
    """See Scan; empty when the drop could not be walked."""

    @property
    def bytes(self) -> int:
        """Bytes on disk of all data files."""
        return sum(file.size for file in self.files)

    @property
    def listed_records(self) -> int | None:
        """Records the manifests state for all data files; None where one states none."""
        counts = [file.listed_records for file in self.files]
        known = [count for count in counts if count is not None]
        return sum(known) if counts and len(known) == len(counts) else None


@dataclass(frozen=True)
class _Terms:
    """What a drop is judged by."""

    quiet_seconds: float
    now: float
    recognise: Recogniser

    def seconds_since_change(self, *mtimes_ns: int) -> float:
        """To the change nearest to now; a clock that runs ahead must not make a drop wait."""
        return min(abs(self.now - mtime / 1e9) for mtime in mtimes_ns)


class _NotReadyError(Exception):
    """Ends the judging of a drop that is not ready."""

    def __init__(self, state: DropState, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


def inspect(root: Path, *, quiet_seconds: float, now: float, recognise: Recogniser = recognise) -> Inspection:
    """Judge one drop in full: WAITING, READY or REJECTED.

    `now` is in seconds since 1970. Without a manifest a drop is complete when nothing in it
    changed for `quiet_seconds` or it holds a `_SUCCESS` file. Raises nothing for a drop that is
    bad, unreadable or gone: the reason says so.
    """
    return _inspect(root, _Terms(quiet_seconds, now, recognise), _NONE_KNOWN)


def discover(
    landing: Path,
    *,
    quiet_seconds: float,
    now: float | None = None,
    known_signatures: Mapping[str, str] = _NONE_KNOWN,
    recognise: Recogniser = recognise,
) -> list[Inspection]:
    """Judge all drops of a landing folder, by id.

    `known_signatures` (drop id -> signature) are those of ingested drops: a drop that still has
    its own is INGESTED without a file of it being opened, and what only opening tells (format,
    settings, listed records) stays at its default. Raises CollaborationError when the landing
    folder cannot be listed.
    """
    return [
        _inspect(
            folder.root,
            _Terms(quiet_seconds, time.time() if now is None else now, recognise),
            known_signatures,
        )
        for folder in list_drops(landing)
    ]


def fingerprint(inspection: Inspection, *, workers: int = 2) -> str:
    """Digest of the content of a READY drop: paths and bytes of its data files, and its settings.

    The same content copied again has the same fingerprint. Files are hashed in `workers` threads.
    Raises CollaborationError when a file changed since the inspection.
    """
    if inspection.state is not DropState.READY:
        raise ValueError(f"drop {inspection.drop_id!r} is {inspection.state}, not ready")
    files = [*inspection.files, *([inspection.complete_ids] if inspection.complete_ids else ())]
    with ThreadPoolExecutor(workers) as pool:
        contents = list(pool.map(partial(_content_digest, inspection), files))
    stated = (
        inspection.stated_date,
        inspection.synthetic,
        inspection.technology,
        inspection.mode,
        inspection.stated_format,
    )
    digest = hashlib.sha256("\0".join(map(str, stated)).encode())
    for file, content in zip(files, contents, strict=True):
        digest.update(f"{file.path}\0{file.size}\0{content}\0".encode())
    return digest.hexdigest()


def _inspect(root: Path, terms: _Terms, known_signatures: Mapping[str, str]) -> Inspection:
    drop = Inspection(drop_id(root.name), root, DropState.WAITING, "")
    try:
        _check_place(root)
        found = scan(root)
        drop = replace(drop, files=_data_files(found), signature=found.signature)
        if known_signatures.get(drop.drop_id) == found.signature:
            return replace(drop, state=DropState.INGESTED)
        _check_names(drop, found)
        drop = _with_settings(drop, found)
        drop = _complete(drop, found, terms)
        drop = _recognised(drop, terms)
    except _NotReadyError as error:
        return replace(drop, state=error.state, reason=error.reason)
    except OSError as error:
        return replace(drop, reason=_not_seen(error, root))
    return replace(drop, state=DropState.READY)


def _data_files(found: Scan) -> tuple[DropFile, ...]:
    beside = (SETTINGS_FILE, COMPLETE_IDS_FILE)
    return tuple(file for file in found.files if file.path not in beside and not is_manifest(file.path))


def _check_place(root: Path) -> None:
    if os.path.lexists(os.path.realpath(root)) and leads_out(root):
        raise _NotReadyError(
            DropState.REJECTED,
            "it is a link to a folder outside the landing folder, which whoever delivers drops could set to"
            " any place: move the folder itself there, or mount it there",
        )


def _check_names(drop: Inspection, found: Scan) -> None:
    if not can_be_key(drop.root.name):
        raise _NotReadyError(
            DropState.REJECTED,
            "a drop's name becomes its key and cannot hold control characters, bytes that are not"
            " UTF-8, a comma or '...': rename the folder",
        )
    for file in found.files:
        if file.path.encode(errors="ignore").decode() != file.path:
            raise _NotReadyError(
                DropState.REJECTED, f"the name of {file.path!r} is not UTF-8: rename the file"
            )
        if file.size > _MOST_BYTES_BESIDE and (file.path == SETTINGS_FILE or is_manifest(file.path)):
            raise _NotReadyError(
                DropState.REJECTED,
                f"{file.path!r} has {file.size} bytes, more than the {_MOST_BYTES_BESIDE} that a manifest or"
                " settings may have: give it another name if it holds records",
            )
    for path in found.refused:
        raise _NotReadyError(
            DropState.REJECTED,
            f"{path!r} is a link that leads to no file inside the drop, or no regular file: put"
            " the file itself in its place or remove it",
        )


def _with_settings(drop: Inspection, found: Scan) -> Inspection:
    by_path = {file.path: file for file in found.files}
    if SETTINGS_FILE in by_path:
        try:
            settings = read_settings(drop.root / SETTINGS_FILE)
        except CollaborationError as error:
            raise _NotReadyError(DropState.REJECTED, str(error)) from error
        drop = replace(
            drop,
            stated_date=settings.received,
            synthetic=settings.synthetic,
            technology=settings.technology,
            mode=settings.mode,
            stated_format=settings.format,
            source=settings.source,
        )
    complete_ids = by_path.get(COMPLETE_IDS_FILE)
    if complete_ids is not None and drop.mode is not Mode.SNAPSHOT:
        raise _NotReadyError(
            DropState.REJECTED,
            f'{COMPLETE_IDS_FILE} lists all works of a source, which only a drop with mode = "snapshot" in'
            f" its {SETTINGS_FILE} does: state that or remove the file",
        )
    return replace(drop, complete_ids=complete_ids)


def _complete(drop: Inspection, found: Scan, terms: _Terms) -> Inspection:
    """The drop with what its manifests state; ends the judging while files are missing."""
    manifests = [_read_manifest(drop, file, terms) for file in found.files if is_manifest(file.path)]
    if manifests:
        drop = _as_listed(drop, manifests)
    if not drop.files and drop.complete_ids is not None and drop.source is not None:
        # Nothing changed at the source but what is gone from it.
        return drop
    if not drop.files:
        raise _NotReadyError(DropState.WAITING, "no files yet: put the delivered files into the folder")
    if not manifests and not found.declared_complete:
        quiet = terms.seconds_since_change(*found.mtimes_ns)
        if quiet < terms.quiet_seconds:
            raise _NotReadyError(
                DropState.WAITING,
                f"it changed {quiet:.0f} s ago: it is taken once nothing in it has changed for"
                f" {terms.quiet_seconds:g} s, or at once with a {SUCCESS_FILE} file in it",
            )
    if drop.bytes == 0:
        raise _NotReadyError(
            DropState.REJECTED, "all its files are empty, so it has no records: deliver it again"
        )
    return drop


def _read_manifest(drop: Inspection, file: DropFile, terms: _Terms) -> Manifest:
    try:
        return parse_manifest((drop.root / file.path).read_bytes(), file.path)
    except CollaborationError as error:
        # A manifest that is just being written is no fault.
        fresh = terms.seconds_since_change(file.mtime_ns) < terms.quiet_seconds
        state = DropState.WAITING if fresh else DropState.REJECTED
        raise _NotReadyError(state, str(error)) from error


def _as_listed(drop: Inspection, manifests: list[Manifest]) -> Inspection:
    present = {file.path: file.size for file in drop.files}
    try:
        listed = place(manifests, present, drop.root.name)
    except CollaborationError as error:
        raise _NotReadyError(DropState.REJECTED, str(error)) from error
    if reason := incomplete(listed, present):
        raise _NotReadyError(DropState.WAITING, reason)
    dates = [manifest.stated_date for manifest in manifests if manifest.stated_date is not None]
    return replace(
        drop,
        files=tuple(replace(f, listed_records=listed[f.path].records) for f in drop.files),
        stated_date=drop.stated_date or max(dates, default=None),
    )


def _recognised(drop: Inspection, terms: _Terms) -> Inspection:
    first_of: dict[str, str] = {}
    names: set[str] = set()
    for file in drop.files:
        if file.size == 0:
            continue
        path = drop.root / file.path
        # Opened here, since recognising takes a file that cannot be read for one without content.
        with open_regular(path):
            recognised = _recognise(drop, file, terms)
        if recognised is None:
            raise _NotReadyError(
                DropState.WAITING,
                f"no reader for the format of {file.path!r} (it begins {_beginning(path)!r}) is"
                " installed in this version: deliver it in a format that has one, or move it out"
                " of the drop",
            )
        first_of.setdefault(recognised.source, file.path)
        names.add(recognised.name)
    if len(first_of) > 1:
        examples = ", ".join(f"{source}: {path!r}" for source, path in sorted(first_of.items()))
        raise _NotReadyError(
            DropState.WAITING,
            f"it mixes sources ({examples}): split it into one drop for each source",
        )
    if drop.source is not None and not first_of:
        return drop
    source = next(iter(first_of))
    if drop.source not in (None, source):
        raise _NotReadyError(
            DropState.REJECTED,
            f"{SETTINGS_FILE} states the source {drop.source}, but {first_of[source]!r} holds records of"
            f" {source}: mend the key source or remove it",
        )
    return replace(drop, format=" + ".join(sorted(names)), source=source)


def _recognise(drop: Inspection, file: DropFile, terms: _Terms) -> Recognised | None:
    try:
        # Asked in any case: an export without addresses is none the better for a stated format.
        recognised = terms.recognise(drop.root / file.path)
        return recognised if drop.stated_format is None else format_named(drop.stated_format)
    except UnsuitableExportError as error:
        raise _NotReadyError(DropState.REJECTED, str(error)) from error


def _beginning(path: Path) -> str:
    """The first printable characters of a file, unpacked when it is gzip, for a message."""
    head = b""
    with suppress(ContentLostError):
        head = next(content_blocks(path, Meter()), b"")[:_PEEK_BYTES]
    words = "".join(c if c.isprintable() else " " for c in head.decode("utf-8", "ignore")).split()
    return " ".join(words)[:_SHOWN_CHARACTERS]


def _content_digest(inspection: Inspection, file: DropFile) -> str:
    try:
        path = inspection.root / file.path
        if leads_out(inspection.root, file.path):
            raise OSError(None, "it leads out of the drop now", str(path))
        with open_regular(path) as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            after = os.fstat(stream.fileno())
    except OSError as error:
        raise CollaborationError(
            f"{file.path!r} of drop {inspection.drop_id!r} can no longer be read"
            f" ({error.strerror}): run again when the drop is whole"
        ) from error
    if (after.st_size, after.st_mtime_ns) != (file.size, file.mtime_ns):
        raise CollaborationError(
            f"{file.path!r} of drop {inspection.drop_id!r} changed while it was taken in: run again"
            " when nothing writes to it any more"
        )
    return digest


def _not_seen(error: OSError, root: Path) -> str:
    place_of_failure = str(error.filename or root)
    if isinstance(error, FileNotFoundError):
        return f"{place_of_failure!r} is gone or just being moved: it is looked for on the next scan"
    return (
        f"{place_of_failure!r} cannot be read ({error.strerror}): let the user who runs the"
        " pipeline read it and all folders above it"
    )
