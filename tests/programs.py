"""Programs of the tests that answer lines with lines of JSON, each in a session of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_CHECKOUT = Path(__file__).resolve().parents[1]

Ask = Callable[[str, int], list[dict[str, Any]]]
"""Sends a line and gives so many answers."""


@contextmanager
def answering(module: str, *arguments: str, within: Sequence[str] = ()) -> Iterator[Ask]:
    """A program, once it is ready; `within` is the command that starts it, if one is needed."""
    program = subprocess.Popen(
        [*within, sys.executable, "-m", module, *arguments],
        cwd=_CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    asked, told = program.stdin, program.stdout
    assert asked is not None
    assert told is not None

    def ask(line: str, answers: int) -> list[dict[str, Any]]:
        asked.write(f"{line}\n")
        asked.flush()
        return [json.loads(told.readline()) for _ in range(answers)]

    try:
        assert told.readline() == "ready\n"
        yield ask
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        asked.close()
        told.close()
