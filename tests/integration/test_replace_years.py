"""The incremental strategies of the dbt project, on two drops of a handful of works.

Whole years are replaced, and whole drops and works in the ledger's tables; where only a technology of a
year changed, it alone. dbt's unit tests cannot see this, since they look at what a model gives, not at what
becomes of the rows that were there before.
"""

import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from assets.build import connect, prepare_build
from assets.ingest import withdraw
from assets.pipeline import Pipeline
from orchestration.dbt import LEDGER_MODELS
from tests.arrivals import expected_of
from tests.catalogues import write_catalogue
from tests.comparison import (
    KEYS,
    Rows,
    assert_equals_oracle,
    assert_reconciled,
    differences,
    expected_marts,
    read_mart,
)
from tests.delivered_works import author, institution, work
from tests.derive import land
from tests.oracle import OracleDrop, Record
from tests.pipelines import count_without_dagster, make_pipeline, resolve_without_dagster, with_options
from tests.warm_dbt import build_models

YEARLY = [
    mart for mart, key in KEYS.items() if key[0] == "year" and mart not in {"year_quality", "partner_ranking"}
]
"""The marts whose rows of a year are of that year alone; the others compare years."""

_COUPLING = {"coupling": ("TI=coupling", ()), "policy": (None, ("T12965",))}
"""Every work of the drops below is of both technologies."""


def test_only_the_years_named_are_replaced_and_they_are_replaced_whole(tmp_path: Path) -> None:
    pipeline = _pipeline(tmp_path)
    file = pipeline.store.build_file
    land(pipeline.landing, _first_drop())
    resolve_without_dagster(pipeline)
    _count(pipeline, [2019, 2020])
    _assert_years(file, {2019, 2020})
    before = {mart: _of_years(read_mart(file, mart), {2019}) for mart in YEARLY}
    assert (2020, "all", "AU", "US") in read_mart(file, "pair_collaboration")

    # The later year comes first. It gains a work from 2019 and loses a pair; 2019 is left with nothing.
    land(pipeline.landing, _second_drop())
    resolve_without_dagster(pipeline)
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
    pipeline = _pipeline(tmp_path)
    land(pipeline.landing, _first_drop())
    land(pipeline.landing, _second_drop())
    resolve_without_dagster(pipeline)
    assert _outcomes(pipeline) == _ALL_OUTCOMES
    assert _matches(pipeline) == {(drop_id, *which) for drop_id, *_ in _ALL_OUTCOMES for which in _WAYS}

    # Without the second drop its works fall back on the first, of which one work is gone by now.
    with pipeline.store.writing("withdrawing", pipeline.announce):
        withdraw(pipeline, "second")
    shutil.rmtree(pipeline.landing / "first")
    land(pipeline.landing, OracleDrop("first", None, _first_drop().records[1:]))
    resolve_without_dagster(pipeline)
    assert _matches(pipeline) == {("first", *which) for which in _WAYS}
    assert _outcomes(pipeline) == {
        ("first", "W2", 2019, "current"),
        ("first", "W3", 2020, "current"),
        ("first", "W4", 2020, "current"),
    }
    balance = read_mart(pipeline.store.build_file, "record_balance")
    assert balance == {("first", "openalex", "current", ""): {"records": 3}}


@dataclass(frozen=True)
class Recount:
    """What became of a build when a query of the catalogue changed and another technology left it."""

    pipeline: Pipeline
    years: list[int]
    """Those that were counted again."""
    cells_before: set[tuple[object, ...]]
    """Year and technology of what was counted at first."""


