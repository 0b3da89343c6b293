"""A reading that is killed and done again ends with what an undisturbed one ends with."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from assets.ledger import Ledger
from assets.store import Store
from tests import reader_kills
from tests.wos_exports import WosRecord, numbered, tab, written

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """Two drops; a record of the first cannot be read."""
    landing = tmp_path / "landing"
    first = tab(numbered(WosRecord(year="2019"), WosRecord(year="soon"), WosRecord(year="2020")))
    for name, text in (("first", first), ("second", tab([WosRecord(number=9)]))):
        (landing / name).mkdir(parents=True)
        written(landing / name / "export.txt", text)
    return landing


def outcome(root: Path) -> tuple[dict[str, bytes], list[object]]:
    """The record store and the quarantine byte by byte, and what the ledger holds but for times."""
    store = Store(root / "store")
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in (store.records, store.quarantine)
        for path in folder.rglob("*")
        if path.is_file()
    }
    versions = [replace(item, seconds=0, recorded_at="") for item in Ledger(store.ledger_file).versions()]
    return files, [*versions, Ledger(store.ledger_file).signatures()]


def test_killed_before_any_change_to_the_disk_and_read_again(landing: Path, tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from tests import reader_kills; from pathlib import Path; import sys;"]
    program[-1] += "reader_kills.read(Path(sys.argv[1]), Path(sys.argv[2]), None)"
    undisturbed = tmp_path / "undisturbed"
    subprocess.run([*program, str(landing), str(undisturbed)], cwd=CHECKOUT, check=True)
    expected = outcome(undisturbed)
    assert len(expected[0]) == 4, sorted(expected[0])
    again = [sys.executable, "-m", reader_kills.__name__, str(landing), str(tmp_path / "places")]
    subprocess.run(again, cwd=CHECKOUT, check=True)
    places = sorted((tmp_path / "places").iterdir(), key=lambda place: int(place.name))
    assert len(places) > 10
    for place in places:
        assert outcome(place) == expected, f"killed before change {place.name}"
