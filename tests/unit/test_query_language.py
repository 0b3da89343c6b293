"""Web of Science topic syntax is read as documented, and every fault is shown at its character."""

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_query.exception import SearchQueryException  # type: ignore[import-untyped]
from search_query.query import Query as LibraryQuery  # type: ignore[import-untyped]
from search_query.wos.parser import WOSParser  # type: ignore[import-untyped]

from assets.technologies.expressions import (
    And,
    Expression,
    Field,
    Near,
    Not,
    Or,
    Term,
    all_of,
    any_of,
    canonical,
)
from assets.technologies.query_language import MAX_QUERY_LENGTH, QuerySyntaxError, parse
from tests.naive_matcher import queries

A, B, C, D = (Term((word,)) for word in "abcd")


def _in(field: Field, word: str) -> Term:
    return Term((word,), field)


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("a", A),
        ("TS=a", A),
        ("ts = (a)", A),
        ("a b", And((A, B))),
        ('"a b" c', And((Term(("a", "b")), C))),
        ("a-b", Term(("a", "b"))),
        ("a and b oR c", Or((And((A, B)), C))),
        ("a OR b AND c", Or((A, And((B, C))))),
        ("a AND b NOT c", And((A, Not(B, C)))),
        ("a NOT b AND c", And((Not(A, B), C))),
        ("a NOT b NOT c", Not(A, Or((B, C)))),
        ("a NOT b NEAR/2 c", Not(A, Near(B, C, 2))),
        ("a NOT b SAME c", Not(A, And((B, C)))),
        ("a NEAR b", Near(A, B, 15)),
        ("a NEAR/0 b", Near(A, B, 0)),
        ("a NEAR/2 b NEAR/3 c", Near(Near(A, B, 2), C, 3)),
        ("(a OR b) NEAR/3 (c OR d)", Near(Or((A, B)), Or((C, D)), 3)),
        ("a AND (b AND (c))", And((A, B, C))),
        ("a OR a", A),
        ("a b OR c d", Or((And((A, B)), And((C, D))))),
        (
            "TI=a AND AB=(b OR c)",
            And((_in(Field.TITLE, "a"), Or((_in(Field.ABSTRACT, "b"), _in(Field.ABSTRACT, "c"))))),
        ),
        ("AK=a b", And((_in(Field.KEYWORDS, "a"), _in(Field.KEYWORDS, "b")))),
        ("near-field OR not-so", Or((Term(("near", "field")), Term(("not", "so"))))),
        ('"near" OR "a AND b"', Or((Term(("near",)), Term(("a", "and", "b"))))),
        ("“a\nb”", Term(("a", "b"))),
        ("*oxide OR col*r$", Or((Term(("*oxide",)), Term(("col*r$",))))),
        ("wom?n OR abc**", Or((Term(("wom?n",)), Term(("abc*",))))),
        ("Ångström's", Term(("angstrom", "s"))),
        ("N2 OR W0", Or((Term(("n2",)), Term(("w0",))))),
    ],
)  # fmt: skip
def test_a_query_means(query: str, meaning: Expression) -> None:
    assert parse(query).expression == meaning
    assert parse(query).warnings == () or "SAME" in query


