"""The history of a vintage for tests of the report; a drop and a technology carry markup in their names."""

from assets.report import History
from assets.revisions import Counts, Move, MoveRevision, Revisions, Side, TechnologyRevision, YearRevision
from tests.report_marts import MARKUP

THIS = Side("2025-02-01T120000Z-0a1b2c3d", "2025-02-01T12:00:00+00:00", synthetic=True, drops=2, works=58_000)
_BEFORE = Side(
    "2024-11-03T080000Z-99887766", "2024-11-03T08:00:00+00:00", synthetic=True, drops=1, works=52_000
)
_COUNTS = Counts(
    same=90_000,
    within=120,
    beyond=7,
    unbounded=310,
    appeared=45,
    vanished=3,
    appeared_large=2,
    vanished_large=1,
)


def revised() -> History:
    """Of a vintage that a drop and a query made another."""
    cause = f"moved by {MARKUP}: {MARKUP} brings 6,000 works"
    query = "machine-learning: its query changed (version 2 instead of 1)"
    moves = (
        Move(2019, "critical", "weight", "CN", "US", 410.4, 371.0, 454.0, 120.25, 7.36),
        Move(2019, "quantum </ stated>", "intensity", "CN", "PK", 0.0123, 0.0101, 0.0149, None, 5.6),
        Move(2018, "machine-learning", "world_share", "SG", None, 0.0213, 0.0204, 0.0222, 0.0251, 4.2),
        Move(2018, "machine-learning", "output", "BY", None, 30.0, 30.0, 30.0, 31.0, None),
    )
    return History(
        Revisions(
            after=THIS,
            before=_BEFORE,
            inputs=(f"{MARKUP} came", query),
            counts=_COUNTS,
            years=(
                YearRevision(2018, Counts(same=4000, beyond=2, unbounded=10), (), query),
                YearRevision(2019, Counts(same=4000, within=120, beyond=5, unbounded=300), (MARKUP,), cause),
            ),
            years_same=(*range(2005, 2018), *range(2020, 2025)),
            technologies=(
                TechnologyRevision("critical", Counts(same=900, beyond=5)),
                TechnologyRevision("machine-learning", Counts(same=900, beyond=2, within=120)),
            ),
            moves=tuple(MoveRevision(move, MARKUP if move.year == 2019 else query) for move in moves),
            left_out=("world_share of country_output is not compared: it is not in the vintage before.",),
        ),
        earlier=(Revisions(after=_BEFORE),),
    )


def first() -> History:
    """Of the first vintage."""
    return History(Revisions(after=THIS))