@pytest.fixture(scope="module")
def recount(tmp_path_factory: pytest.TempPathFactory) -> Recount:
    """Every row of the marts is marked in between, so that those that stand can be told from new ones."""
    folder = tmp_path_factory.mktemp("recount")
    catalogue = write_catalogue(folder / "catalogue", _TECHNOLOGIES)
    pipeline = with_options(make_pipeline(folder), catalogue=catalogue)
    land(pipeline.landing, _drop_of_technologies())
    count_without_dagster(pipeline, study=True)
    cells = set(read_mart(pipeline.store.build_file, "year_totals"))
    with connect(pipeline.store.build_file, read_only=False) as connection:
        for mart, column in _MARKED.items():
            connection.execute(f"update marts.{mart} set {column} = {column} + {_MARK}")
    # Known matches are not read again: they could not be.
    for matches in pipeline.store.matches.rglob("*.parquet"):
        matches.unlink()
    changed = {name: entry for name, entry in _TECHNOLOGIES.items() if name != "lasers"}
    write_catalogue(catalogue, changed | {"drones": ("TI=(drone* OR system*)", ())})
    return Recount(pipeline, count_without_dagster(pipeline, study=True), cells)


def test_a_technology_that_changes_takes_only_its_rows_and_those_of_critical(recount: Recount) -> None:
    assert recount.years == [2018, 2019, 2020]
    gone = {(2018, "lasers"), (2018, "critical"), (2020, "lasers")}
    # The works of drones are the same in 2019, and so are those of `critical`; they came by another query.
    anew = {(2019, "drones"), (2020, "drones"), (2020, "critical")}
    assert gone | anew < recount.cells_before
    for mart in ("country_output", "pair_collaboration", "year_totals", "country_basis", "reconciliation"):
        standing, fresh = _told_apart(recount, mart)
        assert {key[:2] for key in standing} == recount.cells_before - gone - anew, mart
        assert {key[:2] for key in fresh} == anew, mart
        _assert_expected(recount, mart, fresh)


def test_what_compares_technologies_is_replaced_in_every_year_one_of_them_changed(recount: Recount) -> None:
    # The two works of 2020 that lasers shared are of one technology now.
    for mart, years in (("technology_size", {2018, 2019, 2020}), ("technology_overlap", {2019})):
        standing, fresh = _told_apart(recount, mart)
        assert {key[0] for key in standing} == {2017}, mart
        assert {key[0] for key in fresh} == years, mart
        _assert_expected(recount, mart, fresh)


def test_what_no_technology_changes_stands(recount: Recount) -> None:
    for mart in ("abstract_coverage", "unknown_country_codes"):
        standing, fresh = _told_apart(recount, mart)
        assert {key[0] for key in standing} == {2017, 2018, 2019, 2020}, mart
        assert not fresh, mart


def test_a_technology_that_is_gone_leaves_nothing(recount: Recount) -> None:
    with connect(recount.pipeline.store.build_file) as connection:
        columns = connection.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
            " where column_name in ('technology', 'technology_a', 'technology_b')"
            " and table_schema != 'control'"
        ).fetchall()
        left = [
            table
            for table, column in columns
            if connection.execute(f"select 1 from {table} where {column} = 'lasers'").fetchone()
        ]
    assert {"marts.country_output", "marts.technology_overlap", "ledger.matched_records"} < {
        table for table, _ in columns
    }
    assert not left


def test_matches_of_a_former_query_go(recount: Recount) -> None:
    with connect(recount.pipeline.store.build_file) as connection:
        found = connection.execute(
            "select position, technology, digest from ledger.matched_records where how = 'query' order by all"
        ).fetchall()
    digests = {entry.technology: entry.digest for entry in recount.pipeline.ledger.catalogue().entries}
    expected = [(1, "radar"), (1, "sonar"), (4, "drones"), (4, "radar"), (5, "radar"), (6, "drones")]
    expected += [(7, "radar"), (8, "drones")]
    assert found == [(position, name, digests[name]) for position, name in expected]


_NOT_REPLACED = {
    # Made anew in every run, as the ledger's tables are.
    *("int_work_technologies", "int_work_citations", "int_work_impacts", "int_affiliation_shares"),
    "int_reading_pairs",
    # Of the countries that statements name alone.
    "int_claim_series",
    # Of pairs that have a weight in another year, too.
    *("intensity_change", "intensity_mix_change"),
    # The records of a year that no longer counts are settled, too.
    "reconciliation",
    # There is nothing to link and no address in what OpenAlex alone delivers.
    *("work_links", "address_link_coverage", "unmapped_addresses"),
}
"""Tables with a year that do not hold exactly the years counted."""

