"""What a headless run shows: lines, progress that overwrites itself, a table.

Writes to the terminal the process was started on, even while Dagster captures what a step prints.
"""

import os
import sys
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Self

from rich.console import Console
from rich.measure import Measurement
from rich.status import Status
from rich.table import Table

_PLAIN_SECONDS = 5.0
_WIDEST = 1_000


class _Console(Console):
    """Goes on without a word when nobody reads any more, as after `| head`: a run is not to end half-way."""

    def on_broken_pipe(self) -> None:
        """From now on nothing is written."""
        self.quiet = True


class Terminal:
    """Standard output as it was when the process started."""

    def __init__(self) -> None:
        out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
        # Paths and drop names are data: nothing in them is markup or to be coloured.
        self._out = out
        self._console = _Console(file=out, markup=False, highlight=False, emoji=False, soft_wrap=True)
        self._status: Status | None = None
        self._last_plain = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        with suppress(BrokenPipeError):
            self._out.close()

    def line(self, text: str) -> None:
        """A line that stays."""
        self._stop()
        self._console.print(text)

    def aside(self, text: str) -> None:
        """A line for whoever watches, where standard output is for a program."""
        print(text, file=sys.stderr, flush=True)

    def progress(self, text: str) -> None:
        """A line the next one takes the place of; in a file or pipe, one every five seconds."""
        if self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status(text)
                self._status.start()
            self._status.update(text)
        elif time.monotonic() - self._last_plain >= _PLAIN_SECONDS:
            self._last_plain = time.monotonic()
            self._console.print(text)

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], words: Collection[int] = (0,)
    ) -> None:
        """A table with the columns of words to the left and those of numbers to the right."""
        self._stop()
        table = Table(box=None, pad_edge=False, header_style="bold")
        for position, name in enumerate(header):
            table.add_column(name, justify="left" if position in words else "right", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        # As wide as it has to be: what does not fit into a window is wrapped by it, and nothing is cut off.
        wide = self._console.options.update(width=_WIDEST)
        table.width = Measurement.get(self._console, wide, table).maximum
        self._console.print(table, crop=False)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
