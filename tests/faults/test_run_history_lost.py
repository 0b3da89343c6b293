"""The database of the run history goes away under a headless run: one sentence, and the next run ends it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assets.store import Store
from tests.comparison import assert_same_marts
from tests.delivered_works import author, institution, work
from tests.derive import write_drop
from tests.operation.production import checkout_without_study
from tests.postgres_server import postgres_server


@dataclass(frozen=True)
class Place:
    """A checkout with a landing folder, whose commands run as a user runs them."""

    root: Path

    def start(self, store: str, **settings: str) -> subprocess.Popen[str]:
        """`python -m orchestration run` over a store of that name."""
        return subprocess.Popen(
            [sys.executable, "-m", "orchestration", "run"],
            cwd=self.root / "checkout",
            env={
                **os.environ,
                "COLLAB_STORE": str(self.root / store),
                "COLLAB_LANDING": str(self.root / "landing"),
                "COLLAB_END_YEAR": "2026",
                "COLLAB_REPORT": "skip",
                "PYTHONUNBUFFERED": "1",
                **settings,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def wait_for_counting(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Counting"):
            return
    raise AssertionError("".join(said))


def test_a_headless_run_that_loses_its_history_says_so_and_the_next_one_ends_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    checkout_without_study(tmp_path / "checkout")
    authors = [author(institution(1, "A", "US")), author(institution(2, "B", "CN"))]
    works = [work(n, publication_year=2019, authorships=authors[: n % 2 + 1]) for n in range(5)]
    write_drop(tmp_path / "landing" / "drop", works, date=date(2026, 3, 2))
    store = Store(tmp_path / "store")

    with postgres_server() as database:
        first = place.start("store", COLLAB_DAGSTER_DATABASE=database.address)
        wait_for_counting(first)
        database.stop()
        said = first.communicate(timeout=300)[0]
        database.start()
        second = place.start("store", COLLAB_DAGSTER_DATABASE=database.address)
        said_again = second.communicate(timeout=300)[0]

    assert first.returncode == 1, said
    assert "The run history in the PostgreSQL database 'history' on 127.0.0.1" in said
    assert "run again" in said
    assert "Traceback" not in said
    assert "pa:ss" not in said
    assert second.returncode == 0, said_again
    undisturbed = place.start("undisturbed")
    assert undisturbed.communicate(timeout=300)
    assert undisturbed.returncode == 0
    assert_same_marts(Store(tmp_path / "undisturbed").warehouse_file, store.warehouse_file)
