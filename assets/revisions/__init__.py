"""Revisions: which numbers of a vintage are not those of another, how far they moved, and what moved them.

`comparison` finds them in SQL over both published files, `causes` reads what moved them off the descriptions
of both vintages, `revisions` puts both together and keeps them beside a vintage.
"""

from assets.revisions.comparison import Counts, Move
from assets.revisions.revisions import (
    MoveRevision,
    Revisions,
    Side,
    TechnologyRevision,
    VintageFile,
    YearRevision,
    compare_vintages,
    kept_revisions,
    read_revisions,
    write_revisions,
)

__all__ = [
    "Counts",
    "Move",
    "MoveRevision",
    "Revisions",
    "Side",
    "TechnologyRevision",
    "VintageFile",
    "YearRevision",
    "compare_vintages",
    "kept_revisions",
    "read_revisions",
    "write_revisions",
]
