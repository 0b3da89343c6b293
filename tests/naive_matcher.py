"""What a query matches, worked out word by word from the rules: slow, and nothing shared with the matcher.

Here belong the evaluator and random queries and texts for it. Of the code under test only the nodes of
the tree are used.
"""

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from hypothesis import strategies as st

from assets.technologies.expressions import And, Expression, Field, Near, Not, Or, Term, all_of, any_of

Segment = tuple[Field, list[str]]
"""A title, an abstract or one keyword; no phrase and no NEAR goes beyond it."""
Place = tuple[int, int, int, bool]
"""Segment, first word, last word, whether it is the stretch of a NEAR."""
Start = tuple[int, int]
"""Segment and word."""

_PREFIX = 4
_LETTERS = re.compile(rf"[^*?$]{{0,{_PREFIX}}}")
_LETTER_TAGS = re.compile("b|bold|em|font|i|inf|italic|sc|scp|span|strong|sub|sup|tt|u")
_STROKES = {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}


@dataclass(frozen=True)
class Segments:
    """The words of one work."""

    each: Sequence[Segment]

    @cached_property
    def _by_prefix(self) -> Mapping[str, Sequence[Start]]:
        """Where words begin with up to four letters, which spares looking at all the others."""
        found: defaultdict[str, list[Start]] = defaultdict(list)
        for number, (_, words) in enumerate(self.each):
            for index, word in enumerate(words):
                for prefix in {word[:length] for length in range(_PREFIX + 1)}:
                    found[prefix].append((number, index))
        return found

    def starts(self, pattern: str) -> Iterator[Start]:
        """Where the words that a pattern matches stand."""
        prefix = _LETTERS.match(pattern)
        assert prefix
        for number, index in self._by_prefix.get(prefix[0], ()):
            if word_matches(pattern, self.each[number][1][index]):
                yield number, index


def segments_of(title: str | None, abstract: str | None, keywords: Sequence[str]) -> Segments:
    texts = [(Field.TITLE, title), (Field.ABSTRACT, abstract), *((Field.KEYWORDS, one) for one in keywords)]
    return Segments([(field, words_of(text or "")) for field, text in texts])


def words_of(text: str) -> list[str]:
    plain = html.unescape(html.unescape(text))
    plain = re.sub(
        r"""</?(?:\w+:)?(\w+)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*/?>""",
        lambda tag: "" if _LETTER_TAGS.fullmatch(tag[1].lower()) else " ",
        plain,
    )
    if plain.isascii():
        return re.findall(r"[^\W_]+", plain.lower())
    plain = "".join(" " if unicodedata.category(one) == "So" else one for one in plain)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", plain).casefold())
    plain = "".join(one for one in plain if unicodedata.category(one) not in {"Mn", "Mc", "Me", "Cf"})
    return re.findall(r"[^\W_]+", "".join(_STROKES.get(one, one) for one in plain))


@lru_cache(maxsize=1 << 18)
def word_matches(pattern: str, word: str) -> bool:
    if not pattern or pattern.isalnum():
        return pattern == word
    match pattern[0]:
        case "*":
            return any(word_matches(pattern[1:], word[cut:]) for cut in range(len(word) + 1))
        case "?":
            return bool(word) and word_matches(pattern[1:], word[1:])
        case "$":
            return word_matches(pattern[1:], word) or (bool(word) and word_matches(pattern[1:], word[1:]))
    return word[:1] == pattern[0] and word_matches(pattern[1:], word[1:])


def holds(expression: Expression, segments: Segments) -> bool:
    match expression:
        case And(parts):
            return all(holds(part, segments) for part in parts)
        case Or(parts):
            return any(holds(part, segments) for part in parts)
        case Not(wanted, unwanted):
            return holds(wanted, segments) and not holds(unwanted, segments)
    return any(True for _ in _places(expression, segments))


def _places(expression: Expression, segments: Segments) -> Iterator[Place]:
    match expression:
        case Term():
            yield from _term_places(expression, segments)
        case Or(parts):
            for part in parts:
                yield from _places(part, segments)
        case Near(left, right, distance):
            rights = list(_places(right, segments))
            for one in set(_places(left, segments)):
                for other in rights:
                    if _is_near(one, other, distance):
                        yield one[0], min(one[1], other[1]), max(one[2], other[2]), True


def _term_places(term: Term, segments: Segments) -> Iterator[Place]:
    head, *rest = term.words
    for number, first in segments.starts(head):
        field, words = segments.each[number]
        following = words[first + 1 : first + len(term.words)]
        if (
            term.field in (Field.TOPIC, field)
            and len(following) == len(rest)
            and all(map(word_matches, rest, following))
        ):
            yield number, first, first + len(rest), False


