"""The revisions of a vintage: which of its numbers are not those of another, and why; kept beside it as JSON.

Puts comparison and causes together. Wording for people is left to who shows them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from assets.drop_settings import RESERVED_TECHNOLOGIES
from assets.errors import CollaborationError
from assets.revisions.causes import Causes
from assets.revisions.comparison import Counts, Move, compare_files
from assets.store import Store
from assets.vintages import Vintage, published, vintages

FILE: Final = "revisions.json"

_KEPT_MOVES: Final = 200
"""What a reader of the report may look through; the command gives as many as it is asked for."""


@dataclass(frozen=True)
class VintageFile:
    """A vintage with the DuckDB file that has its numbers, which lies elsewhere while it is staged."""

    vintage: Vintage
    file: Path


@dataclass(frozen=True)
class Side:
    """One of the two vintages."""

    name: str
    published_at: str
    synthetic: bool
    drops: int
    works: int


@dataclass(frozen=True)
class YearRevision:
    """What the numbers of a year did, and what moved them."""

    year: int
    counts: Counts
    drops: tuple[str, ...]
    """The drops that moved them; with one alone it was that."""
    cause: str


@dataclass(frozen=True)
class TechnologyRevision:
    """What the numbers of a technology did in all years together."""

    technology: str
    counts: Counts


@dataclass(frozen=True)
class MoveRevision:
    """A number that left its interval, and what moved it."""

    move: Move
    moved_by: str
    """The drops that moved its year, and what else is different."""


@dataclass(frozen=True)
class Revisions:
    """How a vintage differs from another."""

    after: Side
    before: Side | None = None
    """None for the first vintage, which revises nothing."""
    technology: str | None = None
    """The only one whose numbers were compared; None for all."""
    inputs: tuple[str, ...] = ()
    """What differs in what the vintages were made from and by, a clause each."""
    counts: Counts = field(default_factory=Counts)
    years: tuple[YearRevision, ...] = ()
    """Only those with a number that is not the same."""
    years_same: tuple[int, ...] = ()
    technologies: tuple[TechnologyRevision, ...] = ()
    """Likewise, most numbers beyond their interval first."""
    moves: tuple[MoveRevision, ...] = ()
    """The moves that went farthest beyond their interval, farthest first."""
    left_out: tuple[str, ...] = ()
    """What was not compared, a sentence each."""


def compare_vintages(
    before: VintageFile,
    after: VintageFile,
    *,
    technology: str | None = None,
    most: int = _KEPT_MOVES,
    scratch: Path | None = None,
) -> Revisions:
    """What differs between two vintages, number by number, and what moved it.

    Args:
        before: The vintage whose intervals count.
        after: The vintage that is held against it.
        technology: Compare only the numbers of this one.
        most: How many single moves to give.
        scratch: Folder for what does not fit into memory (default: the system's).

    Raises:
        CollaborationError: A file cannot be read, or neither vintage knows the technology.
    """
    if technology is not None:
        _require_technology(technology, before.vintage, after.vintage)
    for side in (before, after):
        _require_readable(side)
    try:
        found = compare_files(before.file, after.file, technology=technology, most=most, scratch=scratch)
    except (duckdb.OperationalError, duckdb.InternalError) as error:
        raise CollaborationError(
            f"The vintages {before.vintage.name} and {after.vintage.name} cannot be compared "
            f"({_first_line(error)}). Where a file is damaged restore it from a backup; where disk or memory "
            "is full make room, and try again."
        ) from error
    causes = Causes(before.vintage, after.vintage)
    by_year: dict[int, Counts] = {}
    by_technology: dict[str, Counts] = {}
    for (year, of), counts in found.cells.items():
        by_year[year] = by_year.get(year, Counts()) + counts
        by_technology[of] = by_technology.get(of, Counts()) + counts
    years = []
    for year, counts in sorted(by_year.items()):
        if counts.changed:
            cause = causes.of(year, technology)
            years.append(YearRevision(year, counts, cause.drops, str(cause)))
    moves = []
    for move in found.moves:
        moves.append(MoveRevision(move, causes.of(move.year, move.technology).brief))
    return Revisions(
        after=_side(after.vintage),
        before=_side(before.vintage),
        technology=technology,
        inputs=causes.clauses(),
        counts=sum(by_year.values(), Counts()),
        years=tuple(years),
        years_same=tuple(year for year, counts in sorted(by_year.items()) if not counts.changed),
        technologies=_technologies(by_technology),
        moves=tuple(moves),
        left_out=found.left_out,
    )


def write_revisions(store: Store, folder: Path, vintage: Vintage) -> Revisions:
    """Compare a staged vintage with the published one and keep what was found beside it.

    What readers see now is not worth keeping a new vintage from them: where it cannot be read, that is what
    the revisions say.
    """
    revisions = _against_published(store, folder, vintage)
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(revisions), indent=1) + b"\n")
    return revisions


def read_revisions(folder: Path) -> Revisions | None:
    """The revisions kept beside a vintage; None when there are none that this version can read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Revisions)
    except (OSError, msgspec.DecodeError):
        return None


def kept_revisions(store: Store) -> tuple[Revisions, ...]:
    """Of each vintage the store keeps what it revises, in the order they were published."""
    return tuple(
        read_revisions(store.vintages / vintage.name)
        or Revisions(after=_side(vintage), left_out=("What it revises is not recorded.",))
        for vintage in vintages(store)
    )


def _against_published(store: Store, folder: Path, vintage: Vintage) -> Revisions:
    file = folder / store.warehouse_file.relative_to(store.root)
    try:
        before = published(store)
        if before is None:
            return Revisions(after=_side(vintage))
        return compare_vintages(
            VintageFile(before, store.warehouse_file), VintageFile(vintage, file), scratch=folder
        )
    except CollaborationError as error:
        return Revisions(after=_side(vintage), left_out=(f"Not compared with the vintage before: {error}",))


def _require_technology(technology: str, *vintages: Vintage) -> None:
    known = {*RESERVED_TECHNOLOGIES}
    for vintage in vintages:
        known.update(entry.technology for entry in vintage.catalogue)
        known.update(item.technology for items in vintage.technologies.values() for item in items)
    if technology not in known:
        raise CollaborationError(
            f"Neither vintage has a technology {technology!r}. Name one that `technologies` lists, or "
            f"{' or '.join(sorted(RESERVED_TECHNOLOGIES))}."
        )


def _require_readable(side: VintageFile) -> None:
    try:
        with duckdb.connect(str(side.file), read_only=True) as connection:
            connection.execute("select vintage from marts.vintage").fetchall()
    except duckdb.Error as error:
        raise CollaborationError(
            f"The numbers of vintage {side.vintage.name} cannot be read from {side.file} "
            f"({_first_line(error)}). Restore it from a backup, or compare other vintages."
        ) from error


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]


def _side(vintage: Vintage) -> Side:
    works = sum(totals.works for totals in vintage.totals.values())
    return Side(vintage.name, vintage.published_at, vintage.synthetic, len(vintage.drops), works)


def _technologies(found: dict[str, Counts]) -> tuple[TechnologyRevision, ...]:
    changed = [TechnologyRevision(name, counts) for name, counts in found.items() if counts.changed]
    return tuple(
        sorted(changed, key=lambda item: (-item.counts.beyond, -item.counts.changed, item.technology))
    )
