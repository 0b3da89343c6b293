"""Text as queries see it: words in lower case without diacritics, markup and punctuation.

Folding belongs here, for text and for the words of queries alike, so that both sides meet. What a
wildcard matches is `assets.technologies.patterns`.

A word is a run of letters and digits: hyphens, apostrophes, slashes and every other sign part words, so
that `quantum-dot` and `quantum dot` are the same two words. Index numbers join (`CO<sub>2</sub>`, `CO₂` and
`CO2` are one word), letters of other scripts stay what they are.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

WILDCARDS: Final = frozenset("*?$")
BOUNDARY: Final = b"\0"
"""Stands, as a word of its own, between two fields and between two keywords."""

_LETTERS: Final = {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
"""Letters with a stroke and ligatures, which Unicode does not decompose."""
_DROPPED: Final = frozenset({"Mn", "Mc", "Me", "Cf"})
"""Combining marks, soft hyphens and zero-width characters: inside a word, and no part of it."""
_SYMBOL: Final = "So"
"""Such as the trade mark sign, which would decompose to letters at the end of a word."""

# A tag has a name and well-formed attributes only: `p <b and c> d` is no tag. Those that set letters
# join what they stand between, all others part words.
_MARKUP = re.compile(r"<(/?)(?:\w+:)?(\w+)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<>\0]*\"|'[^'<>\0]*'))*)\s*/?>")
_SETS_LETTERS: Final = frozenset(
    ["b", "bold", "em", "font", "i", "inf", "italic", "sc", "scp", "span", "strong", "sub", "sup", "tt", "u"]
)
_FOREIGN = re.compile(r"[^\x00-\x7f]+")


def folded(works: Iterable[Sequence[str | None]]) -> list[bytes]:
    """The words of each work's fields as UTF-8: a blank around each word, `BOUNDARY` between two fields.

    A missing field has no words; its boundary stays.
    """
    lines = [_folded(fields) + b"\n" for fields in works]
    return _with_single_blanks(b"".join(lines)).splitlines()


def query_words(text: str) -> tuple[str, ...]:
    """The words of a query's term, folded like text, with their wildcards; `**` is `*`."""
    plain = "".join(_folded_query_character(character) for character in text)
    return tuple(re.sub(r"\*+", "*", word) for word in plain.split())


def _folded(fields: Sequence[str | None]) -> bytes:
    """Still with several blanks in a row; no line break is left."""
    joined = "\0".join([field or "" for field in fields])
    if joined.count("\0") >= max(len(fields), 1):
        joined = "\0".join([(field or "").replace("\0", " ") for field in fields])
    if "&" in joined:
        # Twice: sources escape what was escaped already.
        joined = html.unescape(html.unescape(joined))
    if "<" in joined:
        joined = _MARKUP.sub(_without_tag, joined)
    if not joined.isascii():
        joined = _FOREIGN.sub(_folded_run, joined)
    spaced = joined.replace("\0", " \0 ") if "\0" in joined else joined
    return f" {spaced} ".encode().translate(_BYTES)


def _with_single_blanks(text: bytes) -> bytes:
    # Every comma leaves two blanks. A thousand texts at once take a third of what `re` or `replace` does.
    characters = np.frombuffer(text, np.uint8)
    blanks = characters == ord(" ")
    single: bytes = np.delete(characters, np.flatnonzero(blanks[:-1] & blanks[1:])).tobytes()
    return single


def _without_tag(tag: re.Match[str]) -> str:
    return "" if tag[2].lower() in _SETS_LETTERS else " "


def _folded_run(run: re.Match[str]) -> str:
    return "".join([_FOLDED[character] for character in run[0]])


def _folded_query_character(character: str) -> str:
    if character in WILDCARDS:
        return character
    if character.isascii():
        return character.lower() if character.isalnum() else " "
    return _FOLDED[character]


def _fold(character: str) -> str:
    """A character that is not ASCII as the letters and digits it stands for, or a blank, or nothing."""
    kind = unicodedata.category(character)
    if kind in _DROPPED:
        return ""
    if kind == _SYMBOL:
        return " "
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    letters = [_LETTERS.get(one, one if one.isalnum() else " ") for one in plain if not _is_dropped(one)]
    return "".join(letters)


def _is_dropped(character: str) -> bool:
    return unicodedata.category(character) in _DROPPED


class _Folds(dict[str, str]):
    """Each character folded once; there are only so many."""

    def __missing__(self, character: str) -> str:
        self[character] = fold = _fold(character)
        return fold


_FOLDED = _Folds()
_BYTES: Final = bytes(
    byte if byte >= 0x80 or byte == 0 or chr(byte).isalnum() else ord(" ") for byte in range(256)
).lower()
