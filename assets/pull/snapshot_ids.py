"""The ids of works in snapshot files: those of one file, and all that a source holds.

An id is kept as its number (`W123` -> 123), sorted, in Parquet with delta encoding: 2.1 bytes an id
for the spread of OpenAlex's numbers. Which files count belongs to `assets.pull.snapshot`.
"""

import hashlib
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.atomic_files import staged_file
from assets.file_content import ContentLostError, Meter, content_blocks
from assets.openalex.json_pieces import json_lines
from assets.pull.snapshot_listing import SnapshotFormat
from assets.quarantine import Rejected

SORT_BYTES_AN_ID: Final = 40
"""Disk that uniting the ids takes at most, results included; 25 were measured."""

_NUMBER: Final = "number"
_SCHEMA: Final = pa.schema([pa.field(_NUMBER, pa.int64(), nullable=False)])
_SORT_MEMORY: Final = "1GB"
_BATCH: Final = 1_000_000
# 18 digits fit into 64 bits; no work has a number that begins with 0.
_ID: Final = r"(?:https?://(?:api\.)?openalex\.org/(?:[a-z]+/)?)?W(?P<number>[1-9][0-9]{0,17})"
_id_of = re.compile(_ID, re.ASCII).fullmatch
# Nearly all lines begin like this, and decoding the rest of them takes most of the time.
_id_at_start = re.compile(rb'\{\s*"id"\s*:\s*"https://openalex\.org/W([1-9][0-9]{0,17})"', re.ASCII).match


class DamagedFileError(Exception):
    """A file has the right size, and its content cannot be read to the end."""


class _Identified(msgspec.Struct):
    id: str | None = None


_decode = msgspec.json.Decoder(_Identified).decode


@dataclass(frozen=True)
class FileIds:
    """What was found in one file."""

    records: int
    without_id: int
    """Of these, records without the id of a work; reading rejects them for the same reason."""


@dataclass(frozen=True)
class IdSet:
    """All ids a source holds."""

    ids: int
    """Distinct ones."""
    sha256: str
    """Of the ids in their order; does not depend on how they are stored."""


def extract_ids(path: Path, format_: SnapshotFormat, destination: Path) -> FileIds:
    """Count the records of a file and write the numbers of its works' ids, in one pass.

    Raises DamagedFileError.
    """
    records, numbers = _of_parquet(path) if format_ == "parquet" else _of_lines(path)
    table = pa.table([pa.array(np.sort(numbers))], schema=_SCHEMA)
    with staged_file(destination) as staging:
        pq.write_table(
            table,
            staging,
            use_dictionary=False,
            column_encoding={_NUMBER: "DELTA_BINARY_PACKED"},
            compression="zstd",
        )
    return FileIds(records, records - len(numbers))


def write_complete_ids(lists: Iterable[Path], destination: Path, spill: Path) -> IdSet:
    """Unite lists of ids to one column `work_id`, each id once, in the order of their text.

    The order makes neighbours share their beginnings, so an id takes 2.2 bytes. DuckDB sorts within
    bounded memory and spills to a folder; 50 million ids take half a minute on two cores.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _SORT_MEMORY,
        "threads": 2,
        "temp_directory": str(spill),
    }
    with duckdb.connect(config=settings) as connection:
        connection.register("numbers", pa.RecordBatchReader.from_batches(_SCHEMA, _batches(lists)))
        found = connection.execute("select distinct 'W' || number as work_id from numbers order by work_id")
        return _write(found.to_arrow_reader(_BATCH), destination)


def _write(batches: pa.RecordBatchReader, destination: Path) -> IdSet:
    digest = hashlib.sha256()
    ids = 0
    with pq.ParquetWriter(
        destination,
        batches.schema,
        use_dictionary=False,
        column_encoding={"work_id": "DELTA_BYTE_ARRAY"},
        compression="zstd",
    ) as writer:
        for batch in batches:
            writer.write_batch(batch)
            digest.update(_text(batch.column(0)))
            ids += len(batch)
    return IdSet(ids, digest.hexdigest())


def _text(column: pa.StringArray) -> memoryview:
    """The ids one after the other: each begins with its W."""
    _, offsets, values = column.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    return memoryview(values)[bounds[0] : bounds[-1]]


def _batches(lists: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    for path in lists:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                # Stored lists say of the column that it may be null.
                yield pa.record_batch([batch.column(0)], schema=_SCHEMA)


def _of_lines(path: Path) -> tuple[int, "np.typing.NDArray[np.int64]"]:
    numbers = array("q")
    records = 0
    try:
        for piece in json_lines(content_blocks(path, Meter())):
            if isinstance(piece, Rejected):
                if piece.ends_file:
                    raise DamagedFileError(piece.detail)
                number = None
            else:
                number = _number(piece[1])
            records += 1
            if number is not None:
                numbers.append(number)
    except ContentLostError as lost:
        raise DamagedFileError(lost.detail) from lost
    return records, np.frombuffer(numbers, dtype=np.int64) if numbers else np.empty(0, np.int64)


def _number(line: bytes) -> int | None:
    if match := _id_at_start(line):
        return int(match[1])
    try:
        work_id = _decode(line).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    full = _id_of(work_id or "")
    return int(full["number"]) if full else None


def _of_parquet(path: Path) -> tuple[int, "np.typing.NDArray[np.int64]"]:
    try:
        with pq.ParquetFile(path) as file:
            if "id" not in file.schema_arrow.names:
                raise DamagedFileError("it has no column `id`")
            found = [_numbers(batch.column(0)) for batch in file.iter_batches(columns=["id"])]
            records: int = file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise DamagedFileError(f"the Parquet data cannot be read: {error}") from error
    return records, np.concatenate([np.empty(0, np.int64), *found])


def _numbers(ids: pa.Array) -> "np.typing.NDArray[np.int64]":
    parts = pc.extract_regex(ids.cast(pa.string()), f"^{_ID}$")
    numbers: np.typing.NDArray[np.int64] = (
        pc.struct_field(parts, _NUMBER).drop_null().cast(pa.int64()).to_numpy(zero_copy_only=False)
    )
    return numbers
