"""The text of a delivered file, line by line, with bounded memory.

Which encoding a file is in is seen in its byte order mark. What the lines mean belongs to the modules of the
formats, unpacking the bytes to `assets.file_content`.
"""

import codecs
import html
import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from assets.file_content import ContentLostError
from assets.quarantine import Reason

MAX_LINE_BYTES: Final = 64 << 20
HEAD_BYTES: Final = 1 << 18
"""So much of a file is looked at to recognise it; the last record in so many bytes may be cut."""
_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")
_NAMED_DELIMITER = re.compile(r'"?sep=.?"?\s*')
_BYTE_ORDER_MARK: Final = "\ufeff"
_MARK_BYTES: Final = 2
_UTF_16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def text_lines(blocks: Iterator[bytes]) -> Iterator[str]:
    r"""The lines of UTF-8, with or without byte order mark, or of UTF-16 with one.

    Lines end at \n, \r\n or \r only (other separators occur in texts) and come with a \n in place of any
    of these; the last may have none. A byte order mark before a line is left out, also amid the file,
    where files were put together. Bytes that are no UTF-8 become lone surrogates, see `is_text`; what is
    no UTF-16 becomes U+FFFD.

    Raises:
        ContentLostError: The blocks cannot be read any further, or a line is too long. The line it
            happened in is not handed out.
    """
    held: list[bytes] = []
    held_bytes = 0
    for block in _as_utf_8(blocks):
        first, *others = block.split(b"\n")
        held.append(first)
        held_bytes += len(first)
        if held_bytes > MAX_LINE_BYTES:
            detail = f"a line has more than the {MAX_LINE_BYTES} bytes allowed"
            raise ContentLostError(Reason.OVERSIZED_RECORD, detail)
        for following in others:
            yield from _lines(b"".join(held).removesuffix(b"\r"), "\n")
            held = [following]
            held_bytes = len(following)
    yield from _lines(b"".join(held), "")


def is_text(text: str) -> bool:
    """Whether all bytes of a line could be decoded."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def one_line(text: str) -> str:
    """The text with every run of white space as one blank and none around it."""
    # Collapsing takes ten times as long as seeing that there is nothing to collapse.
    if "  " in text or "\t" in text or len(text.splitlines()) > 1 or not _is_plain(text):
        return " ".join(text.split())
    return text.strip()


def without_entities(text: str) -> str:
    """The text with the HTML entities that it holds, such as `&amp;` or `&#x2013;`, resolved."""
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def names_delimiter(line: str) -> bool:
    """Whether a line is the `sep=;` that spreadsheets put above a table, which is no part of it."""
    return _NAMED_DELIMITER.fullmatch(line) is not None


def as_delivered(text: str) -> bytes:
    """The bytes of a line, in UTF-8 whatever the file was in."""
    return text.encode("utf-8", "surrogateescape")


def _is_plain(text: str) -> bool:
    """Whether it has no white space but blanks, tabs and line ends."""
    return text.isprintable() if not text.isascii() else "\x1f" not in text


def _lines(raw: bytes, end: str) -> list[str]:
    r"""The one line that these bytes are, with its end, or several where \r ends lines."""
    *ended, last = raw.decode("utf-8", "surrogateescape").split("\r")
    lines = [f"{line.lstrip(_BYTE_ORDER_MARK)}\n" for line in ended]
    bare = last.lstrip(_BYTE_ORDER_MARK)
    if bare or end:
        lines.append(bare + end)
    return lines


def _as_utf_8(blocks: Iterator[bytes]) -> Iterator[bytes]:
    first = b""
    while len(first) < _MARK_BYTES and (block := next(blocks, b"")):
        first += block
    encoding = _UTF_16.get(first[:_MARK_BYTES])
    if encoding is None:
        return chain([first], blocks)
    return codecs.iterencode(codecs.iterdecode(chain([first], blocks), encoding, "replace"), "utf-8")
