"""Searches of the OpenAlex API against the exact matcher, on a model of what the API finds.

The model parts text into words by the main rules of Unicode, refuses what the API refuses, and looks
for words in title and abstract together and for phrases in one of them.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import quote_plus

import pytest
import requests
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assets.errors import CollaborationError
from assets.pull.api_request import FIELDS, PER_PAGE
from assets.pull.origin import PUBLIC_API
from assets.staleness import YearRange
from assets.technologies.api_queries import search_of
from assets.technologies.api_searches import MAX_FILTER_BYTES, searches
from assets.technologies.api_tree import Search, in_parentheses, notation, pieces
from assets.technologies.catalogue import Catalogue, Technology
from assets.technologies.expressions import And, Expression, Field, Near, Not, Or, Term, terms
from assets.technologies.matcher import Matcher
from assets.technologies.query_language import parse

YEARS = YearRange(2005, 2024)
START = "publication_year:2005-2024,title_and_abstract.search.exact:"

Finds = Callable[["Text"], bool]

# --- the model of the API ---

_JOINED = re.compile(r"\w+(?:(?:(?<=[^\W\d])['.](?=[^\W\d])|(?<=\d)[.](?=\d))\w+)*")
_TOKEN = re.compile(r'\(|\)|"[^"]*"|[^\s()"]+')


class Text:
    """Title and abstract as the API indexes them."""

    def __init__(self, title: str, abstract: str) -> None:
        self.fields = [_JOINED.findall(field.lower()) for field in (title, abstract)]

    def has(self, words: list[str]) -> bool:
        """Whether the words follow each other in one of the fields."""
        patterns = [_pattern(word) for word in words]
        return any(
            all(pattern.fullmatch(field[start + n]) for n, pattern in enumerate(patterns))
            for field in self.fields
            for start in range(len(field) - len(words) + 1)
        )


@cache
def _pattern(word: str) -> re.Pattern[str]:
    assert word[0] not in "*?", f"the API refuses {word}"
    if "*" in word:
        refused = "?" in word or not re.match(r"\w{3}", word)
        assert not refused, f"the API refuses {word}"
    return re.compile("".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in word))


def found_by(filters: list[str]) -> Finds:
    """What the filters of a text search find together."""
    values = [value for wanted in filters for value in wanted.removeprefix(START).split("|")]
    finders = [_value(value) for value in values]
    return lambda text: any(finds(text) for finds in finders)


def _value(value: str) -> Finds:
    assert not value.endswith(("and", "not")), "the API would cut it off"
    if re.fullmatch(r'"[^"]*[*?][^"]*"', value):
        words = value[1:-1].split()
        wild = [word for word in words if re.search(r"[*?]", word)]
        assert len(words) > 1, f"the API refuses {value}"
        assert len(wild) <= 2, f"the API refuses {value}"
        assert len(wild) == 1 or all(re.match(r"\w{4}", word) for word in wild if "*" in word)
        return lambda text: text.has(words)
    tokens = iter(_TOKEN.findall(value))
    finds = _group(tokens)
    assert next(tokens, None) is None
    return finds


def _group(tokens: Iterator[str], closing: str | None = None) -> Finds:
    operands, operators = [_operand(next(tokens), tokens)], set()
    for token in tokens:
        if token == closing:
            break
        operators.add(token)
        operands.append(_operand(next(tokens), tokens))
    assert operators <= {"AND"} or operators <= {"OR"}, "mixed operators without parentheses"
    together = all if operators == {"AND"} else any
    return lambda text: together(finds(text) for finds in operands)


def _operand(token: str, tokens: Iterator[str]) -> Finds:
    assert token not in {"AND", "OR", ")"}
    if token == "(":
        return _group(tokens, ")")
    if token.startswith('"'):
        assert not re.search(r"[*?]", token), "the API refuses wildcards in quotes among AND and OR"
    words = token.strip('"').split()
    return lambda text: text.has(words)


# --- random queries and texts ---

_PLAIN = ("cell", "solar", "sand", "2d")
_WORDS = (
    *_PLAIN,
    *("*cell", "cell*", "so*ar", "sol*", "cel$", "s$lar", "c?ll", "sa?*", "s?l*", "2d$", "ce$$"),
)
_WHOLE = (("shor", "s"), ("802", "11s"), ("80", "2", "5"))
"""Words that the API may see as one; no term has one of them alone, which no search could find then."""
_PLACES = (*[Field.TOPIC] * 6, Field.TITLE, Field.ABSTRACT)
_BETWEEN = (" ", " ", " ", "-", ", ", ". ", "/", "\n", " (", ") ", " of ")


def _term(field: Field) -> st.SearchStrategy[Term]:
    word = st.sampled_from(_WORDS)
    usual = st.lists(word, min_size=1, max_size=3).map(tuple)
    whole = st.builds(lambda one, more: (*one, *more), st.sampled_from(_WHOLE), st.lists(word, max_size=1))
    return st.builds(Term, st.one_of(usual, usual, whole), st.just(field))


@st.composite
def _near(draw: st.DrawFn, field: Field) -> Near:
    side = _term(field) | st.lists(_term(field), min_size=2, max_size=2).map(lambda two: Or(tuple(two)))
    return Near(draw(side), draw(side), draw(st.integers(0, 3)))


def _larger(part: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    some = st.lists(part, min_size=2, max_size=3).map(tuple)
    return some.map(And) | some.map(Or) | st.builds(Not, part, part)


_LEAVES = st.sampled_from(_PLACES).flatmap(lambda field: _term(field) | _near(field))
_EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(_LEAVES, _larger, max_leaves=6)


@st.composite
def _texts(draw: st.DrawFn, expression: Expression) -> str:
    """Text made of terms of the query, written as they may be, and some other words."""
    filling = Term(("sand", "dune"))
    text = ""
    for term in draw(st.lists(st.sampled_from([*terms(expression), filling]), max_size=5)):
        for number, word in enumerate(term.words):
            whole = number > 0 and any(term.words[: number + 1] == one[: number + 1] for one in _WHOLE)
            signs = ("'" if word == "s" else ".", " ") if whole else _BETWEEN
            text += draw(st.sampled_from(signs)) + draw(_written(word))
    return text


def _written(word: str) -> st.SearchStrategy[str]:
    letters = {
        "*": st.sampled_from(["", "s", "ular"]),
        "?": st.just("o"),
        "$": st.sampled_from(["", "s", "x"]),
    }
    parts = st.tuples(*(letters.get(one, st.just(one)) for one in word)).map("".join)
    return parts | parts.map(str.upper)


def _technology(expression: Expression | None, topics: tuple[str, ...] = ()) -> Technology:
    return Technology("cells", "Cells", "Made up", 1, "cells", "no cells", None, expression, topics)


def _filters(query: str) -> list[str]:
    return searches(_technology(parse(query).expression), YEARS)


def _value_of(query: str) -> str:
    (found,) = _filters(query)
    return found.removeprefix(START)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_work_the_matcher_accepts_is_missed(data: st.DataObject) -> None:
    expression = data.draw(_EXPRESSIONS)
    technology = _technology(expression)
    try:
        filters = searches(technology, YEARS)
    except CollaborationError:
        assume(False)
    title, abstract = data.draw(_texts(expression)), data.draw(_texts(expression))
    found = found_by(filters)(Text(title, abstract))
    assert found or not Matcher([technology]).matches(title, abstract)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_pieces_find_at_least_what_the_whole_finds(data: st.DataObject) -> None:
    expression = data.draw(_EXPRESSIONS)
    try:
        whole = search_of(expression)
    except CollaborationError:
        assume(False)
    parts = list(pieces(whole, lambda search: len(notation(search)) <= 60))
    text = Text(data.draw(_texts(expression)), data.draw(_texts(expression)))
    assert all(len(notation(part)) <= 60 for part in parts)
    assert any(_finds(part, text) for part in parts) or not _finds(whole, text)


def _finds(search: Search, text: Text) -> bool:
    return _value(in_parentheses(notation(search)))(text)


# --- the catalogue ---


@cache
def _catalogue() -> Catalogue:
    return Catalogue.load(skip_bad=True)


def test_every_technology_of_the_catalogue_can_be_searched_for_in_addresses_of_the_length_taken() -> None:
    for technology in _catalogue().technologies:
        for wanted in searches(technology, YEARS):
            assert len(quote_plus(wanted)) <= MAX_FILTER_BYTES
            assert len(_address(wanted)) <= 4094


def _address(wanted: str) -> str:
    """The longest that `assets.pull.api_client` makes of it, at 500 bytes for the cursor."""
    parameters = {
        "filter": wanted,
        "select": ",".join(FIELDS),
        "per_page": str(PER_PAGE),
        "cursor": "x" * 500,
    }
    return requests.Request("GET", f"{PUBLIC_API}/works", params=parameters).prepare().url or ""


def test_the_titles_a_technology_should_match_are_found() -> None:
    missed = [
        (technology.id, title)
        for technology in _catalogue().technologies
        for finds in [found_by(searches(technology, YEARS))]
        for title in technology.should_match
        if not finds(Text(title, ""))
    ]
    assert missed == []


# --- single rules ---


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("radar", "( radar)"),
        ('"phased array" OR radar*', '( "phased array" OR radar*)'),
        ('"solar cell*"', '"solar cell*"'),
        ('radar OR "solar cell*" OR lidar', '( radar OR lidar)|"solar cell*"'),
        ('"solar cell*" AND dye', "( ( ( solar AND cell*) AND dye))"),
        ("radar NOT weather", "( radar)"),
        ("radar NEAR/5 (weather OR clutter)", "( ( radar AND ( weather OR clutter)))"),
        ("TI=radar OR AK=lidar", "( radar OR lidar)"),
        ("drone$", "( drone OR drones OR drone?)"),
        ("tumo$r", "( tumor OR tumo?r)"),
        ('"tumo$r cell$"', '"tumor cell*"|"tumo?r cell*"'),
        ("defen?e", "( defen?e)"),
        ("behavio*r", "( behavio*r)"),
        ("oxidi?er*", "( oxidi*)"),
        ("*omics AND data", "( data)"),
        ('"*omics data" OR radar', "( data OR radar)"),
        ('"Shor\'s algorithm"', '( "shor s algorithm")|"shor?s algorithm"'),
        ('"IEEE 802.11"', '( "ieee 802 11")|"ieee 802?11"'),
        ('"deep* neural* network*"', "( ( deep* AND neural* AND network*))"),
        ('"big* data*" OR radar', "( ( big* AND data*) OR radar)"),
    ],
)
def test_a_query_is_searched_for_as(query: str, value: str) -> None:
    assert _value_of(query) == value


def test_parts_of_a_conjunction_may_be_in_title_and_abstract() -> None:
    finds = found_by(_filters('radar AND "solar cell*"'))
    assert finds(Text("Radar", "of solar cells"))
    assert not finds(Text("Radar", "of cells"))


@pytest.mark.parametrize(
    "query", ["*omics OR radar", "radar OR *omics*", "a?bcd* OR radar", '"1 2 3 4 5 6 7"']
)
def test_a_term_the_api_cannot_search_for_is_named(query: str) -> None:
    with pytest.raises(CollaborationError, match=r"The query of cells .* by TS=\"[^\"]+\" alone"):
        _filters(query)


def test_a_word_longer_than_an_address_is_refused() -> None:
    with pytest.raises(CollaborationError, match=r"a word of 5,000 letters is too long"):
        _filters(f"radar OR {'x' * 5000}")


def test_a_long_query_is_divided_and_nothing_is_lost() -> None:
    words = [f"{'word' * 5}{number}" for number in range(300)]
    for query in (" OR ".join(words), f"radar AND ({' OR '.join(words)})"):
        filters = _filters(query)
        finds = found_by(filters)
        assert len(filters) > 2
        assert all(len(quote_plus(wanted)) <= MAX_FILTER_BYTES for wanted in filters)
        assert all(finds(Text("Radar", word)) for word in words[::7])


def test_a_filter_has_no_more_than_a_hundred_alternatives() -> None:
    filters = _filters(" OR ".join(f'"w{number} cell*"' for number in range(150)))
    assert [wanted.count("|") + 1 for wanted in filters] == [99, 51]


def test_a_long_conjunction_loses_a_part_rather_than_works() -> None:
    words = [f"{number}{'x' * 90}" for number in range(40)]
    (wanted,) = _filters(" AND ".join(words))
    assert found_by([wanted])(Text(" ".join(words), ""))


def test_topics_are_filtered_beside_or_without_a_query() -> None:
    topics = tuple(f"T{number}" for number in range(10_000, 10_150))
    beside = searches(_technology(parse("radar").expression, topics), YearRange(2020, 2020))
    assert beside[0] == "publication_year:2020,title_and_abstract.search.exact:( radar)"
    assert [wanted.count("T1") for wanted in beside] == [0, 100, 50]
    assert searches(_technology(None, ("T12",)), YEARS) == ["publication_year:2005-2024,topics.id:T12"]
