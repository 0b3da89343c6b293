"""Names, schema and files of the record store."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets import record_writer
from assets.atomic_files import staged_directory, staged_file
from assets.record_columns import RECORD_SCHEMA
from assets.record_store import drop_folder, record_files, write_empty, year_folder
from assets.record_writer import RecordWriter
from assets.records import DeliveredRecord, Record
from tests.delivered_works import stored_rows


@pytest.mark.parametrize(
    ("drop_id", "slug"),
    [
        ("openalex-2025-09", "openalex-2025-09"),
        ('it\'s a "drop"', "it-s-a-drop"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "drop"),
        ("日本", "drop"),
        (".hidden", "hidden"),
        ("year=2019", "year-2019"),
        ("x" * 300, "x" * 40),
    ],
)
def test_a_drop_folder_is_readable_and_safe(drop_id: str, slug: str) -> None:
    folder = drop_folder(drop_id)
    assert folder.rpartition("-")[0] == slug
    assert len(folder) <= 49


@given(st.text(), st.text())
def test_drops_of_different_names_have_different_folders(one: str, other: str) -> None:
    assert (drop_folder(one) == drop_folder(other)) == (one == other)


@pytest.mark.parametrize(
    ("year", "folder"),
    [
        (1499, "year=other"),
        (1500, "year=1500"),
        (2100, "year=2100"),
        (2101, "year=other"),
        (0, "year=other"),
        (-5, "year=other"),
        (None, "year=other"),
    ],
)
def test_odd_years_share_a_folder(year: int | None, folder: str) -> None:
    assert year_folder(year) == folder


def test_the_empty_file_has_the_schema_and_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "empty" / "records.parquet"
    write_empty(path, RECORD_SCHEMA)
    write_empty(path, RECORD_SCHEMA)
    assert pq.read_table(path).num_rows == 0
    assert pq.read_schema(path).equals(RECORD_SCHEMA)
    assert [entry.name for entry in path.parent.iterdir()] == ["records.parquet"]


def _delivered(position: int, year: int | None) -> DeliveredRecord:
    record = Record(
        source="openalex",
        work_id=f"W{position}",
        doi=None,
        title="A title",
        abstract="x" * 1000,
        publication_year=year,
        document_types=[],
        is_retracted=False,
        is_paratext=False,
        is_xpac=False,
        is_authors_truncated=False,
        cited_by_count=None,
        keywords=[],
        topics=[],
        author_countries=[["AU", "NZ"], []],
        author_basis=["institution", "none"],
        institutions=[],
        author_institutions=[[], []],
    )
    return DeliveredRecord(position, None, record)


def test_a_small_buffer_and_few_open_files_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_writer, "_MAX_OPEN_FILES", 2)
    expected = [_delivered(n, 2000 + n * 7 % 5) for n in range(100)]
    with RecordWriter(tmp_path, task_number=3, buffer_bytes=20_000) as writer:
        for delivered in expected:
            writer.add("part_000.gz", delivered)
    rows = stored_rows(tmp_path)
    assert [(row["work_id"], row["publication_year"]) for row in rows] == [
        (item.record.work_id, item.record.publication_year) for item in expected
    ]
    names = {path.name for _, path in record_files(tmp_path)}
    assert {"part-00003.parquet", "part-00003-1.parquet"} <= names
    for folder, path in record_files(tmp_path):
        assert {f"year={row['publication_year']}" for row in pq.read_table(path).to_pylist()} == {folder}


def test_duckdb_reads_the_stored_columns(tmp_path: Path) -> None:
    with RecordWriter(tmp_path, task_number=0, buffer_bytes=1 << 20) as writer:
        writer.add("a.gz", _delivered(1, 2019))
        writer.add("a.gz", _delivered(2, None))
    glob = str(tmp_path / "year=*" / "*.parquet")
    query = "select * from read_parquet($1, hive_partitioning = false)"
    relation = duckdb.sql(query, params=[glob])
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert list(types) == RECORD_SCHEMA.names
    assert types["author_countries"] == "VARCHAR[][]"
    assert types["author_institutions"] == "INTEGER[][]"
    assert types["institutions"] == 'STRUCT(id VARCHAR, "name" VARCHAR, country VARCHAR)[]'
    assert types["updated_date"] == "TIMESTAMP"
    assert types["content_hash"] == "BIGINT"
    found = relation.order("position").project("author_countries, publication_year").fetchall()
    assert found == [([["AU", "NZ"], []], 2019), ([["AU", "NZ"], []], None)]


def _fail_after_writing(path: Path) -> None:
    path.write_text("half")
    raise ZeroDivisionError


def test_a_staged_directory_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    destination = tmp_path / "a" / "version"
    with pytest.raises(ZeroDivisionError), staged_directory(destination) as staging:
        _fail_after_writing(staging / "file")
    assert list(destination.parent.iterdir()) == []
    with staged_directory(destination) as staging:
        (staging / "file").write_text("whole")
        assert not destination.exists()
    assert (destination / "file").read_text() == "whole"


def test_a_staged_file_replaces_the_old_only_when_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), staged_file(path) as staging:
        _fail_after_writing(staging)
    assert path.read_text() == "old"
    with staged_file(path) as staging:
        staging.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]
