"""The papers behind a number add up to it, and a question that cannot be meant is answered with near ones."""

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.errors import CollaborationError
from assets.explain import Explanation, explain
from assets.ledger import Ledger
from assets.question import Question
from assets.staleness import build_state
from assets.store import Store, open_store
from orchestration.explanation import lines
from tests.ledgers import counted_ledger
from tests.published import publish_by_hand

_BUILD = """
create schema intermediate; create schema ledger; create schema marts; create schema seeds;
create table intermediate.int_work_pairs as from (values
    (2019, 'openalex', 'W1', 'CN', 'US', 0.5::double), (2019, 'openalex', 'W2', 'CN', 'US', 1/3),
    (2019, 'scopus', '2-s2.0-3', 'CN', 'US', 0.0), (2019, 'openalex', 'W4', 'CN', 'US', 0.1 + 0.2 + 1/30),
    (2019, 'openalex', 'W1', 'CN', 'GB', 0.25), (2019, 'scopus', '2-s2.0-3', 'CN', 'GB', 0.25),
    (2019, 'openalex', 'W2', 'CN', 'GB', 0.25), (2019, 'openalex', 'W2', 'CN', 'ZZ', 0.25),
    (2018, 'openalex', 'W5', 'CN', 'US', 0.5)
) as rows (year, source, work_id, country_a, country_b, weight);
create table intermediate.int_work_countries as from (values
    (2019, 'openalex', 'W1', 'CN', 2, 0.5::double), (2019, 'openalex', 'W1', 'US', 2, 0.5),
    (2019, 'openalex', 'W2', 'CN', 3, 1/3), (2019, 'scopus', '2-s2.0-3', 'CN', 1, 0.5),
    (2019, 'openalex', 'W4', 'CN', 1200, 0.25)
) as rows (year, source, work_id, country, authors, output);
create table ledger.work_technologies as from (values
    (2019, 'openalex', 'W1', 'sonar'), (2019, 'openalex', 'W2', 'sonar'), (2019, 'openalex', 'W2', 'radar')
) as rows (year, source, work_id, technology);
create table ledger.work_outcomes as from (values
    ('openalex', 'W1', null, 'base/1', 'a.gz', 1, 'current'),
    ('openalex', 'W1', null, 'base/1', 'a.gz', 9, 'superseded'),
    ('openalex', 'W2', '10.1234/two', 'base/1', 'a.gz', 2, 'current'),
    ('scopus', '2-s2.0-3', null, 'other/1', 'a.gz', 1, 'current'),
    ('openalex', 'W4', null, 'base/1', 'a.gz', 4, 'current')
) as rows (source, work_id, doi, drop_version, file, position, outcome);
create table marts.year_totals as from (values (2018), (2019), (2021)) as rows (year);
create table marts.technologies as from (values ('sonar', 'Sonar and acoustic sensors'), ('radar', 'Radar'))
    as rows (technology, name);
create table seeds.countries as from (values
    ('CN', 'China', 'CN', 'CHN'), ('US', 'United States', 'US', 'USA'), ('HK', 'Hong Kong', 'CN', 'HKG'),
    ('GB', 'United Kingdom', 'GB', 'GBR'), ('UK', 'United Kingdom', 'GB', null)
) as rows (code, name, reporting_code, iso3);
"""

_PUBLISHED = """
create schema marts;
create table marts.vintage as select 'v1' as vintage, true as synthetic;
create table marts.pair_collaboration as from (values
    (2019, 'all', 'CN', 'US', 4, 0.5 + 1/3 + 1/3), (2019, 'sonar', 'CN', 'US', 2, 0.5 + 1/3),
    (2019, 'radar', 'CN', 'US', 1, 0.75), (2019, 'all', 'CN', 'ZZ', 1, 0.25),
    (2019, 'critical', 'CN', 'US', 2, 0.5 + 1/3), (2018, 'all', 'CN', 'US', 2, 0.5)
) as rows (year, technology, country_a, country_b, papers, weight);
create table marts.country_output as from (values (2019, 'all', 'CN', 4, 0.5 + 1/3 + 0.75))
    as rows (year, technology, country, papers, output);
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published store with a few papers of CN and US, written by hand."""
    store = open_store(tmp_path_factory.mktemp("explained") / "store")
    _run_script(store.build_file, _BUILD)
    _stored(
        store, "base/1", {1: "One", 2: "Two\x1b[31m\n lines", 4: None, 9: "One, as it was"}, [0, 8, 8, 900]
    )
    _stored(store, "other/1", {1: "Three"}, [None])
    ledger = counted_ledger(store.ledger_file, 2019)
    publish_by_hand(store, build_state(ledger), lambda file: _run_script(file, _PUBLISHED), name="v1")
    return store.root


