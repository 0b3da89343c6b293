"""The brute-force computation knows the technologies of a work and their sums, as worked by hand."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from assets.technologies.catalogue import Technology
from assets.technologies.query_language import parse
from tests.oracle import (
    CRITICAL,
    OPENALEX,
    SCOPUS,
    TECHNOLOGY,
    WOS,
    AbstractCoverage,
    KnownTechnology,
    OracleDrop,
    OracleResult,
    Record,
    TechnologyOverlap,
    TechnologySize,
    Ways,
    compute,
)
from tests.oracle_records import delivered
from tests.oracle_technologies import technology_overlap, technology_size

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
F = Fraction
QUERY, TOPIC, STATED = Ways(by_query=True), Ways(by_topic=True), Ways(by_statement=True)
QUERY_AND_TITLE, TITLE = Ways(by_query=True, by_title=True), Ways(by_title=True)


def _technology(name: str, query: str | None, *topics: str, version: int = 1) -> Technology:
    expression = None if query is None else parse(query).expression
    return Technology(name, name.title(), "Kind", version, "", "", query, expression, topics)


LASERS = _technology("lasers", "laser$ NOT mirror$", version=3)
ICE = _technology("ice", 'TS="ice core$" OR AK=glacier*', "T1")
TOPICAL = _technology("topical", None, "T1", "T2")
CATALOGUE = (ICE, LASERS, TOPICAL)


def _openalex(number: int = 1, /, **fields: Any) -> Record:
    return {
        "id": f"https://openalex.org/W{number}",
        "doi": "https://doi.org/10.5555/A",
        "title": "Coupling of research systems",
        "publication_year": 2019,
        "type": "article",
        "authorships": [{"institutions": [{"country_code": "AU"}]}],
        "updated_date": "2024-01-01",
        **fields,
    }


def _wos(number: int = 1, /, **fields: Any) -> Record:
    fixed = {"UT": f"WOS:{number}", "DT": "Article", "PY": "2019", "EY": "", "EA": "", "DA": "2024-01-01"}
    own = {
        "DI": "10.5555/a",
        "TI": "Coupling of research systems",
        "addresses": [],
        "authors": [{"addresses": []}],
    }
    return {**fixed, **own, **fields}


def _scopus(number: int = 1, /, **fields: Any) -> Record:
    fixed = {"EID": f"2-s2.0-{number}", "Document Type": "Article", "Year": "2019", "DOI": "10.5555/a"}
    own = {"Title": "Coupling of research systems", "addresses": [], "authors": [{"addresses": []}]}
    return {**fixed, **own, **fields}


def _drop(source: str, *records: Record, name: str = "", technology: str | None = None) -> OracleDrop:
    return OracleDrop(name or source, None, records, source=source, technology=technology)


def _compute(*drops: OracleDrop, catalogue: Sequence[Technology] = CATALOGUE) -> OracleResult:
    return compute(drops, start_year=2018, end_year=2020, seeds=SEEDS, technologies=catalogue)


def _topics(*numbers: str) -> list[Record]:
    return [{"id": f"https://openalex.org/{number}"} for number in numbers]


# What a record says


@pytest.mark.parametrize(
    ("fields", "abstract"),
    [
        ({"abstract_inverted_index": {"core": [1, 3], "Ice": [0], "by": [2]}}, "Ice core by core"),
        ({"abstract_inverted_index": {"core": [7], "Ice": [2]}}, "Ice core"),
        (
            {"abstract_inverted_index": {"IndexLength": 2, "InvertedIndex": {"core": [1], "Ice": [0]}}},
            "Ice core",
        ),
        ({"abstract_inverted_index": json.dumps({"core": [1], "Ice": [0]})}, "Ice core"),
        ({"abstract_inverted_index": None, "abstract": "Ice core"}, "Ice core"),
        ({"abstract_inverted_index": {}}, ""),
        ({}, ""),
    ],
)
def test_an_abstract_is_its_words_in_their_order(fields: Record, abstract: str) -> None:
    assert delivered(OPENALEX, _openalex(**fields)).abstract == abstract


def test_keywords_and_topics_of_openalex_are_names_and_short_ids() -> None:
    keywords = [{"display_name": "Ice"}, {"keyword": "Older name"}, {"display_name": None}]
    record = delivered(OPENALEX, _openalex(keywords=keywords, topics=_topics("T1", "T2")))
    assert (record.keywords, record.topics) == (("Ice", "Older name"), ("T1", "T2"))


def test_exports_part_keywords_by_semicolons_and_have_no_topics() -> None:
    wos = delivered(WOS, _wos(AB="Text", DE="ice; snow ;"))
    scopus = delivered(SCOPUS, _scopus(**{"Abstract": "Text", "Author Keywords": "ice; snow ;"}))
    for record in (wos, scopus):
        assert (record.abstract, record.keywords, record.topics) == ("Text", ("ice", "snow"), ())
    assert not delivered(SCOPUS, _scopus(Abstract="[No abstract available]")).abstract


# Ways into a technology


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "An ice-core"}, {"ice": QUERY_AND_TITLE}),
        ({"abstract_inverted_index": {"Ice": [0], "cores": [1]}}, {"ice": QUERY}),
        ({"title": "Ice", "abstract_inverted_index": {"cores": [0]}}, {}),
        ({"keywords": [{"display_name": "Glaciers"}]}, {"ice": QUERY}),
        ({"title": "Glaciers"}, {}),
        ({"title": "Lasers", "abstract_inverted_index": {"mirrors": [0]}}, {"lasers": TITLE}),
        ({"title": "Lasers", "abstract_inverted_index": {"optics": [0]}}, {"lasers": QUERY_AND_TITLE}),
        ({"topics": _topics("T2")}, {"topical": TOPIC}),
        ({"topics": _topics("T3")}, {}),
        (
            {"title": "Ice cores", "topics": _topics("T1")},
            {"ice": Ways(True, True, by_title=True), "topical": TOPIC},
        ),
    ],
)
def test_a_work_comes_to_what_its_text_and_topics_say(fields: Record, expected: dict[str, Ways]) -> None:
    result = _compute(_drop(OPENALEX, _openalex(**fields)))
    assert result.technology_ways == {(OPENALEX, "W1", name): ways for name, ways in expected.items()}


def test_a_title_that_matches_alone_is_read_when_titles_are_and_not_else() -> None:
    both = [{"institutions": [{"country_code": code}]} for code in ("AU", "CN")]
    mirrors = {"mirrors": [0]}
    result = _compute(
        _drop(
            OPENALEX,
            _openalex(1, doi=None, title="Lasers", authorships=both, abstract_inverted_index=mirrors),
            _openalex(2, doi=None, authorships=both, topics=_topics("T2")),
        ),
        _drop(OPENALEX, _openalex(3, doi=None), name="stated", technology="lasers"),
    )
    assert result.work_technologies.keys() == {(OPENALEX, "W2", "topical"), (OPENALEX, "W3", "lasers")}
    assert result.year_totals[2019, CRITICAL].works == 2
    assert result.title_pairs.keys() == {(2019, "AU", "CN")}
    row = result.title_pairs[2019, "AU", "CN"]
    # R of W1 and W3: one half and one for AU, one half for CN.
    assert (row.papers, row.weight, row.intensity_squared) == (1, F(1, 2), F(1, 3))


def test_a_work_has_what_any_record_merged_into_it_has_and_each_is_judged_alone() -> None:
    result = _compute(
        _drop(OPENALEX, _openalex(abstract_inverted_index={"Mirrors": [0]}, topics=_topics("T2"))),
        _drop(WOS, _wos(AB="A laser"), technology="elsewhere"),
        _drop(SCOPUS, _scopus(**{"Author Keywords": "glacier"}), technology="ice"),
    )
    # Joined into one text, the mirrors would rule out the laser.
    assert result.work_technologies == {
        (OPENALEX, "W1", "elsewhere"): STATED,
        (OPENALEX, "W1", "ice"): Ways(by_query=True, by_statement=True),
        (OPENALEX, "W1", "lasers"): QUERY,
        (OPENALEX, "W1", "topical"): TOPIC,
    }


def test_only_the_version_that_counts_is_matched_but_every_drop_may_state() -> None:
    older = _drop(WOS, _wos(AB="A laser"), name="older", technology="ice")
    newer = _drop(WOS, _wos(AB="Nothing", DA="2024-02-01"), name="newer")
    assert _compute(older, newer).work_technologies == {(WOS, "WOS:1", "ice"): STATED}


def test_a_record_that_does_not_count_and_is_not_merged_gives_nothing() -> None:
    letter = _openalex(type="letter", title="Lasers on ice cores of research", topics=_topics("T1"))
    result = _compute(_drop(OPENALEX, letter, technology="ice"), _drop(WOS, _wos()))
    assert not result.work_technologies
    assert result.year_totals.keys() == {(2019, TECHNOLOGY)}


# The dimension


def test_a_work_counts_in_each_of_its_technologies_and_once_in_critical_and_all() -> None:
    ice = _openalex(1, doi=None, title="Ice cores", topics=_topics("T2"))
    result = _compute(_drop(OPENALEX, ice, _openalex(2, doi=None)))
    works = {technology: row.works for (_, technology), row in result.year_totals.items()}
    assert works == {TECHNOLOGY: 2, CRITICAL: 1, "ice": 1, "topical": 1}
    assert {key[1]: row.output for key, row in result.country_output.items()} == works
    assert result.country_output[2019, CRITICAL, "AU"].rank == 1


def test_the_technologies_are_those_of_the_catalogue_and_those_stated() -> None:
    result = _compute(
        _drop(WOS, _wos(), technology="lasers"), _drop(SCOPUS, technology="elsewhere"), catalogue=[LASERS]
    )
    assert result.technologies == {
        "elsewhere": KnownTechnology("statement", "elsewhere", None, None, None),
        "lasers": KnownTechnology("catalogue", "Lasers", "Kind", 3, LASERS.digest),
    }


# Sizes, overlaps, abstracts


def test_a_technology_is_as_large_as_its_works_and_says_how_they_came() -> None:
    works = [
        (2019, {"ice": QUERY, "lasers": Ways(by_query=True, by_statement=True)}),
        (2019, {"lasers": STATED}),
        (2019, {"ice": TOPIC, "elsewhere": STATED}),
        (2019, {}),
        (2020, {}),
    ]
    assert technology_size(works, [LASERS]) == {
        (2019, TECHNOLOGY): TechnologySize(4, 0, 0, 0, None, F(1), None, None, None),
        (2019, CRITICAL): TechnologySize(3, 1, 1, 3, None, F(3, 4), F(1), None, None),
        (2019, "ice"): TechnologySize(2, 1, 1, 0, 0, F(1, 2), F(2, 3), None, None),
        (2019, "lasers"): TechnologySize(2, 1, 0, 2, 1, F(1, 2), F(2, 3), 3, LASERS.digest),
        (2019, "elsewhere"): TechnologySize(1, 0, 0, 1, 0, F(1, 4), F(1, 3), None, None),
        (2020, TECHNOLOGY): TechnologySize(1, 0, 0, 0, None, F(1), None, None, None),
    }


def test_technologies_overlap_in_the_works_of_both() -> None:
    both = {"lasers": QUERY, "ice": TOPIC}
    works = [
        (2019, both),
        (2019, both),
        (2019, {"ice": QUERY}),
        (2020, {"lasers": QUERY}),
        (2020, {"ice": QUERY}),
    ]
    assert technology_overlap(works) == {(2019, "ice", "lasers"): TechnologyOverlap(2, F(2, 3))}


def test_the_abstract_of_the_record_that_counts_is_what_covers_a_work() -> None:
    result = _compute(
        _drop(
            OPENALEX,
            _openalex(1),
            _openalex(2, doi=None, abstract="Text"),
            _openalex(3, doi=None, abstract=" "),
        ),
        _drop(WOS, _wos(1, AB="Not looked at"), _wos(2, DI="", AB="Text", PY="2020")),
        _drop(SCOPUS, _scopus(DOI="", Abstract="[No abstract available]")),
    )
    assert result.abstract_coverage == {
        (2019, OPENALEX): AbstractCoverage(3, 1, F(1, 3)),
        (2020, WOS): AbstractCoverage(1, 1, F(1)),
        (2019, SCOPUS): AbstractCoverage(1, 0, F(0)),
    }
