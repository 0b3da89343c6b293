"""The terminal shows lines, progress that makes way for the next, and tables that line up."""

import contextlib
import io
import os
import sys
from pathlib import Path

import pytest

from orchestration.terminal import Terminal

_WIPE_LINE = "\x1b[2K"


def _read_until(terminal: int, end: str) -> str:
    """All a terminal was sent up to `end`: one read returns what has arrived by then, which may be less."""
    shown = ""
    while not shown.endswith(end):
        shown += os.read(terminal, 10_000).decode()
    return shown


def test_lines_and_tables_go_to_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    with Terminal() as terminal:
        terminal.line("first")
        terminal.table(("year", "works"), [("2019", "1,234"), ("2020", "5")])
    assert capfd.readouterr().out == "first\nyear  works\n2019  1,234\n2020      5\n"


def test_a_table_wider_than_the_window_is_not_cut_off(capfd: pytest.CaptureFixture[str]) -> None:
    # Names of vintages and drops were cut off with an ellipsis wherever a table did not fit into 80 columns.
    name = "2026-03-02T100000Z-0a1b2c3d" * 4
    with Terminal() as terminal:
        terminal.table(("vintage", "works", "why"), [(name, "1", "moved by update")], words=(0, 2))
    assert capfd.readouterr().out.splitlines()[1] == f"{name}      1  moved by update"


def test_a_line_is_shown_while_a_step_captures_what_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with Terminal() as terminal, contextlib.redirect_stdout(io.StringIO()) as captured:
        print("a step's own words")
        terminal.line("what the user is told")
    assert captured.getvalue() == "a step's own words\n"
    assert capfd.readouterr().out == "what the user is told\n"


def test_progress_in_a_file_is_a_line_now_and_then(capfd: pytest.CaptureFixture[str]) -> None:
    with Terminal() as terminal:
        for number in range(50):
            terminal.progress(f"{number} records")
        terminal.line("done")
    assert capfd.readouterr().out == "0 records\ndone\n"


def test_progress_on_a_terminal_is_wiped_out_before_a_line_that_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    controller, screen = os.openpty()
    with os.fdopen(screen, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        monkeypatch.setenv("TERM", "xterm")
        with Terminal() as terminal:
            terminal.progress("1 record")
            terminal.progress("2 records")
            terminal.line("done")
        shown = _read_until(controller, "done\r\n")
    os.close(controller)
    progress, wiped, rest = shown.rpartition(_WIPE_LINE)
    assert "record" in progress
    assert (wiped, rest) == (_WIPE_LINE, "done\r\n")


def test_names_in_any_script_can_be_shown_whatever_the_locale(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as output:
        monkeypatch.setattr(sys, "stdout", output)
        with Terminal() as terminal:
            terminal.line("Drop Übersicht-北京 is ready")
    assert (tmp_path / "out").read_text("utf-8") == "Drop Übersicht-北京 is ready\n"
    assert capfd.readouterr().out == ""


def test_what_is_said_when_nobody_reads_any_more_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list piped into `head` ended in three tracebacks, and would have ended a run half-way."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        with Terminal() as terminal:
            for number in range(3):
                terminal.line(f"line {number} " + "x" * 100_000)
