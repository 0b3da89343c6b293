"""Which years are stale, and why.

A year is stale when what it consists of now, or a rule it is counted by, differs from what it was last
counted from, or when its checks have not passed. No state is kept of "years to do": it follows from the
ledger each time, so a run that dies half-way leaves nothing to clean up.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.ledger import Ledger
from assets.ledger_facts import CheckState, DropContent, Origin, YearBuild
from assets.rules import CountingOptions, changed_rules, resolution_rules, rules_digest
from assets.store import Store

_UNFINISHED = "its last count did not finish"


@dataclass(frozen=True)
class StaleYear:
    """A year to count again, and one sentence that says why."""

    year: int
    reason: str
    attempt: str
    """Names the attempt at it: the same until it was counted, or is to be counted from something else."""


@dataclass(frozen=True)
class YearRange:
    """A contiguous range of years, both ends included."""

    start: int
    end: int

    @property
    def years(self) -> range:
        return range(self.start, self.end + 1)

    def __str__(self) -> str:
        return str(self.start) if self.start == self.end else f"{self.start}-{self.end}"


def year_fingerprint(
    contents: Sequence[DropContent], origins: Mapping[str, Origin], rules: Mapping[str, str]
) -> str:
    """A digest of all that decides a year's numbers.

    The drops' names are no part of it: the same records delivered again by another drop change nothing.

    Args:
        contents: What each drop version gives to the year.
        origins: Drop version to its origin.
        rules: The counting rules (`assets.rules.counting_rules`).
    """
    works_of: Counter[str] = Counter()
    total_of: Counter[str] = Counter()
    for content in contents:
        technology = origins[content.drop_version].technology or ""
        works_of[technology] += content.works
        total_of[technology] += content.content_total
    parts = [
        sorted(works_of.items()),
        sorted(total_of.items()),
        sorted({origins[content.drop_version].reader_version for content in contents}),
        rules_digest(rules),
    ]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def stale_years(ledger: Ledger, rules: Mapping[str, str]) -> list[StaleYear]:
    """The stale years in ascending order, from the ledger as it is now."""
    contents = ledger.year_contents()
    builds = ledger.year_builds()
    origins = ledger.origins()
    stale = []
    for year in sorted(contents.keys() | builds.keys()):
        content, build = contents.get(year, ()), builds.get(year)
        fingerprint = year_fingerprint(content, origins, rules)
        reason = _reason(content, build, fingerprint, rules)
        if reason:
            stale.append(StaleYear(year, reason, _attempt(build, fingerprint)))
    return stale


def resolution_due(store: Store, ledger: Ledger, project: Path, options: CountingOptions) -> bool:
    """Whether the current records were decided from other drops or rules than those of now."""
    resolved = ledger.resolution()
    active = {version.drop_version for version in ledger.active_versions()}
    if not active and not resolved.drop_versions and resolved.finished:
        return False
    return (
        not resolved.finished
        or set(resolved.drop_versions) != active
        or resolved.rules != resolution_rules(project, options)
        or not store.build_file.exists()
    )


def build_state(ledger: Ledger) -> str:
    """A digest of everything the build was made from; another one means there is news to publish."""
    builds = [(build.year, build.fingerprint, build.checks) for build in ledger.year_builds().values()]
    resolution = ledger.resolution()
    parts = [builds, sorted(resolution.drop_versions), sorted(resolution.rules.items())]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()


def contiguous_ranges(years: Iterable[int]) -> list[YearRange]:
    """The fewest contiguous ranges that cover exactly these years."""
    ranges: list[YearRange] = []
    for year in sorted(set(years)):
        if ranges and ranges[-1].end == year - 1:
            ranges[-1] = YearRange(ranges[-1].start, year)
        else:
            ranges.append(YearRange(year, year))
    return ranges


def _attempt(build: YearBuild | None, fingerprint: str) -> str:
    """Counting again from the same content is one attempt, however often it fails."""
    if build is None or not build.built_at:
        return fingerprint
    if build.fingerprint == fingerprint:
        return f"{fingerprint} {build.checks}"
    return f"{fingerprint} {build.built_at}"


def _reason(
    contents: Sequence[DropContent],
    build: YearBuild | None,
    fingerprint: str,
    rules: Mapping[str, str],
) -> str:
    if build is None or not build.built_at:
        counted = [content for content in contents if content.works]
        works = sum(content.works for content in counted)
        return f"not counted yet: {_count(works)} from {_names(counted)}" if contents else _UNFINISHED
    if fingerprint != build.fingerprint:
        changes = [*_content_changes(build.contents, contents), *_rule_changes(build.rules, rules)]
        return "; ".join(changes) or _unchanged_reason(build)
    if build.checks is CheckState.FAILED:
        return "its checks failed last time"
    if build.checks is CheckState.PENDING:
        return "counted, but not checked"
    return ""


def _unchanged_reason(build: YearBuild) -> str:
    if not build.fingerprint and build.checks is CheckState.PENDING:
        return _UNFINISHED
    if not build.fingerprint:
        return "the build file is new, all years are counted again from the record store"
    return "its records were read again by another version of the reader"


def _content_changes(before: Sequence[DropContent], after: Sequence[DropContent]) -> list[str]:
    old = {content.drop_id: content for content in before}
    new = {content.drop_id: content for content in after}
    changes = []
    for drop_id in sorted(old.keys() | new.keys()):
        change = _drop_change(drop_id, old.get(drop_id), new.get(drop_id))
        if change:
            changes.append(change)
    return changes


def _drop_change(drop_id: str, before: DropContent | None, after: DropContent | None) -> str:
    if before is None and after is not None:
        return f"{drop_id} brings {_count(after.works)}" if after.works else f"{drop_id} adds to its works"
    if after is None and before is not None:
        return (
            f"all {_count(before.works)} of {drop_id} left"
            if before.works
            else f"{drop_id} adds to its works no more"
        )
    if before is None or after is None or before.content_total == after.content_total:
        return ""
    difference = after.works - before.works
    if difference > 0:
        return f"{_count(difference)} more of {drop_id}"
    if difference < 0:
        return f"{_count(-difference)} of {drop_id} left"
    return f"records of {drop_id} changed"


def _rule_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    changed = changed_rules(before, after)
    if not changed:
        return []
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return [f"rule changed: {changed[0]}{more}"]


def _names(contents: Sequence[DropContent]) -> str:
    return ", ".join(content.drop_id for content in contents) or "no drop"


def _count(works: int) -> str:
    return "1 work" if works == 1 else f"{works:,} works"
