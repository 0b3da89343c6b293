"""Excel workbooks, .xls and .xlsx, as sheets of rows of text.

They are taken apart in a process of its own, see `assets.workbook_process`. Which columns a table has, and
what they mean, belongs to the modules of the formats.
"""

import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
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
_PROGRAM: Final = Path(__file__).with_name("workbook_process.py")

_message: Final = msgspec.json.Decoder(Row | str | None)


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
) -> Generator[tuple[Header, Iterator[Row]]]:
    """The tables of a workbook: for each sheet that has one, its header and the rows below.

    Titles and notes may stand above a header; read the rows of a table before the next is taken.

    Raises:
        ContentLostError: It is no workbook that can be read.
        FileNotFoundError: There is no such file.
    """
    with _taken_apart(_content(path, meter)) as book:
        while book.next_sheet():
            rows = book.rows()
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


class _Book:
    """A workbook that another process takes apart, sheet after sheet."""

    def __init__(self, process: "subprocess.Popen[bytes]", lines: IO[bytes]) -> None:
        self._process = process
        self._lines = lines
        self._at_sheet = False

    def next_sheet(self) -> bool:
        """Go on to the next sheet, past what is left of this one; False when there is none."""
        for _ in self.rows():
            pass
        found, self._at_sheet = self._at_sheet, False
        return found

    def rows(self) -> Iterator[Row]:
        """The rows of the sheet at hand that are left."""
        while not self._at_sheet and (line := self._lines.readline()):
            # The last line of a process that died is cut.
            message = _message.decode(line) if line.endswith(b"\n") else ""
            if isinstance(message, str):
                raise _unreadable(message)
            if message is None:
                self._at_sheet = True
            else:
                yield message
        if not self._at_sheet and self._process.wait() != 0:
            raise _unreadable("")


def _unreadable(why: str) -> ContentLostError:
    why = why or "it needs more memory or time than a workbook is given"
    return ContentLostError(Reason.UNREADABLE_FILE, f"the workbook cannot be read: {why}")


@contextmanager
def _taken_apart(content: bytearray) -> Iterator[_Book]:
    process = subprocess.Popen(
        [sys.executable, "-I", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # What it says when it dies is for those who write such libraries.
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with suppress(BrokenPipeError):
            process.stdin.write(content)
            process.stdin.close()
        yield _Book(process, process.stdout)
    finally:
        process.kill()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        process.wait()
