"""The history of a vintage, for the report: which vintages there are, and what this one revises.

Found elsewhere (`assets.revisions`); here it is brought into the form the page reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assets.revisions import Counts, MoveRevision, Revisions

_COUNTS = ("numbers", "within", "beyond", "unbounded", "appeared", "vanished")


@dataclass(frozen=True)
class History:
    """What the report says of its vintage's past."""

    revisions: Revisions
    """Of this vintage."""
    earlier: tuple[Revisions, ...] = ()
    """Of the vintages kept, in the order they were published, so far as they are known."""


def history_piece(history: History) -> dict[str, Any]:
    """What the page of revisions shows; tables are stored by column."""
    revisions = history.revisions
    return {
        "before": None if revisions.before is None else asdict(revisions.before),
        "inputs": revisions.inputs,
        "left_out": revisions.left_out,
        "counts": _counts(revisions.counts),
        "years_same": revisions.years_same,
        "years": _columns(
            {"year": item.year, **_counts(item.counts), "cause": item.cause} for item in revisions.years
        ),
        "technologies": _columns(
            {"technology": item.technology, **_counts(item.counts)} for item in revisions.technologies
        ),
        "moves": _columns(_move(item) for item in revisions.moves),
        "vintages": _columns(_vintage(item) for item in (*history.earlier, revisions)),
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in _COUNTS}


def _move(item: MoveRevision) -> dict[str, object]:
    return {**asdict(item.move), "moved_by": item.moved_by}


def _vintage(revisions: Revisions) -> dict[str, object]:
    compared = revisions.before is not None
    return {
        **asdict(revisions.after),
        "against": revisions.before.name if revisions.before else None,
        "beyond": revisions.counts.beyond if compared else None,
        "inputs": "; ".join(revisions.inputs),
    }


def _columns(rows: Iterable[Mapping[str, object]]) -> dict[str, list[object]]:
    rows = list(rows)
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
