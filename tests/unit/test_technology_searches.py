import pytest

from assets.errors import CollaborationError
from assets.pull.asked import Asked, year_range
from assets.pull.technology_searches import wanted_of
from assets.staleness import YearRange
from assets.technologies.catalogue import Catalogue, Technology
from assets.technologies.query_language import parse

YEARS = YearRange(2005, 2024)


def _technology(id_: str, query: str | None, topics: tuple[str, ...] = ()) -> Technology:
    expression = None if query is None else parse(query).expression
    return Technology(id_, id_.title(), "Made up", 1, "it", "no other", query, expression, topics)


CATALOGUE = Catalogue(
    (
        _technology("quantum-computing", "qubit$", ("T1",)),
        _technology("quantum-sensors", "magnetometer", ("T1",)),
        _technology("radar", "radar"),
    )
)


def test_the_searches_of_technologies_are_united_and_each_is_made_once() -> None:
    wanted = wanted_of(CATALOGUE, "quantum-sensors, quantum-computing", YEARS)
    assert [search.filter for search in wanted.searches] == [
        "publication_year:2005-2024,title_and_abstract.search.exact:( qubit OR qubits OR qubit?)",
        "publication_year:2005-2024,topics.id:T1",
        "publication_year:2005-2024,title_and_abstract.search.exact:( magnetometer)",
    ]
    assert wanted.title == "quantum-computing, quantum-sensors, 2005-2024"


def test_the_order_in_which_technologies_are_named_makes_no_other_request() -> None:
    assert wanted_of(CATALOGUE, "radar,quantum-sensors,radar", YEARS) == wanted_of(
        CATALOGUE, "quantum-sensors,radar", YEARS
    )


def test_all_are_all_technologies_of_the_catalogue() -> None:
    wanted = wanted_of(CATALOGUE, "all", YearRange(2020, 2020))
    assert len(wanted.searches) == 4
    assert wanted.title == "all 3 technologies, 2020"


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("Quantum Sensor", "No technology has the id 'Quantum Sensor' (near it: quantum-sensors)"),
        ("quantum", "(near it: quantum-computing, quantum-sensors). Give ids"),
        ("rader", "(near it: radar). "),
        ("zeppelins", "No technology has the id 'zeppelins'. Give ids of the catalogue"),
        ("radar,sonar,rader", "the id 'rader' (near it: radar); no technology has the id 'sonar'"),
        (" , ", "No technology is named: give ids"),
        ("all,radar", "all stands for every technology of the catalogue: name no other beside it"),
    ],
)
def test_technologies_that_are_not_there_are_refused_with_those_near_them(named: str, told: str) -> None:
    with pytest.raises(CollaborationError) as refused:
        wanted_of(CATALOGUE, named, YEARS)
    assert told in str(refused.value)


def test_a_query_the_api_cannot_search_for_is_named() -> None:
    catalogue = Catalogue((_technology("everything", "*omics"),))
    with pytest.raises(CollaborationError, match="query of everything cannot be put to the OpenAlex API"):
        wanted_of(catalogue, "all", YEARS)


def test_technologies_and_a_filter_or_a_search_exclude_each_other() -> None:
    for other in (Asked(filter="type:article"), Asked(search="radar")):
        with pytest.raises(CollaborationError, match="leave filter and search out"):
            Asked(filter=other.filter, search=other.search, technologies="radar")


def test_years_go_with_technologies_only() -> None:
    with pytest.raises(CollaborationError, match="Years go with technologies"):
        Asked(filter="type:article", years="2020")


def test_nothing_asked_for_is_refused() -> None:
    with pytest.raises(CollaborationError, match="Nothing says which works to pull"):
        Asked()


def test_years_are_one_year_or_a_range() -> None:
    assert year_range("2005-2024") == YEARS
    assert year_range(" 2020 ") == YearRange(2020, 2020)


@pytest.mark.parametrize("text", ["", "2024-2005", "05-24", "2005-", "2005,2006", "2005-2010-2015"])
def test_what_is_no_range_of_years_is_refused(text: str) -> None:
    with pytest.raises(CollaborationError, match="write 2020, or 2005-2024"):
        Asked(technologies="radar", years=text)
