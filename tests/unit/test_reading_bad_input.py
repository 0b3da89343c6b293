"""Bad input: every rejected record has a reason, and accepted and rejected add up to the drop."""

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.drop_files import DropFile
from assets.openalex import json_pieces
from assets.quarantine import MAX_RAW_BYTES
from tests.delivered_works import (
    TEN_WORKS,
    as_gzip,
    author,
    balanced,
    drop_files,
    ids,
    institution,
    lines,
    read,
    read_content,
    work,
    write_parquet,
)

# --- bad input: one reject each, nothing else touched ---


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "https://openalex.org/W1", "publication_year": 20', "invalid_json"),
        (b"[1, 2]", "not_a_work"),
        (lines([work(99, publication_year="2019")]).strip(), "wrong_type"),
        (lines([work(99, id=...)]).strip(), "missing_id"),
        (lines([work(99, publication_year=...)]).strip(), "missing_year"),
        (lines([work(99, authorships=...)]).strip(), "missing_authors"),
    ],
)
def test_a_bad_line_is_kept_with_its_reason_and_text(tmp_path: Path, line: bytes, reason: str) -> None:
    content = lines(TEN_WORKS[:2]) + line + b"\n" + lines(TEN_WORKS[2:])
    found = read_content(tmp_path / "drop", content, listed=11)
    assert balanced(found, accepted=10, rejected=1)
    assert found.reasons == {reason: 1}
    (entry,) = found.rejects
    assert (entry["drop"], entry["file"], entry["position"]) == ("drop", "part_000.gz", 3)
    assert entry["raw"] == line.decode()
    assert entry["detail"]
    assert [row["position"] for row in found.rows] == [1, 2, *range(4, 12)]


def test_undecodable_bytes_are_kept_readable(tmp_path: Path) -> None:
    found = read_content(tmp_path / "drop", b'{"title": "\xff\x00"}\n' + lines(TEN_WORKS))
    assert balanced(found, accepted=10, rejected=1)
    assert found.rejects[0]["raw"] == '{"title": "\\xff\0"}'


def test_duplicate_ids_are_all_accepted(tmp_path: Path) -> None:
    found = read_content(tmp_path / "drop", lines([work(1), work(1), work(1, title="Newer")]))
    assert balanced(found, accepted=3, rejected=0)
    assert ids(found) == ["W1", "W1", "W1"]
    assert len({row["content_hash"] for row in found.rows}) == 2


def test_odd_years_and_odd_texts_are_accepted(tmp_path: Path) -> None:
    odd = [
        work(1, publication_year=0),
        work(2, publication_year=2202),
        work(3, publication_year=None),
        work(4, title="a\u2028b\u2029c\u0085d\u000b\u0000"),
        work(5, authorships=[author(institution(1, "A", "XX"))]),
        work(6, authorships=[author(institution(n, "A", "AU")) for n in range(5000)]),
    ]
    packed = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in odd).encode()
    found = read_content(tmp_path / "drop", packed)
    assert balanced(found, accepted=6, rejected=0)
    assert found.summary.records_by_year == {0: 1, 2019: 3, 2202: 1, None: 1}
    assert found.rows[3]["title"] == "a\u2028b\u2029c\u0085d\u000b\u0000"
    assert found.rows[4]["author_countries"] == [["XX"]]
    assert len(found.rows[5]["author_countries"]) == 5000
    version = tmp_path / "drop-store" / "version"
    assert sorted(path.name for path in version.iterdir()) == ["year=2019", "year=other"]


@pytest.mark.parametrize("content", [b"", as_gzip(b""), b"\n \r\n", b"[]", b'{"results": []}'])
def test_an_empty_file_has_no_records(tmp_path: Path, content: bytes) -> None:
    found = read_content(tmp_path / "drop", content)
    assert balanced(found, accepted=0, rejected=0)
    assert (tmp_path / "drop-store" / "version").is_dir()
    assert not (tmp_path / "drop-store" / "quarantine.jsonl").exists()


