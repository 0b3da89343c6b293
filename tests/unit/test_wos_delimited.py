"""Rows of Web of Science exports: headers, quotes, line breaks and broken rows."""

import csv
import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from assets.file_content import ContentLostError, Meter
from assets.records import DeliveredRecord
from assets.web_of_science.delimited import read_delimited
from tests.wos_exports import (
    TAGS,
    WosRecord,
    accepted,
    numbered,
    read,
    recognised,
    rejects,
    saved_again,
    tab,
    written,
)

THREE = numbered(WosRecord(), WosRecord(), WosRecord())
QUOTED = 'He said "no", "yes" and ""'


def _ids(folder: Path, text: str) -> list[str]:
    outcomes = read(written(folder / "export.csv", text))
    return [item.record.work_id for item in outcomes if isinstance(item, DeliveredRecord)]


def _all_ids(records: list[WosRecord]) -> list[str]:
    return [record.ut for record in records]


def test_fields_are_found_by_the_header_in_any_order(tmp_path: Path) -> None:
    expected = accepted(read(written(tmp_path / "a", tab(THREE))))
    assert accepted(read(written(tmp_path / "b", tab(THREE, tags=TAGS[::-1])))) == expected


def test_a_trailing_tab_adds_no_field(tmp_path: Path) -> None:
    expected = accepted(read(written(tmp_path / "a", tab(THREE))))
    for header_end in ("\r\n", "\t\r\n"):
        text = tab(THREE, row_end="\t\r\n", header_end=header_end)
        assert accepted(read(written(tmp_path / "b", text))) == expected


def test_blank_rows_are_no_records(tmp_path: Path) -> None:
    text = "\r\n" + tab(THREE).replace("\r\nJ", "\r\n\t\t\r\n \r\nJ")
    assert _ids(tmp_path, text) == _all_ids(THREE)


def test_a_header_alone_holds_no_records(tmp_path: Path) -> None:
    assert _ids(tmp_path, tab([])) == []


def test_exports_put_together_have_the_records_of_all(tmp_path: Path) -> None:
    first, *others = THREE
    older = tab(others, tags=[tag for tag in TAGS[::-1] if tag != "CA"])
    assert _ids(tmp_path, tab([first]) + "\ufeff" + older) == _all_ids(THREE)
    positions = [item.position for item in accepted(read(tmp_path / "export.csv"))]
    assert positions == [1, 2, 3]


def test_quotes_of_web_of_science_itself_are_text(tmp_path: Path) -> None:
    records = numbered(
        WosRecord(title='"Smart" things'), WosRecord(title='A "stray quote'), WosRecord(title='"All of it"')
    )
    found = accepted(read(written(tmp_path / "a", tab(records))))
    assert [item.record.title for item in found] == [record.title for record in records]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("names", [True, False])
def test_an_export_saved_again_has_quotes_and_line_breaks_within_cells(
    tmp_path: Path, delimiter: str, quoting: int, names: bool
) -> None:
    records = [replace(record, title=QUOTED, abstract="One.\nTwo;\tthree,\n\nfour.") for record in THREE]
    text = saved_again(records, delimiter, quoting=quoting, names=names)
    found = accepted(read(written(tmp_path / "a", text)))
    assert [item.record.work_id for item in found] == _all_ids(THREE)
    assert {item.record.title for item in found} == {QUOTED}
    assert {item.record.abstract for item in found} == {"One. Two; three, four."}


def test_cells_that_a_spreadsheet_quotes_for_their_commas_lose_the_quotes(tmp_path: Path) -> None:
    rows = [
        "\t".join(f'"{cell}"' if "," in cell else cell for cell in record.fields.values()) for record in THREE
    ]
    found = accepted(read(written(tmp_path / "a", "\r\n".join(["\t".join(TAGS), *rows, ""]))))
    assert found == accepted(read(written(tmp_path / "b", tab(THREE))))


@pytest.mark.parametrize(("cut", "fields"), [("\tAB1CD", 23), ("\tNOBODY\t2019", 22)])
def test_a_row_with_too_few_fields_is_rejected_with_its_line(tmp_path: Path, cut: str, fields: int) -> None:
    text = tab(THREE)
    first, rest = text.split("J\tSand", 1)
    path = written(tmp_path / "a", f"{first}J\tSand{rest.replace(cut, '', 1)}")
    (rejected,) = rejects(outcomes := read(path))
    assert (rejected.reason, rejected.position, rejected.ends_file) == ("broken_row", 1, False)
    assert rejected.detail == f"the row that begins in line 2: it has {fields} fields, the header 24"
    assert rejected.raw.startswith(b"J\tSand, A; Reed, B\t")
    assert len(outcomes) == 3


