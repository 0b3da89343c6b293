"""Many things at once, over real processes: hundreds of drops within a minute, then a queue of backfills.

One story, since starting the processes and reading the drops is what costs. It prints its figures.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from assets.ledger import Ledger
from assets.ledger_facts import VersionState
from assets.pipeline import Options
from assets.store import Store
from tests.arrivals import expected_of
from tests.catalogues import write_catalogue_of_real_drops
from tests.comparison import assert_equals_oracle, assert_reconciled
from tests.delivered_works import Json, author, institution, work
from tests.derive import write_drop
from tests.end_to_end.asked_of_dagster import completed_runs, finished_runs, launch_backfill
from tests.end_to_end.dagster_server import DagsterServer, serving
from tests.operation.memory_watch import LASTING, MemoryWatch, watching_memory
from tests.oracle import OracleDrop

DROPS = 500
WORKS_A_DROP = 4
DELIVERY_SECONDS = 60
BACKFILLS = 20
GROWTH_MIB = 100
"""What a lasting process may hold more in the last third of the time than in the first: caches that fill."""
FIRST_YEAR, LAST_YEAR = 2005, 2024
_LOCK_FAULTS = ("database is locked", "could not set lock", "conflicting lock")
_COUNTRIES = ("CN", "US", "DE", "AU", "JP", "FR")


@dataclass
class Load:
    """The store under load and the figures that were taken."""

    server: DagsterServer
    store: Store
    landing: Path
    prepared: Path
    catalogue: Path
    """A few technologies, since brute force takes its time over all."""
    memory: MemoryWatch
    figures: list[tuple[str, str]] = field(default_factory=list)

    def note(self, what: str, figure: str) -> None:
        self.figures.append((what, figure))

    def assert_as_counted_by_brute_force(self, when: str) -> None:
        drops = [
            OracleDrop(path.name, _day(number), _works(number)) for number, path in _folders(self.landing)
        ]
        options = Options(start_year=FIRST_YEAR, end_year=LAST_YEAR, catalogue=self.catalogue)
        expected = expected_of(drops, options)
        assert_equals_oracle(self.store.warehouse_file, expected, when)
        assert_reconciled(self.store.warehouse_file)


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    folder = tmp_path_factory.mktemp("load")
    landing, prepared = folder / "landing", folder / "prepared"
    landing.mkdir()
    for number in range(DROPS):
        write_drop(prepared / f"drop-{number:04d}", _works(number), date=_day(number))
    catalogue = write_catalogue_of_real_drops(folder / "catalogue")
    settings = {
        "COLLAB_START_YEAR": str(FIRST_YEAR),
        "COLLAB_END_YEAR": str(LAST_YEAR),
        "COLLAB_CATALOGUE": str(catalogue),
        "COLLAB_REPORT": "skip",
    }
    with (
        serving(folder / "store", landing, folder / "ui.log", **settings) as server,
        watching_memory(server.process) as memory,
    ):
        yield Load(server, Store(folder / "store"), landing, prepared, catalogue, memory)


def test_hundreds_of_drops_within_a_minute_are_read_in_a_few_runs(load: Load) -> None:
    started = time.monotonic()
    for path in sorted(load.prepared.iterdir()):
        path.rename(load.landing / path.name)
        time.sleep(DELIVERY_SECONDS * 0.8 / DROPS)
    delivered = time.monotonic()

    load.server.wait_for("the vintage of all drops", lambda: _all_published(load), 3600)

    published = time.monotonic()
    runs = finished_runs(load.server)
    assert {run["status"] for run in runs} == {"SUCCESS"}
    readings = [run for run in runs if run["jobName"] == "ingest_drops"]
    # A look at the landing folder each half minute, and a run at a time.
    assert len(readings) <= 4, len(readings)
    versions = Ledger(load.store.ledger_file).versions()
    assert len(versions) == DROPS
    assert sum(version.accepted for version in versions) == DROPS * WORKS_A_DROP
    load.note(f"{DROPS} drops delivered", f"{delivered - started:.0f} s")
    load.note("published after", f"{published - started:.0f} s")
    load.note("runs that read drops", _durations(readings))
    load.note("other runs", _durations([run for run in runs if run["jobName"] != "ingest_drops"]))
    load.assert_as_counted_by_brute_force("500 drops")


def test_a_queue_of_overlapping_backfills_drains(load: Load) -> None:
    before = {run["runId"] for run in finished_runs(load.server)}
    started = time.monotonic()
    backfills = [launch_backfill(load.server, years) for years in _overlapping_years()]
    queued = time.monotonic()

    for backfill in backfills:
        runs = load.server.wait_for("a backfill", lambda: completed_runs(load.server, backfill), 3600)  # noqa: B023
        assert [run["status"] for run in runs] == ["SUCCESS"]

    drained = time.monotonic()
    load.server.wait_for("the next vintage", lambda: _all_published(load), 1200)
    new = [run for run in finished_runs(load.server) if run["runId"] not in before]
    assert {run["status"] for run in new} == {"SUCCESS"}
    log = load.server.log.read_text().lower()
    assert not [fault for fault in _LOCK_FAULTS if fault in log]
    load.note(f"{BACKFILLS} backfills launched", f"{queued - started:.0f} s")
    load.note("queue empty after", f"{drained - started:.0f} s")
    load.note("their runs", _durations(new))
    load.assert_as_counted_by_brute_force("20 backfills")


def test_what_runs_for_months_holds_no_more_memory_after_the_load(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in (*LASTING, "runs"):
        first, last = load.memory.thirds(kind)
        load.note(
            f"memory of {kind}", f"{first:.0f} MiB, then {last:.0f}, at most {load.memory.peak(kind):.0f}"
        )
    with capsys.disabled():
        print(*(f"\n{what:28} {figure}" for what, figure in load.figures), sep="")

    for kind in LASTING:
        first, last = load.memory.thirds(kind)
        assert last <= first + GROWTH_MIB, (kind, load.memory.samples[kind])


def _works(number: int) -> list[Json]:
    """The works of a drop: of four years, with DOIs none of them shares."""
    random = Random(number)
    return [
        work(
            WORKS_A_DROP * number + place,
            publication_year=FIRST_YEAR + (number + 7 * place) % (LAST_YEAR - FIRST_YEAR + 1),
            title=f"Generative artificial intelligence, part {number} {place}",
            authorships=[
                author(institution(random.randrange(40), "A University", random.choice(_COUNTRIES)))
                for _ in range(random.randint(1, 5))
            ],
        )
        for place in range(WORKS_A_DROP)
    ]


def _day(number: int) -> date:
    return date(2025, 1, 1) + timedelta(days=number % 300)


def _folders(landing: Path) -> list[tuple[int, Path]]:
    return [(int(path.name.removeprefix("drop-")), path) for path in sorted(landing.iterdir())]


def _overlapping_years() -> list[list[int]]:
    starts = [FIRST_YEAR + number % 16 for number in range(BACKFILLS)]
    return [list(range(start, start + 5)) for start in starts]


def _all_published(load: Load) -> bool:
    ledger = Ledger(load.store.ledger_file)
    active = [item for item in ledger.versions() if item.state is VersionState.ACTIVE]
    return len(active) == DROPS and bool(load.server.status()["up_to_date"])


def _durations(runs: list[dict[str, float]]) -> str:
    seconds = sorted(run["endTime"] - run["startTime"] for run in runs)
    if not seconds:
        return "none"
    return f"{len(runs)}, {seconds[0]:.0f} to {seconds[-1]:.0f} s, together {sum(seconds):.0f} s"
