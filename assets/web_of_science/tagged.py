"""Web of Science exports as plain text: a two-letter tag and its value a line, `PT` first and `ER` last.

A value that is too long goes on in lines that begin with blanks. Several exports may stand in one file.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from assets.file_content import Meter, content_blocks
from assets.quarantine import Reason, Rejected
from assets.records import DeliveredRecord
from assets.text_content import text_lines
from assets.web_of_science.addresses import whole_lines
from assets.web_of_science.record import Fields, delivered, rejected

MAX_RECORD_CHARACTERS: Final = 64 << 20
_BETWEEN_RECORDS: Final = ("FN", "VR", "EF")
_ONE_ITEM_A_LINE: Final = ("AU", "AF", "C1", "CR")
_TAG_CHARACTERS: Final = 2


class RecordLines(NamedTuple):
    """The lines of one record, without the one that ends it."""

    lines: list[str]
    fault: str | None
    """Why it is no whole record."""
    ends_file: bool


def read_tagged(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    """The records of a file. Raises ContentLostError where it cannot be read, FileNotFoundError."""
    for position, record in enumerate(record_lines(text_lines(content_blocks(path, meter))), start=1):
        raw = "".join(record.lines)
        if record.ends_file:
            yield rejected(position, Reason.TRUNCATED_FILE, str(record.fault), raw, ends_file=True)
        elif record.fault:
            yield rejected(position, Reason.BROKEN_RECORD, record.fault, raw)
        else:
            found = values(record.lines)
            yield delivered(position, Fields._make(found.get(tag, "") for tag in Fields._fields), raw)


def record_lines(lines: Iterable[str]) -> Iterator[RecordLines]:
    """The records in these lines, broken ones with what is wrong with them."""
    held = _Held()
    for number, line in enumerate(lines, start=1):
        tag = _tag(line)
        if held.lines and tag in ("PT", *_BETWEEN_RECORDS):
            yield held.ended("the next record begins before its line ER")
            held = _Held()
        if tag == "ER":
            if held.lines:
                yield held.ended(None)
                held = _Held()
        elif held.lines or (tag not in _BETWEEN_RECORDS and line.strip()):
            held.add(number, line, tag)
    if held.lines:
        yield held.ended("the file ends before its line ER")._replace(ends_file=True)


def values(lines: list[str]) -> dict[str, str]:
    """The values of a record by tag, the lines of each put together; lists are joined by semicolons."""
    by_tag: dict[str, list[str]] = {}
    tag = ""
    for line in lines:
        tag = _tag(line) or tag
        by_tag.setdefault(tag, []).append(line[_TAG_CHARACTERS:].strip())
    return {tag: _joined(tag, parts) for tag, parts in by_tag.items()}


def _joined(tag: str, parts: list[str]) -> str:
    if tag == "C1":
        return "; ".join(line.rstrip(" .;") for line in whole_lines(parts))
    return ("; " if tag in _ONE_ITEM_A_LINE else " ").join(parts)


class _Held:
    """The lines of the record at hand."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._first = 0
        self._characters = 0
        self._fault: str | None = None

    def add(self, number: int, line: str, tag: str) -> None:
        if not self.lines:
            self._first = number
            if tag != "PT":
                self._fault = f"line {number} does not begin a record, which a line PT does"
        elif not tag and line.strip() and not line.startswith("  "):
            self._fault = self._fault or f"line {number} has neither a tag nor the blanks of one that goes on"
        self._characters += len(line)
        if self._characters <= MAX_RECORD_CHARACTERS:
            self.lines.append(line)
        else:
            self._fault = f"it has more than the {MAX_RECORD_CHARACTERS} characters allowed"

    def ended(self, fault: str | None) -> RecordLines:
        fault = self._fault or fault
        told = f"the record that begins in line {self._first}: {fault}" if fault else None
        return RecordLines(self.lines, told, ends_file=False)


def _tag(line: str) -> str:
    """The tag a line begins with, empty when it has none."""
    tag = line[:_TAG_CHARACTERS]
    follows = line[_TAG_CHARACTERS : _TAG_CHARACTERS + 1]
    is_tag = tag.isascii() and tag.isalnum() and tag.isupper() and tag[0].isalpha()
    return tag if is_tag and (not follows or follows in " \n\ufeff") else ""
