"""Which years are stale, and why; which technologies of a year, when the rest of it stands.

A year is stale when what it consists of now, or a rule it is counted by, differs from what it was last
counted from, or when its checks have not passed. No state is kept of "years to do": it follows from the
ledger each time, so a run that dies half-way leaves nothing to clean up.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from assets.change_clauses import content_changes, counted_works, rule_changes, technology_changes
from assets.drop_settings import RESERVED_TECHNOLOGIES
from assets.ledger import Ledger
from assets.ledger_facts import CheckState, DropContent, YearBuild
from assets.pipeline import Pipeline
from assets.rules import rules_digest
from assets.vintages import published

_UNFINISHED = "its last count did not finish"
_LISTED_TECHNOLOGIES = 3


@dataclass(frozen=True)
class StaleYear:
    """A year to count again, and one sentence that says why."""

    year: int
    reason: str
    attempt: str
    """Names the attempt at it: the same until it was counted, or is to be counted from something else."""
    technologies: tuple[str, ...] = ()
    """Those to count again when all else of the year stands; without any it is the whole year."""


@dataclass(frozen=True)
class Refresh:
    """What a run counts."""

    years: tuple[int, ...]
    """Years whose records are counted anew, in every technology."""
    cells: tuple[tuple[int, str], ...]
    """Year and technology of the marts, those of the whole years included."""


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
    contents: Sequence[DropContent], reader_versions: Mapping[str, int], rules: Mapping[str, str]
) -> str:
    """A digest of all that decides a year's numbers, but for the technologies of its works.

    The drops' names are no part of it: the same records delivered again by another drop change nothing.

    Args:
        contents: What each drop version gives to the year.
        reader_versions: Drop version to the version of the reader that stored it.
        rules: The counting rules (`assets.rules.counting_rules`).
    """
    parts = [
        sum(content.works for content in contents),
        sum(content.content_total for content in contents),
        sorted({reader_versions[content.drop_version] for content in contents}),
        rules_digest(rules),
    ]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def stale_years(ledger: Ledger, rules: Mapping[str, str]) -> list[StaleYear]:
    """The stale years in ascending order, from the ledger as it is now."""
    contents = ledger.year_contents()
    technologies = ledger.year_technologies()
    builds = ledger.year_builds()
    reader_versions = ledger.reader_versions()
    stale = []
    for year in sorted(contents.keys() | builds.keys()):
        content, build = contents.get(year, ()), builds.get(year)
        fingerprint = year_fingerprint(content, reader_versions, rules)
        reason = _reason(content, build, fingerprint, rules)
        if reason:
            stale.append(StaleYear(year, reason, _attempt(build, fingerprint)))
        elif build is not None:
            changes = technology_changes(build.technologies, technologies.get(year, ()))
            if changes:
                attempt = f"{_attempt(build, fingerprint)} {rules_digest(changes)}"
                stale.append(StaleYear(year, _listed(changes), attempt, tuple(changes)))
    return stale


def refresh_of(ledger: Ledger, rules: Mapping[str, str], years: Iterable[int]) -> Refresh:
    """What a run over these years has to count: whole years, or the technologies that changed.

    A year that is not stale is counted whole: someone asked for it.
    """
    partial = {item.year: item.technologies for item in stale_years(ledger, rules) if item.technologies}
    known = ledger.year_technologies()
    whole = tuple(year for year in years if year not in partial)
    cells = [
        (year, technology)
        for year in whole
        for technology in sorted({*RESERVED_TECHNOLOGIES, *(item.technology for item in known.get(year, ()))})
    ]
    cells += [(year, technology) for year in years for technology in partial.get(year, ())]
    return Refresh(whole, tuple(cells))


def resolution_due(pipeline: Pipeline) -> bool:
    """Whether the current records were decided from other drops, rules or technologies than those of now."""
    ledger = pipeline.ledger
    resolved = ledger.resolution()
    active = {version.drop_version for version in ledger.active_versions()}
    if not active and not resolved.drop_versions and resolved.finished:
        return False
    return (
        not resolved.finished
        or set(resolved.drop_versions) != active
        or resolved.rules != pipeline.resolution_rules()
        or resolved.catalogue != pipeline.catalogue_stamp()
        or not pipeline.store.build_file.exists()
    )


def publication_due(pipeline: Pipeline) -> bool:
    """Whether the build is something readers have not seen, and nobody took back from them."""
    ledger = pipeline.ledger
    if not ledger.versions():
        return False
    current, state = published(pipeline.store), build_state(ledger)
    return current is None or state not in (current.state, ledger.passed_over())


def build_state(ledger: Ledger) -> str:
    """A digest of everything the build was made from; another one means there is news to publish."""
    builds = [
        (build.year, build.fingerprint, build.checks, [astuple(item) for item in build.technologies])
        for build in ledger.year_builds().values()
    ]
    resolution = ledger.resolution()
    parts = [builds, sorted(resolution.drop_versions), sorted(resolution.rules.items()), resolution.catalogue]
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
        return f"not counted yet: {counted_works(works)} from {_names(counted)}" if contents else _UNFINISHED
    if fingerprint != build.fingerprint:
        changes = [*content_changes(build.contents, contents).values(), *rule_changes(build.rules, rules)]
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


def _listed(changes: Mapping[str, str]) -> str:
    """The first of the changes; single technologies say more than the set of all of them."""
    single = [name for name in changes if name not in RESERVED_TECHNOLOGIES]
    named = (single or list(changes))[:_LISTED_TECHNOLOGIES]
    rest = len(single or changes) - len(named)
    more = f"; {rest} more technologies" if rest > 1 else "; 1 more technology" if rest else ""
    return "; ".join(f"{name}: {changes[name]}" for name in named) + more


def _names(contents: Sequence[DropContent]) -> str:
    return ", ".join(content.drop_id for content in contents) or "no drop"
