"""The incremental strategies of the dbt project, on two drops of a handful of works.

Whole years are replaced, and whole drops and works in the ledger's tables. dbt's unit tests cannot see this,
since they look at what a model gives, not at what becomes of the rows that were there before.
"""

import shutil
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path

from assets.build import connect, prepare_build, record_resolution
from assets.ingest import ingest, withdraw
from assets.landing import ready_drops
from assets.pipeline import Pipeline
from orchestration.dbt import LEDGER_MODELS
from tests.arrivals import expected_of
from tests.comparison import (
    KEYS,
    Rows,
    assert_equals_oracle,
    assert_reconciled,
    differences,
    read_mart,
)
from tests.delivered_works import author, institution, work
from tests.derive import land
from tests.oracle import OracleDrop, Record
from tests.pipelines import make_pipeline
from tests.warm_dbt import build_models

YEARLY = [mart for mart, key in KEYS.items() if key[0] == "year" and mart != "year_quality"]
"""The marts whose years are replaced; `year_quality` is made anew in every run."""


def test_only_the_years_named_are_replaced_and_they_are_replaced_whole(tmp_path: Path) -> None:
    pipeline = make_pipeline(tmp_path)
    file = pipeline.store.build_file
    land(pipeline.landing, _first_drop())
    _count(pipeline, [2019, 2020])
    _assert_years(file, {2019, 2020})
    before = {mart: _of_years(read_mart(file, mart), {2019}) for mart in YEARLY}
    assert (2020, "all", "AU", "US") in read_mart(file, "pair_collaboration")

    # The later year comes first. It gains a work from 2019 and loses a pair; 2019 is left with nothing.
    land(pipeline.landing, _second_drop())
    _count(pipeline, [2020])
    _assert_years(file, {2019, 2020})
    _assert_rows(file, before, {2019})
    once = {mart: _of_years(read_mart(file, mart), {2020}) for mart in YEARLY}
    assert (2020, "all", "AU", "US") not in once["pair_collaboration"]

    # 2020 once more, with nothing new in it; 2018 for the first time.
    _count(pipeline, [2018, 2019, 2020])
    _assert_years(file, {2018, 2020})
    _assert_rows(file, once, {2020})
    expected = expected_of([_first_drop(), _second_drop()], pipeline.options)
    assert_equals_oracle(file, expected, "years counted out of order")
    assert_reconciled(file)


def test_a_drop_withdrawn_and_one_delivered_again_leave_nothing_behind(tmp_path: Path) -> None:
    pipeline = make_pipeline(tmp_path)
    land(pipeline.landing, _first_drop())
    land(pipeline.landing, _second_drop())
    _count(pipeline, [], "--select", LEDGER_MODELS)
    assert _outcomes(pipeline) == _ALL_OUTCOMES

    # Without the second drop its works fall back on the first, of which one work is gone by now.
    with pipeline.store.writing("withdrawing", pipeline.announce):
        withdraw(pipeline, "second")
    shutil.rmtree(pipeline.landing / "first")
    land(pipeline.landing, OracleDrop("first", None, _first_drop().records[1:]))
    _count(pipeline, [], "--select", LEDGER_MODELS)
    assert _outcomes(pipeline) == {
        ("first", "W2", 2019, "current"),
        ("first", "W3", 2020, "current"),
        ("first", "W4", 2020, "current"),
    }
    balance = read_mart(pipeline.store.build_file, "record_balance")
    assert balance == {("first", "openalex", "current", ""): {"records": 3}}


_ALL_OUTCOMES = {
    ("first", "W1", 2018, "current"),
    ("first", "W2", 2019, "superseded"),
    ("first", "W3", 2020, "superseded"),
    ("first", "W4", 2020, "current"),
    ("second", "W2", 2020, "current"),
    ("second", "W3", 2020, "current"),
}


def _first_drop() -> OracleDrop:
    """Each year has a work, a pair, and a code nobody knows, so that every table has rows of it."""
    return OracleDrop(
        "first",
        None,
        [
            _work(1, 2018, ["AU", "US", "XX"]),
            _work(2, 2019, ["CN", "DE", "XX"]),
            _work(3, 2020, ["AU", "US"]),
            _work(4, 2020, ["AU", "NA", "HK", "XX"]),
        ],
    )


def _second_drop() -> OracleDrop:
    """W2 moves from 2019 to 2020, and W3 loses its author in the US."""
    newer = "2026-01-01T00:00:00"
    return OracleDrop(
        "second",
        date(2026, 1, 1),
        [
            _work(2, 2020, ["CN", "DE"], updated_date=newer),
            _work(3, 2020, ["AU", "AU"], updated_date=newer),
        ],
    )


def _work(number: int, year: int, countries: Iterable[str], **changes: str) -> Record:
    authors = [author(institution(1, f"University of {code}", code)) for code in countries]
    return work(number, publication_year=year, authorships=authors, **changes)


def _count(pipeline: Pipeline, years: Collection[int], *selection: str) -> None:
    """Take in the drops and run dbt once over exactly these years, stale or not."""
    store, ledger, project = pipeline.store, pipeline.ledger, pipeline.project
    with store.writing("counting", pipeline.announce):
        for drop in ready_drops(pipeline):
            ingest(pipeline, drop, lambda _: None)
        prepare_build(store, ledger, project, pipeline.options.counting, years)
        build_models(pipeline, *selection)
        record_resolution(store, ledger, pipeline.resolution_rules())


def _assert_rows(file: Path, expected: Mapping[str, Rows], years: Collection[int]) -> None:
    """Every yearly mart says of these years what it said before; a sum's last bit may fall otherwise."""
    found = {mart: _of_years(read_mart(file, mart), years) for mart in YEARLY}
    assert not [str(item) for mart in YEARLY for item in differences(mart, found[mart], expected[mart])]


def _assert_years(file: Path, years: Collection[int]) -> None:
    """Every table replaced by year holds these years and no others."""
    with connect(file) as connection:
        columns = connection.execute(
            "select table_schema || '.' || table_name from information_schema.columns"
            " inner join information_schema.tables using (table_schema, table_name)"
            " where column_name = 'year' and table_type = 'BASE TABLE' and table_schema != 'control'"
            # Made anew in every run, and the records of a year that no longer counts are settled, too; there
            # is nothing to link and no address in what OpenAlex alone delivers.
            " and table_name not in ('year_contents', 'reconciliation', 'work_links',"
            " 'address_link_coverage', 'unmapped_addresses')"
        ).fetchall()
        found = {
            str(table): {int(year) for (year,) in connection.execute(f"select year from {table}").fetchall()}
            for (table,) in columns
        }
    elsewhere = {"reconciliation", "address_link_coverage", "unmapped_addresses"}
    assert {f"marts.{mart}" for mart in YEARLY if mart not in elsewhere} < found.keys()
    assert found == {table: set(years) for table in found}


def _of_years(rows: Rows, years: Collection[int]) -> Rows:
    return {key: row for key, row in rows.items() if key[0] in years}


def _outcomes(pipeline: Pipeline) -> set[tuple[str, str, int, str]]:
    """What became of each record, which is one of `work_versions`, too."""
    outcomes = "select drop_id, work_id, publication_year, outcome from ledger.work_outcomes"
    versions = "select drop_id, work_id, publication_year from ledger.work_versions"
    with connect(pipeline.store.build_file) as connection:
        found = connection.execute(outcomes).fetchall()
        stored = connection.execute(versions).fetchall()
    assert sorted(stored) == sorted(row[:3] for row in found)
    return {(str(row[0]), str(row[1]), int(row[2]), str(row[3])) for row in found}
