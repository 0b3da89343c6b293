"""Files of matches: which technologies find which stored record, and how.

Their columns, writing them and joining several to one belong here; finding the matches is
`assets.technologies.match_task`.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

MATCH_FILE_SCHEMA: Final = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("technology", pa.string(), nullable=False),
        pa.field("how", pa.string(), nullable=False),
    ]
)
"""One row for each way a technology finds a record: `query`, `topic`, or `title`, which is the query over the
title alone and makes no record belong to the technology. `file` and `position` name the record within its
drop version, as in the record store."""

_ROW_GROUP_ROWS: Final = 1 << 17
_BATCH_ROWS: Final = 1 << 14


class MatchWriter:
    """Writes one file of matches, there even without any; holds back what makes a sizeable row group."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(
            path,
            MATCH_FILE_SCHEMA,
            compression="zstd",
            compression_level=1,
            use_dictionary=["file", "technology", "how"],
        )
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._writer:
            if kind is None:
                self._write()

    def add(self, matches: pa.RecordBatch) -> None:
        """Take some rows of `MATCH_FILE_SCHEMA`."""
        self._held.append(matches)
        self._rows += matches.num_rows
        if self._rows >= _ROW_GROUP_ROWS:
            self._write()

    def _write(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_batches(self._held, MATCH_FILE_SCHEMA))
        self._held, self._rows = [], 0


def join_match_files(parts: Sequence[Path], path: Path) -> None:
    """Write the rows of some files of matches to one, in that order."""
    with MatchWriter(path) as writer:
        for part in parts:
            with pq.ParquetFile(part) as file:
                for batch in file.iter_batches(_BATCH_ROWS):
                    writer.add(batch)
