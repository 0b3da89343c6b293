"""A store is opened whole and of this format, or refused with what to do; one writer at a time holds it."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import assets.store
from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.store import FORMAT_VERSION, Store, open_store

_CHECKOUT = Path(__file__).resolve().parents[2]
_SECONDS_TO_WAIT = 20


def _refusal(folder: Path) -> str:
    with pytest.raises(CollaborationError) as refused:
        open_store(folder)
    return str(refused.value)


def test_a_new_store_is_made_with_its_folders_and_states_its_format(tmp_path: Path) -> None:
    store = open_store(tmp_path / "deep" / "store")
    assert json.loads(store.format_file.read_text()) == {"format_version": FORMAT_VERSION}
    assert all(f.is_dir() for f in (store.work, store.records, store.quarantine, store.dagster_home))
    assert not store.warehouse_file.exists()


def test_a_store_opens_again_and_again(tmp_path: Path) -> None:
    assert open_store(tmp_path / "store") == open_store(tmp_path / "store")


def test_an_empty_folder_becomes_a_store(tmp_path: Path) -> None:
    assert open_store(tmp_path).format_file.exists()


def test_a_copy_that_lost_its_links_is_refused_with_what_to_do(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    (store.root / "exports").unlink()
    (store.root / "exports").mkdir()
    assert f"{store.root / 'exports'} is no link" in _refusal(tmp_path)


def test_a_relative_path_stays_where_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store(Path("store"))
    assert store.root == tmp_path / "store"


@pytest.mark.parametrize(
    ("found", "todo"),
    [
        (FORMAT_VERSION + 1, "Run it with the newer version of this project that made it"),
        (FORMAT_VERSION - 1, "Build a new store from the same landing folder"),
        ("first", "Build a new store from the same landing folder"),
    ],
)
def test_a_store_of_another_format_is_refused_with_what_to_do(
    tmp_path: Path, found: object, todo: str
) -> None:
    store = open_store(tmp_path)
    store.format_file.write_text(json.dumps({"format_version": found}))
    message = _refusal(tmp_path)
    assert f"format version {found}" in message
    assert f"works with {FORMAT_VERSION}" in message
    assert todo in message
    assert "STORE=..." in message


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "3"])
def test_a_store_that_does_not_say_its_format_is_refused(tmp_path: Path, content: str) -> None:
    open_store(tmp_path).format_file.write_text(content)
    assert "does not say the store's format version" in _refusal(tmp_path)


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    message = _refusal(tmp_path)
    assert "is no store and not empty (it holds 'thesis.docx')" in message
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_in_the_place_of_a_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = _refusal(tmp_path / "file" / "store")
    assert "cannot be used: Not a directory" in message
    assert "Name another folder with STORE=..., or mend its permissions." in message


def test_two_processes_may_make_the_same_store_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = assets.store._refuse_foreign

    def look_late(store: Store) -> None:
        monkeypatch.undo()
        open_store(store.root)
        look(store)

    monkeypatch.setattr(assets.store, "_refuse_foreign", look_late)
    (tmp_path / ".store.json-1").touch()
    assert open_store(tmp_path).format_file.exists()


@contextmanager
def _unprivileged() -> Iterator[Path]:
    """A folder whose permissions bind even a test that is run by root."""
    if os.geteuid() != 0:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
        try:
            yield Path(folder)
        finally:
            os.seteuid(0)


def test_a_folder_nothing_may_be_written_to_is_refused() -> None:
    with _unprivileged() as folder:
        folder.chmod(0o500)
        message = _refusal(folder / "store")
        folder.chmod(0o700)
    assert "cannot be used: Permission denied" in message


def test_a_store_that_became_read_only_is_read_and_says_so_when_it_is_written() -> None:
    with _unprivileged() as folder:
        store = open_store(folder / "store")
        with store.writing("a run"):
            Ledger(store.ledger_file).pass_over("a state")
        paths = [store.root, *(path for path in store.root.rglob("*") if not path.is_symlink())]
        for path in paths:
            path.chmod(0o500 if path.is_dir() else 0o400)
        passed_over = Ledger(open_store(store.root).ledger_file).passed_over()
        with open_store(store.root).reading():
            pass
        with pytest.raises(CollaborationError) as refused, store.writing("a run"):
            pass
        for path in paths:
            path.chmod(0o700)
    assert passed_over == "a state"
    assert str(refused.value) == (
        f"Nothing can be written to {store.work}: Permission denied. Mount it for writing or mend its "
        "permissions, or name another store with STORE=..."
    )


# The writer lock

_HOLDER = """
import sys
from pathlib import Path
from assets.store import open_store

