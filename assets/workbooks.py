"""Excel workbooks, .xls and .xlsx, as sheets of rows of text.

Which columns a table has, and what they mean, belongs to the modules of the formats.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from assets.file_content import ContentLostError, Meter, content_blocks
from assets.quarantine import Reason

Row: TypeAlias = list[str]
"""The cells of a row as text."""

Header = TypeVar("Header")

MAX_WORKBOOK_BYTES: Final = 256 << 20
"""A workbook cannot be read piece by piece. Web of Science puts 1,000 records, some 5 MB, in one."""
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_FIRST_NAME: Final = 30
"""Where in a ZIP archive the name of the first file in it begins."""
_CONTENTS: Final = b"[Content_Types].xml"
_FIRST_PARTS: Final = (
    b"_rels/",
    b"docProps/",
    b"xl/",
    b"mimetypeapplication/vnd.oasis.opendocument",
)
_ROWS_ABOVE_A_TABLE: Final = 20


def is_workbook(head: bytes) -> bool:
    """Whether a file that begins so is a workbook, as opposed to another ZIP archive."""
    if not head.startswith(_ZIP):
        return head.startswith(_OLD_WORKBOOK)
    return head.startswith(_FIRST_PARTS, _FIRST_NAME) or _CONTENTS in head


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so is a ZIP archive of files, no workbook."""
    return head.startswith(_ZIP) and not is_workbook(head)


def tables(
    path: Path, meter: Meter, header_of: Callable[[Row], Header | None]
) -> Iterator[tuple[Header, Iterator[Row]]]:
    """The tables of a workbook: for each sheet that has one, its header and the rows below.

    Titles and notes may stand above a header; read the rows of a table before the next is taken.

    Raises:
        ContentLostError: It is no workbook that can be read.
        FileNotFoundError: There is no such file.
    """
    book = _workbook(_content(path, meter))
    for sheet in book.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet:
            rows = _rows(book, sheet.name)
            for row in islice(rows, _ROWS_ABOVE_A_TABLE):
                header = header_of(row) if any(row) else None
                if header is not None:
                    yield header, rows
                    break


def _content(path: Path, meter: Meter) -> bytearray:
    content = bytearray()
    for block in content_blocks(path, meter):
        content += block
        if len(content) > MAX_WORKBOOK_BYTES:
            raise ContentLostError(
                Reason.OVERSIZED_RECORD, f"the workbook has more than {MAX_WORKBOOK_BYTES} bytes"
            )
    return content


def _workbook(content: bytearray) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(BytesIO(content))
    except CalamineError as error:
        raise _unreadable(error) from error


def _rows(book: CalamineWorkbook, sheet: str) -> Iterator[Row]:
    try:
        yield from map(_as_text, book.get_sheet_by_name(sheet).iter_rows())
    except CalamineError as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> ContentLostError:
    return ContentLostError(Reason.UNREADABLE_FILE, f"the workbook cannot be read: {error}")


def _as_text(row: Sequence[object]) -> Row:
    return [_cell_text(cell) for cell in row]


def _cell_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
