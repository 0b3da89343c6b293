"""Terms in folded text: what to scan for, and how to look one up.

What the wildcards of a term mean, and which it may have, is said here only.

`*` stands for any number of letters and digits, none included, `?` for one, `$` for one or none; none of
them reaches over the end of a word.
"""

import re
from typing import Final

from assets.technologies.text import BOUNDARY, WILDCARDS

MIN_LETTERS_WITH_STAR: Final = 3
"""Letters and digits a word with `*` must have, as in Web of Science."""
MAX_SINGLE_WILDCARDS: Final = 6
"""Of `?` and `$` in one word; every further `$` doubles the ways to read it."""

# One character of UTF-8. No literal and no wildcard begins with a continuation byte, so a character
# cannot be cut in two.
_ONE = rb"(?:[0-9a-z]|[\xc2-\xf4][\x80-\xbf]+)"
_PARTS: Final = {b"*": rb"[^ ]*", b"?": _ONE, b"$": _ONE + b"?"}
_NOT_PLAIN = re.compile(rb"[*?$\x80-\xff]")


def word_problem(word: str) -> str:
    """Why a folded word of a query cannot be looked for; empty when it can."""
    letters = sum(character not in WILDCARDS for character in word)
    if not letters:
        return f"the wildcard {word} stands alone and would match every word: give it letters"
    if word.strip("*").count("*") > 1:
        return f"{word} has more than one `*` inside and would match too much: write more of the word"
    if word.count("?") + word.count("$") > MAX_SINGLE_WILDCARDS:
        return (
            f"{word} has more than {MAX_SINGLE_WILDCARDS} of `?` and `$`: write some letters out, or use `*`"
        )
    if "*" in word and letters < MIN_LETTERS_WITH_STAR:
        return (
            f"{word} has fewer than {MIN_LETTERS_WITH_STAR} letters beside `*` and would match too much: "
            "write more of the word, or its forms with OR"
        )
    return ""


def term_pattern(words: tuple[str, ...]) -> bytes:
    """A regular expression that is found in folded text exactly where the words follow each other.

    Hyperscan and `re` read it the same way. Without wildcards inside it is plain text.
    """
    return _NOT_PLAIN.sub(_part, _outline(words).encode())


def _part(byte: re.Match[bytes]) -> bytes:
    return _PARTS.get(byte[0]) or b"\\x%02x" % ord(byte[0])


def _outline(words: tuple[str, ...]) -> str:
    """The words and the blanks around them; a `*` at either end and its blank need not be looked for."""
    return f" {' '.join(words)} ".removeprefix(" *").removesuffix("* ")


class TermFinder:
    """Finds every place of one term in folded text."""

    def __init__(self, words: tuple[str, ...]) -> None:
        outline = _outline(words)
        self._further = len(words) - 1
        self._literal = outline.encode()
        self._expression = re.compile(term_pattern(words)) if WILDCARDS.intersection(outline) else None
        # A pattern that begins inside a word has the blank before that word behind it.
        self._blanks_before = 1 if words[0].startswith("*") else 0

    def places(self, folded: bytes, segment_step: int) -> list[tuple[int, int]]:
        """First and last word number of each place, ascending, each once.

        Words are numbered through the whole text; each boundary before them adds `segment_step`.
        """
        found: dict[int, None] = {}
        counted, number = 0, -self._blanks_before
        position = self._find(folded, 0)
        while position >= 0:
            number += folded.count(b" ", counted, position)
            number += folded.count(BOUNDARY, counted, position) * segment_step
            found[number] = None
            counted = position
            position = self._find(folded, position + 1)
        return [(first, first + self._further) for first in found]

    def _find(self, folded: bytes, start: int) -> int:
        if self._expression is None:
            return folded.find(self._literal, start)
        match = self._expression.search(folded, start)
        return match.start() if match else -1
