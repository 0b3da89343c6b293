"""Formats are recognised by what is in a file, whatever it is called."""

import csv
import gzip
import json
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.errors import UnsuitableExportError
from assets.formats import reader_of, recognise
from tests.delivered_works import as_gzip, author, institution, lines, work, write_parquet
from tests.scopus_exports import Work, new_csv

_WORKS = [work(1), work(2)]
_LONG = work(3, authorships=[author(institution(n, "A" * 300, "AU")) for n in range(3000)])

_CONTENTS: dict[str, tuple[bytes, str]] = {
    "lines": (lines(_WORKS), "openalex-jsonl"),
    "lines of gzip": (as_gzip(lines(_WORKS)), "openalex-jsonl"),
    "short ids": (lines([work(1, id="W1")]), "openalex-jsonl"),
    "no id": (lines([work(1, id=...)]), "openalex-jsonl"),
    "a first line longer than what is looked at": (lines([_LONG]), "openalex-jsonl"),
    "a broken first line": (b"{oops\n" + lines(_WORKS), "openalex-jsonl"),
    "an array as first line": (b"[1, 2]\n" + lines(_WORKS), "openalex-jsonl"),
    "a broken array as first line": (b"[1, 2\n" + lines(_WORKS), "openalex-jsonl"),
    "a number as first line": (b"3\n" + lines(_WORKS), "openalex-jsonl"),
    "cut gzip": (as_gzip(lines(_WORKS))[:-20], "openalex-jsonl"),
    "gzip of which nothing can be unpacked": (b"\x1f\x8b\x08\x00", "openalex-jsonl"),
    "nothing": (b"", "openalex-jsonl"),
    "nothing in gzip": (as_gzip(b""), "openalex-jsonl"),
    "array": (json.dumps(_WORKS).encode(), "openalex-array"),
    "array of a long record": (json.dumps([_LONG]).encode(), "openalex-array"),
    "array with a byte order mark": (
        b"\xef\xbb\xbf" + json.dumps(_WORKS).encode(),
        "openalex-array",
    ),
    "empty array": (b" [ ]\n", "openalex-array"),
    "page": (json.dumps({"meta": {}, "results": _WORKS}).encode(), "openalex-page"),
    "page of a long record": (json.dumps({"results": [_LONG]}).encode(), "openalex-page"),
    "empty page": (b'{"meta": {"count": 0}, "results": []}', "openalex-page"),
    "page of gzip": (as_gzip(json.dumps({"results": _WORKS}, indent=1).encode()), "openalex-page"),
    "damaged Parquet": (b"PAR1 and nothing else", "openalex-parquet"),
}


@pytest.mark.parametrize("content", _CONTENTS)
def test_a_format_is_recognised_by_content(tmp_path: Path, content: str) -> None:
    written, name = _CONTENTS[content]
    path = tmp_path / "wos.csv"
    path.write_bytes(written)
    format_ = recognise(path)
    assert format_ is not None
    assert (format_.name, format_.source) == (name, "openalex")
    assert reader_of(path) == format_


@pytest.mark.parametrize("index", ["struct", "map", "string"])
def test_parquet_of_works_is_recognised(tmp_path: Path, index: str) -> None:
    write_parquet(tmp_path / "part_0000.gz", _WORKS, index)
    format_ = recognise(tmp_path / "part_0000.gz")
    assert format_ is not None
    assert format_.name == "openalex-parquet"


@pytest.mark.parametrize(
    "content",
    [
        b"a,table,of\n1,2,3\n",
        lines([{"id": "https://openalex.org/A5023", "works_count": 3}]),
        lines([{"DOI": "10.1/a", "author": []}]),
        json.dumps({"status": "ok", "results": [{"id": 1}]}).encode(),
        json.dumps([{"id": 1}]).encode(),
        gzip.compress(b"\x00\x01\x02 binary", mtime=0),
    ],
)
def test_what_no_reader_knows_is_not_recognised(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "part_000.gz"
    path.write_bytes(content)
    assert recognise(path) is None


def test_parquet_of_something_else_is_not_recognised(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "year": [2019]}), tmp_path / "works.parquet")
    assert recognise(tmp_path / "works.parquet") is None
    assert reader_of(tmp_path / "works.parquet") is None


def test_json_without_a_work_is_read_all_the_same_once_its_drop_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "part_000.gz"
    path.write_bytes(b'{"a": 1}\n')
    format_ = reader_of(path)
    assert format_ is not None
    assert format_.name == "openalex-jsonl"


def test_a_file_that_is_gone_is_no_matter_of_format(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        recognise(tmp_path / "part_000.gz")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"\xef\xbb\xbfPT\tAU\tTI\tSO\tPY\tUT\nJ\tA, B\tA title\tA journal\t2020\tWOS:1\n",
            "without author addresses",
        ),
        (b"Authors,Title,Year,EID\nA,B,2020,2-s2.0-1\n", "without Affiliations"),
    ],
)
def test_an_export_without_addresses_is_refused_with_what_to_export_instead(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "export"
    path.write_bytes(content)
    with pytest.raises(UnsuitableExportError, match=sentence) as refused:
        recognise(path)
    assert "xport" in str(refused.value).partition(sentence)[2]


_ZIPPED = BytesIO()
with zipfile.ZipFile(_ZIPPED, "w") as _archive:
    _archive.writestr("savedrecs.txt", "FN Clarivate Analytics Web of Science\n")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"TY  - JOUR\r\nTI  - A title\r\nER  - \r\n", "RIS is not read: it does not say who works where"),
        (b"\xef\xbb\xbf\nTY  - CPAPER\n", "is RIS"),
        (b"%0 Journal Article\n%T A title\n%A Sand, Ada\n", "is an EndNote file, which is not read"),
        (b"\nPMID- 12345678\nOWN - NLM\n", "is a PubMed file, which is not read"),
        (_ZIPPED.getvalue(), "is a ZIP archive: unpack it"),
        (gzip.compress(_ZIPPED.getvalue()), "is a ZIP archive: unpack it"),
        (b"<!DOCTYPE html>\n<html><head>", "is a web page, no export"),
        (b"\r\n<HTML lang='en'>", "is a web page, no export"),
    ],
)
def test_what_other_databases_and_programs_write_is_refused_with_what_to_deliver(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "savedrecs.txt"
    path.write_bytes(content)
    with pytest.raises(UnsuitableExportError, match=f"'savedrecs.txt' .*{sentence}") as refused:
        recognise(path)
    assert ("'Full Record'" in str(refused.value)) == ("ZIP" not in sentence)


@pytest.mark.parametrize("text", ["PMID,title\n1,x\n", "%0\n", "TYPE - x\n", "<records><a/></records>"])
def test_what_begins_alike_is_just_not_recognised(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").write_text(text)
    assert recognise(tmp_path / "a") is None


@pytest.mark.parametrize("rows", [[], [["Notes"], ["Authors", "Title", "Year"]]])
def test_a_workbook_without_the_columns_of_an_export_is_refused(
    tmp_path: Path, rows: list[list[str]]
) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    with pytest.raises(UnsuitableExportError, match="is a workbook in which no row at the top of a sheet"):
        recognise(tmp_path / "book.xlsx")


def test_a_table_of_scopus_that_was_saved_as_a_workbook_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in csv.reader(new_csv([Work()]).splitlines()):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    with pytest.raises(UnsuitableExportError, match=r"is a Scopus table saved as Excel workbook.*choose CSV"):
        recognise(tmp_path / "book.xlsx")