def test_a_drop_without_files_has_no_records(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    assert balanced(read(tmp_path / "drop"), accepted=0, rejected=0)


# --- files that break off or are damaged: the balance holds all the same ---


def test_a_truncated_gzip_file_gives_its_whole_records(tmp_path: Path) -> None:
    packed = as_gzip(lines(TEN_WORKS) + os.urandom(2000).hex().encode())[:-1500]
    found = read_content(tmp_path / "drop", packed, listed=14)
    assert balanced(found, accepted=10, rejected=4)
    assert found.reasons == {"truncated_file": 4}
    assert found.rejects[0]["detail"] == "the gzip data end before their end mark"
    assert found.rejects[0]["position"] == 11
    assert len(found.rejects[0]["raw"]) > 100


def test_a_truncated_gzip_file_without_a_manifest_counts_one_lost_record(tmp_path: Path) -> None:
    found = read_content(tmp_path / "drop", as_gzip(lines(TEN_WORKS))[:-8])
    assert balanced(found, accepted=10, rejected=1)
    assert found.reasons == {"truncated_file": 1}


def test_a_gzip_file_cut_after_its_last_listed_record_loses_nothing(tmp_path: Path) -> None:
    found = read_content(tmp_path / "drop", as_gzip(lines(TEN_WORKS))[:-8], listed=10)
    assert balanced(found, accepted=10, rejected=0)
    assert found.summary.warnings == (
        "part_000.gz: the gzip data end before their end mark, but all 10 records its manifest "
        "lists were read",
    )


@pytest.mark.parametrize(
    ("packed", "detail"),
    [
        (as_gzip(lines(TEN_WORKS))[:10] + b"\xff" * 500, "the gzip data are damaged: "),
        (as_gzip(lines(TEN_WORKS))[:-8] + b"\0" * 8, "the gzip data are damaged: "),
        (b"\x1f\x8b", "the gzip data end before their end mark"),
        (b"PAR1 and no Parquet", "the Parquet file cannot be read: "),
        (b"FN Clarivate Analytics Web of Science\n", "no reader knows the format of this file"),
    ],
)
def test_a_damaged_file_is_rejected_whole(tmp_path: Path, packed: bytes, detail: str) -> None:
    root = tmp_path / "drop"
    root.mkdir()
    (root / "a.gz").write_bytes(packed)
    (root / "b.gz").write_bytes(lines(TEN_WORKS))
    found = read(root, listed={"a.gz": 7})
    assert balanced(found, accepted=10, rejected=7)
    assert found.rejects[0]["file"] == "a.gz"
    assert found.rejects[0]["detail"].startswith(detail)


def test_a_file_that_cannot_be_opened_is_rejected_whole(tmp_path: Path) -> None:
    root = tmp_path / "drop"
    (root / "a.gz").mkdir(parents=True)
    (root / "b.gz").write_bytes(lines(TEN_WORKS))
    state = (root / "a.gz").stat()
    unopened = DropFile("a.gz", state.st_size, state.st_mtime_ns, 3)
    found = read(root, [unopened, *drop_files(root)])
    assert balanced(found, accepted=10, rejected=3)
    assert found.reasons == {"unreadable_file": 3}
    assert found.rejects[0]["detail"] == "the file cannot be read: Is a directory"


def test_other_data_after_gzip_data_are_noticed(tmp_path: Path) -> None:
    found = read_content(tmp_path / "drop", as_gzip(lines(TEN_WORKS)) + b"more")
    assert balanced(found, accepted=10, rejected=1)
    assert found.reasons == {"unreadable_file": 1}


_BREAKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "within a record": (lambda text: text[:-100], "truncated_file"),
    "before its end": (lambda text: text[:-1], "truncated_file"),
    "by another end": (lambda text: text[:-1] + b"?", "invalid_json"),
    "by a second end": (lambda text: text + b"]", "invalid_json"),
    "in the middle": (
        lambda text: text.replace(b'"id": "https://openalex.org/W6"', b"id"),
        "invalid_json",
    ),
}


@pytest.mark.parametrize("broken", _BREAKS)
@pytest.mark.parametrize("page", [False, True])
def test_a_broken_array_gives_the_records_before_the_break(tmp_path: Path, broken: str, page: bool) -> None:
    text = json.dumps({"meta": {}, "results": TEN_WORKS} if page else TEN_WORKS).encode()
    change, reason = _BREAKS[broken]
    found = read_content(tmp_path / "drop", change(text), listed=12)
    assert found.reasons == {reason: 12 - found.summary.accepted}
    assert ids(found) == [f"W{number}" for number in range(1, found.summary.accepted + 1)]
    assert found.summary.accepted >= 5
    assert balanced(found, accepted=found.summary.accepted, rejected=12 - len(found.rows))


