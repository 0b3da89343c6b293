"""Reading a drop to the record store: divided into tasks, in parallel processes, all or nothing.

What a task does is in `assets.read_task`, running processes in `assets.task_processes`. Whether a
drop is ready to be read is decided in `assets.drops`, whether its rejects are too many elsewhere.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Final

import pyarrow as pa

from assets.atomic_files import staged_directory
from assets.drop_files import DropFile
from assets.errors import StorageError
from assets.progress import Progress
from assets.quarantine import collect
from assets.read_task import ReadTask, TaskSummary, read_files
from assets.task_processes import balanced, run_in_processes

SMALL_DROP_BYTES: Final = 4 << 20
"""Up to this size, as on disk, a drop is read sooner than processes for it have started."""
_BUFFER_BYTES: Final = 256 << 20
"""Records all tasks together hold in memory, by estimate; more workers hold less each."""


@dataclass(frozen=True)
class ReadSummary:
    """What came of reading a drop."""

    records: int
    """Accepted and rejected: for every file those its manifest lists or those found in it,
    whichever are more."""
    accepted: int
    rejected: int
    rejected_by_reason: dict[str, int]
    records_by_year: dict[int | None, int]
    """Accepted records by publication year."""
    bytes_compressed: int
    """As on disk."""
    bytes_read: int
    """Unpacked."""
    seconds: float
    warnings: tuple[str, ...]


def read_drop(  # noqa: PLR0913 - keywords that all matter
    *,
    drop_id: str,
    root: Path,
    files: Sequence[DropFile],
    destination: Path,
    quarantine_file: Path,
    workers: int,
    on_progress: Callable[[Progress], None],
    stated_format: str | None = None,
) -> ReadSummary:
    """Read all files of a drop into the directory `destination`, which appears whole or not at all.

    Records that cannot be read go to `quarantine_file` as JSON Lines; without any there is no such
    file. `stated_format` names the format of every file; without it each is recognised. `on_progress` is
    called in this process about twice a second and once at the end.

    Raises:
        DropChangedError: A file changed or vanished since the drop was verified.
        StorageError: The store cannot be written.
        CollaborationError: A worker died, or a path leaves the drop.
    """
    started = monotonic()
    bytes_total = sum(file.size for file in files)

    def report(records: int, bytes_done: int) -> None:
        on_progress(Progress(records, bytes_done, bytes_total, monotonic() - started))

    try:
        with staged_directory(destination) as staging:
            tasks = [
                replace(task, stated_format=stated_format)
                for task in _tasks(drop_id, root, files, staging, workers)
            ]
            if bytes_total <= SMALL_DROP_BYTES:
                summaries = [read_files(task, report) for task in tasks]
            else:
                summaries = run_in_processes(read_files, tasks, report)
            collect([task.quarantine_file for task in tasks], quarantine_file)
            for task in tasks:
                task.quarantine_file.unlink(missing_ok=True)
    except (OSError, pa.ArrowException) as error:
        raise StorageError(
            f"Drop {drop_id!r}: its records cannot be written to {destination}: {error}. "
            "Nothing of it was recorded; make room or mend the permissions, then run again."
        ) from error
    summary = _total(summaries, bytes_total, monotonic() - started)
    if files and not summary.records:
        summary = replace(summary, warnings=(*summary.warnings, "no record in any of its files"))
    report(summary.records, bytes_total)
    return summary


def _tasks(
    drop_id: str, root: Path, files: Sequence[DropFile], staging: Path, workers: int
) -> list[ReadTask]:
    small = sum(file.size for file in files) <= SMALL_DROP_BYTES
    # One group a worker gives few Parquet files a year; sorted, the same rows in the same order.
    in_order = sorted(files, key=lambda file: file.path)
    groups = balanced(in_order, lambda file: file.size, 1 if small else max(workers, 1))
    return [
        ReadTask(drop_id, root, group, number, staging, _BUFFER_BYTES // len(groups))
        for number, group in enumerate(groups)
    ]


def _total(summaries: Sequence[TaskSummary], bytes_compressed: int, seconds: float) -> ReadSummary:
    reasons: Counter[str] = Counter()
    years: Counter[int | None] = Counter()
    for summary in summaries:
        reasons.update(summary.rejected_by_reason)
        years.update(summary.records_by_year)
    accepted = sum(summary.accepted for summary in summaries)
    return ReadSummary(
        records=accepted + reasons.total(),
        accepted=accepted,
        rejected=reasons.total(),
        rejected_by_reason=dict(sorted(reasons.items())),
        records_by_year=dict(sorted(years.items(), key=lambda item: (item[0] is None, item[0]))),
        bytes_compressed=bytes_compressed,
        bytes_read=sum(summary.bytes_read for summary in summaries),
        seconds=seconds,
        warnings=tuple(warning for summary in summaries for warning in summary.warnings),
    )
