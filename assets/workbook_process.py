"""The program that takes an Excel workbook apart, in a process of its own with bounded memory and time.

A few hundred bytes can describe a sheet of a trillion cells, and no library looks before it makes room for
them: the process dies of it, and it must not be one that does anything else. Workbook on standard input; on
standard output JSON lines: null begins a sheet, a list of texts is a row that has some, a text says why there
are no more.

It is run by its path, so it imports nothing of the project; who runs it is `assets.workbooks`.
"""

import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Final

from python_calamine import CalamineWorkbook, SheetTypeEnum

MEMORY_BYTES: Final = 2 << 30
CPU_SECONDS: Final = 120
MAX_UNPACKED_BYTES: Final = 256 << 20
"""Of all parts together, as the archive states them; one that states too little meets the memory's bound."""

_ZIP: Final = b"PK\x03\x04"


def messages(content: bytes) -> Iterator[list[str] | str | None]:
    """What is said of a workbook, see above."""
    try:
        if content.startswith(_ZIP):
            with zipfile.ZipFile(BytesIO(content)) as archive:
                unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > MAX_UNPACKED_BYTES:
                yield f"it unpacks to {unpacked} bytes, more than the {MAX_UNPACKED_BYTES} allowed"
                return
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for sheet in book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                yield None
                for row in book.get_sheet_by_name(sheet.name).iter_rows():
                    if any(texts := [_cell_text(cell) for cell in row]):
                        yield texts
    except BaseException as error:
        # A panic of the library's own is no Exception.
        yield str(error) or type(error).__name__


def _cell_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def main() -> None:
    """Take the workbook on standard input apart."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    for message in messages(content):
        sys.stdout.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    main()
