"""Damage that once ended a run, or the process that watches the landing folder, instead of being told."""

from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.drops import DropState, inspect
from assets.errors import CollaborationError
from assets.file_content import ContentLostError, Meter
from assets.record_store import complete_ids_file, keep_complete_ids
from assets.workbooks import tables
from tests.delivered_works import balanced, read, work, write_parquet
from tests.wos_exports import WosRecord, bibtex, xls, xlsx


def _rows(path: Path) -> int:
    return sum(len(list(rows)) for _, rows in tables(path, Meter(), lambda row: row))


def test_a_cell_at_the_far_end_of_a_sheet_is_no_end_of_the_process(tmp_path: Path) -> None:
    """Its library holds all empty cells before it, 17 thousand million, and aborts when it gets no memory."""
    book = openpyxl.load_workbook(xlsx(tmp_path / "whole.xlsx", [WosRecord()]))
    book.active["XFD1048576"] = "far away"
    book.save(tmp_path / "far.xlsx")

    with pytest.raises(ContentLostError, match="cannot be read: its reader was ended by SIGABRT"):
        _rows(tmp_path / "far.xlsx")


def test_a_workbook_its_library_panics_at_is_a_drop_rejected_for_a_reason(tmp_path: Path) -> None:
    """Here one cut short. A panic in Rust is no Exception: it went past every handler to the sensor."""
    (tmp_path / "drop").mkdir()
    whole = xls(tmp_path / "whole", [WosRecord()]).read_bytes()
    (tmp_path / "drop" / "savedrecs.xls").write_bytes(whole[:4100])

    drop = inspect(tmp_path / "drop", quiet_seconds=0, now=4e9)

    assert drop.state is DropState.REJECTED
    assert "the workbook cannot be read" in drop.reason


def test_a_workbook_of_which_only_the_beginning_is_wanted_leaves_no_process(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "whole", [WosRecord()] * 300)
    found = tables(path, Meter(), lambda row: row if "UT (Unique WOS ID)" in row else None)

    header, rows = next(iter(found))

    assert len(next(rows)) == len(header)


def test_a_message_that_quotes_bytes_that_are_no_text_is_kept(tmp_path: Path) -> None:
    """BibTeX's library quotes the key of an entry it cannot read, and JSON has no place for such bytes."""
    broken = b"@article{ WOS:1,\nYear = {2019},\nTitl\x85\n}\n\n\n"
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "export.bib").write_bytes(broken + bibtex([WosRecord()]).encode())

    found = read(tmp_path / "drop")

    assert balanced(found, accepted=1, rejected=1)
    assert "`Titl\\udc85`" in found.rejects[0]["detail"]


def test_parquet_text_that_is_no_utf_8_costs_its_own_row_only(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    path = tmp_path / "drop" / "works"
    write_parquet(path, [work(number, title=f"Title {number}") for number in range(1, 6)], "string")
    table = pq.read_table(path)
    titles = pa.array([b"Title", b"Title", b"T\xffitle", b"Title", None]).view(pa.string())
    place = table.schema.get_field_index("title")
    pq.write_table(table.set_column(place, "title", titles), path)

    found = read(tmp_path / "drop")

    assert balanced(found, accepted=4, rejected=1)
    assert found.reasons == {"invalid_text": 1}
    assert found.rejects[0]["position"] == 3


@pytest.mark.parametrize("ids", [[b"W1", b"W\xff"], [b"W1" * 9000]])
def test_an_id_set_that_cannot_be_read_to_its_end_is_refused(tmp_path: Path, ids: list[bytes]) -> None:
    """It was copied unread, and the drop taken: then no run could decide any more which records count."""
    path = tmp_path / "delivered.parquet"
    pq.write_table(pa.table({"work_id": pa.array(ids).view(pa.string())}), path, compression="none")
    path.write_bytes(path.read_bytes().replace(b"W1W1", b"W1\xffW", 1))

    with pytest.raises(CollaborationError, match="no set of work ids"):
        keep_complete_ids(path, tmp_path)

    assert not complete_ids_file(tmp_path).exists()
