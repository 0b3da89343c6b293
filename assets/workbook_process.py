"""A program of its own that reads a workbook from standard input and writes its rows.

Damaged workbooks make the library abort, fill the memory or never end, and a process that dies of that must
not be the one that watches the landing folder. Only reading belongs here; it imports nothing of the project,
so that it starts quickly. Who starts it is `assets.workbooks`.

It writes lines of JSON: for each row the number of its sheet and the texts of its cells, then true when all
is read or a text that says what is wrong.
"""

import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Final

import msgspec
from python_calamine import CalamineWorkbook, SheetTypeEnum

MAX_UNPACKED_BYTES: Final = 256 << 20
"""Of all parts together, as the archive states them; one that states too little meets the memory's bound."""

_ZIP: Final = b"PK\x03\x04"
_LIMITS = {
    # Bytes. The rows of a sheet are held with all empty cells between the filled ones.
    resource.RLIMIT_AS: 2 << 30,
    # Seconds.
    resource.RLIMIT_CPU: 120,
    resource.RLIMIT_CORE: 0,
}


def _cell_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _lines(content: bytes) -> Iterator[object]:
    if content.startswith(_ZIP):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            yield f"it unpacks to {unpacked} bytes, more than the {MAX_UNPACKED_BYTES} allowed"
            return
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    for number, sheet in enumerate(book.sheets_metadata):
        if sheet.typ == SheetTypeEnum.WorkSheet:
            for row in book.get_sheet_by_name(sheet.name).iter_rows():
                yield number, [_cell_text(cell) for cell in row]
    yield True


def _write(line: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")


def _main() -> None:
    for kind, most in _LIMITS.items():
        _, hardest = resource.getrlimit(kind)
        soft = most if hardest == resource.RLIM_INFINITY else min(most, hardest)
        resource.setrlimit(kind, (soft, hardest))
    content = sys.stdin.buffer.read()
    try:
        for line in _lines(content):
            _write(line)
    except BrokenPipeError:
        raise
    except BaseException as error:  # a panic of the library is no Exception
        _write(str(error) or type(error).__name__)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()
