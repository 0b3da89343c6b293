"""Processes that want the same store at once wait in line, with a message, or share it; none fails.

Real processes throughout: the command line, and runs Dagster executes in a process that does not hold the
store's lock from beginning to end, as those of the UI.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import duckdb
import pytest

from assets.vintages import published, vintages
from tests.command_process import start
from tests.derive import restamped
from tests.integration.workshop import FIRST_YEAR, YEARS, Workshop, base_records, counted_years, open_workshop

_CHECKOUT = Path(__file__).resolve().parents[2]
_IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_PATIENCE = 900

# A run as the UI starts one: Dagster's, each step of which takes the lock for itself.
_LIKE_THE_UI = """
import sys
from pathlib import Path
from assets.staleness import YearRange
from orchestration.definitions import build_definitions
from orchestration.instance import open_instance
from orchestration.jobs import REFRESH_JOB
from orchestration.partitions import year_tags
from tests.integration.workshop import Workshop

pipeline = Workshop(Path(sys.argv[1])).pipeline()
job = build_definitions(pipeline).resolve_job_def(REFRESH_JOB)
with open_instance(pipeline.store) as instance:
    years = YearRange(int(sys.argv[2]), int(sys.argv[3]))
    result = job.execute_in_process(instance=instance, tags=year_tags(years), raise_on_error=False)
sys.exit(0 if result.success else 1)
"""


@dataclass
class Ended:
    """A process that ended: what it said and its exit status."""

    said: str
    status: int


def _started_like_the_ui(workshop: Workshop, first: int, last: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _LIKE_THE_UI, str(workshop.root), str(first), str(last)],
        cwd=_CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _ended(processes: Mapping[str, "subprocess.Popen[str]"]) -> dict[str, Ended]:
    ended = {}
    for name, process in processes.items():
        with process:
            said, _ = process.communicate(timeout=_PATIENCE)
        ended[name] = Ended(said, process.returncode)
    return ended


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    """A new store with a drop waiting."""
    with TemporaryDirectory(dir=_IN_MEMORY) as folder:
        made = open_workshop(Path(folder) / "place")
        made.land("base", base_records())
        yield made


@pytest.fixture(scope="module")
def first_two(workshop: Workshop) -> dict[str, Ended]:
    """Two headless runs at the same moment on a new store."""
    return _ended({name: start(workshop.root, "run") for name in ("one", "other")})


def test_two_first_runs_at_once_both_succeed(first_two: Mapping[str, Ended]) -> None:
    assert [item.status for item in first_two.values()] == [0, 0], first_two


def test_the_second_of_two_runs_says_for_whom_it_waits_and_finds_nothing_new(
    first_two: Mapping[str, Ended],
) -> None:
    (waiting,) = [item.said for item in first_two.values() if "Waiting for process" in item.said]
    assert "(headless run) to finish with the store." in waiting
    assert "Nothing new: 1 drops ingested" in waiting


def test_two_runs_at_once_count_each_year_once(first_two: object, workshop: Workshop) -> None:
    with workshop.instance() as instance:
        assert list(counted_years(instance).values()) == [list(YEARS)]
    assert len(vintages(workshop.store)) == 1
    assert workshop.pipeline().ledger.deliveries("base") == 1


def test_the_pool_is_limited_before_its_first_run(first_two: object, workshop: Workshop) -> None:
    with workshop.instance() as instance:
        limits = {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}
    assert set(limits.values()) == {1}, limits


@dataclass
class Crowd:
    """What became of many processes that were started at once."""

    ended: Mapping[str, Ended]
    read: list[str]
    """Vintages a reader saw through a connection opened before, and through one opened afterwards."""
    runs: Counter[tuple[int, ...]]
    """Years to the runs that counted just these."""
    statuses: set[str]


@pytest.fixture(scope="module")
def crowd(first_two: object, workshop: Workshop) -> Crowd:
    """A run with a new drop, overlapping backfills, a run of the UI, and those who only look."""
    workshop.land("later", restamped(base_records(), 1, days=30))
    with workshop.instance() as instance:
        before = set(counted_years(instance))
    question = "select vintage from marts.vintage"
    with duckdb.connect(str(workshop.store.warehouse_file), read_only=True) as reader:
        processes = {"run": start(workshop.root, "run")}
        for years in ("2006-2008", "2007-2009", "2008-2010"):
            processes[f"backfill {years}"] = start(workshop.root, "backfill", "--years", years)
        processes["like the UI"] = _started_like_the_ui(workshop, 2015, 2016)
        for command in ("status", "run --dry-run", f"explain US CN {FIRST_YEAR}"):
            processes[command] = start(workshop.root, *command.split())
        ended = _ended(processes)
        read = [str(reader.execute(question).fetchall()[0][0])]
    with duckdb.connect(str(workshop.store.warehouse_file), read_only=True) as reader:
        read.append(str(reader.execute(question).fetchall()[0][0]))
    with workshop.instance() as instance:
        counted = {run: years for run, years in counted_years(instance).items() if run not in before}
        statuses = {run.status.value for run in instance.get_runs()}
    return Crowd(ended, read, Counter(tuple(years) for years in counted.values()), statuses)


def test_none_of_a_crowd_fails(crowd: Crowd) -> None:
    assert {name: item.said for name, item in crowd.ended.items() if item.status} == {}
    assert crowd.statuses == {"SUCCESS"}


def test_none_of_a_crowd_meets_another_in_a_lock(crowd: Crowd) -> None:
    for name, item in crowd.ended.items():
        said = item.said.lower()
        assert "could not set lock" not in said, name
        assert "is locked" not in said, name
        assert "traceback" not in said, name


def test_those_who_wait_in_a_crowd_say_so(crowd: Crowd) -> None:
    backfills = [item.said for name, item in crowd.ended.items() if name.startswith("backfill")]
    assert sum("Waiting for process" in said for said in backfills) >= 2


def test_each_backfill_of_a_crowd_counts_its_years_once(crowd: Crowd) -> None:
    for years in ((2006, 2007, 2008), (2007, 2008, 2009), (2008, 2009, 2010)):
        assert crowd.runs[years] == 1, crowd.runs
    # Between two steps of the UI's run a headless one may find its years counted but not checked.
    assert 1 <= crowd.runs[(2015, 2016)] <= 2, crowd.runs


def test_a_reader_keeps_what_was_open_while_another_vintage_is_published(
    crowd: Crowd, workshop: Workshop
) -> None:
    first, last = crowd.read
    kept = vintages(workshop.store)
    assert first == kept[0].name
    current = published(workshop.store)
    assert current is not None
    assert last == current.name
    assert last != first


def test_the_run_history_holds_no_run_that_is_still_under_way(crowd: Crowd, workshop: Workshop) -> None:
    with workshop.instance() as instance:
        assert not instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
