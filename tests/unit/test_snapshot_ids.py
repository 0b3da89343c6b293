"""Counting records and gathering the ids of works."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.pull.snapshot_ids import DamagedFileError, FileIds, extract_ids, write_complete_ids

LINES = [
    b'{"id":"https://openalex.org/W20","title":"a"}',
    b'{"title": "id comes later", "id": "https://openalex.org/W3"}',
    b'{"id": "W100"}',
    '{"id": "https://openalex.org/W7", "title": "a line\u2028separator"}'.encode(),
]
WITHOUT_ID = [b'{"title": "none"}', b'{"id": null}', b'{"id": "https://openalex.org/A5"}', b"{broken"]


def lines_file(folder: Path, lines: list[bytes]) -> Path:
    path = folder / "part.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))
    return path


def numbers(path: Path) -> list[int]:
    found: list[int] = pq.read_table(path).column("number").to_pylist()
    return found


def test_every_line_is_a_record_and_ids_come_in_order(tmp_path: Path) -> None:
    found = extract_ids(lines_file(tmp_path, [*LINES, b"", *WITHOUT_ID]), "jsonl", tmp_path / "ids")
    assert found == FileIds(records=8, without_id=4)
    assert numbers(tmp_path / "ids") == [3, 7, 20, 100]


def test_an_id_within_a_record_is_not_taken_for_its_own(tmp_path: Path) -> None:
    line = b'{"authorships": [{"id": "https://openalex.org/W1"}], "id": "https://openalex.org/W2"}'
    extract_ids(lines_file(tmp_path, [line]), "jsonl", tmp_path / "ids")
    assert numbers(tmp_path / "ids") == [2]


def test_gzip_that_ends_early_is_damaged(tmp_path: Path) -> None:
    path = lines_file(tmp_path, LINES)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DamagedFileError, match="end before"):
        extract_ids(path, "jsonl", tmp_path / "ids")
    assert not (tmp_path / "ids").exists()


@pytest.mark.parametrize("text", [pa.string(), pa.large_string()])
def test_parquet_is_read_by_its_id_column_alone(tmp_path: Path, text: pa.DataType) -> None:
    ids = pa.array(["https://openalex.org/W9", None, "W5", "https://openalex.org/A1"], text)
    pq.write_table(pa.table({"title": ["a"] * 4, "id": ids}), tmp_path / "part.parquet")
    found = extract_ids(tmp_path / "part.parquet", "parquet", tmp_path / "ids")
    assert found == FileIds(records=4, without_id=2)
    assert numbers(tmp_path / "ids") == [5, 9]


@pytest.mark.parametrize("columns", [{"work": ["W1"]}, None])
def test_parquet_without_ids_or_cut_short_is_damaged(
    tmp_path: Path, columns: dict[str, list[str]] | None
) -> None:
    path = tmp_path / "part.parquet"
    pq.write_table(pa.table(columns or {"id": ["W1"]}), path)
    if columns is None:
        path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DamagedFileError, match=r"no column `id`|cannot be read"):
        extract_ids(path, "parquet", tmp_path / "ids")


def test_the_complete_set_holds_each_id_once_in_the_order_of_its_text(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, lines in ((first, LINES), (second, [*LINES[:1], b'{"id": "W4"}'])):
        folder.mkdir()
        extract_ids(lines_file(folder, lines), "jsonl", folder / "ids")
    complete = tmp_path / "complete.parquet"
    found = write_complete_ids([first / "ids", second / "ids"], complete, tmp_path / "spill")
    assert pq.read_table(complete).column("work_id").to_pylist() == ["W100", "W20", "W3", "W4", "W7"]
    assert found.ids == 5
    column = pq.ParquetFile(complete).metadata.row_group(0).column(0)
    assert "DELTA_BYTE_ARRAY" in column.encodings
    assert column.compression == "ZSTD"
    other_order = write_complete_ids([second / "ids", first / "ids"], complete, tmp_path / "spill")
    assert other_order == found
    fewer = write_complete_ids([second / "ids"], complete, tmp_path / "spill")
    assert fewer.sha256 != found.sha256


def test_a_source_without_works_has_an_empty_set(tmp_path: Path) -> None:
    extract_ids(lines_file(tmp_path, WITHOUT_ID), "jsonl", tmp_path / "ids")
    found = write_complete_ids([tmp_path / "ids"], tmp_path / "complete.parquet", tmp_path / "spill")
    assert found.ids == 0
    assert pq.read_table(tmp_path / "complete.parquet").num_rows == 0
