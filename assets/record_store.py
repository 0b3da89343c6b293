"""The layout of the record store: `<store>/records/<drop folder>/<version>/year=2019/*.parquet`.

Names and paths only; what the files hold is `assets.record_columns`, writing them
`assets.record_writer`.
"""

import re
import shutil
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
    """Copy a delivered id set beside the records of its drop.

    Raises:
        CollaborationError: The file is no Parquet file with a text column `work_id`.
    """
    try:
        columns = pq.read_schema(delivered)
        if columns.names != ID_SCHEMA.names or not columns.equals(ID_SCHEMA):
            raise pa.ArrowInvalid(f"its columns are {columns.names}")
    except pa.ArrowException as error:
        raise CollaborationError(
            f"{delivered} is no set of work ids: {error}. It must be Parquet with one text column work_id; "
            "mend or remove it, then run again."
        ) from error
    with staged_file(complete_ids_file(version_dir)) as staging:
        shutil.copyfile(delivered, staging)
        flush(staging)


def write_empty(path: Path, schema: pa.Schema) -> None:
    """A file of a schema without rows, for queries where no stored file matches."""
    with staged_file(path) as staging:
        pq.write_table(schema.empty_table(), staging)
        flush(staging)
