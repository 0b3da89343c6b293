"""Clauses that say what is new about a year: its drops, its technologies, the rules it is counted by.

Wording only, one clause a change. What makes a year stale is decided in `assets.staleness`, what moved a
published number in `assets.revisions`; both say it in these words.
"""

from collections.abc import Mapping, Sequence

from assets.ledger_facts import DropContent, TechnologyContent
from assets.rules import changed_rules


def content_changes(before: Sequence[DropContent], after: Sequence[DropContent]) -> dict[str, str]:
    """Drop to one clause that says what it gives to the year now; only drops that give something else."""
    old = {content.drop_id: content for content in before}
    new = {content.drop_id: content for content in after}
    changes = {}
    for drop_id in sorted(old.keys() | new.keys()):
        change = _drop_change(drop_id, old.get(drop_id), new.get(drop_id))
        if change:
            changes[drop_id] = change
    return changes


def technology_changes(
    before: Sequence[TechnologyContent], after: Sequence[TechnologyContent]
) -> dict[str, str]:
    """Technology to one clause that says what is new about it."""
    old = {item.technology: item for item in before}
    new = {item.technology: item for item in after}
    changes = {}
    for technology in sorted(old.keys() | new.keys()):
        change = _technology_change(old.get(technology), new.get(technology))
        if change:
            changes[technology] = change
    return changes


def rule_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """One clause for all rules that differ, or none."""
    changed = changed_rules(before, after)
    if not changed:
        return []
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return [f"rule changed: {changed[0]}{more}"]


def counted_works(works: int) -> str:
    """The number with its noun."""
    return "1 work" if works == 1 else f"{works:,} works"


def _drop_change(drop_id: str, before: DropContent | None, after: DropContent | None) -> str:
    if before is None and after is not None:
        return (
            f"{drop_id} brings {counted_works(after.works)}"
            if after.works
            else f"{drop_id} adds to its works"
        )
    if after is None and before is not None:
        return (
            f"all {counted_works(before.works)} of {drop_id} left"
            if before.works
            else f"{drop_id} adds to its works no more"
        )
    if before is None or after is None or before.content_total == after.content_total:
        return ""
    difference = after.works - before.works
    if difference > 0:
        return f"{counted_works(difference)} more of {drop_id}"
    if difference < 0:
        return f"{counted_works(-difference)} of {drop_id} left"
    return f"records of {drop_id} changed"


def _technology_change(before: TechnologyContent | None, after: TechnologyContent | None) -> str:
    if before == after:
        return ""
    if after is None:
        return "has no work any more"
    if before is None:
        return f"has {counted_works(after.works)}"
    what = "its query changed, " if before.query != after.query else ""
    if before.works != after.works:
        return f"{what}{counted_works(after.works)} instead of {before.works:,}"
    if before.content_total != after.content_total:
        return f"{what}other works"
    return f"{what}the same works"
