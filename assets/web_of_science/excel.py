"""Web of Science exports as Excel workbooks, .xls and .xlsx: a record a row, in the first sheet."""

from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Final, TypeAlias

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from assets.file_content import ContentLostError, Meter, content_blocks
from assets.quarantine import Reason, Rejected
from assets.records import DeliveredRecord
from assets.web_of_science.delimited import Header, header_of
from assets.web_of_science.record import Fields, delivered

Row: TypeAlias = list[str]
"""The cells of a row as text."""

MAX_WORKBOOK_BYTES: Final = 256 << 20
"""A workbook cannot be read piece by piece. Web of Science puts 1,000 records, some 5 MB, in one."""


def read_excel(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    """The records of a workbook. Raises ContentLostError when it cannot be read, FileNotFoundError."""
    found = sheet_rows(path, meter)
    if found is None:
        detail = "the first row of its first sheet does not name the columns of a Web of Science export"
        raise ContentLostError(Reason.UNREADABLE_FILE, detail)
    header, rows = found
    for position, row in enumerate((row for row in rows if any(map(str.strip, row))), start=1):
        # A column beyond those of the header is somebody's note.
        fields = Fields._make(header.pick([*row[: len(header.tags)], ""]))
        yield delivered(position, fields, "\t".join(row))


def sheet_rows(path: Path, meter: Meter) -> tuple[Header, Iterator[Row]] | None:
    """The header of a workbook and the rows below; None when it has none of Web of Science.

    Raises ContentLostError when it is no workbook that can be read, FileNotFoundError.
    """
    rows = map(_as_text, _first_sheet(path, meter).iter_rows())
    first = next((row for row in rows if any(row)), [])
    header = header_of(first)
    return None if header is None else (header, rows)


def _first_sheet(path: Path, meter: Meter) -> CalamineSheet:
    content = bytearray()
    for block in content_blocks(path, meter):
        content += block
        if len(content) > MAX_WORKBOOK_BYTES:
            detail = f"the workbook has more than {MAX_WORKBOOK_BYTES} bytes: export it as tab-delimited"
            raise ContentLostError(Reason.OVERSIZED_RECORD, detail)
    try:
        return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
    except CalamineError as error:
        raise ContentLostError(Reason.UNREADABLE_FILE, f"the workbook cannot be read: {error}") from error


def _as_text(row: Sequence[object]) -> Row:
    return [_cell_text(cell) for cell in row]


def _cell_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
