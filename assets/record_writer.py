"""Writing records to the record store: a few Parquet files a year, with bounded memory.

One writer serves one task of reading; it holds records back by year until they make a sizeable row
group. Atomicity of the whole drop is the caller's part (`assets.atomic_files`).
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyarrow.parquet as pq

from assets.atomic_files import flush
from assets.record_columns import RECORD_SCHEMA, record_batch
from assets.record_store import year_folder
from assets.records import DeliveredRecord

_MAX_OPEN_FILES: Final = 128
"""Well under the 256 open files some systems allow; a drop may touch 600 years."""
_RECORD_BYTES: Final = 3000
_AUTHOR_BYTES: Final = 500
"""What a held record and each of its authors take in memory, texts aside (measured)."""
_REPEATING_COLUMNS: Final = [
    "source",
    "publication_year",
    "document_types.list.element",
    "keywords.list.element",
    "topics.list.element",
    "author_countries.list.element.list.element",
    "author_basis.list.element",
    "institutions.list.element.id",
    "institutions.list.element.name",
    "institutions.list.element.country",
    "file",
]


@dataclass
class _Held:
    """The records of one year that wait to be written."""

    bytes: int = 0
    files: list[str] = field(default_factory=list)
    records: list[DeliveredRecord] = field(default_factory=list)


class RecordWriter:
    """Writes `<directory>/year=YYYY/part-NNNNN.parquet`, NNNNN being the number of the task.

    `buffer_bytes` bounds the records held in memory, by estimate. Records of one file keep their
    order within a year. Leaving the context writes what is held, unless an exception passes.
    """

    def __init__(self, directory: Path, *, task_number: int, buffer_bytes: int) -> None:
        self._directory = directory
        self._task_number = task_number
        self._buffer_bytes = buffer_bytes
        self._held: dict[str, _Held] = {}
        self._held_bytes = 0
        self._open: OrderedDict[str, tuple[Path, pq.ParquetWriter]] = OrderedDict()
        self._files_begun: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self._write_down_to(0)
            while self._open:
                self._close_oldest()
        else:
            for _, writer in self._open.values():
                writer.close()

    def add(self, file: str, delivered: DeliveredRecord) -> None:
        """Take one record; `file` is the path inside the drop it was read from."""
        record = delivered.record
        size = (
            _RECORD_BYTES
            + _AUTHOR_BYTES * len(record.author_basis)
            + len(record.abstract or "")
            + len(record.title or "")
        )
        folder = year_folder(record.publication_year)
        held = self._held.get(folder)
        if held is None:
            held = self._held[folder] = _Held()
        held.files.append(file)
        held.records.append(delivered)
        held.bytes += size
        self._held_bytes += size
        if self._held_bytes > self._buffer_bytes:
            self._write_down_to(self._buffer_bytes // 2)

    def _write_down_to(self, bytes_kept: int) -> None:
        """Write the fullest years first: their row groups are the largest."""
        for folder in sorted(self._held, key=lambda name: -self._held[name].bytes):
            if self._held_bytes <= bytes_kept:
                break
            held = self._held.pop(folder)
            self._held_bytes -= held.bytes
            self._writer(folder).write_batch(record_batch(held.files, held.records))

    def _writer(self, folder: str) -> pq.ParquetWriter:
        if folder not in self._open:
            if len(self._open) >= _MAX_OPEN_FILES:
                self._close_oldest()
            path = self._directory / folder / self._new_name(folder)
            path.parent.mkdir(exist_ok=True)
            self._open[folder] = (path, _parquet_writer(path))
        self._open.move_to_end(folder)
        return self._open[folder][1]

    def _new_name(self, folder: str) -> str:
        earlier = self._files_begun[folder]
        self._files_begun[folder] += 1
        return f"part-{self._task_number:05d}{f'-{earlier}' if earlier else ''}.parquet"

    def _close_oldest(self) -> None:
        _, (path, writer) = self._open.popitem(last=False)
        writer.close()
        flush(path)


def _parquet_writer(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path,
        RECORD_SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=_REPEATING_COLUMNS,
        write_statistics=["work_id", "publication_year", "updated_date"],
    )
