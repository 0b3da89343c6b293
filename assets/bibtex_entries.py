"""BibTeX text cut into entries, one at a time, with their values as plain text.

What an entry must hold to become a record belongs to the modules of the sources, decoding bytes to lines
to `assets.text_content`. Parsing is left to a library: an entry at a time, so that memory stays
bounded, and two entries with one key, which databases write all the time, both stay.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from bibtexparser.entrypoint import parse_string
from bibtexparser.exceptions import BlockAbortedException
from bibtexparser.library import Library
from bibtexparser.middlewares import LatexDecodingMiddleware, RemoveEnclosingMiddleware
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    Field,
    ImplicitComment,
    ParsingFailedBlock,
)

from assets.file_content import ContentLostError
from assets.quarantine import MAX_RAW_BYTES, Reason, Rejected
from assets.text_content import as_delivered, is_text

MAX_ENTRY_CHARACTERS: Final = 64 << 20
_ENTRY_BEGINS = re.compile(r"\s*@\w+[ \t]*[{(]")
_PART_OF_AN_ENTRY = re.compile(r"}|=\s*[{\"]")
_BETWEEN_NAMES = re.compile(r"[{}]|\\.|\s+and\s+", re.DOTALL)
_ARGUMENT: Final = r"\{(?:[^{}\\]|\\.)*\}"
_MARKUP = re.compile(
    r"[{}]"
    r"|\\(?:"
    r"([&%_$#{}])"  # a character that LaTeX would take for a command
    rf"|[`'\"^~=.]\s*(?:{_ARGUMENT}|\\[a-zA-Z]+|\w)"  # an accent and its letter
    rf"|[cvHkurbdt](?![a-zA-Z])\s*(?:{_ARGUMENT}|\\[a-zA-Z]+|\w)"  # one that is named by a letter
    rf"|[a-zA-Z]+(?:{_ARGUMENT}|[ \t]+)?"
    r"|."
    r")",
    re.DOTALL,
)
_nothing = Library()
_latex = LatexDecodingMiddleware()
_enclosing = RemoveEnclosingMiddleware()
# What it would log comes out as a Rejected.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


class BibtexEntry(msgspec.Struct, frozen=True, gc=False):
    """One entry, its values without braces, quotes and LaTeX."""

    position: int
    """1-based number among the entries of the text."""
    type: str
    """Lower case, such as `article`."""
    key: str
    """Not unique, may hold blanks."""
    fields: dict[str, str]
    """By name in lower case; line breaks are kept, of a repeated name the first stays."""
    authors: list[str]
    """The names in the field `author`, see `names`."""
    raw: bytes
    """The entry as delivered, in UTF-8."""


class _Chunk(NamedTuple):
    """Lines from the one an entry begins with up to the next such line."""

    raw: str
    characters: int
    """More than those of `raw` when it is too long an entry."""
    last: bool


def bibtex_entries(lines: Iterable[str]) -> Iterator[BibtexEntry | Rejected]:
    """The entries of a text, in order, and what of it is none.

    Comments, strings, preambles and what stands between entries are passed over; references to strings
    are not resolved.

    Args:
        lines: With their line ends. When they raise ContentLostError, the entry they broke off in, or
            else the rest of the text, is rejected for its reason.
    """
    position = 0
    lost: list[ContentLostError] = []
    for chunk in _chunks(_until_lost(lines, lost)):
        for outcome in _outcomes(position, chunk):
            position += 1
            if lost and isinstance(outcome, Rejected) and outcome.ends_file:
                yield msgspec.structs.replace(outcome, reason=lost[0].reason, detail=lost[0].detail)
                return
            yield outcome
    if lost:
        yield Rejected(position + 1, lost[0].reason, lost[0].detail, ends_file=True)


def _until_lost(lines: Iterable[str], lost: list[ContentLostError]) -> Iterator[str]:
    try:
        yield from lines
    except ContentLostError as error:
        lost.append(error)


def _chunks(lines: Iterable[str]) -> Iterator[_Chunk]:
    held: list[str] = []
    characters = 0
    for line in lines:
        if "@" in line and _ENTRY_BEGINS.match(line):
            if held:
                yield _Chunk("".join(held), characters, last=False)
            held = []
            characters = 0
        elif not held:
            continue
        characters += len(line)
        if characters <= MAX_ENTRY_CHARACTERS or not held:
            held.append(line)
    if held:
        yield _Chunk("".join(held), characters, last=True)


def _outcomes(before: int, chunk: _Chunk) -> list[BibtexEntry | Rejected]:
    """Nearly always one; none for a comment, several where entries share a line."""
    if chunk.characters > MAX_ENTRY_CHARACTERS:
        detail = f"the entry has {chunk.characters} characters, more than the {MAX_ENTRY_CHARACTERS} allowed"
        return [_rejected(before + 1, Reason.OVERSIZED_RECORD, detail, chunk.raw)]
    outcomes: list[BibtexEntry | Rejected] = []
    for block in parse_string(chunk.raw, parse_stack=[]).blocks:
        if isinstance(block, ImplicitComment):
            if outcomes and isinstance(outcomes[-1], BibtexEntry) and _PART_OF_AN_ENTRY.search(block.comment):
                detail = "fields follow the brace that closes the entry: one brace is missing or too many"
                outcomes[-1] = _rejected(before + len(outcomes), Reason.INVALID_BIBTEX, detail, chunk.raw)
            continue
        position = before + len(outcomes) + 1
        entry = _despite_duplicates(block)
        if isinstance(entry, Entry):
            outcomes.append(_entry(position, entry))
        elif isinstance(block, ParsingFailedBlock):
            outcomes.append(_unparsed(position, chunk, block.error))
    return outcomes


def _despite_duplicates(block: Block | None) -> Block | None:
    while isinstance(block, DuplicateFieldKeyBlock | DuplicateBlockKeyBlock):
        block = block.ignore_error_block
    return block


def _entry(position: int, entry: Entry) -> BibtexEntry | Rejected:
    raw = entry.raw or ""
    if not is_text(raw):
        detail = "some of its bytes are no UTF-8; deliver it as UTF-8 text"
        return _rejected(position, Reason.INVALID_TEXT, detail, raw)
    fields: dict[str, str] = {}
    authors: list[str] = []
    for field in _enclosing.transform_entry(entry, _nothing).fields:
        name = field.key.lower()
        if name == "author" and name not in fields:
            authors = names(field.value)
        fields.setdefault(name, plain_text(field.value))
    return BibtexEntry(position, entry.entry_type.lower(), entry.key, fields, authors, raw.encode())


def _unparsed(position: int, chunk: _Chunk, error: Exception) -> Rejected:
    if not isinstance(error, BlockAbortedException):
        return _rejected(position, Reason.INVALID_BIBTEX, str(error), chunk.raw)
    if error.end_index is None or error.end_index < len(chunk.raw):
        return _rejected(position, Reason.INVALID_BIBTEX, error.abort_reason, chunk.raw)
    if chunk.last:
        detail = "the text ends before the brace that closes its last entry"
        rejected = _rejected(position, Reason.TRUNCATED_FILE, detail, chunk.raw)
        return msgspec.structs.replace(rejected, ends_file=True)
    detail = "the next entry begins before the brace that closes this one"
    return _rejected(position, Reason.INVALID_BIBTEX, detail, chunk.raw)


def _rejected(position: int, reason: Reason, detail: str, raw: str) -> Rejected:
    return Rejected(position, reason, detail, as_delivered(raw[: MAX_RAW_BYTES + 1]))


def names(value: str) -> list[str]:
    """The names that `and` joins in a value, in plain text; within braces, `and` is part of a name.

    Braces around the whole value, as some exports have around each value, hide nothing where every name
    in them has a comma, as people have; else what they hold is the one name of a group.
    """
    found = _apart(value)
    bare = value.strip()
    if len(found) == 1 and bare.startswith("{") and bare.endswith("}"):
        inner = _apart(bare[1:-1])
        found = inner if all("," in name for name in inner) else found
    return [name for name in (plain_text(name).strip() for name in found) if name]


def _apart(value: str) -> list[str]:
    found: list[str] = []
    begin = depth = 0
    for mark in _BETWEEN_NAMES.finditer(value):
        if mark[0] in "{}":
            depth += 1 if mark[0] == "{" else -1
        elif not depth and mark[0][0] != "\\":
            found.append(value[begin : mark.start()])
            begin = mark.end()
    return [*found, value[begin:]]


def plain_text(value: str) -> str:
    r"""A value without braces and LaTeX commands, such as `\&` or `{\"u}`.

    Everything else is taken literally, `%`, `~` and `$` as well: databases escape little or nothing. A
    command that stands for no character stays as delivered.
    """
    if "\\" not in value and "{" not in value and "}" not in value:
        return value
    return _MARKUP.sub(_decoded, value)


def _decoded(markup: re.Match[str]) -> str:
    if markup[1]:
        return markup[1]
    command = markup[0]
    return "" if command in "{}" else _character(command)


@lru_cache(maxsize=1 << 12)
def _character(command: str) -> str:
    # Whole texts would take the library 30 ms each, and it reads a bare % as a comment.
    entry = Entry("", "", [Field("value", command)])
    _latex.transform_entry(entry, _nothing)
    text: str = entry.fields[0].value
    return text if text.strip() else command
