"""OpenAlex snapshot manifests: which files a delivery consists of, with their lengths.

Both published layouts are read: `manifest` with `entries` (until 2025) and `manifest.json` with
`files` (since 2026). Parsing manifests and holding them against the files found belong here;
finding files and deciding the state of a drop belong to `assets.drops`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated

import msgspec

from assets.errors import CollaborationError

_NAMES = frozenset({"manifest", "manifest.json"})
_WORKS = "works"
_PARTITION = "updated_date="
# Until 2025 only the addresses say what a manifest lists, and only in OpenAlex's own bucket can
# they be trusted to: elsewhere the folder may be anybody's selection of works.
_BUCKET = "s3://openalex/"

_Count = Annotated[int, msgspec.Meta(ge=0)]


class _Meta(msgspec.Struct, frozen=True):
    content_length: _Count
    record_count: _Count | None = None


class _Entry(msgspec.Struct, frozen=True):
    url: str
    meta: _Meta


class _Document(msgspec.Struct, frozen=True):
    entries: tuple[_Entry, ...] | None = None
    files: tuple[_Entry, ...] | None = None
    entity: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class ListedFile:
    """What a manifest states about one file."""

    size: int
    """Bytes."""
    records: int | None


@dataclass(frozen=True)
class Manifest:
    """A parsed manifest."""

    path: str
    """Inside the drop, with forward slashes."""
    entity: str | None
    """What the records are (`works`, `authors`); None where neither key nor address says it."""
    stated_date: date | None
    entries: tuple[tuple[str, ListedFile], ...]
    """The listed addresses, in the manifest's order."""


def is_manifest(path: str) -> bool:
    """Whether a file with this path is taken for a manifest."""
    return PurePosixPath(path).name in _NAMES


def parse_manifest(content: bytes, path: str) -> Manifest:
    """Parse a manifest of either layout; raises CollaborationError when it is neither."""
    try:
        document = msgspec.json.decode(content, type=_Document)
        stated_date = None if document.date is None else date.fromisoformat(document.date[:10])
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, str(error)) from error
    if (document.entries is None) == (document.files is None):
        raise _unreadable(path, "it must have either `entries` or `files`")
    listed = document.entries or document.files or ()
    return Manifest(
        path=path,
        entity=document.entity or _entity_of(listed),
        stated_date=stated_date,
        entries=tuple(
            (entry.url, ListedFile(entry.meta.content_length, entry.meta.record_count)) for entry in listed
        ),
    )


def place(manifests: Iterable[Manifest], present: Mapping[str, int], drop_name: str) -> dict[str, ListedFile]:
    """All listed files by their path inside the drop.

    `present` maps the paths found to their bytes. Of the places an address may stand for, the
    first where a file lies is taken, else the first. A file listed twice with the same numbers is
    one file. Raises CollaborationError for a manifest of something else than works, an address
    that leads out of the drop or to no place in it, and entries that contradict each other.
    """
    placed: dict[str, ListedFile] = {}
    for manifest in manifests:
        if manifest.entity not in (None, _WORKS):
            raise CollaborationError(
                f"{manifest.path!r} lists {manifest.entity}, not works: only works are counted,"
                " so move the manifest and its files out of the drop"
            )
        for url, listed in manifest.entries:
            path = _locate(url, manifest.path, present, drop_name)
            if placed.setdefault(path, listed) != listed:
                raise CollaborationError(
                    f"{path!r} is listed twice with different lengths or record counts (again in"
                    f" {manifest.path!r}): put the files and manifest of one release into the drop"
                )
    return placed


def incomplete(listed: Mapping[str, ListedFile], present: Mapping[str, int]) -> str:
    """Why the files found (path -> bytes) are not yet the listed ones; empty when they are."""
    short = [path for path in sorted(listed) if present.get(path, -1) < listed[path].size]
    if short:
        first = short[0]
        so_far = f", {present[first]} of {listed[first].size} bytes" if first in present else ""
        verb = "is" if len(short) == 1 else "are"
        return (
            f"{len(short)} of {len(listed)} listed files {verb} not there yet"
            f" (first: {first!r}{so_far}): finish copying"
        )
    longer = [path for path in sorted(listed) if present[path] > listed[path].size]
    if longer:
        first = longer[0]
        return (
            f"{first!r} has {present[first]} bytes where its manifest lists {listed[first].size}:"
            " copy the file and the manifest again from the same release"
        )
    unlisted = sorted(present.keys() - listed.keys())
    if unlisted:
        others = f" (and {len(unlisted) - 1} more)" if len(unlisted) > 1 else ""
        return (
            f"{unlisted[0]!r}{others} is not listed in any manifest of the drop: list it in the"
            " manifest or move it out of the drop"
        )
    return ""


def _unreadable(path: str, why: str) -> CollaborationError:
    return CollaborationError(
        f"{path!r} is no OpenAlex manifest ({why}): copy it again, or give it another name if it is none"
    )


def _entity_of(entries: Iterable[_Entry]) -> str | None:
    for entry in entries:
        folder, found, _ = entry.url.partition(f"/{_PARTITION}")
        if found and folder.startswith(_BUCKET):
            return folder.rpartition("/")[2]
    return None


def _locate(url: str, manifest: str, present: Mapping[str, int], drop_name: str) -> str:
    folder = PurePosixPath(manifest).parent
    places = [str(folder.joinpath(*parts)) for parts in _readings(url, folder.name or drop_name, manifest)]
    if not places:
        raise CollaborationError(
            f"{manifest!r} lists {url!r}, which names neither the manifest's folder nor an"
            f" {_PARTITION}... folder: list the file by its path beside the manifest"
        )
    return next((path for path in places if path in present), places[0])


def _readings(url: str, folder_name: str, manifest: str) -> Iterator[list[str]]:
    """The parts of the paths, seen from the manifest, an address may stand for; likeliest first."""
    _, has_host, after_scheme = url.partition("://")
    path = after_scheme.partition("/")[2] if has_host else url
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise CollaborationError(
            f"{manifest!r} lists {url!r}, which is absolute or could lead out of the drop: list"
            " the file by its path beside the manifest"
        )
    if not has_host:
        yield parts
    if folder_name in parts[:-1]:
        last = len(parts) - 2 - parts[-2::-1].index(folder_name)
        yield parts[last + 1 :]
    partition = next((n for n, part in enumerate(parts) if part.startswith(_PARTITION)), -1)
    for start in range(partition + 1):
        yield parts[start:]
