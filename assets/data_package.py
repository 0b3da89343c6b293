"""The descriptor of the exports: `datapackage.json`, a Frictionless data package (specs version 1).

Says what each exported file is; writing the files themselves is `assets.exports`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

DESCRIPTOR: Final = "datapackage.json"

_MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
_FIELD_TYPES = {
    "TINYINT": "integer",
    "SMALLINT": "integer",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "HUGEINT": "integer",
    "FLOAT": "number",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
}


@dataclass(frozen=True)
class MartDescription:
    """What the dbt project says of a mart."""

    text: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column to description."""
    key: tuple[str, ...] = ()
    """The columns that tell one row from another."""
    schema: str = "marts"
    """Where the build file has it; published, it is a mart like the others."""


@dataclass(frozen=True)
class MartTable:
    """A mart as it is published."""

    name: str
    columns: Mapping[str, str]
    """Column to DuckDB type, in the order of the table."""
    description: MartDescription


@dataclass(frozen=True)
class ExportedFile:
    """A file of the exports, and from what it was written."""

    path: str
    """Relative to the folder of the exports, with forward slashes."""
    mart: str
    year: int | None
    """The one year the file holds; None where it holds the whole mart."""
    rows: int
    content: str
    """Digest of the rows it was written from; a file of another layout has another one."""
    bytes: int
    sha256: str


@dataclass(frozen=True)
class PublishedState:
    """The vintage the exports are of."""

    vintage: str
    published_at: datetime
    """In UTC, without a time zone."""
    synthetic: bool


def write_descriptor(
    folder: Path, state: PublishedState, tables: Sequence[MartTable], files: Sequence[ExportedFile]
) -> None:
    """Write the descriptor of the files into their folder."""
    resources = {table.name: _resource_parts(table) for table in tables}
    package = {
        "profile": "data-package",
        "name": "research-coupling",
        "title": _title(state),
        "description": _description(state),
        "version": state.vintage,
        "created": f"{state.published_at:%Y-%m-%dT%H:%M:%SZ}",
        "synthetic": state.synthetic,
        "resources": [_resource(file, resources[file.mart]) for file in files],
    }
    # Without indentation: a resource a file repeats its columns, in all a megabyte or two.
    text = json.dumps(package, ensure_ascii=False, separators=(",", ":"))
    (folder / DESCRIPTOR).write_text(text + "\n", encoding="utf-8")


def read_files(folder: Path) -> dict[str, ExportedFile]:
    """The files an earlier descriptor in the folder names, by path; none where it cannot be read."""
    try:
        resources = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))["resources"]
        files = [
            ExportedFile(
                path=item["path"],
                mart=item["mart"],
                year=item["year"],
                rows=item["row_count"],
                content=item["content"],
                bytes=item["bytes"],
                sha256=item["hash"].removeprefix("sha256:"),
            )
            for item in resources
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # Nothing is lost: whatever it named is written again.
        return {}
    return {file.path: file for file in files}


def _title(state: PublishedState) -> str:
    title = "Research coupling: how countries' research systems work together"
    return f"{title} (SYNTHETIC)" if state.synthetic else title


def _description(state: PublishedState) -> str:
    text = (
        "The marts of one vintage, each as CSV and as Parquet. In CSV, a text that a spreadsheet could take "
        "for a formula has an apostrophe before it; numbers stay as they are. An empty cell is a missing "
        "value."
    )
    if state.synthetic:
        text += " Made from generated records: these figures say nothing about any country."
    return text


def _resource(file: ExportedFile, parts: Mapping[str, Any]) -> dict[str, Any]:
    suffix = file.path.rpartition(".")[2]
    year = "" if file.year is None else f"-{file.year}"
    if suffix == "csv":
        kind = {"profile": "tabular-data-resource", "type": "table", "encoding": "utf-8"}
    else:
        # Parquet has its own types. Tools that check packages read it as a table with nulls turned into NaN,
        # and would refuse it; as a file they check its length and hash.
        kind = {"profile": "data-resource", "type": "file"}
    return {
        **kind,
        "name": f"{file.mart}{year}.{suffix}",
        "path": file.path,
        "format": suffix,
        "mediatype": _MEDIA_TYPES[suffix],
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        **parts,
        "mart": file.mart,
        "year": file.year,
        "row_count": file.rows,
        "content": file.content,
    }


def _resource_parts(table: MartTable) -> dict[str, Any]:
    """What all files of a mart have in common."""
    fields = [
        {
            "name": name,
            "type": _FIELD_TYPES.get(data_type, "string"),
            "description": table.description.columns.get(name, ""),
        }
        for name, data_type in table.columns.items()
    ]
    key = {"primaryKey": list(table.description.key)} if table.description.key else {}
    return {"description": table.description.text, "schema": {"fields": fields, **key}}
