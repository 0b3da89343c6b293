"""OpenAlex works delivered as Parquet with the field names of the JSON.

Only how Parquet holds them is known here; what a work means belongs to `assets.openalex.work`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from assets.file_content import MAX_RATIO, ContentLostError, Meter, refuse_bomb
from assets.openalex.work import Work, converted
from assets.quarantine import Reason, Rejected
from assets.records import DeliveredRecord

_ROWS: Final = 500
_BATCH_BYTES: Final = 1 << 30
"""What a batch of rows may come to in any case, see `_batch_rows`."""
_FREE_ROWS: Final = 100_000
_INDEX: Final = "abstract_inverted_index"
_DATE: Final = "updated_date"


def parquet_works(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    """A record, or the reason why there is none, for each row; row groups are read bit by bit."""
    position = 0
    rows = 0
    held = 0
    try:
        size = path.stat().st_size
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            rows = file.metadata.num_rows
            packed = size / max(rows, 1)
            unpacked = _unpacked_bytes(file) / max(rows, 1)
            _refuse_bomb(file, size)
            columns = [name for name in file.schema_arrow.names if name in Work.__struct_fields__]
            for batch in file.iter_batches(_batch_rows(file, size), columns=columns, use_threads=False):
                held += batch.nbytes
                refuse_bomb(size, held)
                for outcome in _outcomes(position, batch):
                    position += 1
                    yield outcome
                meter.delivered_bytes = round(position * packed)
                meter.unpacked_bytes = round(position * unpacked)
    except FileNotFoundError:
        raise
    except ContentLostError as lost:
        yield Rejected(None, lost.reason, lost.detail, ends_file=True)
    except (pa.ArrowException, OSError, MemoryError) as error:
        yield Rejected(
            position + 1,
            Reason.UNREADABLE_FILE,
            f"the Parquet file cannot be read: {error or 'out of memory'}",
            ends_file=True,
            records=max(rows - position, 1),
        )


def may_hold_works(path: Path) -> bool:
    """Whether the columns are those of works; True, too, when they cannot be read at all."""
    try:
        names = set(pq.read_schema(path).names)
    except (pa.ArrowException, OSError):
        return True
    return len(names & {"id", "publication_year", "authorships"}) >= 2


def _refuse_bomb(file: pq.ParquetFile, size: int) -> None:
    """Raise ContentLostError for a file that says of itself that it is much larger than it is."""
    refuse_bomb(size, _unpacked_bytes(file))
    rows = file.metadata.num_rows
    # The id of each work alone takes some bytes; rows that are all alike take next to none.
    if rows > max(_FREE_ROWS, size):
        detail = f"{size} bytes cannot hold the {rows} works that the file says it has"
        raise ContentLostError(Reason.DECOMPRESSION_BOMB, detail)


def _batch_rows(file: pq.ParquetFile, size: int) -> int:
    """Rows to unpack at once.

    All rows may share one long text, which is stored once and unpacked for each of them. It is no longer
    than what its column takes in its row group.
    """
    groups = (file.metadata.row_group(group) for group in range(file.metadata.num_row_groups))
    largest = max(
        (
            group.column(column).total_uncompressed_size
            for group in groups
            for column in range(group.num_columns)
        ),
        default=1,
    )
    allowed = max(_BATCH_BYTES, MAX_RATIO * size)
    return int(min(_ROWS, max(1, allowed // max(1, largest))))


def _unpacked_bytes(file: pq.ParquetFile) -> int:
    groups = range(file.metadata.num_row_groups)
    return sum(file.metadata.row_group(group).total_byte_size for group in groups)


def _outcomes(before: int, batch: pa.RecordBatch) -> Iterator[DeliveredRecord | Rejected]:
    try:
        rows = _rows(batch)
    except UnicodeDecodeError as error:
        if len(batch) > 1:
            for row in range(len(batch)):
                yield from _outcomes(before + row, batch.slice(row, 1))
        else:
            yield Rejected(before + 1, Reason.INVALID_TEXT, f"some of its bytes are no UTF-8: {error}")
        return
    for position, fields in enumerate(rows, start=before + 1):
        yield converted(position, fields)


def _rows(batch: pa.RecordBatch) -> list[dict[str, object]]:
    names = batch.schema.names
    if _DATE in names and pa.types.is_temporal(batch.schema.field(_DATE).type):
        batch = batch.set_column(names.index(_DATE), _DATE, batch.column(_DATE).cast(pa.string()))
    others = [name for name in names if name != _INDEX]
    rows: list[dict[str, object]] = batch.select(others).to_pylist()
    if _INDEX in names:
        for row, words in zip(rows, _word_indexes(batch.column(_INDEX)), strict=True):
            row[_INDEX] = words
    return rows


def _word_indexes(column: pa.Array) -> list[object]:
    if pa.types.is_struct(column.type):
        return _from_struct(column)
    if pa.types.is_map(column.type):
        return [None if pairs is None else dict(pairs) for pairs in column.to_pylist()]
    return list(column.to_pylist())


def _from_struct(column: pa.StructArray) -> list[object]:
    """A struct has a field for every word of the file, nearly all of them null in a row.

    So it is taken field by field: row by row, each row would hold every word of the file.
    """
    indexes: list[dict[str, object]] = [{} for _ in range(len(column))]
    for word, positions in zip(column.type.names, column.flatten(), strict=True):
        if positions.null_count == len(positions):
            continue
        filled = positions.is_valid().to_pylist()
        rows = (row for row, is_filled in enumerate(filled) if is_filled)
        for row, value in zip(rows, positions.drop_null().to_pylist(), strict=True):
            indexes[row][word] = value
    return list(indexes)