def _run_script(file: Path, script: str) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute(script)


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Store:
    return open_store(shutil.copytree(template, tmp_path / "store", symlinks=True))


def _stored(
    store: Store, version: str, titles: dict[int, str | None], citations: Sequence[int | None]
) -> None:
    folder = store.records / version / "year=2019"
    folder.mkdir(parents=True)
    table = pa.table(
        {
            "file": ["a.gz"] * len(titles),
            "position": list(titles),
            "title": list(titles.values()),
            "cited_by_count": pa.array(citations, pa.int32()),
        }
    )
    pq.write_table(table, folder / "part-00000.parquet")


def _explain(
    store: Store,
    country: str = "CN",
    partner: str | None = "US",
    year: int = 2019,
    technology: str = "all",
    limit: int = 20,
) -> Explanation:
    question = Question(country, partner, year, technology)
    return explain(store, Ledger(store.ledger_file), question, limit)


# The papers


def test_papers_come_by_contribution_and_add_up_to_the_published_weight(store: Store) -> None:
    found = _explain(store)
    # The sum of decimals is a third but for its last bits, so that ids decide between W2 and W4.
    assert [paper.work_id for paper in found.shown] == ["W1", "W2", "W4", "2-s2.0-3"]
    assert sum(paper.contribution for paper in found.shown) == pytest.approx(found.total)
    assert (found.papers, found.rest, found.agrees, found.disagreement) == (4, 0, True, "")
    assert found.published == pytest.approx(0.5 + 2 / 3)
    assert (found.vintage, found.synthetic) == ("v1", True)


def test_papers_that_give_the_same_come_by_citations_and_unknown_ones_last(store: Store) -> None:
    shown = _explain(store, partner="GB").shown
    assert [(paper.work_id, paper.citations) for paper in shown] == [("W2", 8), ("W1", 0), ("2-s2.0-3", None)]


def test_a_paper_is_shown_as_its_current_record_says(store: Store) -> None:
    one, two, four, three = _explain(store).shown
    assert (one.title, one.doi, one.link) == ("One", None, "https://openalex.org/W1")
    assert (two.doi, two.link) == ("10.1234/two", "https://doi.org/10.1234/two")
    assert two.technologies == ("radar", "sonar")
    assert (three.title, three.link, three.authors) == ("Three", None, 1)
    assert (four.title, four.technologies, four.authors) == (None, (), 1200)


def test_the_order_of_the_two_countries_does_not_matter(store: Store) -> None:
    assert _explain(store, "US", "CN").shown == _explain(store).shown
    assert _explain(store, "cn", "us").shown == _explain(store).shown


def test_without_a_partner_it_is_the_output_that_is_explained(store: Store) -> None:
    found = _explain(store, partner=None)
    assert [paper.work_id for paper in found.shown] == ["W1", "2-s2.0-3", "W2", "W4"]
    assert [paper.contribution for paper in found.shown] == pytest.approx([0.5, 0.5, 1 / 3, 0.25])
    assert found.agrees


@pytest.mark.parametrize(("technology", "works"), [("sonar", ["W1", "W2"]), ("critical", ["W1", "W2"])])
def test_a_work_counts_once_in_a_technology_and_in_critical(
    store: Store, technology: str, works: list[str]
) -> None:
    found = _explain(store, technology=technology)
    assert [paper.work_id for paper in found.shown] == works
    assert found.agrees


@pytest.mark.parametrize("limit", [0, 1, 3, 4, 100])
def test_what_is_not_shown_is_summed(store: Store, limit: int) -> None:
    found = _explain(store, limit=limit)
    assert len(found.shown) == min(limit, 4)
    assert sum(paper.contribution for paper in found.shown) + found.rest == pytest.approx(found.total)
    assert found.agrees


def test_the_unknown_country_can_be_asked_for(store: Store) -> None:
    assert [paper.work_id for paper in _explain(store, "CN", "ZZ").shown] == ["W2"]


def test_a_pair_without_papers_has_none_and_that_is_what_is_published(store: Store) -> None:
    found = _explain(store, "GB", "US")
    assert (found.papers, found.total, found.published, found.shown, found.agrees) == (0, 0, 0, (), True)


