"""A process is known by more than its number, and a lock file tells who holds it or died with it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assets.lock_state import lock_state
from assets.processes import began_before, has_ended, identity, is_alive, users_of
from assets.store import open_store

_WAIT = "import sys; print('up', flush=True); sys.stdin.read()"
_HOLD = """
import sys
from pathlib import Path
from assets.store import open_store

with open_store(Path(sys.argv[1])).writing("a long count"):
    print("up", flush=True)
    sys.stdin.read()
"""
_CHECKOUT = Path(__file__).resolve().parents[2]


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", *arguments], cwd=_CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_a_process_has_the_same_name_while_it_lives_and_is_known_to_be_gone() -> None:
    process = _start(_WAIT)
    named = identity(process.pid)
    assert named == identity(process.pid) != identity()
    assert has_ended(named) is False
    _end(process)
    assert has_ended(named) is True


def test_a_process_that_ended_and_was_not_waited_for_is_not_alive() -> None:
    process = _start(_WAIT)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(process.pid)
    process.communicate()


def test_another_process_that_got_the_number_is_not_taken_for_it() -> None:
    host, number, start = identity().split(" ")
    assert has_ended(f"{host} {number} {start}") is False
    assert has_ended(f"{host} {number} another-start") is True


@pytest.mark.parametrize("named", ["elsewhere 1 x", "", "nonsense", f"{os.uname().nodename} x y"])
def test_of_a_process_elsewhere_it_is_not_known_whether_it_ended(named: str) -> None:
    assert has_ended(named) is None


def test_a_process_was_there_before_now_and_not_long_before_its_start() -> None:
    assert began_before(os.getpid(), time.time())
    assert not began_before(os.getpid(), 0)


def test_who_has_a_file_open_is_found(tmp_path: Path) -> None:
    file = tmp_path / "build.duckdb"
    assert users_of(file) == []
    file.touch()
    assert users_of(file) == []
    with file.open():
        assert users_of(file) == [os.getpid()]


# Locks


def test_a_lock_nobody_ever_held_is_free(tmp_path: Path) -> None:
    state = lock_state(open_store(tmp_path).lock_file)
    assert (state.is_held, state.holder, state.holder_died) == (False, "", False)
    assert not lock_state(tmp_path / "no.lock").is_held


def test_a_lock_says_who_holds_it_and_who_died_with_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    process = _start(_HOLD, str(tmp_path))
    held = lock_state(store.lock_file)
    assert (held.is_held, held.process, held.holder_died) == (True, process.pid, False)
    assert held.holder == f"process {process.pid} (a long count)"
    assert abs(held.since.timestamp() - time.time()) < 60
    _end(process)
    left = lock_state(store.lock_file)
    assert (left.is_held, left.process, left.holder_died) == (False, process.pid, True)


def test_looking_at_a_lock_takes_it_from_nobody(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.writing("a run"):
        before = store.lock_file.read_text()
        assert lock_state(store.lock_file).is_held
        assert store.lock_file.read_text() == before
    assert not lock_state(store.lock_file).is_held


def test_who_reads_the_build_is_no_writer(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.reading():
        assert not lock_state(store.lock_file).is_held
