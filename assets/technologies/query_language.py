"""Web of Science topic syntax, read into a typed tree.

Only notation belongs here: what the tree means is `assets.technologies.expressions`, how words are
folded `assets.technologies.text`.

    query    = or            precedence: NEAR/x, SAME, NOT, AND, OR; all from left to right
    operand  = [field] ( "(" query ")" | adjacent )
    adjacent = one or more words and "phrases" side by side: all of them, as if AND stood between
    field    = TS= | TI= | AB= | AK=; a query without any is of TS

The parser is our own because search-query's, the library for this syntax, builds no tree for what
catalogues are made of. It refuses `a NEAR/3 (b OR c)`, `a NEAR/3 b NEAR/3 c`, `"a b" c` and, within
parentheses, operators mixed without further ones; it reads `near-field` as NEAR, `NEAR/100` as NEAR/15
beside a word `/100`, SAME as a word; a query of 6,000 terms takes it 44 s. Where both read a query they
agree; the tests hold them against each other.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from typing import Final, NamedTuple, NoReturn, TypeVar

from assets.errors import CollaborationError
from assets.technologies.expressions import Expression, Field, Near, Not, Term, all_of, any_of
from assets.technologies.patterns import word_problem
from assets.technologies.text import query_words

MAX_QUERY_LENGTH: Final = 20_000
"""Characters; the longest published search strategies have a few thousand."""
MAX_DEPTH: Final = 40
"""Parentheses inside each other."""
MAX_DISTANCE: Final = 99
"""Words between the operands of NEAR."""
MAX_NEAR_CHAIN: Final = 5
"""Of NEAR within the operands of NEAR, one below the other."""
MAX_PHRASE_WORDS: Final = 20
_DEFAULT_DISTANCE: Final = 15
_EXCERPT: Final = 50


class QuerySyntaxError(CollaborationError):
    """A query that cannot be read, with the place of the fault."""

    def __init__(self, query: str, position: int, fault: str) -> None:
        self.position = position
        """0-based, in characters of the query."""
        self.fault = fault
        line_start = query.rfind("\n", 0, position) + 1
        line, column = query.count("\n", 0, position) + 1, position - line_start
        start = max(line_start, position - _EXCERPT)
        excerpt = query[start : position + _EXCERPT].partition("\n")[0].replace("\t", " ").rstrip("\r")
        super().__init__(
            f"{fault} (character {position + 1} of the query: line {line}, column {column + 1})\n"
            f"    {excerpt}\n    {' ' * (position - start)}^"
        )


@dataclass(frozen=True)
class Query:
    """A query as read."""

    expression: Expression
    warnings: tuple[str, ...]
    """What was read otherwise than Web of Science would."""


_T = TypeVar("_T")


class _Kind(Enum):
    OPEN = "("
    CLOSE = ")"
    FIELD = "field tag"
    TERM = "term"
    OPERATOR = "operator"
    END = "the end of the query"


class _Token(NamedTuple):
    kind: _Kind
    text: str
    start: int


class _Part(NamedTuple):
    """A piece of the query as parsed so far."""

    expression: Expression
    not_in_near: tuple[int, str] | None
    """The first thing in it that cannot stand within NEAR: its position and what it is."""
    near_depth: int
    untagged: int | None
    """Position of its first term without a field tag."""


_TOKEN = re.compile(
    r"""(?P<space>\s+) | (?P<open>\() | (?P<close>\)) | (?P<phrase>"[^"]*") | (?P<quote>")
      | (?P<field>\w+\s*=) | (?P<equals>=) | (?P<word>[^\s()"=]+)""",
    re.VERBOSE,
)
_SIMPLE_KINDS: Final = {"open": _Kind.OPEN, "close": _Kind.CLOSE, "phrase": _Kind.TERM}
_OPERATOR = re.compile(r"AND|OR|NOT|SAME|NEAR(?:/(\d+))?", re.IGNORECASE)
_LEVELS: Final = ("OR", "AND", "NOT", "SAME", "NEAR")
"""From the loosest to the tightest."""
_FOREIGN_OPERATOR = re.compile(r"NEAR/.*|/\d+|(?:PRE|W|N|P)/\d+|ADJ\d*", re.IGNORECASE)
_FOREIGN_SIGNS: Final = re.compile(r"[&|!~^#@{}\[\]<>\\;,]")
_STRAIGHT_QUOTES: Final = str.maketrans("“”„‟″", '"""""')


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        QuerySyntaxError: It is empty, too long or not in the syntax; the message shows the character.
    """
    if not text.strip():
        raise QuerySyntaxError(text, 0, "the query is empty: write at least one term")
    if len(text) > MAX_QUERY_LENGTH:
        raise QuerySyntaxError(
            text,
            MAX_QUERY_LENGTH,
            f"the query has {len(text):,} characters, more than {MAX_QUERY_LENGTH:,}: shorten it with "
            "wildcards, or divide it into technologies",
        )
    return _Parser(text).parse()


class _Parser:
    """Operator precedence over the tokens, one method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._tokenise(text.translate(_STRAIGHT_QUOTES))
        self._next = 0
        self._depth = 0
        self._field: Field | None = None
        self._other_field = False
        self._warnings: list[str] = []

    def parse(self) -> Query:
        part = self._operators(0)
        token = self._tokens[self._next]
        if token.kind is _Kind.CLOSE:
            self._fail(token.start, "this parenthesis closes none: remove it or open one before")
        if token.kind is not _Kind.END:
            self._fail(token.start, "an operator is missing before this: write AND, OR, NOT or NEAR/x")
        if self._other_field and part.untagged is not None:
            self._fail(
                part.untagged,
                "this term has no field while others have: write TS= before it, or TI=(... ...)",
            )
        return Query(part.expression, tuple(self._warnings))

    def _operators(self, level: int) -> _Part:
        """What binds at least as tightly as the operator of this level."""
        if level == len(_LEVELS):
            return self._operand()
        parts, operators = [self._operators(level + 1)], []
        while self._is_operator(_LEVELS[level]):
            operators.append(self._tokens[self._next])
            self._next += 1
            parts.append(self._operators(level + 1))
        return self._combined(_LEVELS[level], parts, operators) if operators else parts[0]

    def _combined(self, name: str, parts: list[_Part], operators: list[_Token]) -> _Part:
        if name == "NEAR":
            return reduce(
                lambda left, pair: self._near(left, *pair), zip(operators, parts[1:], strict=True), parts[0]
            )
        if name == "SAME":
            where = operators[0].start
            self._warn(where, "SAME is read as AND: both within the record, not within one sentence")
        not_in_near = _first(part.not_in_near for part in parts)
        if name != "OR" and not_in_near is None:
            not_in_near = operators[0].start, name
        return _Part(
            _CONNECTIVES[name]([part.expression for part in parts]),
            not_in_near,
            max(part.near_depth for part in parts),
            _first(part.untagged for part in parts),
        )

    def _near(self, left: _Part, token: _Token, right: _Part) -> _Part:
        for part in (left, right):
            if part.not_in_near is not None:
                position, what = part.not_in_near
                self._fail(
                    position,
                    f"{what} cannot stand within NEAR: its operands are terms, phrases and ORs of these",
                )
        depth = max(left.near_depth, right.near_depth) + 1
        if depth > MAX_NEAR_CHAIN:
            self._fail(token.start, f"more than {MAX_NEAR_CHAIN} NEAR build on each other: divide with AND")
        _, _, digits = token.text.partition("/")
        distance = int(digits) if digits else _DEFAULT_DISTANCE
        if distance > MAX_DISTANCE:
            self._fail(token.start, f"NEAR takes at most {MAX_DISTANCE} words between: write AND for more")
        expression = Near(left.expression, right.expression, distance)
        return _Part(expression, None, depth, _first((left.untagged, right.untagged)))

    def _operand(self) -> _Part:
        token = self._tokens[self._next]
        match token.kind:
            case _Kind.FIELD:
                return self._tagged(token)
            case _Kind.OPEN:
                return self._group(token)
            case _Kind.TERM:
                return self._adjacent()
            case _:
                return self._missing_operand(token)

    def _missing_operand(self, token: _Token) -> NoReturn:
        before = self._tokens[self._next - 1] if self._next else None
        if before is not None and before.kind is _Kind.OPERATOR:
            if token.text == "NOT":
                self._fail(
                    token.start, f"{before.text} NOT is not in the syntax: write NOT alone, as in a NOT b"
                )
            self._fail(
                before.start, f"{before.text} needs a term after it; quote it if it is a word to look for"
            )
        if token.kind is _Kind.OPERATOR:
            self._fail(
                token.start, f"{token.text} needs a term before it; quote it if it is a word to look for"
            )
        self._fail(
            token.start if before is None else before.start, "this parenthesis holds or follows no term"
        )

    def _tagged(self, token: _Token) -> _Part:
        if self._field is not None:
            self._fail(token.start, f"{token.text} stands within {self._field}=(...): close that first")
        self._field = Field(token.text[:-1])
        self._other_field = self._other_field or self._field is not Field.TOPIC
        self._next += 1
        part = self._group(self._tokens[self._next]) if self._is(_Kind.OPEN) else self._tagged_words(token)
        self._field = None
        return part._replace(not_in_near=(token.start, token.text), untagged=None)

    def _tagged_words(self, tag: _Token) -> _Part:
        if not self._is(_Kind.TERM):
            self._fail(tag.start, f"{tag.text} needs a term or a parenthesis after it")
        return self._adjacent()

    def _group(self, opening: _Token) -> _Part:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(opening.start, f"more than {MAX_DEPTH} parentheses inside each other: take some out")
        self._next += 1
        part = self._operators(0)
        token = self._tokens[self._next]
        if token.kind is _Kind.END:
            self._fail(opening.start, "this parenthesis is not closed")
        if token.kind is not _Kind.CLOSE:
            self._fail(token.start, "an operator is missing before this: write AND, OR, NOT or NEAR/x")
        self._next += 1
        self._depth -= 1
        return part

    def _adjacent(self) -> _Part:
        first = self._tokens[self._next]
        expressions: list[Expression] = [self._term(first)]
        self._next += 1
        second = self._tokens[self._next]
        while self._is(_Kind.TERM):
            expressions.append(self._term(self._tokens[self._next]))
            self._next += 1
        beside = None
        if len(expressions) > 1:
            beside = second.start, "a second word (read as AND; quote the phrase if it is one)"
        untagged = first.start if self._field is None else None
        return _Part(all_of(expressions), beside, 0, untagged)

    def _term(self, token: _Token) -> Term:
        words = query_words(token.text)
        if not words:
            what = (
                "this phrase is empty"
                if token.text.startswith('"')
                else f"{token.text} has no letter or digit"
            )
            self._fail(token.start, f"{what}: write a word into it or remove it")
        if len(words) > MAX_PHRASE_WORDS:
            self._fail(
                token.start,
                f"this phrase has more than {MAX_PHRASE_WORDS} words: is a quotation mark missing?",
            )
        for word in words:
            if problem := word_problem(word):
                self._fail(token.start, problem)
        return Term(words, self._field or Field.TOPIC)

    def _is(self, kind: _Kind) -> bool:
        return self._tokens[self._next].kind is kind

    def _is_operator(self, name: str) -> bool:
        return self._is(_Kind.OPERATOR) and self._tokens[self._next].text.partition("/")[0] == name

    def _warn(self, position: int, what: str) -> None:
        self._warnings.append(f"{what} (character {position + 1} of the query)")

    def _fail(self, position: int, fault: str) -> NoReturn:
        raise QuerySyntaxError(self._text, position, fault)

    def _tokenise(self, text: str) -> list[_Token]:
        tokens: list[_Token] = []
        for match in _TOKEN.finditer(text):
            if match.lastgroup != "space":
                tokens.append(self._token(match.lastgroup or "", match[0], match.start()))
        return [*tokens, _Token(_Kind.END, _Kind.END.value, len(text.rstrip()))]

    def _token(self, group: str, text: str, start: int) -> _Token:
        match group:
            case "field":
                return self._field_token(text, start)
            case "word":
                return self._word_token(text, start)
            case "quote":
                self._fail(start, "this quotation mark is not closed")
            case "equals":
                self._fail(
                    start, "this = follows no field tag: write TS=, TI=, AB= or AK=, or quote the term"
                )
        return _Token(_SIMPLE_KINDS[group], text, start)

    def _field_token(self, text: str, start: int) -> _Token:
        name = text[:-1].strip().upper()
        if name not in set(Field):
            known = ", ".join(f"{field}=" for field in Field)
            self._fail(start, f"there is no field {name}=: only {known} can be searched here")
        return _Token(_Kind.FIELD, f"{name}=", start)

    def _word_token(self, text: str, start: int) -> _Token:
        if _OPERATOR.fullmatch(text):
            return _Token(_Kind.OPERATOR, text.upper(), start)
        if _FOREIGN_OPERATOR.fullmatch(text):
            self._fail(start, f"{text} is no operator here: write NEAR/5, or quote it if it is a word")
        if sign := _FOREIGN_SIGNS.search(text):
            self._fail(start + sign.start(), f"{sign[0]} has no meaning here: remove it, or quote the term")
        return _Token(_Kind.TERM, text, start)


def _first(values: Iterable[_T | None]) -> _T | None:
    return next((value for value in values if value is not None), None)


def _without(parts: Sequence[Expression]) -> Expression:
    return Not(parts[0], any_of(parts[1:]))


_CONNECTIVES: Final[dict[str, Callable[[Sequence[Expression]], Expression]]] = {
    "OR": any_of,
    "AND": all_of,
    "NOT": _without,
    "SAME": all_of,
}
