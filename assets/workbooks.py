"""Excel workbooks, .xls and .xlsx, as sheets of rows of text.

Which columns a table has, and what they mean, belongs to the modules of the formats; how the bytes become
rows to `assets.workbook_process`, which runs in a process of its own.
"""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import IO, Final, TypeAlias, TypeVar

import msgspec

from assets.file_content import ContentLostError, Meter, content_blocks
from assets.quarantine import Reason

Row: TypeAlias = list[str]
"""The cells of a row as text."""

Header = TypeVar("Header")

MAX_WORKBOOK_BYTES: Final = 256 << 20
"""A workbook cannot be read piece by piece. Web of Science puts 1,000 records, some 5 MB, in one."""
_Line: TypeAlias = tuple[int, Row]
"""A row and the number of its sheet."""
_decode: Final = msgspec.json.Decoder(_Line | str | bool).decode
_READER: Final = (sys.executable, "-I", str(Path(__file__).with_name("workbook_process.py")))
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
    with _lines(_content(path, meter)) as lines:
        for _, sheet in groupby(lines, key=itemgetter(0)):
            rows = (row for _, row in sheet)
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


@contextmanager
def _lines(content: bytearray) -> Iterator[Iterator[_Line]]:
    """What a process that reads the workbook writes; it is ended when the caller wants no more."""
    pipe = subprocess.PIPE
    with subprocess.Popen(_READER, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            # It reads all before it writes; when it dies meanwhile, its status tells.
            with suppress(BrokenPipeError):
                process.stdin.write(content)
            with suppress(BrokenPipeError):
                process.stdin.close()
            yield _received(process, process.stdout)
        finally:
            process.kill()


def _received(process: subprocess.Popen[bytes], stream: IO[bytes]) -> Iterator[_Line]:
    for written in stream:
        if not written.endswith(b"\n"):
            break
        line = _decode(written)
        if isinstance(line, str):
            raise _unreadable(line)
        if isinstance(line, bool):
            return
        yield line
    status = process.wait()
    how = signal.Signals(-status).name if status < 0 else f"status {status}"
    raise _unreadable(f"its reader was ended by {how}, so it is damaged or wants too much memory")


def _unreadable(why: str) -> ContentLostError:
    return ContentLostError(Reason.UNREADABLE_FILE, f"the workbook cannot be read: {why}")
