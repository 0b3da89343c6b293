"""Workbooks made to do harm: none kills or holds up the process that reads a drop, none reaches out."""

import os
import socket
import struct
import zipfile
from pathlib import Path

import pytest

from assets.file_content import ContentLostError, Meter
from assets.workbook_process import MAX_UNPACKED_BYTES
from assets.workbooks import Row, tables
from tests.wos_exports import WosRecord, xls, xlsx

SHEET = "xl/worksheets/sheet1.xml"
TOO_MUCH = "its reader was ended by SIGABRT, so it is damaged or wants too much memory"


def rows_of(path: Path) -> list[Row]:
    return [row for _, rows in tables(path, Meter(), lambda row: row) for row in rows]


def edited(path: Path, part: str, before: str, after: str) -> Path:
    """An .xlsx with a text of one of its parts replaced, or that part added."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name).decode() for name in old.namelist()}
    if before:
        assert before in parts[part]
    parts[part] = parts[part].replace(before, after, 1) if before else after
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def cell(reference: str, text: str = "x") -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def children() -> set[str]:
    """The processes this one has started and not waited for."""
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return {child for task in tasks for child in (task / "children").read_text().split()}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return xlsx(tmp_path / "book", [WosRecord()])


@pytest.mark.parametrize("reference", ["XFD1048576", "A4294967295"])
def test_a_cell_far_off_kills_only_the_process_that_takes_the_workbook_apart(
    book: Path, reference: str
) -> None:
    # The library makes room for all cells up to the last, and dies when it cannot.
    row = f'<row r="{reference.lstrip("XFDA")}">{cell(reference)}</row></sheetData>'
    edited(book, SHEET, "</sheetData>", row)
    with pytest.raises(ContentLostError, match=TOO_MUCH):
        rows_of(book)


def test_so_does_one_in_an_old_workbook(tmp_path: Path) -> None:
    book = xls(tmp_path / "book", [WosRecord(year="2019")])
    content = book.read_bytes()
    # Number cells: type, length, row, column. Columns end at 255 in every program that writes them.
    number = struct.pack("<HHH", 0x27E, 10, 1)
    at = content.index(number)
    content = content[: at + 4] + struct.pack("<HH", 65535, 65535) + content[at + 8 :]
    book.write_bytes(content)
    with pytest.raises(ContentLostError, match=TOO_MUCH):
        rows_of(book)


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(book: Path) -> None:
    with zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/media", bytes(MAX_UNPACKED_BYTES))
    assert book.stat().st_size < 2 << 20
    with pytest.raises(
        ContentLostError, match=r"it unpacks to 26\d{7} bytes, more than the 268435456 allowed"
    ):
        rows_of(book)


def test_entities_of_the_markup_are_not_resolved(book: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary")
    entities = f'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y "yyy">]><worksheet'
    edited(book, SHEET, "<worksheet", entities)
    for name in ("x", "y"):
        edited(book, SHEET, "</sheetData>", f'<row r="9">{cell("A9", f"&{name};")}</row></sheetData>')
        with pytest.raises(ContentLostError, match="unrecognized entity"):
            rows_of(book)


def test_links_formulas_and_macros_are_neither_followed_nor_run(book: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        fetch = f'<c r="A9"><f>WEBSERVICE("{address}")</f><v>7</v></c>'
        start = f'<c r="B9"><f>cmd|"/c touch {started}"!A1</f><v>8</v></c>'
        formula = f'<row r="9">{fetch}{start}</row></sheetData>'
        edited(book, SHEET, "</sheetData>", formula)
        link = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            f'relationships/externalLinkPath" Target="{address}" TargetMode="External"/></Relationships>'
        )
        edited(book, "xl/externalLinks/_rels/externalLink1.xml.rels", "", link)
        edited(book, "xl/vbaProject.bin", "", f'Shell "touch {started}"')
        assert rows_of(book)[-1][:2] == ["7", "8"]
        with pytest.raises(BlockingIOError):
            server.accept()
    assert not started.exists()


def test_a_broken_workbook_is_refused_with_a_reason(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    for content in (
        b"PK\x03\x04",
        b"PK\x03\x04" + bytes(100),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    ):
        book.write_bytes(content)
        with pytest.raises(ContentLostError, match=r"the workbook cannot be read: \w"):
            rows_of(book)


def test_looking_at_the_top_of_a_workbook_ends_the_process_that_reads_it(tmp_path: Path) -> None:
    # As when a drop is recognised; the rows below would fill the pipe, and the process wait for ever.
    book = xlsx(tmp_path / "book", [WosRecord(title="long " * 2_000)] * 30)
    before = children()
    found = tables(book, Meter(), lambda row: row)
    header, _ = next(found)
    assert "UT (Unique WOS ID)" in header
    assert len(children() - before) == 1
    # It is a generator.
    found.close()  # type: ignore[attr-defined]
    assert children() == before
