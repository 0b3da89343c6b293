"""The matcher answers as the rules do: against a naive evaluator, and case by case where rules bite."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.technologies.catalogue import Technology
from assets.technologies.expressions import Expression, Not, Term
from assets.technologies.matcher import How, Match, Matcher
from assets.technologies.query_language import parse
from assets.technologies.text import folded
from tests.naive_matcher import Segments, holds, queries, segments_of, texts, words_of, works

_NOT = Not(Term(("dot",)), Term(("oxide",)))


def technology(
    id_: str, query: str | None, expression: Expression | None = None, topics: Sequence[str] = ()
) -> Technology:
    if query is not None and expression is None:
        expression = parse(query).expression
    return Technology(id_, id_, "", 1, "", "", query, expression, tuple(topics))


def matches(
    query: str, title: str | None = None, abstract: str | None = None, keywords: Sequence[str] = ()
) -> bool:
    return "query" in hows(query, title, abstract, keywords)


def hows(
    query: str, title: str | None = None, abstract: str | None = None, keywords: Sequence[str] = ()
) -> list[How]:
    return [match.how for match in Matcher([technology("one", query)]).matches(title, abstract, keywords)]


def found_by(matcher: Matcher, how: How, *text: Any) -> set[str]:
    return {match.technology for match in matcher.matches(*text) if match.how == how}


@settings(max_examples=60, deadline=None)  # compiling takes its time on a busy machine
@given(st.lists(queries(), min_size=1, max_size=4), st.lists(works(), min_size=1, max_size=6))
def test_random_queries_match_what_the_rules_say(
    drawn: list[tuple[str, Expression]], texts: list[tuple[str | None, str | None, list[str]]]
) -> None:
    matcher = Matcher([technology(f"t{number}", query) for number, (query, _) in enumerate(drawn)])
    for title, abstract, keywords in texts:
        readings: dict[How, Segments] = {
            "query": segments_of(title, abstract, keywords),
            "title": segments_of(title, None, ()),
        }
        for how, segments in readings.items():
            expected = {f"t{number}" for number, (_, meant) in enumerate(drawn) if holds(meant, segments)}
            assert found_by(matcher, how, title, abstract, keywords) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(queries(), min_size=1, max_size=4),
    st.lists(
        works() | st.tuples(st.text(max_size=20), st.text(max_size=20), st.just([])), min_size=1, max_size=6
    ),
)
@example([("dot NOT oxide", _NOT)], [("dot", "oxide", [])])
@example([("dot NOT oxide", _NOT)], [("dot &amp", "lt;i> oxide", ["dot"])])
def test_by_title_is_what_a_record_with_nothing_but_the_title_matches(
    drawn: list[tuple[str, Expression]], texts: list[tuple[str | None, str | None, list[str]]]
) -> None:
    matcher = Matcher([technology(f"t{number}", query) for number, (query, _) in enumerate(drawn)])
    for title, abstract, keywords in texts:
        bare = found_by(matcher, "query", title, None)
        assert found_by(matcher, "title", title, abstract, keywords) == bare
        assert found_by(matcher, "title", title, None) == bare


@given(texts() | st.text(max_size=40))
@example("a<sub>2</sub> &amp;lt;b> İstanbul ǆ ﬁ ½ № ª x\u200dy")
def test_text_is_folded_to_the_same_words(text: str) -> None:
    words = folded([[text]])[0].decode().split()
    assert words == words_of(text.replace("\0", " "))


@given(st.lists(st.lists(st.none() | texts() | st.text(max_size=20), max_size=3), max_size=4))
@example([])
@example([["line\nbreak\r\nand\u2028others"], [], ["", ""], ["a,\n b"]])
def test_works_folded_together_are_each_folded_the_same(works: list[list[str | None]]) -> None:
    assert folded(works) == [text for work in works for text in folded([work])]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("quantum-dot", "A quantum dot laser"),
        ('"quantum dot"', "Quantum-dot lasers"),
        ("Schrodinger", "SCHRÖDINGER equation"),
        ("Łódź", "in Lodz"),
        ("behavio$r", "Behaviour of beams"),
        ("wom?n", "Women in science"),
        ("*oxide", "A peroxide"),
        ("superconduct*", "Superconductors"),
        ("CO2", "CO<sub>2</sub> capture"),
        ('"R&D"', "Spending on R&amp;D"),
        ("laser dye", "A dye for lasers and one laser"),
        ('"deep learning"', "Deep, learning"),
        ("alpha NEAR/2 beta", "beta one two alpha"),
        ("alpha NEAR/0 alpha", "alpha alpha"),
        ("a1 NEAR/1 a3 NEAR/1 a2", "a1 a2 a3"),
        ("alpha SAME beta", "alpha and beta"),
    ],
)
def test_a_title_that_matches(query: str, text: str) -> None:
    assert matches(query, title=text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ('"quantum dot"', "dot quantum"),
        ("wom?n", "womn"),
        ("behavio$r", "behaviouur"),
        ("oxide", "peroxide"),
        ("conduct*", "superconductor"),
        ("laser dye", "dyes for a laser"),
        ("alpha NEAR/1 beta", "beta one two alpha"),
        ("alpha NEAR/5 alpha", "alpha one two"),
        ("net*work", "network net of work nets"[7:]),
        ("ab NOT cd", "ab cd"),
        ("b1", "a < b1c > d"),
    ],
)
def test_a_title_that_does_not_match(query: str, text: str) -> None:
    assert not matches(query, title=text)


def test_a_topic_is_looked_for_in_title_abstract_and_keywords() -> None:
    assert matches("TS=laser", title="laser")
    assert matches("TS=laser", abstract="laser")
    assert matches("TS=laser", keywords=["dye", "laser"])


def test_a_field_is_looked_for_only_there() -> None:
    fields = {"TI": ("x", None, ()), "AB": (None, "x", ()), "AK": (None, None, ("y", "x"))}
    for tag in fields:
        found = {field for field, text in fields.items() if matches(f"{tag}=x", *text)}
        assert found == {tag}


def test_and_joins_fields_but_phrase_and_near_stay_in_one() -> None:
    assert matches("alpha AND beta", "alpha", "beta")
    assert not matches('"alpha beta"', "alpha", "beta")
    assert not matches("alpha NEAR/99 beta", "alpha", "beta")
    assert not matches('"alpha beta"', keywords=["alpha", "beta"])
    assert not matches("alpha NEAR/9 beta", keywords=["alpha", "beta"])


def test_a_boundary_cannot_be_forged_or_hidden_by_the_text() -> None:
    assert not matches("TI=alpha", None, "x\0alpha")
    assert matches('"x alpha"', None, "x\0alpha")
    assert not matches('"alpha beta"', '<a href="alpha', 'beta">')


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("alpha", ("alpha", "beta", ["beta"]), ["query", "title"]),
        ("alpha", ("beta", "alpha", ["alpha"]), ["query"]),
        ("alpha AND beta", ("alpha", "beta", []), ["query"]),
        ("alpha NEAR/2 beta", ("alpha beta", None, []), ["query", "title"]),
        ("alpha NEAR/2 beta", ("alpha", "alpha beta", []), ["query"]),
        ("TI=alpha", ("alpha", "beta", []), ["query", "title"]),
        ("AB=alpha", ("alpha", "alpha", ["alpha"]), ["query"]),
        ("AK=alpha", ("alpha", "alpha", ["alpha"]), ["query"]),
        ("TI=alpha NOT AB=beta", ("alpha", "beta", []), ["title"]),
        ("alpha NOT beta", ("alpha", "beta", []), ["title"]),
        ("alpha NOT beta", ("alpha", None, ["beta"]), ["title"]),
        ("alpha NOT beta", ("alpha beta", "alpha", []), []),
        ("alpha NOT beta", ("gamma", "alpha beta", []), []),
        ("gamma OR (alpha NOT beta)", ("alpha", "beta gamma", []), ["query", "title"]),
        ("alpha NOT (beta NOT gamma)", ("alpha", "beta", []), ["title"]),
        ("alpha NOT (beta NOT gamma)", ("alpha beta", "gamma", []), ["query"]),
        ("delta AND (alpha NOT beta)", ("alpha delta", "beta", []), ["title"]),
        ("superconduct*", ("Superconductors", None, []), ["query", "title"]),
        ("superconduct*", ("superconduct", "ors", []), ["query", "title"]),
    ],
)
def test_a_query_is_tried_on_the_title_alone_too(
    query: str, text: tuple[str | None, str | None, list[str]], expected: list[str]
) -> None:
    assert hows(query, *text) == expected


def test_a_work_that_one_query_finds_may_hold_for_another_by_its_title_alone() -> None:
    matcher = Matcher([technology("a", "alpha NOT beta"), technology("b", "beta")])
    assert matcher.matches("alpha", "beta") == [Match("b", "query"), Match("a", "title")]


def test_a_work_belongs_to_a_technology_by_its_topics_too() -> None:
    matcher = Matcher([technology("a", "alpha", topics=["T1", "T2"]), technology("b", None, topics=["T2"])])
    assert matcher.matches("alpha", None, [], ["T2", "T1"]) == [
        Match("a", "query"),
        Match("a", "title"),
        Match("a", "topic"),
        Match("b", "topic"),
    ]
    assert matcher.matches("beta", None, [], []) == []


def test_equal_queries_match_for_each_technology() -> None:
    matcher = Matcher([technology("a", "x AND y"), technology("b", "y AND x"), technology("c", "z")])
    assert [match.technology for match in matcher.matches(None, "x y")] == ["a", "b"]


def test_a_batch_gives_the_matches_of_its_rows() -> None:
    matcher = Matcher([technology("a", "alpha"), technology("b", "beta", topics=["T7"])])
    works = pa.RecordBatch.from_pylist(
        [
            {"title": "alpha", "abstract": "beta", "keywords": [], "topics": []},
            {"title": None, "abstract": None, "keywords": [], "topics": []},
            {"title": None, "abstract": None, "keywords": ["beta"], "topics": ["T7"]},
        ],
        schema=pa.schema(
            [
                ("title", pa.string()),
                ("abstract", pa.string()),
                ("keywords", pa.list_(pa.string())),
                ("topics", pa.list_(pa.string())),
            ]
        ),
    )
    assert matcher.match_batch(works).to_pylist() == [
        {"row": 0, "technology": "a", "how": "query"},
        {"row": 0, "technology": "b", "how": "query"},
        {"row": 0, "technology": "a", "how": "title"},
        {"row": 2, "technology": "b", "how": "query"},
        {"row": 2, "technology": "b", "how": "topic"},
    ]


def test_no_technology_matches_nothing() -> None:
    assert Matcher([]).matches("alpha", "beta", ["gamma"], ["T1"]) == []


def test_a_word_repeated_all_over_a_text_does_not_multiply_the_work() -> None:
    query = f"{' NEAR/99 '.join(['a1'] * 5)} NEAR/0 zz"
    assert matches(query, None, "a1 " * 600 + "zz")
    assert not matches(query, None, "a1 " * 600 + "q zz")
    assert not matches("acg*tta OR a1", None, "acgt" * 2000)
