"""Which files of a snapshot are pulled: those that are new or changed since the last pull.

Comparing belongs here, and the one question to the source it needs: whether a file that is listed
as before still has the version it had. Pulling belongs to `assets.pull.snapshot_fetch`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from assets.pull.object_source import ObjectGoneError, ObjectSource
from assets.pull.snapshot_listing import Listing, SnapshotFile
from assets.pull.snapshot_state import PulledFile

_QUESTIONS_AT_ONCE: Final = 16


@dataclass(frozen=True)
class Plan:
    """What becomes of the files of a listing."""

    fetch: tuple[SnapshotFile, ...]
    """To be downloaded, or to be finished."""
    staged: tuple[PulledFile, ...]
    """Verified by an unfinished pull; they go into the drop as they are."""
    unchanged: tuple[PulledFile, ...]
    """In a drop since an earlier pull."""

    @property
    def files(self) -> int:
        """That the drop will hold."""
        return len(self.fetch) + len(self.staged)


def plan_pull(
    source: ObjectSource,
    listing: Listing,
    since: date | None,
    staged: Mapping[str, PulledFile],
    pulled: Mapping[str, PulledFile],
) -> Plan:
    """Compare what is listed with what is staged and what was pulled (both by address).

    With `since`, of the other files only those in partitions of that day or later are looked at,
    and those in no partition. Raises AccessRefusedError and TransferError.
    """
    wanted = [f for f in listing.files if since is None or f.updated is None or f.updated >= since]
    known = {
        file.url: found
        for file in wanted
        if (found := staged.get(file.url) or pulled.get(file.url)) and found.is_listed_as(file)
    }
    with ThreadPoolExecutor(_QUESTIONS_AT_ONCE) as pool:
        same = set(pool.map(partial(_address_if_same, source), known.values())) - {None}
    kept = [known[file.url] for file in wanted if file.url in same]
    return Plan(
        fetch=tuple(file for file in wanted if file.url not in same),
        staged=tuple(file for file in kept if file.url in staged),
        unchanged=tuple(file for file in kept if file.url not in staged),
    )


def files_digest(files: Iterable[PulledFile]) -> str:
    """Tells one selection of pulled files from another, by their content."""
    digest = hashlib.sha256()
    for name in sorted(file.ids_name for file in files):
        digest.update(name.encode())
    return digest.hexdigest()


def _address_if_same(source: ObjectSource, file: PulledFile) -> str | None:
    if file.location != source.location:
        # Another copy gives every object another etag; what the manifest says of it has to do.
        return file.url
    try:
        version = source.version(file.path)
    except ObjectGoneError:
        return None
    return file.url if (version.size, version.etag) == (file.size, file.etag) else None
