"""Downloading and verifying the files of a snapshot, several at once.

A file that turns out not to be as listed is reported, not raised: whether the manifest changed
meanwhile is for `assets.pull.snapshot` to find out. Each file that is verified stays so in staging.
"""

import errno
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from typing import Final

from msgspec.structs import replace

from assets.errors import CollaborationError
from assets.pull.download import Download, discard, held_bytes, resumable_bytes
from assets.pull.object_source import AccessRefusedError, ObjectGoneError, ObjectSource, TransferError
from assets.pull.snapshot_ids import DamagedFileError, extract_ids
from assets.pull.snapshot_listing import SnapshotFile, SnapshotFormat
from assets.pull.snapshot_plan import Plan
from assets.pull.snapshot_staging import Staging
from assets.pull.snapshot_state import PulledFile
from assets.pull.surroundings import Surroundings

FILES_AT_ONCE: Final = 4
_REPORT_SECONDS: Final = 0.5


@dataclass(frozen=True)
class PullProgress:
    """How far a pull has come."""

    files_done: int
    files: int
    bytes_done: int
    bytes_total: int
    bytes_before: int
    """Of those done, what lay on disk when this pull began."""
    records: int
    """In files that are verified."""
    seconds: float
    """Since this pull began to download."""

    @property
    def rate(self) -> float:
        """Bytes a second of this pull; 0 at its beginning."""
        return max(0.0, self.bytes_done - self.bytes_before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the rate so far; None while there is none."""
        return (self.bytes_total - self.bytes_done) / self.rate if self.rate > 0 else None


@dataclass(frozen=True)
class Problem:
    """A file that is not as its manifest lists it."""

    file: SnapshotFile
    what: str
    """Completes the sentence that begins with the file's name."""


class Fetcher:
    """Brings the files of plans into staging; one for a whole pull, so that progress adds up."""

    def __init__(
        self,
        source: ObjectSource,
        format_: SnapshotFormat,
        staging: Staging,
        on_progress: Callable[[PullProgress], None],
        surroundings: Surroundings,
    ) -> None:
        self._source = source
        self._format = format_
        self._staging = staging
        self._on_progress = on_progress
        self._surroundings = surroundings
        self._began = surroundings.clock()
        self._gained = 0
        self._lock = Lock()
        self._stop = Event()

    def fetch(self, plan: Plan) -> list[Problem]:
        """Download and verify what the plan lacks; returns the files that are not as listed.

        Raises:
            CollaborationError: The source cannot be read or the disk cannot be written; what came
                so far stays in staging.
        """
        progress = _Progress(plan, self._staging)
        self._report(progress)
        problems: list[Problem] = []
        self._stop.clear()
        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            pending = {pool.submit(self._one, file, progress) for file in plan.fetch}
            try:
                while pending:
                    done, pending = wait(pending, _REPORT_SECONDS, FIRST_EXCEPTION)
                    problems += _problems(done)
                    self._report(progress)
            finally:
                self._stop.set()
                pool.shutdown(cancel_futures=True)
        return problems

    def _one(self, file: SnapshotFile, progress: "_Progress") -> Problem | None:
        try:
            return self._download(file, progress)
        except ObjectGoneError:
            return Problem(file, "is not there")
        except (AccessRefusedError, TransferError) as error:
            raise CollaborationError(
                f"{file.path!r} at {self._source.location} cannot be read: {error}. What came so far is"
                " kept: pull again to go on from there"
            ) from error
        except OSError as error:
            raise _unwritable(error, self._staging.root) from error

    def _download(self, file: SnapshotFile, progress: "_Progress") -> Problem | None:
        part = self._staging.part(file.url)

        def gained(count: int) -> None:
            with self._lock:
                progress.bytes_done += count
                self._gained += count

        download = Download(self._source, file.path, part)
        version = download.run(self._surroundings, gained, self._stop.is_set)
        if version.size != file.size:
            return self._refuse(
                file, f"has {version.size} bytes where its manifest lists {file.size}", gained
            )
        draft = PulledFile(
            url=file.url,
            path=file.path,
            size=file.size,
            listed_records=file.records,
            records=0,
            without_id=0,
            etag=version.etag,
            location=self._source.location,
        )
        try:
            found = extract_ids(part, self._format, self._staging.ids_of(draft))
        except DamagedFileError as damaged:
            return self._refuse(file, f"is damaged: {damaged}", gained)
        if file.records not in (None, found.records):
            what = f"has {found.records} records where its manifest lists {file.records}"
            return self._refuse(file, what, gained)
        self._staging.verified(replace(draft, records=found.records, without_id=found.without_id))
        with self._lock:
            progress.files_done += 1
            progress.records += found.records
        return None

    def _refuse(self, file: SnapshotFile, what: str, gained: Callable[[int], None]) -> Problem:
        part = self._staging.part(file.url)
        gained(-held_bytes(part))
        discard(part)
        return Problem(file, what)

    def _report(self, progress: "_Progress") -> None:
        with self._lock:
            told = PullProgress(
                files_done=progress.files_done,
                files=progress.files,
                bytes_done=progress.bytes_done,
                bytes_total=progress.bytes_total,
                bytes_before=progress.bytes_done - self._gained,
                records=progress.records,
                seconds=self._surroundings.clock() - self._began,
            )
        self._on_progress(told)


class _Progress:
    """The totals of one plan; its fetcher's lock guards them."""

    def __init__(self, plan: Plan, staging: Staging) -> None:
        self.files_done = len(plan.staged)
        self.files = plan.files
        self.bytes_done = sum(file.size for file in plan.staged) + sum(
            resumable_bytes(staging.part(file.url)) for file in plan.fetch
        )
        self.bytes_total = sum(file.size for file in plan.staged) + sum(file.size for file in plan.fetch)
        self.records = sum(file.records for file in plan.staged)


def _problems(done: Iterable["Future[Problem | None]"]) -> list[Problem]:
    return [problem for future in done if (problem := future.result()) is not None]


def _unwritable(error: OSError, folder: Path) -> CollaborationError:
    if error.errno == errno.ENOSPC:
        return CollaborationError(
            f"The disk that holds {str(folder)!r} is full. What came so far is kept: free some space and"
            " pull again to go on from there"
        )
    return CollaborationError(
        f"{error.filename or str(folder)!r} cannot be written ({error.strerror or error}): mend that and"
        " pull again; what came so far is kept"
    )
