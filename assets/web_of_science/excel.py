"""Web of Science exports as Excel workbooks: a record a row, in any of the sheets."""

from collections.abc import Iterator
from pathlib import Path

from assets.file_content import ContentLostError, Meter
from assets.quarantine import Reason, Rejected
from assets.records import DeliveredRecord
from assets.web_of_science.delimited import header_of
from assets.web_of_science.record import Fields, delivered
from assets.workbooks import tables


def read_excel(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    """The records of a workbook. Raises ContentLostError when it cannot be read, FileNotFoundError."""
    position = 0
    is_known = False
    for header, rows in tables(path, meter, header_of):
        is_known = True
        for row in rows:
            if any(map(str.strip, row)):
                position += 1
                # A column beyond those of the header is somebody's note.
                fields = Fields._make(header.pick([*row[: len(header.tags)], ""]))
                yield delivered(position, fields, "\t".join(row))
    if not is_known:
        detail = "no row at the top of its sheets names the columns of a Web of Science export"
        raise ContentLostError(Reason.UNREADABLE_FILE, detail)
