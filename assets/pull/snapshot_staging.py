"""Where a snapshot's files wait until the drop is whole; a pull that was killed goes on from here.

A hidden folder in the landing folder, so it is no drop and becomes one by a rename:

    parts/     downloads, and files that are verified; named after a digest of the address
    receipts/  one for each verified file: written last, so what it tells of is there
    ids/       the ids of the verified files
    drop/      the drop while it is put together; its data files come from parts/
    spill/     what sorting the ids does not hold in memory
"""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from assets.atomic_files import flush, staged_file
from assets.pull.download import discard, discard_leftovers, held_bytes
from assets.pull.snapshot_listing import SnapshotFile
from assets.pull.snapshot_state import PulledFile

STAGING_FOLDER: Final = ".pull-openalex-snapshot"


class Staging:
    """The staging folder of a landing folder; one pull at a time may use it."""

    def __init__(self, landing: Path) -> None:
        self.root = landing / STAGING_FOLDER
        self.drop = self.root / "drop"
        self.spill = self.root / "spill"
        self._parts = self.root / "parts"
        self._receipts = self.root / "receipts"
        self._ids = self.root / "ids"

    def open(self) -> dict[str, PulledFile]:
        """The verified files of an unfinished pull, by address.

        Files of a drop that was being put together are among them again. What belongs to none
        and is no download either is removed.
        """
        for folder in (self._parts, self._receipts, self._ids):
            folder.mkdir(parents=True, exist_ok=True)
        verified = {}
        for path in sorted(self._receipts.iterdir()):
            file = self._usable(path)
            if file is None:
                path.unlink()
            else:
                verified[file.url] = file
        names = {file.ids_name for file in verified.values()}
        for path in [path for path in self._ids.iterdir() if path.name not in names]:
            path.unlink()
        discard_leftovers(self._parts)
        for folder in (self.drop, self.spill):
            if folder.exists():
                shutil.rmtree(folder)
        return verified

    def part(self, url: str) -> Path:
        """Where a file is downloaded to."""
        return self._parts / _token(url)

    def ids_of(self, file: PulledFile) -> Path:
        """Where the ids of a verified file are."""
        return self._ids / file.ids_name

    def verified(self, file: PulledFile) -> None:
        """Write down that the file in `part` and its ids in `ids_of` are right."""
        with staged_file(self._receipt(file.url)) as staging:
            staging.write_bytes(msgspec.json.encode(file))

    def forget(self, url: str) -> None:
        """Remove whatever there is of a file."""
        self._receipt(url).unlink(missing_ok=True)
        discard(self.part(url))

    def forget_except(self, files: Iterable[SnapshotFile]) -> int:
        """Remove the downloads of all other files; returns the bytes freed."""
        wanted = {_token(file.url) for file in files}
        freed = 0
        for path in sorted(self._parts.iterdir()):
            if path.name.lstrip(".").partition(".")[0] not in wanted:
                freed += path.stat().st_size
                path.unlink()
        for path in self._receipts.iterdir():
            if path.name.lstrip(".").partition(".")[0] not in wanted:
                path.unlink()
        return freed

    def assemble(self, files: Iterable[PulledFile]) -> None:
        """Move verified files to their places in the drop."""
        for file in files:
            place = self.drop / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            self.part(file.url).replace(place)

    def deliver(self, drop: Path) -> None:
        """The drop leaves staging for good."""
        for folder in [path for path in self.drop.rglob("*") if path.is_dir()]:
            flush(folder)
        flush(self.drop)
        self.drop.rename(drop)
        flush(drop.parent)

    def close(self) -> None:
        """Remove what is of no use for another pull, and the folder when nothing is left."""
        if not self.open() and not any(self._parts.iterdir()):
            shutil.rmtree(self.root)

    def _receipt(self, url: str) -> Path:
        return self._receipts / f"{_token(url)}.json"

    def _usable(self, receipt: Path) -> PulledFile | None:
        """The verified file of a receipt, brought back to its part; None when it was delivered."""
        try:
            file = msgspec.json.decode(receipt.read_bytes(), type=PulledFile)
        except ValueError:
            return None
        part = self.part(file.url)
        placed = self.drop / file.path
        if placed.exists():
            placed.replace(part)
        whole = held_bytes(part) == file.size and part.exists() and self.ids_of(file).exists()
        return file if whole else None


def _token(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:32]
