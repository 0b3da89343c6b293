"""What a headless run shows: lines, progress that overwrites itself, a table.

Writes to the terminal the process was started on, even while Dagster captures what a step prints.
"""

import os
import sys
import time
from collections.abc import Sequence

_PLAIN_SECONDS = 5.0


class Terminal:
    """Standard output as it was when the process started."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
        self._overwrites = self._out.isatty()
        self._shown = False
        self._last_plain = 0.0

    def line(self, text: str) -> None:
        """A line that stays."""
        self._clear()
        print(text, file=self._out)

    def progress(self, text: str) -> None:
        """A line the next one takes the place of; in a file or pipe, one every five seconds."""
        if self._overwrites:
            self._clear()
            print(
                text[: os.get_terminal_size(self._out.fileno()).columns - 1],
                end="",
                file=self._out,
                flush=True,
            )
            self._shown = True
        elif time.monotonic() - self._last_plain >= _PLAIN_SECONDS:
            self._last_plain = time.monotonic()
            print(text, file=self._out)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table with the first column to the left and all others to the right."""
        widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
        for row in [header, *rows]:
            first, *others = [
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            self.line("  ".join([first, *others]).rstrip())

    def _clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=self._out)
            self._shown = False
