"""The ledger's file is made by one process at a time, and copied whole while another writes."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

from assets.ledger import Ledger
from assets.ledger_file import copy_of

_CHECKOUT = Path(__file__).resolve().parents[2]
_OPEN_MANY = """
import sys
from pathlib import Path
from assets.ledger import Ledger

sys.stdin.readline()
for number in range(10):
    Ledger(Path(sys.argv[1]) / f"{number}.sqlite").pass_over(str(number))
"""


def test_processes_that_make_a_ledger_at_once_do_not_meet_in_a_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _OPEN_MANY, str(tmp_path)]
    makers = [
        subprocess.Popen(command, cwd=_CHECKOUT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write("\n")
        maker.stdin.flush()
    said = [maker.communicate()[1] for maker in makers]
    assert [maker.returncode for maker in makers] == [0] * len(makers), said


def test_a_copy_made_while_the_ledger_is_written_has_every_fact_of_before(tmp_path: Path) -> None:
    ledger, done = Ledger(tmp_path / "ledger.sqlite"), threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            ledger.pass_over(str(number := number + 1))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(20):
            before = int(ledger.passed_over() or 0)
            copy = tmp_path / f"copy-{turn}.sqlite"
            copy_of(tmp_path / "ledger.sqlite", copy)
            with closing(sqlite3.connect(copy)) as connection:
                assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert int(Ledger(copy).passed_over() or 0) >= before
    finally:
        done.set()
        writer.join()
