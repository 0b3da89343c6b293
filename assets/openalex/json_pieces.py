"""Cutting JSON deliveries into the raw text of single records, with bounded memory.

Three shapes: JSON Lines, arrays of records, and pages of an API, `{"meta": ..., "results": [...]}`.
Every record comes out as its own bytes, so a rejected one can be kept as delivered. What a record
must look like belongs to the source's module.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Final

from assets.file_content import ContentLostError
from assets.quarantine import MAX_RAW_BYTES, Reason, Rejected

MAX_RECORD_BYTES: Final = 64 << 20
_BYTE_ORDER_MARK: Final = codecs.BOM_UTF8
_TAIL_OF_A_TOKEN: Final = 16
_ARRAY_OF_OBJECTS = re.compile(rb"\s*\[\s*[{\]]")
_BLANKS = re.compile(r"[ \t\n\r]*")
_decode_value = json.JSONDecoder(strict=False).raw_decode

Piece = tuple[int, bytes]
"""Position and raw text of one record, see DeliveredRecord.position."""


def json_lines(blocks: Iterator[bytes]) -> Iterator[Piece | Rejected]:
    r"""The lines that are not blank, split on \n only: other line separators occur in texts.

    A line longer than MAX_RECORD_BYTES is rejected as a whole, and so is a tail that is lost.
    """
    line = 0
    begun: list[bytes] = []
    begun_bytes = 0
    try:
        for block in _without_mark(blocks):
            pieces = block.split(b"\n")
            if begun_bytes <= MAX_RECORD_BYTES:
                begun.append(pieces[0])
            begun_bytes += len(pieces[0])
            if len(pieces) == 1:
                continue
            line += 1
            yield from _line(line, b"".join(begun), begun_bytes)
            for piece in pieces[1:-1]:
                line += 1
                if piece and not piece.isspace():
                    yield line, piece
            begun = [pieces[-1]]
            begun_bytes = len(pieces[-1])
    except ContentLostError as lost:
        yield _tail(line + 1, lost.reason, lost.detail, b"".join(begun))
    else:
        yield from _line(line + 1, b"".join(begun), begun_bytes)


def _line(line: int, raw: bytes, delivered_bytes: int) -> Iterator[Piece | Rejected]:
    if delivered_bytes > MAX_RECORD_BYTES:
        detail = f"the record has {delivered_bytes} bytes, more than the {MAX_RECORD_BYTES} allowed"
        yield Rejected(line, Reason.OVERSIZED_RECORD, detail, _kept(raw))
    elif raw and not raw.isspace():
        yield line, raw


def json_elements(blocks: Iterator[bytes]) -> Iterator[Piece | Rejected]:
    """The elements of an array, or of the `results` of a page; several may follow each other.

    JSON that breaks off or is malformed between records ends the file: nothing tells where the
    next record would begin.
    """
    scanner = _Scanner(blocks)
    try:
        while scanner.peek():
            yield from _array(scanner) if scanner.peek() == "[" else _page(scanner)
    except ContentLostError as lost:
        yield _tail(scanner.position + 1, lost.reason, lost.detail, scanner.rest())


def is_page(head: bytes) -> bool:
    """Whether the content that begins with `head` is a page: an object with an array `results`."""
    scanner = _Scanner(iter([head]))
    try:
        if scanner.peek() != "{":
            return False
        scanner.take("{")
        while scanner.peek() == '"':
            if _key(scanner) == b'"results"':
                return scanner.peek() == "["
            scanner.value()
            scanner.take(",")
    except ContentLostError:
        pass
    return False


def is_array(head: bytes) -> bool:
    """Whether the content that begins with `head` is an array of records, not lines of arrays."""
    if not _ARRAY_OF_OBJECTS.match(head.removeprefix(_BYTE_ORDER_MARK)):
        return False
    scanner = _Scanner(iter([head]))
    try:
        scanner.value()
        return scanner.peek() != "{"
    except ContentLostError:
        return True


def _array(scanner: "_Scanner") -> Iterator[Piece]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        raw = scanner.value()
        scanner.position += 1
        yield scanner.position, raw
        if scanner.peek() == "]":
            scanner.take("]")
            return
        scanner.take(",")


def _page(scanner: "_Scanner") -> Iterator[Piece]:
    scanner.take("{")
    while scanner.peek() != "}":
        if _key(scanner) == b'"results"' and scanner.peek() == "[":
            yield from _array(scanner)
        else:
            scanner.value()
        if scanner.peek() != "}":
            scanner.take(",")
    scanner.take("}")


def _key(scanner: "_Scanner") -> bytes:
    key = scanner.value()
    scanner.take(":")
    return key


class _Scanner:
    """Walks over the top level of a JSON text that arrives in blocks.

    Bytes that are no UTF-8 pass through unharmed, so they spoil their own record only.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.position = 0
        """Records found so far."""
        self._blocks = _without_mark(blocks)
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._text = ""
        self._at = 0
        self._ended = False
        self._loss: ContentLostError | None = None
        """Why the text ended early; raised once all that was read before is taken."""

    def peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            if blanks := _BLANKS.match(self._text, self._at):
                self._at = blanks.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._loss is not None:
                raise self._loss
            if self._ended:
                return ""
            self._read_on(1)

    def take(self, character: str) -> None:
        """Step over the expected character."""
        found = self.peek()
        if found != character:
            raise _broken(f"before {character!r}", found)
        self._at += 1

    def value(self) -> bytes:
        """Step over one JSON value and return its text."""
        if not self.peek():
            raise _broken("before a value", "")
        while (end := self._end_of_value()) is None:
            held = len(self._text) - self._at
            if self._ended:
                raise self._loss or _broken("within a value", "")
            if held > MAX_RECORD_BYTES:
                detail = f"a value has more than the {MAX_RECORD_BYTES} bytes allowed"
                raise ContentLostError(Reason.OVERSIZED_RECORD, detail)
            # Doubling keeps the work linear: the value is looked at anew each time.
            self._read_on(held)
        raw = _bytes(self._text[self._at : end])
        self._at = end
        return raw

    def rest(self) -> bytes:
        """What was read but not taken: the text a failure is about."""
        return _bytes(self._text[self._at : self._at + MAX_RAW_BYTES + 1])

    def _end_of_value(self) -> int | None:
        """Where the value at hand ends; None when it may go on beyond the text held."""
        try:
            _, end = _decode_value(self._text, self._at)
        except json.JSONDecodeError as error:
            near_end = error.pos > len(self._text) - _TAIL_OF_A_TOKEN
            if near_end or error.msg.startswith("Unterminated"):
                return None
            detail = f"malformed JSON: {error.msg}, found {self._text[error.pos]!r}"
            raise ContentLostError(Reason.INVALID_JSON, detail) from error
        except RecursionError as error:
            raise ContentLostError(Reason.INVALID_JSON, "nested too deeply") from error
        return end if end < len(self._text) or self._ended else None

    def _read_on(self, characters: int) -> None:
        """Read at least so many characters more, or all there are."""
        parts = [self._text[self._at :]]
        while characters > 0 and not self._ended:
            try:
                block = next(self._blocks, None)
            except ContentLostError as lost:
                block = None
                self._loss = lost
            self._ended = block is None
            parts.append(self._decode(block or b"", final=self._ended))
            characters -= len(parts[-1])
        self._text = "".join(parts)
        self._at = 0


def _broken(where: str, found: str) -> ContentLostError:
    if not found:
        return ContentLostError(Reason.TRUNCATED_FILE, f"the JSON text ends {where}")
    return ContentLostError(Reason.INVALID_JSON, f"malformed JSON {where}: found {found!r}")


def _tail(position: int, reason: Reason, detail: str, raw: bytes) -> Rejected:
    return Rejected(position, reason, detail, _kept(raw), ends_file=True)


def _kept(raw: bytes) -> bytes:
    return raw[: MAX_RAW_BYTES + 1]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _without_mark(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks without a byte order mark at their beginning."""
    first = next(blocks, b"")
    yield first.removeprefix(_BYTE_ORDER_MARK)
    yield from blocks