# When it does not add up


def test_a_sum_that_is_not_the_published_weight_is_said(store: Store) -> None:
    found = _explain(store, technology="radar")
    assert found.total == pytest.approx(1 / 3)
    assert (found.published, found.agrees) == (0.75, False)
    assert found.disagreement == "That should not be. Count the year again: backfill --years 2019."


def test_the_right_sum_of_too_few_papers_does_not_agree(store: Store) -> None:
    assert not _explain(store, year=2018).agrees


def test_records_that_changed_since_the_vintage_are_the_likely_reason(store: Store) -> None:
    publish_by_hand(store, "another state", lambda file: _run_script(file, _PUBLISHED), name="v1")
    assert _explain(store, technology="radar").disagreement == (
        "Records or rules changed since that vintage was published. Run it, then ask again."
    )


# What cannot be answered


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"country": "China"}, "There is no country 'China'. Near it: CN (China). Name two letters, "),
        ({"partner": "USA"}, "There is no country 'USA'. Near it: US (United States). "),
        ({"partner": "united kingdm"}, "There is no country 'united kingdm'. Near it: GB (United Kingdom). "),
        ({"partner": "QQ"}, "There is no country 'QQ'. Name two letters, such as CN or US."),
        ({"partner": "HK"}, "HK (Hong Kong) is counted as CN (China): ask for CN."),
        ({"partner": "CN"}, "CN is no partner of its own. Name another country, or none for its output."),
        ({"year": 2020}, "No work of 2020 is counted. There are works of 2018-2019, 2021."),
        ({"technology": "sonnar"}, "There is no technology 'sonnar'. Near it: sonar. "),
        ({"technology": "acoustic"}, "There is no technology 'acoustic'. Near it: sonar. "),
        ({"technology": "Critical"}, "There is no technology 'Critical'. Near it: critical. "),
    ],
)
def test_what_there_is_not_is_refused_with_what_is_near(
    store: Store, asked: dict[str, object], message: str
) -> None:
    with pytest.raises(CollaborationError) as refused:
        _explain(store, **asked)  # type: ignore[arg-type]
    assert str(refused.value).startswith(message)


def test_nothing_is_read_while_a_writer_is_at_work(store: Store) -> None:
    answered = threading.Event()

    def ask() -> None:
        _explain(store)
        answered.set()

    asking = threading.Thread(target=ask)
    with store.writing("counting years 2018-2019"):
        asking.start()
        assert not answered.wait(0.2)
    asking.join(20)
    assert answered.is_set()


def test_a_store_in_which_nothing_is_published_is_said_to_be_so(tmp_path: Path) -> None:
    store = open_store(tmp_path / "new")
    with pytest.raises(CollaborationError, match=r"Nothing is published in .*new yet"):
        _explain(store)


def test_a_build_that_was_broken_off_is_said_to_be_so(store: Store) -> None:
    with duckdb.connect(str(store.build_file)) as connection:
        connection.execute("drop table intermediate.int_work_pairs")
    with pytest.raises(CollaborationError, match="is not complete, a run was broken off"):
        _explain(store)


def test_nothing_is_changed_by_asking(store: Store) -> None:
    files = (store.build_file, store.warehouse_file)
    before = [path.read_bytes() for path in files]
    _explain(store)
    assert [path.read_bytes() for path in files] == before


# How it is said


def test_people_see_the_papers_the_rest_and_the_sum(store: Store) -> None:
    assert list(lines(_explain(store, limit=2))) == [
        "Weight of CN with US in 2019, all works",
        "Vintage v1 (SYNTHETIC)",
        "",
        "0.500000  One",
        "          openalex W1 · https://openalex.org/W1 · 2 authors · 0 citations · sonar",
        # Nothing in a title can steer the terminal.
        "0.333333  Two [31m lines",
        "          openalex W2 · https://doi.org/10.1234/two · 3 authors · 8 citations · radar, sonar",
        "0.333333  2 papers more",
        "1.166667  from 4 papers, which is the published weight",
    ]


def test_people_see_that_a_sum_is_not_the_published_number(store: Store) -> None:
    assert list(lines(_explain(store, technology="radar")))[-2:] == [
        "0.333333  from 1 paper, but the published weight is 0.750000 from 1 paper",
        "That should not be. Count the year again: backfill --years 2019.",
    ]
