"""Laying down what a pull from the OpenAlex API delivered as a drop.

Which of the records go into it is decided by `assets.pull.api_merge`. Asking for pages belongs to
`assets.pull.api`.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Final

import msgspec
from isal import isal_zlib

from assets.atomic_files import flush, staged_directory, staged_file
from assets.drop_settings import SETTINGS_FILE, Mode
from assets.errors import CollaborationError
from assets.openalex.work import SOURCE
from assets.pull.api_kept import Kept
from assets.pull.api_merge import Tally, merged
from assets.pull.api_request import ApiRequest

_WORKS_A_FILE: Final = 10_000
_MANIFEST: Final = "manifest.json"
_COMPRESSION: Final = 2
_GZIP_CONTAINER: Final = 31
"""zlib's `wbits` for a gzip header and checksum; the header holds no time, so bytes repeat."""


class Landed(msgspec.Struct, frozen=True):
    """A drop that is about to be, or was, renamed to its place."""

    name: str
    tally: Tally
    expected: int
    """Works that match, as of the last page of each search, those of several counted with each."""
    listed: int
    """The same of the works delivered."""
    repeated_pages: int
    credits: int
    """Spent on the pages, over all runs."""


class Landing:
    """Makes the drop of one request and puts it in place, such that a kill at any point does no harm."""

    def __init__(self, request: ApiRequest, landing: Path, state: Path) -> None:
        self.staging = landing / f".pull-openalex-api-{request.digest}"
        self._drop = self.staging / "drop"
        self._record = state / f"openalex-api-{request.digest}.json"
        self._request = request
        self._landing = landing

    def finish(self) -> Landed | None:
        """Put a drop in place that an earlier run made whole; None when there is none."""
        if not self._record.exists():
            return None
        landed = msgspec.json.decode(self._record.read_bytes(), type=Landed)
        with self._writable():
            return self._put_in_place(landed)

    def land(self, kept: Kept, today: date) -> Landed:
        """Make the drop of all that is kept, put it in place and forget the rest."""
        with self._writable():
            tally = self._lay_down(kept, today)
            name = self._request.name or f"openalex-api-{today.isoformat()}-{self._request.digest[:6]}"
            heads = [head for pages in kept.searches for head in pages.heads]
            landed = Landed(
                self._free_name(name),
                tally,
                expected=sum(pages.heads[-1].count for pages in kept.searches),
                listed=sum(pages.works for pages in kept.searches),
                repeated_pages=sum(head.repeats for head in heads),
                credits=sum(head.credits for head in heads),
            )
            self._note(landed)
            return self._put_in_place(landed)

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CollaborationError(
                f"The drop cannot be laid down in {str(self._landing)!r} ({error.strerror or error}): make"
                " room or let this user write there, then run the same again; all pages are kept"
            ) from error

    def _put_in_place(self, landed: Landed) -> Landed:
        if self._drop.exists():
            if (self._landing / landed.name).exists():
                landed = msgspec.structs.replace(landed, name=self._free_name(landed.name))
                self._note(landed)
            self._drop.rename(self._landing / landed.name)
            flush(self._landing)
        if self.staging.exists():
            shutil.rmtree(self.staging)
        # Last, since it is what tells the next run that this one got here.
        self._record.unlink()
        return landed

    def _lay_down(self, kept: Kept, today: date) -> Tally:
        if self._drop.exists():
            shutil.rmtree(self._drop)
        with staged_directory(self._drop) as folder:
            tally, records = merged(kept)
            files = list(_write_parts(records, folder))
            _write(folder / SETTINGS_FILE, self._settings(today))
            _write(folder / _MANIFEST, _manifest(files, today))
        return tally

    def _settings(self, today: date) -> str:
        return (
            f"# Pulled from the OpenAlex API: {self._request.described}\n"
            f'source = "{SOURCE}"\n'
            f'mode = "{Mode.DELTA.value}"\n'
            f"received = {today.isoformat()}\n"
        )

    def _free_name(self, wanted: str) -> str:
        name, number = wanted, 1
        while (self._landing / name).exists():
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _note(self, landed: Landed) -> None:
        with staged_file(self._record) as staging:
            staging.write_bytes(msgspec.json.encode(landed))


@dataclass(frozen=True)
class _Part:
    name: str
    size: int
    records: int


def _write_parts(records: Iterator[bytes], folder: Path) -> Iterator[_Part]:
    """Files of equal record counts; the same records give the same bytes."""
    for number, first in enumerate(records, 1):
        path = folder / f"part-{number:04d}.jsonl.gz"
        packer = isal_zlib.compressobj(_COMPRESSION, isal_zlib.DEFLATED, _GZIP_CONTAINER)
        written = 0
        with path.open("wb") as file:
            for record in chain([first], islice(records, _WORKS_A_FILE - 1)):
                file.write(packer.compress(record + b"\n"))
                written += 1
            file.write(packer.flush())
        flush(path)
        yield _Part(path.name, path.stat().st_size, written)


def _manifest(parts: list[_Part], today: date) -> str:
    """In OpenAlex's own layout of 2026, see `assets.manifests`."""
    files = [
        {"url": part.name, "meta": {"content_length": part.size, "record_count": part.records}}
        for part in parts
    ]
    manifest = {"date": today.isoformat(), "format": "jsonl", "entity": "works", "files": files}
    return json.dumps(manifest, indent=1)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    flush(path)
