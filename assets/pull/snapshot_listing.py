"""What a published OpenAlex snapshot consists of, by its manifest.

Finding the manifest in either layout, reading it, and writing one that lists fewer files belong
here. What of it is pulled is decided in `assets.pull.snapshot_plan`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Final, Literal

import msgspec

from assets.errors import CollaborationError
from assets.manifests import parse_manifest, place
from assets.pull.object_source import AccessRefusedError, ObjectGoneError, ObjectSource

SnapshotFormat = Literal["jsonl", "parquet"]

# Some copies hold the content of `data/` only.
_SINCE_2026: Final = ("data/{}/works/manifest.json", "{}/works/manifest.json")
_BEFORE_2026: Final = ("data/works/manifest", "works/manifest")
_TOTALS_BEFORE_2026: Final = "meta"
_PARTITION = re.compile(r"updated_date=(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class SnapshotFile:
    """One file as its manifest lists it."""

    url: str
    path: str
    """Under the location it is pulled from, and in the drop."""
    size: int
    """Bytes."""
    records: int | None
    """None where the manifest does not say."""

    @property
    def updated(self) -> date | None:
        """The day its records last changed, by the partition it lies in."""
        return _partition_date(self.path)


@dataclass(frozen=True)
class Listing:
    """A manifest as read at one moment."""

    path: str
    content: bytes
    files: tuple[SnapshotFile, ...]
    stated_date: date | None

    @property
    def received(self) -> date | None:
        """The day the snapshot is of; before 2026 none is stated and the newest partition's stands in."""
        return self.stated_date or max((f.updated for f in self.files if f.updated), default=None)

    @property
    def by_url(self) -> Mapping[str, SnapshotFile]:
        """The files by their listed address."""
        return {file.url: file for file in self.files}


def find_listing(source: ObjectSource, format_: SnapshotFormat) -> Listing:
    """The manifest of the works in this format, of whichever layout is there.

    Raises ObjectGoneError when there is none, AccessRefusedError when there is none among those
    that may be looked at, TransferError, and CollaborationError for a manifest that cannot be used.
    """
    refused: AccessRefusedError | None = None
    for path in _places(format_):
        try:
            return read_listing(source, path)
        except ObjectGoneError:
            continue
        except AccessRefusedError as error:
            # A bucket that may not be listed says so of keys that do not exist, too.
            refused = refused or error
    raise refused or ObjectGoneError(" or ".join(_places(format_)))


def read_listing(source: ObjectSource, path: str) -> Listing:
    """The manifest at this path; raises as `find_listing`."""
    content = source.read(path)
    manifest = parse_manifest(content, path)
    files: dict[str, SnapshotFile] = {}
    for entry in manifest.entries:
        url, _ = entry
        [(inside, listed)] = place([replace(manifest, entries=(entry,))], {}, "works").items()
        file = SnapshotFile(url, inside, listed.size, listed.records)
        if files.setdefault(inside, file) != file:
            raise CollaborationError(
                f"The manifest {path!r} at {source.location} lists {inside!r} twice, as {files[inside].url!r}"
                f" and {url!r}, which differ or contradict: pull again once it is published anew"
            )
    return Listing(path, content, tuple(files.values()), manifest.stated_date)


def restricted(listing: Listing, paths: Collection[str]) -> bytes:
    """The manifest with only the files at these paths; everything it says beside stays as it is."""
    document = msgspec.json.decode(listing.content, type=dict[str, msgspec.Raw])
    key = "files" if "files" in document else "entries"
    entries = msgspec.json.decode(document[key], type=list[msgspec.Raw])
    path_of = {file.url: file.path for file in listing.files}
    kept = {path_of[url]: raw for raw in entries if path_of[url := _url(raw)] in paths}
    document[key] = _raw(list(kept.values()))
    totals = _totals([file for file in listing.files if file.path in kept])
    document |= {name: total for name, total in totals.items() if name in document}
    if _TOTALS_BEFORE_2026 in document:
        document[_TOTALS_BEFORE_2026] = _raw(totals)
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


def _totals(files: Collection[SnapshotFile]) -> dict[str, msgspec.Raw]:
    return {
        "content_length": _raw(sum(file.size for file in files)),
        "record_count": _raw(sum(file.records or 0 for file in files)),
    }


class _Address(msgspec.Struct):
    url: str


def _url(entry: msgspec.Raw) -> str:
    return msgspec.json.decode(entry, type=_Address).url


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _places(format_: SnapshotFormat) -> list[str]:
    found = [path.format(format_) for path in _SINCE_2026]
    return found + list(_BEFORE_2026) if format_ == "jsonl" else found


def _partition_date(path: str) -> date | None:
    for part in PurePosixPath(path).parts:
        if match := _PARTITION.fullmatch(part):
            try:
                return date.fromisoformat(match[1])
            except ValueError:
                return None
    return None