def _is_near(one: Place, other: Place, distance: int) -> bool:
    if one[0] != other[0]:
        return False
    earlier, later = sorted((one, other), key=lambda place: place[1])
    between = later[1] - earlier[2] - 1
    return between <= distance and (between >= 0 or one[3] or other[3])


_QUERY_WORDS = (
    "quantum", "dot", "dot$", "sens*", "*sens*", "sensor?", "*oxide", "per*ide", "colo$r", "col*", "naïve",
    "CO2",
    "Łódź", "quantum-dot", "nano-*tube", "f?t$er", "β", "x?y",
)  # fmt: skip
_TEXT_WORDS = (
    "quantum", "dot", "dots", "sensor", "sensors", "biosensing", "oxide", "peroxide", "color", "colour",
    "naive", "NAÏVE", "CO<sub>2</sub>", "CO₂", "lodz", "quantum-dot", "nano-tube", "nanotube", "fitter",
    "fatter", "β", "α", "β-carotene", "xβy", "xyy", "dot,", "(dot)", "sen\u00adsor", "Kinect™", "R&amp;D",
    "&lt;i&gt;dot&lt;/i&gt;s", "a\0dot", "<p>", "</jats:p>", "of", "the",
)  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(_TEXT_WORDS), max_size=12).map(" ".join)


def works() -> st.SearchStrategy[tuple[str | None, str | None, list[str]]]:
    return st.tuples(st.none() | texts(), st.none() | texts(), st.lists(texts(), max_size=3))


def queries() -> st.SearchStrategy[tuple[str, Expression]]:
    """A query as written, and the tree it must mean."""
    return _tagged_queries() | _groups(Field.TOPIC)


def _tagged_queries() -> st.SearchStrategy[tuple[str, Expression]]:
    one_field = st.sampled_from(list(Field)).flatmap(
        lambda field: _groups(field).map(lambda group: (f"{field.lower()}=({group[0]})", group[1]))
    )
    return st.lists(one_field, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from(("AND", "OR", "NOT")).map(lambda operator: _joined(operator, parts))
    )


def _terms(field: Field) -> st.SearchStrategy[tuple[str, Expression]]:
    word = st.sampled_from(_QUERY_WORDS).map(lambda written: (written, _term(written, field)))
    phrase = st.lists(st.sampled_from(_QUERY_WORDS), min_size=1, max_size=3).map(
        lambda written: (f'"{" ".join(written)}"', _term(" ".join(written), field))
    )
    return word | phrase


def _term(written: str, field: Field) -> Term:
    folded = written.lower().replace("ï", "i").replace("łódź", "lodz").replace("-", " ")
    return Term(tuple(folded.split()), field)


def _groups(field: Field) -> st.SearchStrategy[tuple[str, Expression]]:
    terms = _terms(field)
    alternatives = st.lists(terms, min_size=1, max_size=3).map(
        lambda parts: _in_brackets(_joined("OR", parts))
    )
    nears = st.recursive(
        alternatives,
        lambda inner: st.tuples(inner, inner, st.integers(0, 4)).map(_near),
        max_leaves=3,
    )
    adjacent = st.lists(terms, min_size=2, max_size=3).map(
        lambda parts: (" ".join(text for text, _ in parts), all_of(part for _, part in parts))
    )
    return st.recursive(
        terms | nears | adjacent,
        lambda inner: st.tuples(
            st.sampled_from(("AND", "and", "OR", "NOT")),
            st.lists(inner.map(_in_brackets), min_size=2, max_size=3),
        ).map(lambda drawn: _joined(*drawn)),
        max_leaves=5,
    )


def _near(drawn: tuple[tuple[str, Expression], tuple[str, Expression], int]) -> tuple[str, Expression]:
    (left_text, left), (right_text, right), distance = drawn
    return f"({left_text}) NEAR/{distance} ({right_text})", Near(left, right, distance)


def _in_brackets(group: tuple[str, Expression]) -> tuple[str, Expression]:
    return f"({group[0]})", group[1]


def _joined(operator: str, parts: Sequence[tuple[str, Expression]]) -> tuple[str, Expression]:
    text = f" {operator} ".join(text for text, _ in parts)
    expressions = [expression for _, expression in parts]
    if len(parts) == 1:
        return parts[0]
    if operator == "NOT":
        return text, Not(expressions[0], any_of(expressions[1:]))
    return text, any_of(expressions) if operator == "OR" else all_of(expressions)
