"""The layout of the record store: `<store>/records/<drop folder>/<version>/year=2019/*.parquet`.

Names and paths only; what the files hold is `assets.record_columns`, writing them
`assets.record_writer`.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from assets.atomic_files import flush, staged_file
from assets.errors import CollaborationError

ID_SCHEMA: Final = pa.schema([pa.field("work_id", pa.string())])
"""The columns of a complete id set."""
_FIRST_FOLDER_YEAR: Final = 1500
_LAST_FOLDER_YEAR: Final = 2100
_SLUG_CHARACTERS: Final = 40
_IDS_A_BATCH: Final = 100_000
# Neighbours share their beginnings: 2 bytes an id.
_ID_PACKING: Final = {
    "use_dictionary": False,
    "column_encoding": {"work_id": "DELTA_BYTE_ARRAY"},
    "compression": "zstd",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def drop_folder(drop_id: str) -> str:
    """A folder name for a drop of any name: a readable part and 8 hex digits that keep it unique.

    Only ASCII letters, digits and `._-` remain of the name, at most 40 of them.
    """
    slug = _UNSAFE.sub("-", drop_id).strip(".-")[:_SLUG_CHARACTERS].rstrip(".-")
    digest = sha256(drop_id.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{slug or 'drop'}-{digest}"


def year_folder(publication_year: int | None) -> str:
    """The folder of a year. A pruning aid: the year itself is a column of the file."""
    if publication_year is None:
        return "year=other"
    if not _FIRST_FOLDER_YEAR <= publication_year <= _LAST_FOLDER_YEAR:
        return "year=other"
    return f"year={publication_year}"


def record_files(version_dir: Path) -> list[tuple[str, Path]]:
    """The Parquet files of a stored drop as (year folder, path), sorted."""
    return [(path.parent.name, path) for path in sorted(version_dir.glob("year=*/*.parquet"))]


def complete_ids_file(version_dir: Path) -> Path:
    """The complete id set of a stored snapshot drop; not there when its own records are the set."""
    return version_dir / "complete_ids.parquet"


def keep_complete_ids(delivered: Path, version_dir: Path) -> None:
    """Write a delivered id set anew beside the records of its drop, so that what is kept can be read.

    Raises:
        CollaborationError: The file is no Parquet file with a text column `work_id`, or cannot be read to
            its end.
        OSError: The set cannot be written.
    """
    with staged_file(complete_ids_file(version_dir)) as staging:
        with pq.ParquetWriter(staging, ID_SCHEMA, **_ID_PACKING) as writer:
            for batch in _id_batches(delivered):
                writer.write_batch(batch)
        flush(staging)


def _id_batches(delivered: Path) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(delivered) as file:
            if not file.schema_arrow.equals(ID_SCHEMA):
                raise pa.ArrowInvalid(f"its columns are {', '.join(map(str, file.schema_arrow)) or 'none'}")
            for batch in file.iter_batches(_IDS_A_BATCH):
                # Arrow takes any bytes for text; DuckDB, which reads the set, does not.
                batch.validate(full=True)
                yield batch
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise CollaborationError(
            f"{delivered} is no set of work ids: {error}. It must be Parquet with one text column work_id; "
            "mend or remove it, then run again."
        ) from error


def write_empty(path: Path, schema: pa.Schema) -> None:
    """A file of a schema without rows, for queries where no stored file matches."""
    with staged_file(path) as staging:
        pq.write_table(schema.empty_table(), staging)
        flush(staging)
