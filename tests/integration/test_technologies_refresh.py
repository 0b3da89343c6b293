"""A query that changes has its own technology counted anew, from the stored text, and nothing else."""

import shutil
from pathlib import Path

import pytest

from assets.build import connect
from assets.pipeline import Pipeline
from assets.staleness import stale_years
from assets.technology_matches import update_matches
from tests.catalogues import Entries, write_catalogue
from tests.comparison import CORE_KEYS, read_mart
from tests.delivered_works import author, institution, work
from tests.ledgers import deliver
from tests.pipelines import count_without_dagster, make_pipeline, resolve_without_dagster, with_options

BEFORE: Entries = {"radar": ("radar", ()), "sonar": ("sonar", ()), "lidar": ("lidar", ())}
AFTER: Entries = {**BEFORE, "radar": ("radar OR maser", ()), "maser": ("maser", ())}
_UNTOUCHED = 1_000_000


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """A pipeline whose two years are counted by the first catalogue."""
    titles = {2019: ("Radar and sonar", "A maser", "Lidar"), 2020: ("Sonar", "Of nothing")}
    authors = [
        author(institution(number, f"University of {code}", code)) for number, code in enumerate(["CN", "US"])
    ]
    numbered = [(year, title) for year, of_year in titles.items() for title in of_year]
    deliver(
        tmp_path / "landing" / "base",
        *(
            work(number, publication_year=year, title=title, authorships=authors)
            for number, (year, title) in enumerate(numbered, start=1)
        ),
    )
    catalogue = write_catalogue(tmp_path / "catalogue", BEFORE)
    pipeline = with_options(make_pipeline(tmp_path), catalogue=catalogue)
    assert count_without_dagster(pipeline) == [2019, 2020]
    return pipeline


def test_only_the_technology_that_changed_is_counted_again(pipeline: Pipeline, tmp_path: Path) -> None:
    _mark(pipeline)
    shutil.rmtree(pipeline.landing / "base")
    write_catalogue(pipeline.options.catalogue, AFTER)
    assert count_without_dagster(pipeline) == [2019]
    papers = {
        (year, technology): papers
        for (year, technology, _, _), papers in _papers(pipeline.store.build_file).items()
    }
    assert {key for key, value in papers.items() if value == _UNTOUCHED} == {
        (2019, "all"),
        (2019, "lidar"),
        (2019, "sonar"),
        (2020, "all"),
        (2020, "critical"),
        (2020, "sonar"),
    }
    assert {key: value for key, value in papers.items() if value != _UNTOUCHED} == {
        (2019, "critical"): 3,
        (2019, "maser"): 1,
        (2019, "radar"): 2,
    }


def test_counting_one_technology_gives_what_counting_all_would(pipeline: Pipeline, tmp_path: Path) -> None:
    write_catalogue(pipeline.options.catalogue, AFTER)
    count_without_dagster(pipeline)
    write_catalogue(pipeline.options.catalogue, {**AFTER, "lidar": ("lidars", ())})
    count_without_dagster(pipeline)
    anew = with_options(
        make_pipeline(tmp_path / "anew", pipeline.landing), catalogue=pipeline.options.catalogue
    )
    count_without_dagster(anew)
    for mart in CORE_KEYS:
        assert read_mart(pipeline.store.build_file, mart) == read_mart(anew.store.build_file, mart), mart
    assert not [row for row in read_mart(pipeline.store.build_file, "country_output") if "lidar" in row]


def test_a_technology_that_left_and_came_back_between_two_runs_of_dbt_is_taken_in_once(
    pipeline: Pipeline,
) -> None:
    write_catalogue(pipeline.options.catalogue, {"lidar": BEFORE["lidar"]})
    with pipeline.store.writing("finding technologies", pipeline.announce):
        update_matches(pipeline, lambda _, __: None)
    # Sonar, of which the build file has the same already, comes in one file with what is new.
    write_catalogue(pipeline.options.catalogue, AFTER)
    resolve_without_dagster(pipeline)
    assert {item.file for item in pipeline.ledger.matches() if item.technology == "sonar"} == {
        item.file for item in pipeline.ledger.matches() if item.technology == "radar"
    }
    with connect(pipeline.store.build_file) as connection:
        found = connection.execute(
            "select technology, position from ledger.matched_records where how = 'query' order by all"
        )
        assert found.fetchall() == [
            ("lidar", 3),
            ("maser", 2),
            ("radar", 1),
            ("radar", 2),
            ("sonar", 1),
            ("sonar", 4),
        ]


def test_a_new_version_of_a_query_is_kept_with_its_results_though_it_finds_the_same(
    pipeline: Pipeline,
) -> None:
    path = pipeline.options.catalogue / "sonar.toml"
    path.write_text(path.read_text().replace("version = 5", "version = 6"))
    assert count_without_dagster(pipeline) == [2019, 2020]
    sizes = read_mart(pipeline.store.build_file, "technology_size")
    versions = {key: row["catalogue_version"] for key, row in sizes.items() if key[1] in ("radar", "sonar")}
    assert versions == {(2019, "radar"): 5, (2019, "sonar"): 6, (2020, "sonar"): 6}


def test_a_run_says_which_technologies_it_counts_and_why(pipeline: Pipeline) -> None:
    write_catalogue(pipeline.options.catalogue, AFTER)
    count_without_dagster(pipeline)
    write_catalogue(pipeline.options.catalogue, BEFORE)
    resolve_without_dagster(pipeline)
    (stale,) = stale_years(pipeline.ledger, pipeline.counting_rules())
    assert stale.year == 2019
    assert stale.technologies == ("critical", "maser", "radar")
    assert stale.reason == ("maser: has no work any more; radar: its query changed, 1 work instead of 2")


def _mark(pipeline: Pipeline) -> None:
    """Change every row, so that those written again can be told from those left alone."""
    with connect(pipeline.store.build_file, read_only=False) as connection:
        connection.execute(f"update marts.pair_collaboration set papers = {_UNTOUCHED}")


def _papers(file: Path) -> dict[tuple[object, ...], object]:
    return {key: row["papers"] for key, row in read_mart(file, "pair_collaboration").items()}
