"""A new drop refreshes exactly the years it touches, and the store is as if built at once."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from orchestration.jobs import INGEST_JOB, PUBLISH_JOB, REFRESH_JOB
from tests.comparison import assert_same_marts
from tests.delivered_works import Json
from tests.derive import (
    emptied_year,
    moved_to_year,
    published_in,
    with_other_countries,
    write_drop,
)
from tests.integration.workshop import (
    DAY,
    YEARS,
    Said,
    Workshop,
    base_records,
    contents,
    counted_years,
    numbers_of,
    pairs_of,
)
from tests.pipelines import count_without_dagster, make_pipeline

pytest_plugins = ("tests.integration.workshop_fixtures",)

TOUCHED = [2008, 2009, 2015, 2018, 2019]
RANGES = [[2008, 2009], [2015], [2018, 2019]]
MOVED = "W20181"


def newer_records() -> list[Json]:
    """Newer versions in 2008, 2015 and 2019, none left in 2009, one work gone from 2018 to 2019."""
    base = base_records()
    moving = [record for record in base if record["id"].endswith(MOVED)]
    return [
        *with_other_countries(published_in(base, 2008, 2015, 2019), 1),
        *emptied_year(base, 1, year=2009),
        *moved_to_year(moving, 1, year=2019),
    ]


@dataclass(frozen=True)
class Arrival:
    """What happened when the drop with newer records arrived."""

    forecast: Said
    changed_by_forecast: bool
    first: Said
    counted: Mapping[str, list[int]]
    """Run id to the years of `country_output` it materialised, for the runs after the drop came."""
    jobs: Mapping[str, str]
    """Run id to the name of the job, for all runs."""
    published: Path
    """The file readers had afterwards."""
    years_with_rows: set[object]
    years_with_pairs: set[object]
    works: Mapping[object, object]
    again: Said
    changed_by_again: bool
    runs_after_again: int


@pytest.fixture(scope="module")
def arrival(built_workshop: tuple[Workshop, Path], tmp_path_factory: pytest.TempPathFactory) -> Arrival:
    workshop, template = built_workshop
    workshop.restore(template)
    workshop.land("newer", newer_records())
    store = workshop.store
    kept = (store.ledger_file, store.build_file, store.records, store.warehouse_file, store.exports)
    before = contents(*kept, store.dagster_home)
    forecast = workshop.run("run", "--dry-run")
    changed_by_forecast = contents(*kept, store.dagster_home) != before
    with workshop.instance() as instance:
        earlier = counted_years(instance)
    first = workshop.run("run")
    kept_copy = Path(shutil.copy(store.warehouse_file, tmp_path_factory.mktemp("arrival")))
    settled = contents(*kept)
    again = workshop.run("run")
    with workshop.instance() as instance:
        counted = counted_years(instance)
        jobs = {run.run_id: run.job_name for run in instance.get_runs()}
    return Arrival(
        forecast=forecast,
        changed_by_forecast=changed_by_forecast,
        first=first,
        counted={run_id: years for run_id, years in counted.items() if run_id not in earlier},
        jobs=jobs,
        published=kept_copy,
        years_with_rows={year for (year,) in numbers_of(store, "select year from marts.country_output")},
        years_with_pairs={year for (year,) in numbers_of(store, "select year from marts.pair_collaboration")},
        works=pairs_of(store, "select year, works from marts.year_totals"),
        again=again,
        changed_by_again=contents(*kept) != settled,
        runs_after_again=len(jobs),
    )


def test_a_drop_refreshes_exactly_the_years_it_touches_one_run_a_contiguous_range(arrival: Arrival) -> None:
    assert list(arrival.counted.values()) == RANGES
    assert {arrival.jobs[run_id] for run_id in arrival.counted} == {REFRESH_JOB}


def test_the_drop_is_read_in_a_run_of_its_own(arrival: Arrival) -> None:
    assert sorted(arrival.jobs.values()) == [INGEST_JOB] * 2 + [PUBLISH_JOB] * 2 + [REFRESH_JOB] * 4


def test_the_run_says_which_years_and_why(arrival: Arrival) -> None:
    assert arrival.first.status == 0
    expected = [
        "Drop base is ingested",
        "Drop newer is ready",
        "Read newer: 13 records in * s.",
        "Matched newer against 74 technologies: 0 of 13 records belong to one, in * s.",
        "Counting years 2008-2009.",
        "  2008: all 3 works of base left; newer brings 3 works",
        "  2009: all 3 works of base left",
        "Counting year 2015.",
        "  2015: all 3 works of base left; newer brings 3 works",
        "Counting years 2018-2019.",
        "  2018: 1 work of base left",
        "  2019: all 3 works of base left; newer brings 4 works",
        "Published vintage *",
    ]
    spoken = [line for line in arrival.first.lines if not line.startswith(("Reading ", "Starting "))]
    for line, pattern in zip(spoken, expected, strict=False):
        assert fnmatchcase(line, pattern), line


def test_the_run_ends_with_a_table_of_the_years_it_refreshed(arrival: Arrival) -> None:
    table = [line.split() for line in arrival.first.lines if line[:4].isdigit()]
    assert [row[0] for row in table] == ["2008", "2015", "2018", "2019"]
    assert {row[-1] for row in table} == {"5/5"}
    assert "1 of the years refreshed hold no work now." in arrival.first.lines


def test_a_dry_run_names_exactly_the_years_and_reasons_of_the_real_run(arrival: Arrival) -> None:
    said, done = (
        [line for line in said.lines if line.startswith("  20")] for said in (arrival.forecast, arrival.first)
    )
    assert said == done
    assert [int(line[2:6]) for line in said] == TOUCHED


def test_a_dry_run_says_how_many_runs_and_how_long(arrival: Arrival) -> None:
    assert arrival.forecast.status == 0
    assert fnmatchcase(
        arrival.forecast.lines[-1],
        "5 years would be refreshed in 3 runs (2008-2009, 2015, 2018-2019), in about * s."
        " Nothing was changed.",
    )


def test_a_dry_run_changes_nothing(arrival: Arrival) -> None:
    assert not arrival.changed_by_forecast


def test_running_again_does_nothing_and_says_so_in_one_line(arrival: Arrival) -> None:
    assert arrival.again.status == 0
    (line,) = arrival.again.lines
    assert fnmatchcase(line, "Nothing new: 2 drops ingested, vintage * is up to date.")
    assert not arrival.changed_by_again
    assert arrival.runs_after_again == 8


def test_a_work_that_moved_is_counted_in_its_new_year_alone(arrival: Arrival) -> None:
    assert (arrival.works[2018], arrival.works[2019]) == (2, 4)


def test_a_year_that_was_emptied_has_no_row_left(arrival: Arrival) -> None:
    expected = set(YEARS) - {2009}
    assert arrival.years_with_rows == arrival.years_with_pairs == arrival.works.keys() == expected


def test_the_marts_equal_those_of_a_store_built_from_all_drops_at_once(
    arrival: Arrival, tmp_path: Path
) -> None:
    pipeline = make_pipeline(tmp_path)
    write_drop(pipeline.landing / "base", base_records(), date=DAY)
    write_drop(pipeline.landing / "newer", newer_records(), date=DAY)
    counted = count_without_dagster(pipeline)
    assert counted == [year for year in YEARS if year != 2009]
    assert_same_marts(arrival.published, pipeline.store.build_file)
