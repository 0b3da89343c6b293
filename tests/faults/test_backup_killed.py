"""A backup that is killed leaves the earlier one, and is finished by the next."""

import subprocess
import sys
from pathlib import Path

from tests import backup_kills
from tests.backed_up import backed_up, held, note, put, small_store, worth_keeping

CHECKOUT = Path(__file__).resolve().parents[2]


def test_killed_before_any_change_to_the_disk_and_backed_up_again(tmp_path: Path) -> None:
    store = small_store(tmp_path / "store")
    backed_up(store, tmp_path / "earlier")
    before = worth_keeping(store.root)
    put(store, "records/a-12345678/v1/year=2020/part.parquet", b"other records of 2020")
    put(store, "records/b-12345678/v1/year=2019/part.parquet", b"records of b")
    (store.matches / "a-12345678/v1/1.parquet").unlink()
    note(store.ledger_file, "second")
    after = worth_keeping(store.root)
    places = tmp_path / "places"
    arguments = [str(store.root), str(tmp_path / "earlier"), str(places)]
    subprocess.run([sys.executable, "-m", backup_kills.__name__, *arguments], cwd=CHECKOUT, check=True)
    left = [held(place / "after_kill") for place in sorted(places.iterdir(), key=lambda p: int(p.name))]
    assert len(left) > 10
    # The manifest takes its name at one moment; nothing is lost before, nothing of the old after.
    turn = left.index(after)
    assert left == [before] * turn + [after] * (len(left) - turn)
    assert 1 < turn < len(left) - 1
    for place in places.iterdir():
        assert held(place / "at_the_end") == after, f"killed before change {place.name}"
