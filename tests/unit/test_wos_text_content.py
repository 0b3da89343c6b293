"""Bytes become lines of text: encodings, line ends, bounded memory."""

import tracemalloc
from collections.abc import Iterator

import pytest

from assets.file_content import ContentLostError
from assets.quarantine import Reason
from assets.text_content import MAX_LINE_BYTES, as_delivered, is_text, one_line, text_lines

TEXT = "Tbilisi\r\nKöln\u2028\x0b\x85Zürich\n東京 \N{GRINNING FACE}\r\rend"
LINES = ["Tbilisi\n", "Köln\u2028\x0b\x85Zürich\n", "東京 \N{GRINNING FACE}\n", "\n", "end"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 3, 1 << 19])
def test_lines_are_the_same_in_every_encoding_and_however_they_are_cut(encoding: str, size: int) -> None:
    content = (f"\ufeff{TEXT}" if "16" in encoding else TEXT).encode(encoding)
    blocks = (content[start : start + size] for start in range(0, len(content), size))
    assert list(text_lines(blocks)) == LINES


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"\xef\xbb\xbf", []),
        (b"\n\r\n\r", ["\n", "\n", "\n"]),
        (b"a\r", ["a\n"]),
        (b"a\xef\xbb\xbfb\n\xef\xbb\xbf\xef\xbb\xbfc", ["a\ufeffb\n", "c"]),
    ],
)
def test_line_ends_and_byte_order_marks(content: bytes, lines: list[str]) -> None:
    assert list(text_lines(iter([content]))) == lines


def test_bytes_that_are_no_text_are_told_and_kept() -> None:
    broken, whole = text_lines(iter([b"caf\xe9\ncaf\xc3\xa9"]))
    assert (is_text(broken), is_text(whole), is_text("plain")) == (False, True, True)
    assert as_delivered(broken) == b"caf\xe9\n"


def test_what_cannot_be_read_ends_the_lines_after_those_that_could() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"one\ntwo\nthr"
        raise ContentLostError(Reason.TRUNCATED_FILE, "cut")

    lines = text_lines(blocks())
    assert [next(lines), next(lines)] == ["one\n", "two\n"]
    with pytest.raises(ContentLostError, match="cut"):
        next(lines)


def test_a_line_without_end_is_given_up_with_bounded_memory() -> None:
    block = b"x" * (1 << 20)
    tracemalloc.start()
    with pytest.raises(ContentLostError, match="a line has more than") as raised:
        list(text_lines(block for _ in range(1 << 20)))
    assert raised.value.reason is Reason.OVERSIZED_RECORD
    assert tracemalloc.get_traced_memory()[1] < 3 * MAX_LINE_BYTES
    tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    ["a b", " a b ", "a  b", "a\tb", "a\nb", "a\r\nb", "a\x1fb", "a\x1cb", "a\xa0b", "a\u2028b", "a\u3000b"],
)
def test_white_space_of_any_kind_becomes_one_blank(text: str) -> None:
    assert one_line(text) == "a b"
