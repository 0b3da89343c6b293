"""Telling Web of Science exports by content, and refusing those without addresses."""

import csv
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
import xlwt  # type: ignore[import-untyped]

from assets import web_of_science, workbooks
from assets.errors import UnsuitableExportError
from assets.text_content import HEAD_BYTES
from tests.wos_exports import (
    TAGS,
    WosRecord,
    accepted,
    bibtex,
    every_format,
    numbered,
    read,
    recognised,
    saved_again,
    tab,
    tagged,
    written,
    xlsx,
)

RECORD = [WosRecord()]
ALL_DATABASES = [
    "PT",
    "AU",
    "BA",
    "CA",
    "GP",
    "RI",
    "OI",
    "TI",
    "SO",
    "VL",
    "IS",
    "BP",
    "EP",
    "DI",
    "PD",
    "PY",
    "AB",
    "Z8",
    "ZR",
    "ZA",
    "ZB",
    "ZS",
    "Z9",
    "SN",
    "EI",
    "BN",
    "UT",
    "PM",
]
AUTHOR_TITLE_SOURCE = ("AF", "LA", "DT", "DE", "C1", "RP", "CR", "NR", "TC", "PU", "GA", "GP", "DA")


def test_every_format_is_recognised_whatever_the_file_is_called(tmp_path: Path) -> None:
    for name, path in every_format(tmp_path, RECORD).items():
        for other in ("works.jsonl", "scopus.csv", "records"):
            renamed = path.rename(tmp_path / other)
            assert recognised(renamed) == name.split()[0]
            renamed.rename(path)


