"""What is explained of counted records adds up to every published number, and is said on the command line."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings

from assets.explain import explain
from assets.pipeline import Pipeline
from assets.publish import publish
from assets.question import Question
from orchestration import cli
from orchestration.dbt import prepare_project
from orchestration.definitions import mart_descriptions
from tests.catalogues import write_catalogue
from tests.derive import land
from tests.oracle import OracleDrop, Record
from tests.pipelines import count_without_dagster, make_pipeline, with_options
from tests.strategies import CATALOGUE, works

WORKS = 28


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A pipeline with random works of four years in three technologies, counted and published."""
    folder: Path = tmp_path_factory.mktemp("explain")
    catalogue = write_catalogue(folder / "catalogue", CATALOGUE)
    pipeline = with_options(make_pipeline(folder), catalogue=catalogue)
    records = _random_works()
    land(pipeline.landing, OracleDrop("even", date(2026, 3, 2), records[::2]), files=2)
    land(pipeline.landing, OracleDrop("odd", None, records[1::2], technology="stated alone"))
    count_without_dagster(pipeline, study=True)
    descriptions = mart_descriptions(prepare_project(pipeline).manifest_path)
    with pipeline.store.writing("publishing"):
        publish(pipeline.store, pipeline.ledger, pipeline.counting_rules(), descriptions)
    return pipeline


def _random_works() -> list[Record]:
    """Works of ids of their own, so that each is counted unless it is out of scope."""
    drawn: list[Record] = []

    @settings(max_examples=WORKS, phases=[Phase.generate], database=None, deadline=None, derandomize=True)
    @given(works())
    def draw(record: Record) -> None:
        number = len(drawn) + 1
        own = {"id": f"https://openalex.org/W{number}", "doi": None, "title": f"Title {number}"}
        drawn.append({**record, **own})

    draw()
    return drawn


def _published(pipeline: Pipeline, query: str) -> Sequence[tuple[object, ...]]:
    with duckdb.connect(str(pipeline.store.warehouse_file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def _questions(pipeline: Pipeline, query: str) -> list[tuple[Question, float, int]]:
    rows: Sequence[Any] = _published(pipeline, query)
    return [(Question(*names), number, papers) for *names, number, papers in rows]


@pytest.mark.parametrize(
    ("query", "fewest"),
    [
        ("select country_a, country_b, year, technology, weight, papers from marts.pair_collaboration", 40),
        ("select country, null, year, technology, output, papers from marts.country_output", 40),
    ],
)
def test_the_papers_of_every_number_add_up_to_it(pipeline: Pipeline, query: str, fewest: int) -> None:
    numbers = _questions(pipeline, query)
    assert len(numbers) >= fewest
    for question, number, papers in numbers:
        found = explain(pipeline.store, pipeline.ledger, question, limit=1000)
        assert found.agrees, (question, number, found)
        assert len(found.shown) == found.papers == papers
        assert sum(paper.contribution for paper in found.shown) == pytest.approx(number, rel=1e-9, abs=1e-9)
        # The title is that of the very record.
        assert all(paper.title == f"Title {paper.work_id[1:]}" for paper in found.shown)


def test_the_top_papers_of_every_pair_are_the_first_that_are_explained(pipeline: Pipeline) -> None:
    questions = _questions(
        pipeline,
        "select country_a, country_b, year, technology, weight, papers from marts.pair_collaboration"
        " where 'ZZ' not in (country_a, country_b)",
    )
    top = _published(
        pipeline,
        "select country_a, country_b, papers.year, technology, source, work_id, weight, title, doi, authors,"
        " cited_by_count from marts.top_papers as papers"
        " inner join marts.top_paper_records as records using (source, work_id) order by all",
    )
    first = [
        (question.country, question.partner, question.year, question.technology, paper.source, paper.work_id,
         paper.contribution, paper.title, paper.doi, paper.authors, paper.citations)
        for question, _, _ in questions
        for paper in explain(pipeline.store, pipeline.ledger, question, limit=5).shown
    ]  # fmt: skip
    assert len(top) >= 40
    assert top == sorted(first)


def test_the_exports_of_the_real_marts_have_keys_and_descriptions(pipeline: Pipeline) -> None:
    exports = pipeline.store.exports
    resources = json.loads((exports / "datapackage.json").read_text("utf-8"))["resources"]
    assert list((exports / "pair_collaboration").glob("year=20??.csv"))
    assert (exports / "year_totals.csv").is_file()
    for item in resources:
        fields = item["schema"]["fields"]
        assert item["description"], item["path"]
        assert item["schema"]["primaryKey"], item["path"]
        assert all(field["description"] for field in fields), item["path"]


@pytest.fixture
def shown(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> "Shown":
    monkeypatch.setattr(cli, "read_pipeline", lambda: pipeline)
    return Shown(capfd)


class Shown:
    """Runs `explain` in this process; gives its exit status and what it printed."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *arguments: str) -> tuple[int, str]:
        self._capfd.readouterr()
        status = cli.main(["explain", *arguments])
        return status, self._capfd.readouterr().out


def test_the_command_shows_papers_and_their_sum(pipeline: Pipeline, shown: Shown) -> None:
    ((first, second, year, weight, papers),) = _published(
        pipeline,
        "select country_a, country_b, year, weight, papers from marts.pair_collaboration"
        " where technology = 'all' order by papers desc, weight desc, country_a, country_b, year limit 1",
    )
    status, text = shown(str(second), str(first), str(year), "--limit", "1")
    assert status == 0
    assert text.splitlines()[0] == f"Weight of {second} with {first} in {year}, all works"
    assert text.splitlines()[-1] == f"{weight:,.6f}  from {papers} papers, which is the published weight"


def test_the_command_for_scripts_is_json(pipeline: Pipeline, shown: Shown) -> None:
    ((country, year, papers),) = _published(
        pipeline,
        "select country, year, papers from marts.country_output where technology = 'critical'"
        " order by papers desc, country, year limit 1",
    )
    status, text = shown(str(country), str(year), "--technology", "critical", "--json", "--limit", "1")
    found = json.loads(text)
    assert status == 0
    asked = {"country": country, "partner": None, "year": year, "technology": "critical"}
    assert (found["question"], found["papers"], found["agrees"]) == (asked, papers, True)
    assert len(found["shown"]) == 1


def test_a_number_that_the_papers_do_not_add_up_to_ends_in_failure(pipeline: Pipeline, shown: Shown) -> None:
    ((country, year),) = _published(
        pipeline,
        "select country, year from marts.country_output where technology = 'all' order by all limit 1",
    )
    original = pipeline.store.warehouse_file.read_bytes()
    with duckdb.connect(str(pipeline.store.warehouse_file)) as connection:
        connection.execute("update marts.country_output set output = output + 1e-6")
    try:
        status, text = shown(str(country), str(year))
    finally:
        pipeline.store.warehouse_file.write_bytes(original)
    assert status == 4
    assert text.splitlines()[-1] == f"That should not be. Count the year again: backfill --years {year}."


def test_a_question_without_answer_is_one_sentence(shown: Shown) -> None:
    status, text = shown("UK", "US", "2018")
    assert status == 1
    assert text == "Error: UK (United Kingdom) is counted as GB (United Kingdom): ask for GB.\n"


def test_a_question_without_year_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["explain", "CN", "US"])
    assert ended.value.code == 2
    assert "argument YEAR: 'US' is no whole number" in capsys.readouterr().err