with open_store(Path(sys.argv[1])).writing("a long count"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def _held_elsewhere(root: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the store's lock until it is sent a line."""
    command = [sys.executable, "-c", _HOLDER, str(root)]
    with subprocess.Popen(
        command, cwd=_CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


def _release(holder: subprocess.Popen[str]) -> None:
    assert holder.stdin is not None
    holder.stdin.write("\n")
    holder.stdin.flush()


def test_a_second_process_waits_and_is_told_once_for_whom(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    told: list[str] = []
    with _held_elsewhere(tmp_path) as holder:

        def announce(text: str) -> None:
            told.append(text)
            _release(holder)

        with store.writing("a short count", announce):
            assert holder.wait(_SECONDS_TO_WAIT) == 0
        pid = holder.pid
    assert told == [f"Waiting for process {pid} (a long count) to finish with the store."]


def test_a_process_that_is_killed_leaves_no_lock_behind_and_is_told_of_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    told: list[str] = []
    with _held_elsewhere(tmp_path) as holder:
        holder.kill()
        holder.wait(_SECONDS_TO_WAIT)
        for _ in range(2):
            with store.writing("a count", told.append):
                pass
    assert told == [
        f"Process {holder.pid} (a long count) was ended half-way: what it recorded stands, the rest is done "
        "again."
    ]


def test_a_process_may_enter_again_while_it_holds_the_lock(tmp_path: Path) -> None:
    told: list[str] = []
    with (
        open_store(tmp_path).writing("a run", told.append),
        open_store(tmp_path).writing("a step of it", told.append),
    ):
        pass
    assert told == []


def test_the_lock_is_kept_until_the_outermost_block_ends(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    told: list[str] = []
    waiter = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with store.writing("a run"):
        with store.writing("a step of it"):
            pass
        with subprocess.Popen(
            waiter, cwd=_CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            told.append(other.stdout.readline())
            other.kill()
    assert told == [f"Waiting for process {os.getpid()} (a run) to finish with the store.\n"]


def test_two_threads_take_turns(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.set()
        with store.writing("the second"):
            order.append("second")

    with store.writing("the first"):
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(_SECONDS_TO_WAIT)
        thread.join(0.05)
        order.append("first")
    thread.join(_SECONDS_TO_WAIT)
    assert order == ["first", "second"]


def test_an_error_inside_lets_go_of_the_lock(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(ValueError, match="broken"), store.writing("a run"):
        raise ValueError("broken")
    with _held_elsewhere(tmp_path) as holder:
        assert holder.poll() is None


def test_two_stores_do_not_wait_for_each_other(tmp_path: Path) -> None:
    told: list[str] = []
    with (
        _held_elsewhere(tmp_path / "theirs"),
        open_store(tmp_path / "ours").writing("a run", told.append),
    ):
        pass
    assert told == []


# Readers of the build


def test_a_reader_waits_while_a_writer_is_at_work_and_is_told_who(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    told: list[str] = []
    with _held_elsewhere(tmp_path) as holder:

        def announce(text: str) -> None:
            told.append(text)
            _release(holder)

        with store.reading(announce):
            assert holder.wait(_SECONDS_TO_WAIT) == 0
        pid = holder.pid
    assert told == [f"Waiting for process {pid} (a long count) to finish with the store."]


def test_two_may_read_at_once(tmp_path: Path) -> None:
    with open_store(tmp_path).reading(), open_store(tmp_path).reading():
        pass


@pytest.mark.parametrize("was_killed", [False, True])
def test_a_writer_waits_for_a_reader_and_is_not_told_of_the_writer_before(
    tmp_path: Path, *, was_killed: bool
) -> None:
    store = open_store(tmp_path)
    with _held_elsewhere(tmp_path) as earlier:
        if not was_killed:
            _release(earlier)
            earlier.wait(_SECONDS_TO_WAIT)
    waiter = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with (
        store.reading(),
        subprocess.Popen(
            waiter, cwd=_CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other,
    ):
        assert other.stdout is not None
        told = other.stdout.readline()
        other.kill()
    assert told == "Waiting for another process to finish with the store.\n"