@pytest.mark.parametrize("packed", ["lines", "array"])
def test_a_truncated_gzip_file_gives_every_record_that_can_be_unpacked(tmp_path: Path, packed: str) -> None:
    works = [work(number, title=os.urandom(2000).hex()) for number in range(400)]
    content = lines(works) if packed == "lines" else json.dumps(works).encode()
    cut = as_gzip(content)[:700_000]
    unpacked = zlib.decompressobj(wbits=31).decompress(cut)
    whole = unpacked.count(b'"referenced_works": ["https://openalex.org/W99"]}')
    found = read_content(tmp_path / "drop", cut, listed=400)
    assert 200 < whole < 400
    assert balanced(found, accepted=whole, rejected=400 - whole)
    assert found.reasons == {"truncated_file": 400 - whole}
    assert found.rejects[0]["position"] == whole + 1
    assert found.rejects[0]["raw"].startswith('{"id": "https://openalex.org/W')


def test_a_bad_element_of_an_array_spoils_no_other(tmp_path: Path) -> None:
    text = json.dumps([TEN_WORKS[0], 3, [], "x", None, TEN_WORKS[1]]).encode()
    text = text.replace(b'"x"', b'{"title": "\xff"}')
    found = read_content(tmp_path / "drop", text)
    assert balanced(found, accepted=2, rejected=4)
    assert found.reasons == {"invalid_json": 1, "not_a_work": 3}
    assert [entry["raw"] for entry in found.rejects] == ["3", "[]", '{"title": "\\xff"}', "null"]


def test_rows_of_parquet_that_are_no_works_are_rejected_one_by_one(tmp_path: Path) -> None:
    root = tmp_path / "drop"
    root.mkdir()
    works = [work(1), work(2, id="10.1/a"), work(3, id=None), work(4)]
    write_parquet(root / "a.parquet", works, "map")
    found = read(root, listed={"a.parquet": 4})
    assert balanced(found, accepted=2, rejected=2)
    assert [entry["position"] for entry in found.rejects] == [2, 3]
    assert json.loads(found.rejects[0]["raw"])["id"] == "10.1/a"


def test_damaged_parquet_data_lose_the_rest_of_the_file(tmp_path: Path) -> None:
    root = tmp_path / "drop"
    root.mkdir()
    path = root / "a.parquet"
    write_parquet(path, TEN_WORKS, "string")
    content = bytearray(path.read_bytes())
    content[4:2000] = b"\xff" * 1996
    path.write_bytes(content)
    found = read(root)
    assert balanced(found, accepted=0, rejected=10)
    assert found.reasons == {"unreadable_file": 10}


def test_records_a_manifest_lists_and_the_file_lacks_are_missing(tmp_path: Path) -> None:
    found = read_content(tmp_path / "drop", lines(TEN_WORKS) + b"{\n", listed=15)
    assert balanced(found, accepted=10, rejected=5)
    assert found.reasons == {"invalid_json": 1, "missing_record": 4}
    assert found.rejects[1]["detail"] == ("its manifest lists 15 records, the file has 11: 4 missing")


def test_more_records_than_the_manifest_lists_are_a_warning(tmp_path: Path) -> None:
    found = read_content(tmp_path / "drop", lines(TEN_WORKS), listed=8)
    assert balanced(found, accepted=10, rejected=0)
    assert found.summary.warnings == (
        "part_000.gz: its manifest lists 8 records, the file has 10; all were read",
    )


@pytest.mark.parametrize("accepted", [3, 2], ids=["lines", "array"])
def test_an_oversized_record_is_rejected_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accepted: int
) -> None:
    monkeypatch.setattr(json_pieces, "MAX_RECORD_BYTES", 1 << 20)
    works = [work(1), work(2), work(3, title="x" * (3 << 20)), work(4)]
    content = lines(works) if accepted == 3 else json.dumps(works).encode()
    found = read_content(tmp_path / "drop", content, listed=4)
    # After it, lines go on; nothing tells where the next element of an array begins.
    assert ids(found) == ["W1", "W2", "W4"][:accepted]
    assert balanced(found, accepted=accepted, rejected=4 - accepted)
    (entry,) = found.rejects
    assert (entry["reason"], entry["position"]) == ("oversized_record", 3)
    assert len(entry["raw"]) == MAX_RAW_BYTES


def test_long_raw_text_is_cut_and_says_so(tmp_path: Path) -> None:
    long = work(1, id=None, title="x" * (2 * MAX_RAW_BYTES))
    found = read_content(tmp_path / "drop", lines([long, work(2)]))
    (entry,) = found.rejects
    assert len(entry["raw"]) == MAX_RAW_BYTES
    assert entry["detail"] == "its `id` is null (raw text cut at 1048576 bytes)"