@pytest.mark.parametrize(
    ("query", "shown", "words"),
    [
        ("", "", "empty"),
        (" \n ", "", "empty"),
        ("(a OR b", "(a OR b", "not closed"),
        ("a OR b)", ")", "closes none"),
        ("a AND ()", "()", "holds or follows no term"),
        (")", ")", "holds or follows no term"),
        ("a OR (and b)", "and b)", "AND needs a term before it; quote it"),
        ('a OR ""', '""', "phrase is empty"),
        ('a OR "', '"', "not closed"),
        ('a OR " - "', '" - "', "phrase is empty"),
        ("a OR -", "-", "no letter or digit"),
        ("a OR *", "*", "stands alone"),
        ('"a $$"', '"a $$"', "stands alone"),
        ("a OR ab*", "ab*", "fewer than 3 letters"),
        ("abc*def*ghi", "abc*def*ghi", "more than one `*` inside"),
        ("a???????", "a???????", "more than 6"),
        ("a NEAR/3 (b AND c)", "AND c)", "AND cannot stand within NEAR"),
        ("a NEAR/3 (b OR (c NOT d))", "NOT d))", "NOT cannot stand within NEAR"),
        ("deep learning NEAR/3 b", "learning NEAR/3 b", "quote the phrase"),
        ("TS=a NEAR/3 TI=b", "TS=a NEAR/3 TI=b", "TS= cannot stand within NEAR"),
        ("a NEAR/100 b", "NEAR/100 b", "at most 99"),
        ("a NEAR/x b", "NEAR/x b", "write NEAR/5"),
        ("a NEAR /5 b", "/5 b", "write NEAR/5"),
        ("a W/5 b", "W/5 b", "write NEAR/5"),
        ("a NEAR/1 b NEAR/1 c NEAR/1 d NEAR/1 e NEAR/1 f NEAR/1 g", "NEAR/1 g", "more than 5 NEAR"),
        ("a AND", "AND", "AND needs a term after it"),
        ("a AND OR b", "AND OR b", "needs a term"),
        ("a AND NOT b", "NOT b", "write NOT alone"),
        ("OR a", "OR a", "OR needs a term before it"),
        ("a (b)", "(b)", "operator is missing"),
        ("(a) b", "b", "operator is missing"),
        ("TI=", "TI=", "needs a term"),
        ("TI=AB=a", "TI=AB=a", "needs a term"),
        ("TS=(a AND TI=b)", "TI=b)", "stands within TS="),
        ("PY=2019", "PY=2019", "there is no field PY="),
        ("a AND TI=b", "a AND TI=b", "no field while others have"),
        ("a, b", ", b", "no meaning here"),
        ("[a]", "[a]", "no meaning here"),
        ("=a", "=a", "follows no field tag"),
        ("(" * 41 + "a" + ")" * 41, "(a" + ")" * 41, "more than 40 parentheses"),
        ('"' + "a " * 21 + '"', '"' + "a " * 21 + '"', "more than 20 words"),
    ],
)
def test_a_fault_is_shown_at_its_character(query: str, shown: str, words: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(query)
    assert words in str(caught.value)
    assert query[caught.value.position :].strip() == shown


def test_the_message_has_the_line_with_a_caret_under_the_fault() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("alpha OR\n  beta OR *\nOR gamma")
    _, line, caret = str(caught.value).split("\n")
    assert "character 20 of the query: line 2, column 11" in str(caught.value)
    assert line[caret.index("^") :] == "*"


def test_a_query_of_50_000_characters_is_one_clear_error() -> None:
    with pytest.raises(QuerySyntaxError, match=r"50,000 characters, more than 20,000"):
        parse(" OR ".join(["superconductor"] * 2778))


def test_a_query_at_the_bound_is_read() -> None:
    query = " OR ".join(f"x{number}" for number in range(2000, 4222))
    assert len(query) <= MAX_QUERY_LENGTH
    expression = parse(query).expression
    assert isinstance(expression, Or)
    assert len(expression.parts) == 2222


def test_same_is_read_as_and_with_a_warning_that_says_where() -> None:
    query = parse("a SAME b")
    assert query.expression == And((A, B))
    assert query.warnings == (
        "SAME is read as AND: both within the record, not within one sentence (character 3 of the query)",
    )


@given(queries())
def test_random_queries_are_read_as_meant(drawn: tuple[str, Expression]) -> None:
    query, meaning = drawn
    assert parse(query).expression == meaning


@given(st.text(alphabet='abc ()"*?$=-ANDORTEI/5\n', max_size=25))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    place = 0
    try:
        parse(text)
    except QuerySyntaxError as error:
        place = error.position
    assert 0 <= place <= len(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a OR b", "TS=(b)  OR a OR b"),
        ("a NEAR/2 (b OR c)", "(c OR b) near/2 a"),
        ("a NOT b NOT c", "a NOT (c OR b)"),
    ],
)
def test_queries_of_one_meaning_have_one_canonical_form(one: str, other: str) -> None:
    assert canonical(parse(one).expression) == canonical(parse(other).expression)


def test_another_order_of_and_and_or_is_another_meaning() -> None:
    assert canonical(parse("a OR b AND c").expression) != canonical(parse("(a OR b) AND c").expression)


@pytest.mark.parametrize(
    "query",
    [
        'TS=(alpha OR beta$ OR "gamma delta" OR epsilo*)',
        "TS=(alpha AND beta OR gamma)",
        "TS=(alpha OR beta AND gamma)",
        "TS=(alpha OR beta NOT gamma)",
        "TS=(alpha AND beta NOT gamma OR delta)",
        "TS=(alpha NOT beta AND gamma)",
        "TS=((alpha OR beta) AND (gamma OR delta) NOT zeta)",
        "TS=(alpha beta OR gamma)",
        "TS=((alpha NEAR/4 beta) OR gamma)",
        "TS=(alpha NEAR/4 beta AND gamma)",
        "TS=(alpha NEAR beta)",
        'TS=("near" OR (alpha and beta))',
    ],
)
def test_search_query_reads_the_same_where_it_can(query: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        library = WOSParser(query).parse()
    assert canonical(parse(query).expression) == canonical(_converted(library))


@pytest.mark.parametrize("query", ["TS=(alpha NEAR/3 (beta OR gamma))", 'TS=("alpha beta" gamma)'])
def test_search_query_still_refuses_what_the_parser_is_here_for(query: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()), pytest.raises((ValueError, SearchQueryException)):
        WOSParser(query).parse()
    parse(query)


def _converted(query: LibraryQuery) -> Expression:
    parts = [_converted(child) for child in query.children]
    match query.value:
        case "AND":
            return all_of(parts)
        case "OR":
            return any_of(parts)
        case "NOT":
            return Not(parts[0], any_of(parts[1:]))
        case "NEAR":
            return Near(parts[0], parts[1], query.distance)
    words = query.value.strip('"').split()
    if query.value.startswith('"'):
        return Term(tuple(words))
    return all_of(Term((word,)) for word in words)
