"""What was pulled of the OpenAlex snapshot so far: its files, their ids, and the last whole set.

A folder with `pulled.json` and a list of ids for each file. A pull's last step spans two folders
(landing and state), so what it is about to do is written down first, as `next.json`; who finds that
file finishes the step. Deciding what to pull belongs to `assets.pull.snapshot_plan`.
"""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from assets.atomic_files import flush, staged_file
from assets.errors import CollaborationError
from assets.pull.snapshot_listing import SnapshotFile

_PULLED: Final = "pulled.json"
_NEXT: Final = "next.json"
_IDS: Final = "ids"
_Kept = TypeVar("_Kept", bound=msgspec.Struct)


class PulledFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as it was pulled and verified."""

    url: str
    path: str
    size: int
    listed_records: int | None
    records: int
    """As counted."""
    without_id: int
    etag: str
    location: str
    """Where the etag is from: two copies of a snapshot give one file different ones."""

    @property
    def ids_name(self) -> str:
        """Name of the list of its ids; another content has another."""
        told = f"{self.url}\0{self.location}\0{self.size}\0{self.listed_records}\0{self.etag}"
        return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.parquet"

    def is_listed_as(self, file: SnapshotFile) -> bool:
        """Whether the manifest still says of it what it said."""
        return (self.url, self.path, self.size, self.listed_records) == (
            file.url,
            file.path,
            file.size,
            file.records,
        )


class CompleteSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The complete set of ids that was delivered last."""

    files: str
    """Digest of the files it was united from."""
    ids: int
    sha256: str


class PullState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was pulled so far."""

    files: tuple[PulledFile, ...] = ()
    complete: CompleteSet | None = None

    @property
    def by_url(self) -> dict[str, PulledFile]:
        """The files by their listed address."""
        return {file.url: file for file in self.files}


class Commit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last step of a pull: the drop gets this name in the landing folder, then the state becomes this."""

    landing: str
    drop: str
    state: PullState


class StateFolder:
    """The folder that keeps the state between pulls; one pull at a time may use it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        (root / _IDS).mkdir(parents=True, exist_ok=True)

    def load(self) -> PullState:
        """The state; empty before the first pull. Raises CollaborationError when it is unreadable."""
        return self._read(_PULLED, PullState) or PullState()

    def save(self, state: PullState) -> None:
        """Put the state in the place of the one before."""
        self._write(_PULLED, state)

    def ids_of(self, file: PulledFile) -> Path:
        """Where the ids of a file are."""
        return self._root / _IDS / file.ids_name

    def take_ids(self, file: PulledFile, ids: Path) -> None:
        """Keep a copy of the ids of a file."""
        kept = self.ids_of(file)
        if not kept.exists():
            with staged_file(kept) as staging:
                shutil.copyfile(ids, staging)

    def drop_ids_except(self, files: Iterable[PulledFile]) -> None:
        """Remove the ids of all other files."""
        wanted = {file.ids_name for file in files}
        for path in (self._root / _IDS).iterdir():
            if path.name not in wanted:
                path.unlink()

    def announced(self) -> Commit | None:
        """The commit that was begun and not finished."""
        return self._read(_NEXT, Commit)

    def announce(self, commit: Commit) -> None:
        """Write down what is about to be done, so that it is finished whatever happens."""
        self._write(_NEXT, commit)

    def finish(self, commit: Commit) -> None:
        """The state becomes that of the commit, which is done with that."""
        self.save(commit.state)
        (self._root / _NEXT).unlink()
        flush(self._root)

    def _write(self, name: str, content: msgspec.Struct) -> None:
        with staged_file(self._root / name) as staging:
            staging.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1))

    def _read(self, name: str, type_: type[_Kept]) -> _Kept | None:
        path = self._root / name
        try:
            return msgspec.json.decode(path.read_bytes(), type=type_)
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise CollaborationError(
                f"{str(path)!r}, which says what was pulled of the snapshot so far, cannot be used: {error}."
                f" Bring it back from a copy, or remove the folder {str(self._root)!r} to pull everything"
                " anew"
            ) from error
