"""OpenAlex works for tests of reading, and the ways to deliver and to read them."""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assets.drop_files import DropFile
from assets.progress import Progress
from assets.reading import ReadSummary, read_drop
from assets.record_store import record_files

Json = dict[str, Any]


def work(number: int = 1, **changes: Any) -> Json:
    """A work with every field that is read; a change to `...` leaves the field out."""
    fields: Json = {
        "id": f"https://openalex.org/W{number}",
        "doi": f"https://doi.org/10.1234/Work.{number}",
        "title": f"Coupling of systems {number}",
        "display_name": f"Coupling of systems {number}",
        "publication_year": 2019,
        "authorships": [
            author(institution(11, "Monash University", "AU")),
            author(countries=["US"]),
            author(),
        ],
        "abstract_inverted_index": {"We": [0, 3], "couple": [1], "what": [2], "decouple": [4]},
        "type": "article",
        "is_retracted": False,
        "is_paratext": False,
        "is_xpac": False,
        "updated_date": "2025-11-06T11:47:29.123456",
        "cited_by_count": 7,
        "keywords": [{"id": "https://openalex.org/keywords/x", "display_name": "Coupling"}],
        "topics": [{"id": "https://openalex.org/T12965", "display_name": "Science policy"}],
        "referenced_works": ["https://openalex.org/W99"],
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not ...}


def author(*institutions: Json, countries: Sequence[str] = ()) -> Json:
    return {
        "author_position": "first",
        "author": {"id": "https://openalex.org/A5", "display_name": "A. Author"},
        "institutions": list(institutions),
        "countries": list(countries),
        "raw_affiliation_strings": ["Somewhere, Peru"],
    }


def institution(number: int, name: str, country: str | None) -> Json:
    return {
        "id": f"https://openalex.org/I{number}",
        "display_name": name,
        "country_code": country,
        "type": "education",
    }


TEN_WORKS = [work(number) for number in range(1, 11)]


def lines(values: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def as_gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def write_parquet(path: Path, works: Sequence[Json], index: str) -> None:
    """Deliver works as Parquet; the abstract index is a `struct`, a `map` or a `string` of JSON."""
    rows = [dict(work) for work in works]
    table = pa.Table.from_pylist(rows)
    place = table.schema.get_field_index("abstract_inverted_index")
    indexes = [row.get("abstract_inverted_index") for row in rows]
    if index == "map":
        pairs = [None if words is None else list(words.items()) for words in indexes]
        column = pa.array(pairs, pa.map_(pa.string(), pa.list_(pa.int64())))
        table = table.set_column(place, "abstract_inverted_index", column)
    elif index == "string":
        texts = [None if words is None else json.dumps(words) for words in indexes]
        table = table.set_column(place, "abstract_inverted_index", pa.array(texts))
    pq.write_table(table, path, row_group_size=2)


@dataclass(frozen=True)
class Reading:
    """What reading a drop left behind."""

    summary: ReadSummary
    rows: list[Json]
    rejects: list[Json]
    progress: list[Progress]

    @property
    def reasons(self) -> dict[str, int]:
        return self.summary.rejected_by_reason


def drop_files(root: Path, listed: dict[str, int] | None = None) -> list[DropFile]:
    files = []
    for path in sorted(root.rglob("*")):
        if path.is_file():
            state = path.stat()
            name = path.relative_to(root).as_posix()
            files.append(DropFile(name, state.st_size, state.st_mtime_ns, (listed or {}).get(name)))
    return files


def read(
    root: Path,
    files: Sequence[DropFile] | None = None,
    *,
    listed: dict[str, int] | None = None,
    workers: int = 1,
    store: Path | None = None,
) -> Reading:
    """Read the files under a directory, into a store beside it unless told otherwise."""
    store = store or root.parent / f"{root.name}-store"
    quarantine = store / "quarantine.jsonl"
    progress: list[Progress] = []
    summary = read_drop(
        drop_id=root.name,
        root=root,
        files=drop_files(root, listed) if files is None else files,
        destination=store / "version",
        quarantine_file=quarantine,
        workers=workers,
        on_progress=progress.append,
    )
    rejects = quarantine.read_text("utf-8").split("\n")[:-1] if quarantine.exists() else []
    return Reading(summary, stored_rows(store / "version"), [json.loads(line) for line in rejects], progress)


def read_content(root: Path, content: bytes, *, listed: int | None = None) -> Reading:
    """Read a drop of one file, `part_000.gz` whatever is in it."""
    root.mkdir(parents=True)
    (root / "part_000.gz").write_bytes(content)
    return read(root, listed=None if listed is None else {"part_000.gz": listed})


def stored_rows(version: Path) -> list[Json]:
    rows: list[Json] = []
    for _, path in record_files(version):
        rows += pq.ParquetFile(path).read().to_pylist()
    return sorted(rows, key=lambda row: (row["file"], row["position"]))


def ids(reading: Reading) -> list[str]:
    return [row["work_id"] for row in reading.rows]


def balanced(reading: Reading, *, accepted: int, rejected: int) -> bool:
    """Counts of the summary, rows stored and rejects kept agree with each other and with these."""
    summary = reading.summary
    return (
        summary.accepted == len(reading.rows) == sum(summary.records_by_year.values()) == accepted
        and summary.rejected == sum(entry["records"] for entry in reading.rejects) == rejected
        and sum(summary.rejected_by_reason.values()) == rejected
        and summary.records == accepted + rejected
    )


def left_behind(parent: Path) -> list[str]:
    """What is in the store beside the drop, hidden names included."""
    store = parent / "drop-store" if (parent / "drop").exists() else parent
    return sorted(path.name for path in store.iterdir()) if store.exists() else []
