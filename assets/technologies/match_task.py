"""Matching some stored record files of a drop version: the unit of work that runs on its own.

A task writes one file of matches and shares nothing with other tasks. Dividing a version into tasks
belongs to `assets.technologies.matching`, what matches to `assets.technologies.matcher`.
"""

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from assets.errors import CollaborationError
from assets.progress import REPORT_SECONDS, Pace, Report
from assets.technologies.match_files import MATCH_FILE_SCHEMA, MatchWriter
from assets.technologies.matcher import TITLE, Matcher

TEXT_COLUMNS: Final = ("title", "abstract")
"""What takes the time: the size of a file is that of these."""
_COLUMNS: Final = ("file", "position", *TEXT_COLUMNS, "keywords", "topics")
_BATCH_ROWS: Final = 1024


@dataclass(frozen=True)
class RecordFile:
    """One Parquet file of a stored drop version."""

    version_dir: Path
    path: Path
    records: int
    text_bytes: int
    """Unpacked, of titles and abstracts."""


@dataclass(frozen=True)
class MatchTask:
    """Some record files of a drop version, and where their matches go."""

    files: tuple[RecordFile, ...]
    destination: Path
    technologies: bytes
    """Pickled: once for all tasks, and read in a process only when its collector is off."""
    cache: Path
    """Of their compiled terms."""

    @property
    def title(self) -> str:
        """Of its process, in messages."""
        first = self.files[0]
        return (
            f"Drop version {version_name(first.version_dir)!r}: a process that matched "
            f"{len(self.files)} of its stored files (from {_inside(first.version_dir, first.path)!r} on)"
        )


@dataclass
class TaskSummary:
    """What came of a task."""

    works: int = 0
    works_matched: int = 0
    matches_by_technology: Counter[str] = field(default_factory=Counter)
    """Works matched, each once a technology."""
    technologies: set[str] = field(default_factory=set)
    """Those with a row in the file, be it of works that only their titles match."""


def version_name(version_dir: Path) -> str:
    """Of a drop version, as everywhere else: its drop's folder and its own."""
    return f"{version_dir.parent.name}/{version_dir.name}"


def lost_records(version_dir: Path, what: str) -> CollaborationError:
    """The error for a version whose stored records cannot be used; `what` continues `its stored records`."""
    return CollaborationError(
        f"Drop version {version_name(version_dir)!r}: its stored records {what}. None of its matches was "
        "recorded; read the drop again (`python -m orchestration reread DROP`)."
    )


def record_file(version_dir: Path, path: Path) -> RecordFile:
    """What the end of a record file says of it; raises CollaborationError when it cannot be read."""
    try:
        metadata = pq.read_metadata(path)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(version_dir, path, error) from error
    absent = [name for name in _COLUMNS if name not in metadata.schema.to_arrow_schema().names]
    if absent:
        raise _unreadable(version_dir, path, f"there is no column {absent[0]}")
    return RecordFile(version_dir, path, metadata.num_rows, _text_bytes(metadata))


def match_files(task: MatchTask, report: Report) -> TaskSummary:
    """Match the files of a task by queries made ready for it alone; see `match_with`."""
    matcher = Matcher(pickle.loads(task.technologies), task.cache)
    return match_with(matcher, task.files, task.destination, report)


def match_with(
    matcher: Matcher, files: Iterable[RecordFile], destination: Path, report: Report
) -> TaskSummary:
    """Match record files one by one and write their matches.

    `report` gets records looked at, which are its work as well.

    Raises:
        CollaborationError: A record file cannot be read.
        OSError: The matches cannot be written.
    """
    summary = TaskSummary()
    pace = Pace(REPORT_SECONDS)
    with MatchWriter(destination) as writer:
        for file in files:
            for works in _batches(file):
                writer.add(_matches(matcher, works, summary))
                if pace.due():
                    report(summary.works, summary.works)
    return summary


def _batches(file: RecordFile) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(file.path) as records:
            yield from records.iter_batches(_BATCH_ROWS, columns=list(_COLUMNS))
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(file.version_dir, file.path, error) from error


def _matches(matcher: Matcher, works: pa.RecordBatch, summary: TaskSummary) -> pa.RecordBatch:
    """The matches of a batch of records, counted."""
    found = matcher.match_batch(works)
    rows, technologies, hows = found.columns
    matches = zip(*(column.to_pylist() for column in found.columns), strict=True)
    belongings = {(row, technology) for row, technology, how in matches if how != TITLE}
    summary.works += works.num_rows
    summary.works_matched += len({row for row, _ in belongings})
    summary.matches_by_technology.update(technology for _, technology in belongings)
    summary.technologies.update(technologies.unique().to_pylist())
    columns = [works.column("file").take(rows), works.column("position").take(rows)]
    return pa.RecordBatch.from_arrays([*columns, technologies, hows], schema=MATCH_FILE_SCHEMA)


def _text_bytes(metadata: pq.FileMetaData) -> int:
    """Unpacked size of the columns with text."""
    columns = [place for place in range(metadata.num_columns) if _name(metadata, place) in TEXT_COLUMNS]
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    return sum(group.column(place).total_uncompressed_size for group in groups for place in columns)


def _name(metadata: pq.FileMetaData, place: int) -> str:
    name: str = metadata.schema.column(place).path
    return name


def _inside(version_dir: Path, path: Path) -> str:
    return path.relative_to(version_dir).as_posix()


def _unreadable(version_dir: Path, path: Path, why: object) -> CollaborationError:
    # Arrow ends some of its messages with a full stop, some with a line break.
    reason = " ".join(str(why).split()).rstrip(".")
    return lost_records(version_dir, f"in {_inside(version_dir, path)!r} cannot be read: {reason}")
