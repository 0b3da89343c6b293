"""The report counts each work once, by its latest version, and says what it was found by."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.ledger_facts import VersionState
from assets.record_columns import record_batch
from assets.records import DeliveredRecord, Record
from assets.store import Store
from assets.technologies.catalogue import Technology
from assets.technologies.expressions import Expression
from assets.technologies.match_report import MatchReport, active_record_files, match_report
from assets.technologies.matcher import Matcher
from assets.technologies.query_language import parse
from tests.ledgers import version
from tests.naive_matcher import queries, works


def technology(id_: str, query: str | None, *topics: str) -> Technology:
    expression = None if query is None else parse(query).expression
    return Technology(id_, f"Name of {id_}", "", 3, "", "", query, expression, topics)


LASERS = technology("lasers", '"diode laser" OR maser OR (laser OR lasers) NEAR/3 cavity')
SOILS = technology("soils", "(soil OR peat) NOT liner", "T3")


def record(number: int, title: str | None, year: int | None = 2019, topics: Sequence[str] = ()) -> Record:
    return Record(
        source="openalex",
        work_id=f"W{number}",
        doi=None,
        title=title,
        abstract=None,
        publication_year=year,
        document_types=[],
        is_retracted=False,
        is_paratext=False,
        is_xpac=False,
        is_authors_truncated=False,
        keywords=[],
        topics=list(topics),
        author_countries=[],
        author_basis=[],
        institutions=[],
        author_institutions=[],
        cited_by_count=None,
    )


def stored(path: Path, *records: Record, updated: datetime | None = None) -> Path:
    """A file of the record store."""
    delivered = [DeliveredRecord(number, updated, one) for number, one in enumerate(records, 1)]
    batch = record_batch(["part"] * len(records), delivered)
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, batch.schema) as writer:
        writer.write_batch(batch)
    return path


def report(tmp_path: Path, *records: Record, titles: int = 5) -> MatchReport:
    return match_report([stored(tmp_path / "a.parquet", *records)], [LASERS, SOILS], titles)


def test_a_work_found_in_two_ways_counts_in_both_and_once_in_all(tmp_path: Path) -> None:
    found = report(
        tmp_path, record(1, "Peat", topics=["T3"]), record(2, None, topics=["T3", "T4"]), record(3, "Soil")
    )
    soils = found.technologies[1]
    assert (soils.works, soils.by_query, soils.by_topic) == (3, 2, 2)
    assert (found.works, found.matched) == (3, 3)


def test_a_title_that_matches_alone_is_not_reported(tmp_path: Path) -> None:
    made = record(1, "Dust")
    made.abstract = "Gone"
    dust = technology("dust", "TI=dust NOT AB=gone")
    found = match_report([stored(tmp_path / "a.parquet", made, record(2, "Dust"))], [dust], 5)
    assert (found.works, found.matched, found.technologies[0].works) == (2, 1, 1)


def test_the_latest_version_of_a_work_decides(tmp_path: Path) -> None:
    undated = stored(tmp_path / "0.parquet", record(1, "Peat"), record(2, "Peat"))
    older = stored(tmp_path / "1.parquet", record(1, "A maser"), updated=datetime(2023, 1, 1))
    newer = stored(tmp_path / "2.parquet", record(1, "A diode laser"), updated=datetime(2024, 1, 1))
    found = match_report([newer, undated, older], [LASERS, SOILS], 5)
    lasers, soils = found.technologies
    assert [one.title for one in lasers.recent] == ["A diode laser"]
    assert [one.work_id for one in soils.recent] == ["W2"]
    assert found.works == 2


def test_the_same_version_in_two_drops_is_one_work(tmp_path: Path) -> None:
    paths = [stored(tmp_path / f"{drop}.parquet", record(1, "A maser")) for drop in (1, 2)]
    found = match_report(paths, [LASERS], 5)
    assert (found.works, found.technologies[0].works) == (1, 1)


def test_works_are_counted_by_five_years_and_those_without_a_year_by_themselves(tmp_path: Path) -> None:
    years = (2004, 2005, 2009, 2010, None)
    found = report(tmp_path, *(record(number, "Maser", year) for number, year in enumerate(years)))
    assert dict(found.technologies[0].by_years) == {2000: 1, 2005: 2, 2010: 1, None: 1}


def test_recent_titles_come_latest_first_and_no_more_than_asked_for(tmp_path: Path) -> None:
    years = (None, 2004, 2019, 2011)
    found = report(tmp_path, *(record(number, "Maser", year) for number, year in enumerate(years)), titles=3)
    assert [one.publication_year for one in found.technologies[0].recent] == [2019, 2011, 2004]


def test_each_title_says_which_alternatives_found_it(tmp_path: Path) -> None:
    found = report(
        tmp_path, record(1, "A diode laser in a cavity"), record(2, "Peat under a liner", topics=["T3"])
    )
    lasers, soils = found.technologies
    assert lasers.recent[0].found_by == (
        '"diode laser"',
        '(("laser" OR "lasers") NEAR/3 "cavity")',
    )
    assert [one.found_by for one in soils.recent] == [("topic",)]
    assert dict(soils.by_alternative) == {"topic": 1}


def test_shared_works_and_works_of_no_technology_are_told(tmp_path: Path) -> None:
    found = report(
        tmp_path,
        record(1, "Maser and peat"),
        record(2, "Maser, soil"),
        record(3, "Soil"),
        record(4, "Rivers"),
    )
    assert [(one.one, one.other, one.works) for one in found.overlaps] == [("lasers", "soils", 2)]
    assert [one.title for one in found.unmatched] == ["Rivers"]


def test_the_text_has_one_line_a_title_and_a_row_for_a_technology_without_works(tmp_path: Path) -> None:
    lines = list(report(tmp_path, record(1, "A\nmaser\x1b[31m at\u2028night"), record(2, None, None)).lines())
    assert '- 2019: A maser [31m at night (openalex W1) ["maser"]' in lines
    assert "- no year: (no title) (openalex W2)" in lines
    assert "| Name of soils | 0 | 0.0% |" in lines
    assert "Works: 1 (50.0% of all); by query 1, by topic 0" in lines


def test_nothing_stored_is_a_report_without_works() -> None:
    found = match_report([], [LASERS], 20)
    assert (found.works, found.technologies[0].works, found.overlaps) == (0, 0, ())
    assert "Works: 0 (0.0% of all)" in list(found.lines())


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(CollaborationError, match=r"broken\.parquet.*`reread`"):
        match_report([path], [LASERS], 20)


def test_only_drop_versions_that_count_are_looked_at(tmp_path: Path) -> None:
    store, ledger = Store(tmp_path), Ledger(tmp_path / "ledger.sqlite")
    for number, state in ((1, VersionState.ACTIVE), (2, VersionState.ACTIVE), (3, VersionState.REJECTED)):
        made = version("drop", number, state=state)
        ledger.record(made, f"signature {number}")
        stored(store.records / made.drop_version / "year=2019" / "0.parquet", record(number, "Maser"))
    found = match_report(active_record_files(store, ledger), [LASERS], 20)
    assert [one.work_id for one in found.technologies[0].recent] == ["W2"]


@settings(max_examples=25, deadline=None)
@given(query=queries(), work=works())
def test_a_work_is_found_exactly_when_its_query_matches(
    tmp_path_factory: pytest.TempPathFactory,
    query: tuple[str, Expression],
    work: tuple[str | None, str | None, list[str]],
) -> None:
    title, abstract, keywords = work
    made = record(1, title)
    made.abstract, made.keywords = abstract, keywords
    wanted = Technology("a", "a", "", 1, "", "", query[0], query[1])
    path = stored(tmp_path_factory.mktemp("records") / "a.parquet", made)
    matches = [match for match in Matcher([wanted]).matches(*work) if match.how != "title"]
    assert match_report([path], [wanted], 1).matched == len(matches)