def test_a_row_with_too_many_fields_is_rejected(tmp_path: Path) -> None:
    text = tab(THREE).replace("On coupling", "On\tcoupling", 1)
    (rejected,) = rejects(read(written(tmp_path / "a", text)))
    assert "it has 25 fields, the header 24" in rejected.detail


def test_a_row_that_a_line_break_tears_is_rejected_in_both_parts(tmp_path: Path) -> None:
    outcomes = read(written(tmp_path / "a", tab(THREE).replace("On coupling", "On\r\ncoupling", 1)))
    assert [item.reason for item in rejects(outcomes)] == ["broken_row", "broken_row"]
    assert [item.position for item in outcomes] == [1, 2, 3, 4]


def test_a_stray_quote_costs_only_its_own_row(tmp_path: Path) -> None:
    for delimiter in (",", "\t"):
        text = saved_again(THREE, delimiter, quoting=csv.QUOTE_ALL).replace(
            '"On coupling"', '"On coupling', 1
        )
        outcomes = read(written(tmp_path / "a", text))
        (rejected,) = rejects(outcomes)
        assert (rejected.reason, rejected.position) == ("broken_row", 1)
        assert "a quote is opened that is not closed" in rejected.detail
        assert [item.position for item in outcomes] == [1, 2, 3]


def test_a_file_cut_within_its_last_row_says_so(tmp_path: Path) -> None:
    text = tab(THREE)
    for characters in range(3, 60, 7):
        outcomes = read(written(tmp_path / "a", text[:-characters]))
        (rejected,) = rejects(outcomes)
        assert (rejected.reason, rejected.ends_file, rejected.position) == ("truncated_file", True, 3)
        assert "the file ends within the row that begins in line 4" in rejected.detail
        assert len(outcomes) == 3


def test_rows_before_damage_are_read(tmp_path: Path) -> None:
    packed = tmp_path / "export"
    packed.write_bytes(gzip.compress(tab(THREE).encode())[:-20])
    outcomes = read_delimited(packed, Meter())
    assert isinstance(next(outcomes), DeliveredRecord)
    with pytest.raises(ContentLostError, match="the gzip data end before their end mark"):
        list(outcomes)


def test_a_last_row_that_is_whole_needs_no_line_end(tmp_path: Path) -> None:
    assert _ids(tmp_path, tab(THREE).removesuffix("\r\n")) == _all_ids(THREE)
    assert _ids(tmp_path, saved_again(THREE, ",").removesuffix("\r\n")) == _all_ids(THREE)


def test_a_file_without_a_header_cannot_be_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a", tab(THREE).split("\r\n", 1)[1])
    assert recognised(path) is None
    with pytest.raises(ContentLostError, match="names the columns of a Web of Science export"):
        list(read_delimited(path, Meter()))


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_two_stray_quotes_do_not_swallow_the_rows_between_them(tmp_path: Path, delimiter: str) -> None:
    records = numbered(*[WosRecord(title="Pipes")] * 40)
    *lines, _ = saved_again(records, delimiter, quoting=csv.QUOTE_ALL).split("\r\n")
    for row, stray in ((10, '"a 5" pipe"'), (30, '"a 7" pipe"')):
        lines[row] = lines[row].replace('"Pipes"', stray)
    outcomes = read(written(tmp_path / "a", "\r\n".join([*lines, ""])))
    assert [(item.reason, item.position) for item in rejects(outcomes)] == [
        ("broken_row", 10),
        ("broken_row", 30),
    ]
    assert [item.detail.partition(":")[0] for item in rejects(outcomes)] == [
        "the row that begins in line 11",
        "the row that begins in line 31",
    ]
    assert [item.position for item in outcomes] == list(range(1, 41))


def test_a_quote_within_a_cell_that_is_not_quoted_is_text(tmp_path: Path) -> None:
    records = numbered(*[WosRecord(title="Pipes")] * 9)
    lines = saved_again(records, ",").split("\r\n")
    for row, title in ((3, 'A 5" pipe'), (7, 'A 7" pipe')):
        lines[row] = lines[row].replace("Pipes", title)
    found = accepted(read(written(tmp_path / "a", "\r\n".join(lines))))
    assert [item.record.title for item in found if item.record.title != "Pipes"] == ['A 5" pipe', 'A 7" pipe']
    assert [item.record.work_id for item in found] == _all_ids(records)
