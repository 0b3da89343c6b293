"""Reading some files of a drop to the record store: the unit of work that runs on its own.

A task shares nothing with other tasks but the directory they write to, under names of their own, so
an executor may place it in any process or machine that sees the same files. Dividing a drop into
tasks and running them belongs to `assets.reading`.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from assets.drop_files import DropFile
from assets.drop_scan import leads_out
from assets.errors import CollaborationError, UnsuitableExportError
from assets.file_content import ContentLostError, Meter
from assets.formats import Format, format_named, reader_of
from assets.progress import REPORT_SECONDS, Pace, Report
from assets.quarantine import QuarantineWriter, Reason, Rejected
from assets.record_writer import RecordWriter

_RECORDS_A_LOOK: Final = 256
"""Looking at the clock costs as much as a small part of a record."""


class DropChangedError(CollaborationError):
    """A file is not as it was when the drop was verified; nothing of the drop is recorded."""


@dataclass(frozen=True)
class ReadTask:
    """Some files of a drop, and where their records go."""

    drop_id: str
    root: Path
    """The drop's directory."""
    files: tuple[DropFile, ...]
    number: int
    """Of the task within the drop; part of the names of what it writes."""
    destination: Path
    """Directory that gets `year=YYYY` folders and the task's quarantine file."""
    buffer_bytes: int
    """Records held in memory, by estimate."""
    stated_format: str | None = None
    """The format to read every file with; None to recognise it."""

    @property
    def title(self) -> str:
        """Of its process, in messages."""
        return (
            f"Drop {self.drop_id!r}: a process that read {len(self.files)} of its files "
            f"(from {self.files[0].path!r} on)"
        )

    @property
    def quarantine_file(self) -> Path:
        """Where the task's rejects go; not there when it has none."""
        return self.destination / f"rejected-{self.number:05d}.jsonl"


@dataclass
class TaskSummary:
    """What came of a task."""

    accepted: int = 0
    rejected_by_reason: Counter[str] = field(default_factory=Counter)
    records_by_year: Counter[int | None] = field(default_factory=Counter)
    bytes_read: int = 0
    """Unpacked."""
    warnings: list[str] = field(default_factory=list)