_MARK = 1000
_MARKED = {
    "country_output": "papers",
    "pair_collaboration": "papers",
    "year_totals": "works",
    "country_basis": "authors",
    "reconciliation": "expected",
    "technology_size": "works",
    "technology_overlap": "works",
    "abstract_coverage": "works",
    "unknown_country_codes": "authors",
}
"""A column of each mart that says nothing to the other models."""

_TECHNOLOGIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "drones": ("TI=drone*", ()),
    "lasers": ("TI=laser*", ()),
    "radar": ("TI=radar*", ()),
    "sonar": ("TI=sonar*", ()),
}


def _drop_of_technologies() -> OracleDrop:
    """In 2017 nothing is of what changes; in 2018 nothing is left but works of no technology."""
    return OracleDrop(
        "technologies",
        None,
        [
            _work(1, 2017, ["AU", "US", "XX"], title="Radar and sonar"),
            _work(2, 2018, ["AU", "US", "XX"], title="Lasers"),
            _work(3, 2018, ["AU", "CN"], title="Glaciers"),
            _work(4, 2019, ["CN", "DE", "XX"], title="Drones and radar"),
            _work(5, 2019, ["CN", "US"], title="Radar"),
            _work(6, 2020, ["AU", "US", "XX"], title="Drones and lasers"),
            _work(7, 2020, ["CN", "US"], title="Lasers and radar"),
            _work(8, 2020, ["DE", "FR", "AU"], title="Systems"),
        ],
    )


def _told_apart(recount: Recount, mart: str) -> tuple[Rows, Rows]:
    """The rows of a mart that stood, and those that were made anew."""
    rows = read_mart(recount.pipeline.store.build_file, mart)
    marked = {key for key, row in rows.items() if float(str(row[_MARKED[mart]])) >= _MARK}
    return (
        {key: rows[key] for key in rows.keys() & marked},
        {key: rows[key] for key in rows.keys() - marked},
    )


def _assert_expected(recount: Recount, mart: str, rows: Rows) -> None:
    """These rows are what brute force gives, if it knows the mart."""
    expected = expected_marts(expected_of([_drop_of_technologies()], recount.pipeline.options)).get(
        mart, rows
    )
    assert not [str(item) for item in differences(mart, rows, {key: expected[key] for key in rows})]


_WAYS = (("coupling", "query"), ("coupling", "title"), ("policy", "topic"))
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


def _pipeline(folder: Path) -> Pipeline:
    return with_options(make_pipeline(folder), catalogue=write_catalogue(folder / "catalogue", _COUPLING))


def _count(pipeline: Pipeline, years: Collection[int]) -> None:
    """Run dbt once over exactly these years, stale or not."""
    with pipeline.store.writing("counting", pipeline.announce):
        prepare_build(pipeline, years)
        build_models(pipeline, "--exclude", LEDGER_MODELS)


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
            " where column_name = 'year' and table_schema != 'control'"
            " and (table_type = 'BASE TABLE' or list_contains($yearly, table_name))"
            " and table_schema != 'ledger' and not list_contains($elsewhere, table_name)",
            {"yearly": YEARLY, "elsewhere": sorted(_NOT_REPLACED)},
        ).fetchall()
        found = {
            str(table): {int(year) for (year,) in connection.execute(f"select year from {table}").fetchall()}
            for (table,) in columns
        }
    assert {f"marts.{mart}" for mart in YEARLY if mart not in _NOT_REPLACED} < found.keys()
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


def _matches(pipeline: Pipeline) -> set[tuple[str, ...]]:
    """Drop, technology and way of each match that is kept."""
    matches = (
        "select drop_id, matches.technology, how from ledger.matched_records as matches"
        " left join control.active_drops using (drop_version)"
    )
    with connect(pipeline.store.build_file) as connection:
        return set(connection.execute(matches).fetchall())
