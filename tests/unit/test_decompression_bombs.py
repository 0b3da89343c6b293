"""Files that unpack to far more than they are end as a counted reject, soon and in little memory."""

import gzip
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets import file_content
from assets.file_content import ContentLostError, Meter, content_blocks
from assets.formats import FORMATS
from assets.openalex import parquet
from assets.quarantine import Reason, Rejected
from assets.records import DeliveredRecord

WORK = b'{"id":"https://openalex.org/W1","publication_year":2019,"authorships":[]}\n'


def read(path: Path, name: str) -> list[DeliveredRecord | Rejected]:
    return list(FORMATS[name].read(path, Meter()))


def test_a_gzip_bomb_is_left_where_it_goes_beyond_any_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_content, "UNPACKED_FREELY", 4 << 20)
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(WORK + b" " * (32 << 20)))
    first, rest = read(bomb, "openalex-jsonl")
    assert isinstance(first, DeliveredRecord)
    assert isinstance(rest, Rejected)
    assert (rest.reason, rest.ends_file) == (Reason.DECOMPRESSION_BOMB, True)
    assert "over 200 times as many, which no delivery does" in rest.detail
    meter = Meter()
    with pytest.raises(ContentLostError):
        for _ in content_blocks(bomb, meter):
            pass
    assert meter.unpacked_bytes < 8 << 20


def test_what_packs_well_and_is_small_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "alike.gz"
    path.write_bytes(gzip.compress(WORK * 100_000))
    assert path.stat().st_size * file_content.MAX_RATIO < len(WORK) * 100_000
    assert sum(len(block) for block in content_blocks(path, Meter())) == len(WORK) * 100_000


def table(**columns: pa.Array) -> pa.Table:
    return pa.table(columns)


def only_reject(path: Path) -> Rejected:
    (rejected,) = read(path, "openalex-parquet")
    assert isinstance(rejected, Rejected)
    return rejected


def test_parquet_that_says_it_has_more_rows_than_bytes_is_not_read(tmp_path: Path) -> None:
    rows = 200_000
    path = tmp_path / "rows.parquet"
    pq.write_table(table(id=pa.nulls(rows, pa.string()), publication_year=pa.nulls(rows, pa.int64())), path)
    rejected = only_reject(path)
    assert rejected.reason is Reason.DECOMPRESSION_BOMB
    assert "cannot hold the 200000 works" in rejected.detail


def test_parquet_that_says_it_unpacks_to_too_much_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_content, "UNPACKED_FREELY", 1 << 20)
    path = tmp_path / "page.parquet"
    pq.write_table(table(id=["W1"], title=["x" * (8 << 20)]), path, compression="zstd", use_dictionary=False)
    assert only_reject(path).reason is Reason.DECOMPRESSION_BOMB


def test_one_long_text_shared_by_all_rows_is_not_unpacked_for_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Stored once, it would fill the memory with a copy for each of a batch's 500 rows.
    monkeypatch.setattr(file_content, "UNPACKED_FREELY", 8 << 20)
    monkeypatch.setattr(parquet, "_BATCH_BYTES", 16 << 20)
    rows = 2_000
    shared = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * (4 << 20)]))
    path = tmp_path / "shared.parquet"
    pq.write_table(
        table(id=[f"W{n}" for n in range(rows)], title=shared),
        path,
        compression="zstd",
        dictionary_pagesize_limit=8 << 20,
    )
    before = pa.default_memory_pool().max_memory()
    *first, last = read(path, "openalex-parquet")
    assert len(first) < 10
    assert isinstance(last, Rejected)
    assert last.reason is Reason.DECOMPRESSION_BOMB
    assert pa.default_memory_pool().max_memory() < before + (200 << 20)


def test_a_pipe_in_the_place_of_a_file_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for odd in (pipe, Path("/dev/zero"), tmp_path):
        with pytest.raises(ContentLostError, match=r"no regular file|Is a directory"):
            next(content_blocks(odd, Meter()))