def read_files(task: ReadTask, report: Report) -> TaskSummary:
    """Read the files of a task one by one and write their records and rejects.

    `report` gets records, accepted and rejected, and bytes as on disk.

    Raises:
        DropChangedError: A file changed or vanished since the drop was verified.
        OSError: The records cannot be written.
    """
    with (
        _rare_collection(),
        RecordWriter(task.destination, task_number=task.number, buffer_bytes=task.buffer_bytes) as writer,
        QuarantineWriter(task.quarantine_file, task.drop_id) as quarantine,
    ):
        reader = _Reader(task, writer, quarantine, report)
        for file in task.files:
            reader.read(file)
    return reader.summary


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Look for cycles of garbage a thousand times less often than usual.

    Records held back make no cycles, and going through all of them again and again took a fifth of the
    reading.
    """
    before = gc.get_threshold()
    gc.set_threshold(1000 * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Reader:
    """Reads file after file, keeping the task's totals."""

    def __init__(
        self, task: ReadTask, writer: RecordWriter, quarantine: QuarantineWriter, report: Report
    ) -> None:
        self.summary = TaskSummary()
        self._task = task
        self._writer = writer
        self._quarantine = quarantine
        self._report = report
        self._records = 0
        self._bytes_before = 0
        self._pace = Pace(REPORT_SECONDS)

    def read(self, file: DropFile) -> None:
        path = _checked_path(self._task, file)
        name = _printable(file.path)
        _check_unchanged(self._task, file, path)
        meter = Meter()
        try:
            found, tail_accounted = self._read_content(file, name, path, meter)
        except FileNotFoundError as error:
            raise _changed(self._task, file, "is gone") from error
        _check_unchanged(self._task, file, path)
        self._balance(file, name, found, tail_accounted)
        self._bytes_before += file.size
        self.summary.bytes_read += meter.unpacked_bytes
        self._report(self._records, self._bytes_before)

    def _read_content(self, file: DropFile, name: str, path: Path, meter: Meter) -> tuple[int, bool]:
        """Records found, and whether a tail that is lost was among them."""
        found = 0
        try:
            for outcome in self._format(path).read(path, meter):
                if isinstance(outcome, Rejected):
                    if outcome.ends_file:
                        return self._reject_tail(file, name, outcome, found), True
                    found += self._reject(name, outcome, 1)
                else:
                    self._writer.add(name, outcome)
                    self.summary.accepted += 1
                    self.summary.records_by_year[outcome.record.publication_year] += 1
                    found += 1
                    self._records += 1
                    if not self._records % _RECORDS_A_LOOK:
                        self._report_if_due(meter)
        except ContentLostError as lost:
            tail = Rejected(None, lost.reason, lost.detail, ends_file=True)
            return self._reject_tail(file, name, tail, found), True
        return found, False

    def _format(self, path: Path) -> Format:
        if self._task.stated_format is not None:
            return format_named(self._task.stated_format)
        try:
            format_ = reader_of(path)
        except UnsuitableExportError as error:
            raise ContentLostError(Reason.UNREADABLE_FILE, str(error)) from error
        if format_ is None:
            detail = "no reader knows the format of this file; move it out of the drop"
            raise ContentLostError(Reason.UNREADABLE_FILE, detail)
        return format_

    def _reject_tail(self, file: DropFile, name: str, tail: Rejected, found: int) -> int:
        """The lost rest of a file stands for all records its manifest lists and nobody found."""
        listed = file.listed_records
        if listed is not None and found >= listed and not tail.raw:
            self.summary.warnings.append(
                f"{name}: {tail.detail}, but all {listed} records its manifest lists were read"
            )
            return found
        missing = tail.records if listed is None else max(tail.records, listed - found)
        return found + self._reject(name, tail, missing)

    def _reject(self, name: str, rejected: Rejected, records: int) -> int:
        self._quarantine.add(name, rejected, records)
        self.summary.rejected_by_reason[rejected.reason.value] += records
        self._records += records
        return records

    def _balance(self, file: DropFile, name: str, found: int, tail_accounted: bool) -> None:
        listed = file.listed_records
        if listed is None:
            return
        if found < listed and not tail_accounted:
            missing = listed - found
            detail = f"its manifest lists {listed} records, the file has {found}: {missing} missing"
            self._reject(name, Rejected(None, Reason.MISSING_RECORD, detail), missing)
        elif found > listed:
            self.summary.warnings.append(
                f"{name}: its manifest lists {listed} records, the file has {found}; all were read"
            )

    def _report_if_due(self, meter: Meter) -> None:
        if self._pace.due():
            self._report(self._records, self._bytes_before + meter.delivered_bytes)


def _checked_path(task: ReadTask, file: DropFile) -> Path:
    inside = PurePosixPath(file.path)
    if inside.is_absolute() or ".." in inside.parts:
        raise CollaborationError(
            f"Drop {task.drop_id!r}: the file {file.path!r} lies outside the drop's folder. "
            "Nothing was read; put it inside, or mend the manifest that names it."
        )
    return task.root / inside


def _check_unchanged(task: ReadTask, file: DropFile, path: Path) -> None:
    if leads_out(task.root, file.path):
        raise _changed(task, file, "leads out of it")
    # A file that cannot be looked at is rejected when it is opened.
    with suppress(PermissionError):
        try:
            now = path.stat()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _changed(task, file, "is gone") from error
        if now.st_size != file.size:
            raise _changed(task, file, f"had {file.size} bytes and has {now.st_size}")
        if now.st_mtime_ns != file.mtime_ns:
            raise _changed(task, file, "was written to")


def _changed(task: ReadTask, file: DropFile, how: str) -> DropChangedError:
    return DropChangedError(
        f"Drop {task.drop_id!r} changed while it was read: {_printable(file.path)!r} {how} since "
        "the drop was verified. Nothing of it was recorded; run again once it is complete."
    )


def _printable(path: str) -> str:
    """The path as text that any file format can hold: names need not be UTF-8 on disk."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