def test_a_head_cut_anywhere_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "export"
    for text, name in (
        (tab(RECORD), "wos-tab"),
        (tagged(RECORD), "wos-tagged"),
        (bibtex(RECORD), "wos-bibtex"),
    ):
        content = (text * 3).encode()
        for size in range(len(text.encode()) + 10, len(content), 211):
            assert web_of_science.recognise(content[:size], path) == name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b'{"id": "https://openalex.org/W1", "title": "UT AU TI PT PY"}\n',
        b"Authors,Author full names,Title,Year,Source title,DOI,Abstract,Document Type,Publisher,EID\n",
        b"@article{Sand2019, title={On coupling}, source={Scopus}}\n",
        b"PT\tMeasure\n1\t2\n",
        b"PMID- 12345678\nTI  - On coupling\n",
        b"PK\x03\x04 but no workbook",
        bytes(range(256)),
    ],
)
def test_other_files_are_not_recognised(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "savedrecs.txt"
    path.write_bytes(content)
    assert recognised(path) is None


def test_other_workbooks_are_not_recognised(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("empty")
    book.save(str(tmp_path / "savedrecs.xls"))
    assert recognised(tmp_path / "savedrecs.xls") is None


def _refusal(path: Path) -> str:
    with pytest.raises(UnsuitableExportError) as raised:
        recognised(path)
    return str(raised.value)


def _without(tags: tuple[str, ...]) -> list[str]:
    return [tag for tag in TAGS if tag not in tags]


def test_exports_without_addresses_are_refused_in_every_format(tmp_path: Path) -> None:
    fewer = _without(AUTHOR_TITLE_SOURCE)
    texts = [
        tab(RECORD, tags=fewer),
        tab(RECORD, tags=[tag for tag in TAGS if tag != "C1"]),
        tagged(RECORD, leave_out=AUTHOR_TITLE_SOURCE),
        bibtex(RECORD, leave_out=AUTHOR_TITLE_SOURCE),
        "\t".join(ALL_DATABASES) + "\n" + "\t".join(f"x{tag}" for tag in ALL_DATABASES) + "\n",
    ]
    for text in texts:
        message = _refusal(written(tmp_path / "savedrecs.txt", text))
        assert "'savedrecs.txt' is a Web of Science export without author addresses" in message
        assert "with the record content 'Full Record'" in message


def test_columns_that_were_not_selected_are_there_and_empty(tmp_path: Path) -> None:
    header, row, _ = tab(RECORD).split("\r\n")
    kept = ("PT", "AU", "TI", "DT", "NR", "GA", "DI", "UT")
    cells = [cell if tag in kept else "" for tag, cell in zip(TAGS, row.split("\t"), strict=True)]
    text = "\r\n".join([header, "\t".join(cells), ""])
    assert "without author addresses" in _refusal(written(tmp_path / "custom.txt", text))
    comma = text.replace(",", "").replace("\t", ",")
    assert "without author addresses" in _refusal(written(tmp_path / "custom.csv", comma))


def test_full_records_of_works_without_an_address_are_accepted(tmp_path: Path) -> None:
    for write, name in ((tagged, "wos-tagged"), (bibtex, "wos-bibtex")):
        text = write(RECORD, leave_out=("C1", "RP"))
        assert recognised(written(tmp_path / "old.txt", text)) == name
    header, row, _ = tab([WosRecord(addresses=())]).split("\r\n")
    text = "\r\n".join([header, row.replace("corresponding", "")])
    assert recognised(written(tmp_path / "old.txt", text)) == "wos-tab"


def test_one_record_with_an_address_is_enough(tmp_path: Path) -> None:
    records = numbered(*[WosRecord(addresses=())] * 40, WosRecord())
    assert recognised(written(tmp_path / "a", tab(records))) == "wos-tab"
    assert recognised(xlsx(tmp_path / "b", records)) == "wos-excel"


def test_exports_without_accession_numbers_are_refused(tmp_path: Path) -> None:
    text = tab(RECORD, tags=[tag for tag in TAGS if tag != "UT"])
    assert "without accession numbers" in _refusal(written(tmp_path / "a", text))


def test_headers_without_records_are_recognised(tmp_path: Path) -> None:
    assert recognised(written(tmp_path / "a", tab([]))) == "wos-tab"
    assert recognised(xlsx(tmp_path / "b", [])) == "wos-excel"
    assert recognised(written(tmp_path / "c", saved_again([], ",", quoting=csv.QUOTE_ALL))) == "wos-tab"
    assert recognised(written(tmp_path / "d", tagged([]))) == "wos-tagged"


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_a_line_that_names_the_delimiter_is_passed_over(tmp_path: Path, delimiter: str) -> None:
    text = f"sep={delimiter}\r\n" + saved_again(RECORD, delimiter)
    path = written(tmp_path / "savedrecs.csv", text)
    assert recognised(path) == "wos-tab"
    assert accepted(read(path)) == accepted(read(written(tmp_path / "a", tab(RECORD))))


MANY = tuple(f"Author{number:05d}, Ada" for number in range(10_000))
LARGE = WosRecord(
    authors=MANY,
    short_authors=(),
    addresses=((MANY, "Tbilisi State Univ, Tbilisi, Georgia"),),
    abstract="First line.\nSecond line.",
)


def test_a_first_record_that_is_larger_than_what_is_looked_at_is_no_fault(tmp_path: Path) -> None:
    flat = replace(LARGE, abstract="")
    texts = {
        tab([flat]): "wos-tab",
        tab([flat], tags=TAGS[::-1]): "wos-tab",
        saved_again([LARGE], ",", quoting=csv.QUOTE_ALL): "wos-tab",
        tagged([flat]): "wos-tagged",
        bibtex([flat]): "wos-bibtex",
    }
    for text, name in texts.items():
        path = written(tmp_path / "savedrecs.txt", text)
        assert path.stat().st_size > HEAD_BYTES
        assert recognised(path) == name
        assert len(accepted(read(path))) == 1


def test_large_exports_without_addresses_are_still_refused(tmp_path: Path) -> None:
    fewer = _without(AUTHOR_TITLE_SOURCE)
    for text in (
        tab(RECORD * 3000, tags=fewer),
        tagged(RECORD * 3000, leave_out=AUTHOR_TITLE_SOURCE),
        bibtex(RECORD * 3000, leave_out=AUTHOR_TITLE_SOURCE),
    ):
        assert "without author addresses" in _refusal(written(tmp_path / "savedrecs.txt", text))


def test_the_table_of_a_workbook_may_stand_below_a_title_and_on_any_sheet(tmp_path: Path) -> None:
    path = tmp_path / "book"
    book = openpyxl.load_workbook(BytesIO(xlsx(path, numbered(WosRecord(), WosRecord())).read_bytes()))
    book.active.insert_rows(1, 2)
    book.active.cell(1, 1, "What we found")
    book.create_sheet("notes", 0).cell(1, 1, "The table is on the next sheet")
    more = book.copy_worksheet(book["Sheet"])
    more.delete_rows(4)
    more.cell(4, TAGS.index("UT") + 1, "WOS:000000000000003")
    book.save(path)
    assert recognised(path) == "wos-excel"
    found = accepted(read(path))
    assert [(item.position, item.record.work_id[-1]) for item in found] == [(1, "1"), (2, "2"), (3, "3")]


def test_a_workbook_that_cannot_be_read_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = xlsx(tmp_path / "book", RECORD).read_bytes()
    broken = tmp_path / "broken.xlsx"
    for content in (whole[: len(whole) // 2], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 but no workbook"):
        broken.write_bytes(content)
        message = _refusal(broken)
        assert "'broken.xlsx': the workbook cannot be read" in message
        assert "Save the table as CSV, or export the records again" in message
    monkeypatch.setattr(workbooks, "MAX_WORKBOOK_BYTES", 100)
    assert "the workbook has more than 100 bytes. Save the table as CSV" in _refusal(tmp_path / "book")
