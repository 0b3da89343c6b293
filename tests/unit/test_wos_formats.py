"""The same Web of Science records in every format give the same rows.

BibTeX has one list for people and groups, so groups come last there as in the other formats, and a name that
holds `and` stands in braces. It has no abbreviated names, so addresses name authors by their full ones. The
name of no person is `And`, which a list joined by `and` cannot tell.
"""

import gzip
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets import web_of_science
from assets.file_content import ContentLostError, Meter
from assets.records import content_hash
from assets.web_of_science.excel import read_excel
from tests.wos_exports import (
    WosRecord,
    accepted,
    bibtex,
    every_format,
    numbered,
    read,
    recognised,
    rejects,
    tab,
    tagged,
    written,
    xlsx,
)

_LETTERS = "abcdefghijklmnopqrstuvwxyzäéñøŁ"
_WORDS = st.text(_LETTERS + "ABC0129-.'&%_$#\"<>()+/", min_size=1, max_size=12)
_MARKED = st.sampled_from(("&amp;", "&#x2013;", "&lt;b&gt;"))
_PROSE = st.lists(_WORDS | _MARKED, min_size=1, max_size=40).map(" ".join)
_NAME = st.text(_LETTERS, min_size=2, max_size=9).map(str.title).filter(lambda name: name != "And")
_GROUP = st.sampled_from(("{} Collaboration", "{} and Partners Group", "AT&amp;T {} Team")).flatmap(
    lambda form: _NAME.map(form.format)
)
_COUNTRIES = ("Georgia", "Peoples R China", "USA", "Turkiye", "North Ireland", "Cote Ivoire")


@st.composite
def wos_records(draw: st.DrawFn) -> WosRecord:
    people = draw(st.lists(st.tuples(_NAME, _NAME), max_size=4, unique=True))
    names = tuple(f"{last}, {first}" for last, first in people)
    groups = tuple(draw(st.lists(_GROUP, max_size=2, unique=True)))
    named = names + groups
    linked = st.lists(st.sampled_from(named), max_size=3, unique=True) if named else st.just([])
    place = st.builds("Univ {}, {}".format, _NAME, st.sampled_from(_COUNTRIES))
    return WosRecord(
        authors=names,
        groups=groups,
        short_authors=tuple(f"{last}, {first[0]}" for last, first in people),
        addresses=tuple(draw(st.lists(st.tuples(linked.map(tuple), place), max_size=4))),
        title=draw(_PROSE),
        abstract=draw(st.one_of(st.just(""), _PROSE)),
        keywords=tuple(draw(st.lists(_NAME, max_size=3))),
        types=tuple(
            draw(st.sampled_from((("Article",), ("Review", "Early Access"), ("Retracted Publication",))))
        ),
        doi=draw(st.sampled_from(("", "10.1/A_b", "10.99/(x)%3C2&y"))),
        year=draw(st.sampled_from(("2019", ""))),
        early_access=draw(st.sampled_from(("", "JAN 2024"))),
        cited=draw(st.sampled_from(("", "0", "12"))),
    )


@settings(max_examples=15, deadline=None)
@given(st.lists(wos_records(), min_size=1, max_size=3))
def test_the_same_records_in_every_format_give_the_same_rows(drawn: list[WosRecord]) -> None:
    records = numbered(*drawn)
    with TemporaryDirectory() as folder:
        paths = every_format(Path(folder), records)
        expected = accepted(read(paths.pop("wos-tab")))
        assert [item.record.work_id for item in expected] == [record.ut for record in records]
        for name, path in paths.items():
            assert recognised(path) == name.split()[0]
            found = accepted(read(path))
            assert found == expected, name
            assert [content_hash(item.record) for item in found] == [
                content_hash(item.record) for item in expected
            ]


def test_white_space_makes_no_difference(tmp_path: Path) -> None:
    plain = WosRecord(title="On coupling of systems", abstract="They couple. They decouple.")
    spread = replace(plain, title=" On  coupling\u00a0of systems", abstract="They couple.   They decouple. ")
    expected = accepted(read(written(tmp_path / "plain", tab([plain]))))
    for write in (tab, tagged, bibtex):
        assert accepted(read(written(tmp_path / "spread", write([spread])))) == expected


def test_an_export_may_be_packed_with_gzip(tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    book = xlsx(tmp_path / "book", [WosRecord()])
    for content in (tab([WosRecord()]).encode(), book.read_bytes()):
        packed.write_bytes(gzip.compress(content))
        name = web_of_science.recognise(content, packed)
        assert name is not None
        (delivered,) = accepted(list(web_of_science.READERS[name](packed, Meter())))
        assert delivered.record.work_id == "WOS:000000000000001"


def test_cells_that_excel_took_for_numbers_and_dates_are_read(tmp_path: Path) -> None:
    path = tmp_path / "book"
    book = openpyxl.load_workbook(BytesIO(xlsx(path, [WosRecord()]).read_bytes()))
    sheet = book.active
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, columns["Date of Export"], date(2024, 5, 31))
    sheet.cell(2, columns["Article Title"], 1984)
    sheet.cell(2, columns["UT (Unique WOS ID)"] + 1, "a note beside the table")
    sheet.cell(3, 1, "  ")
    book.save(path)
    (delivered,) = accepted(read(path))
    assert (delivered.record.publication_year, delivered.updated_date) == (2019, datetime(2024, 5, 31))
    assert delivered.record.title == "1984"


def test_a_cell_that_excel_cut_is_rejected(tmp_path: Path) -> None:
    names = "; ".join(f"Author{number:05d}, Ada" for number in range(2000))[:32_767]
    row = WosRecord(authors=tuple(names.split("; ")))
    (rejected,) = rejects(read(xlsx(tmp_path / "book", [row])))
    assert rejected.reason == "broken_record"
    assert "Excel cuts off" in rejected.detail


def test_a_workbook_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    whole = xlsx(tmp_path / "book", [WosRecord()]).read_bytes()
    broken = tmp_path / "broken"
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ContentLostError, match="the workbook cannot be read") as raised:
        list(read_excel(broken, Meter()))
    assert raised.value.reason == "unreadable_file"
