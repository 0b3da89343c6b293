"""What processes leave that really were killed is cleaned up by the next one, which says so."""

import json
import subprocess
import sys
from pathlib import Path

from tests import leftover_kills
from tests.wos_exports import WosRecord, numbered, tab, written

CHECKOUT = Path(__file__).resolve().parents[2]


def test_whatever_change_to_the_disk_a_reading_was_killed_before_nothing_stays_of_it(tmp_path: Path) -> None:
    drop = tmp_path / "landing" / "first"
    drop.mkdir(parents=True)
    records = numbered(WosRecord(year="2019"), WosRecord(year="soon"), WosRecord(year="2020"))
    written(drop / "export.txt", tab(records))
    program = [sys.executable, "-m", leftover_kills.__name__, str(drop.parent), str(tmp_path / "places")]
    ran = subprocess.run(program, cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, text=True)
    *kills, undisturbed = map(json.loads, ran.stdout.splitlines())
    assert undisturbed == {"left": [], "told": [], "stays": [], "found again": []}
    assert len(kills) > 10
    for kill in kills:
        assert (kill["stays"], kill["found again"]) == ([], [])
        told = [line for line in kill["told"] if line.startswith("Cleaned up ")]
        assert bool(told) >= bool(kill["left"])
    died = [kill["told"][0] for kill in kills if kill["told"]]
    assert any("(reading) was ended half-way" in first for first in died)
    left = {path.split("/")[0] for kill in kills for path in kill["left"]}
    assert left == {"records", "quarantine"}
