"""Two published files held against each other, number by number.

A number is a measure of a mart for one year, technology, and country or pair. Only what both files hold is
compared, and what is not is said: marts and columns come and go between versions of this project. What moved
a number is no part of this (`assets.revisions.causes`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb

from assets.revisions.statements import (
    AFTER,
    BEFORE,
    CELLS,
    MARTS,
    MOVES,
    TABLES,
    Mart,
    add_changed,
    count_unchanged,
    side_by_side,
    with_intervals,
)

_SIDES: Final = ("the vintage before", "the vintage after")


@dataclass(frozen=True)
class Counts:
    """How many numbers did what. Each is in one of the first six; the last two are parts of those before."""

    same: int = 0
    within: int = 0
    """Moved inside the interval of before."""
    beyond: int = 0
    """Moved out of the interval of before."""
    unbounded: int = 0
    """Moved, and had no interval: a count of papers, or fewer effective papers than an interval needs."""
    appeared: int = 0
    vanished: int = 0
    appeared_large: int = 0
    """Appeared, and have an interval; none reaches down to nothing."""
    vanished_large: int = 0
    """Vanished, and had an interval."""

    @property
    def changed(self) -> int:
        """Those that are not the same."""
        return self.within + self.beyond + self.unbounded + self.appeared + self.vanished

    @property
    def numbers(self) -> int:
        """All numbers of both files."""
        return self.same + self.changed

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Move:
    """A number that left its interval, or vanished though it had one."""

    year: int
    technology: str
    measure: str
    country: str
    partner: str | None
    before: float
    low: float
    """Lower bound of the 95% interval of before."""
    high: float
    after: float | None
    """None when it vanished."""
    reach: float | None
    """How many times as far as its bound on that side it moved; None when the bound is the value itself."""


@dataclass(frozen=True)
class Comparison:
    """What two files differ in."""

    cells: dict[tuple[int, str], Counts]
    """Year and technology to what its numbers did."""
    moves: tuple[Move, ...]
    """Those that moved farthest beyond their interval, farthest first."""
    left_out: tuple[str, ...]
    """What could not be compared, or not be held against an interval; a sentence each."""


def compare_files(
    before: Path,
    after: Path,
    *,
    technology: str | None = None,
    most: int = 20,
    scratch: Path | None = None,
) -> Comparison:
    """Compare two published files, both of which stay as they are.

    Args:
        before: The DuckDB file whose intervals count.
        after: The DuckDB file whose numbers are held against them.
        technology: Only the numbers of this technology.
        most: How many moves to give.
        scratch: Folder for what does not fit into memory (default: the system's).
    """
    with _attached(before, after, scratch) as (connection, files):
        left_out = [text for mart in MARTS for text in _compare(connection, files, mart, technology)]
        cells = {(year, of): Counts(*counts) for year, of, *counts in connection.execute(CELLS).fetchall()}
        moves = tuple(Move(*row) for row in connection.execute(MOVES, [most]).fetchall())
    return Comparison(cells, moves, tuple(left_out))


@contextmanager
def _attached(
    before: Path, after: Path, scratch: Path | None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, tuple[str, str]]]:
    """A connection with both files attached, and the names they have in it."""
    # DuckDB attaches a file only once; what does not fit into memory it would write to the working directory.
    same = before.resolve() == after.resolve()
    with (
        TemporaryDirectory(dir=scratch, prefix=".revisions-") as folder,
        duckdb.connect() as connection,
    ):
        connection.execute(f"set temp_directory = {_quoted(folder)}")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach {_quoted(str(before))} as {BEFORE} (read_only)")
        if not same:
            connection.execute(f"attach {_quoted(str(after))} as {AFTER} (read_only)")
        connection.execute(TABLES)
        yield connection, (BEFORE, BEFORE if same else AFTER)


def _compare(
    connection: duckdb.DuckDBPyConnection, files: tuple[str, str], mart: Mart, technology: str | None
) -> list[str]:
    """Add the numbers of a mart to what changed and what did not; gives what had to be left out."""
    columns = [_columns(connection, file, mart.name) for file in files]
    gone = _where(not columns_of >= set(mart.keys) for columns_of in columns)
    if gone:
        return [f"{mart.name} is not compared: it is not in {gone}."]
    left_out, measures = [], []
    for measure in mart.measures:
        gone = _where(measure.name not in columns_of for columns_of in columns)
        if gone:
            left_out.append(f"{measure.name} of {mart.name} is not compared: it is not in {gone}.")
        else:
            measures.append(measure)
    bounds = {name for measure in measures for name in (measure.low, measure.high) if name}
    needed = {*mart.certainty_keys, "is_small", *bounds}
    sure = [_columns(connection, file, mart.certainty) >= needed for file in files]
    if not all(sure):
        gone = _where(not there for there in sure)
        left_out.append(f"No number of {mart.name} has an interval in {gone}: {mart.certainty} is not there.")
    if measures:
        connection.execute(side_by_side(mart, measures, files[1]), {"technology": technology})
        connection.execute(count_unchanged(measures))
        connection.execute(with_intervals(mart, measures, files[1], sure_before=sure[0], sure_after=sure[1]))
        for measure in measures:
            connection.execute(add_changed(mart, measure))
    return left_out


def _columns(connection: duckdb.DuckDBPyConnection, file: str, mart: str) -> set[str]:
    """The columns a mart has in a file; none when it is not there."""
    query = """
        select column_name from duckdb_columns()
        where database_name = $1 and schema_name = 'marts' and table_name = $2
    """
    return {name for (name,) in connection.execute(query, [file, mart]).fetchall()}


def _where(gone: Iterable[bool]) -> str:
    return " and ".join(side for side, missing in zip(_SIDES, gone, strict=True) if missing)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
