"""Which record counts of each work, by brute force (method, sections 4 and 5).

Versions within a source come first, then retirement, scope, and merging across sources.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.oracle_records import (
    OPENALEX,
    Delivered,
    OracleDrop,
    Record,
    clearly_different,
    delivered,
    title_overlap,
)

WorkKey = tuple[str, str]
"""Source and the source's own id."""
Outcome = tuple[str, str | None]
"""What became of a record, and the reason where there is one."""
CURRENT: Outcome = ("current", None)
SUPERSEDED: Outcome = ("superseded", None)
RETIRED: Outcome = ("retired", None)
MERGED: Outcome = ("merged", "doi")


@dataclass(frozen=True, eq=False)
class Version:
    """One delivered version of a work and where it came from; every delivery is one of its own."""

    drop: OracleDrop
    position: int
    """0-based place in the drop's records."""
    record: Delivered
    raw: Record

    @property
    def key(self) -> WorkKey:
        """The work it is a version of."""
        return self.record.source, self.record.work_id


@dataclass(frozen=True)
class ScopeRules:
    """What makes a work count."""

    types: frozenset[tuple[str, str]]
    """Source and document type."""
    start_year: int
    end_year: int


@dataclass(frozen=True)
class WorkLink:
    """A record that shares its DOI with a counted work of a preferred source."""

    doi: str
    year: int | None
    drop_id: str
    counted_source: str
    counted_work_id: str
    counted_year: int | None
    relation: str
    """`merged` or `different_title`."""
    title_overlap: float | None
    """With the title it was compared with, which in a chain is not the counted work's."""


@dataclass
class Identities:
    """What became of the delivered versions."""

    outcomes: dict[Version, Outcome]
    counted: dict[WorkKey, Version] = field(default_factory=dict)
    """The version that counts of each work that does."""
    links: dict[WorkKey, WorkLink] = field(default_factory=dict)
    """By the work that shares its DOI with a counted one of a preferred source."""
    members: dict[WorkKey, list[Version]] = field(default_factory=dict)
    """By counted work: the versions that count of it and of the works merged into it."""
    stated: dict[WorkKey, frozenset[str]] = field(default_factory=dict)
    """By counted work: what any drop states that it, or one merged into it, came with in any version."""


def versions_of(drops: Iterable[OracleDrop]) -> list[Version]:
    """Every delivered version."""
    return [
        Version(drop, position, delivered(drop.source, record), record)
        for drop in drops
        for position, record in enumerate(drop.records)
    ]


def identities(
    drops: Sequence[OracleDrop],
    rules: ScopeRules,
    preference: Sequence[str],
    content_hash: Callable[[Record], int],
) -> Identities:
    """What becomes of every accepted record of the active drops.

    `content_hash` decides between OpenAlex versions with equal dates, the greater one wins. Raises
    ValueError when such a tie of other sources would have to be decided by it.
    """
    versions = versions_of(drops)
    result = Identities(dict.fromkeys(versions, SUPERSEDED))
    current = current_versions(versions, content_hash)
    gone = retired_works(drops, versions)
    result.outcomes |= {version: RETIRED for key, version in current.items() if key in gone}
    alive = [version for key, version in current.items() if key not in gone]
    in_scope = []
    for rivals in _by_doi(alive):
        for version in rivals:
            reason = exclusion_reason(version.record, rules, retracted_elsewhere(version, rivals))
            result.outcomes[version] = ("out_of_scope", reason) if reason else CURRENT
            in_scope += [] if reason else [version]
    for rivals in _by_doi(in_scope):
        _merge(rivals, preference, result)
    result.stated = _stated_technologies(result)
    return result


def current_versions(
    versions: Iterable[Version], content_hash: Callable[[Record], int]
) -> dict[WorkKey, Version]:
    """The version that counts of each work, within its source."""
    rivals: defaultdict[WorkKey, list[Version]] = defaultdict(list)
    for version in versions:
        rivals[version.key].append(version)
    return {work: _greatest(found, content_hash) for work, found in rivals.items()}


def _greatest(rivals: Sequence[Version], content_hash: Callable[[Record], int]) -> Version:
    newest = max(map(_dates, rivals))
    tied = [version for version in rivals if _dates(version) == newest]
    if any(version.raw != tied[0].raw for version in tied):
        if tied[0].record.source != OPENALEX:
            raise ValueError(f"which version of {tied[0].key} counts hangs on a hash not known here")
        greatest = max(content_hash(version.raw) for version in tied)
        tied = [version for version in tied if content_hash(version.raw) == greatest]
    return max(tied, key=lambda version: (version.drop.drop_id, version.position))


def _dates(version: Version) -> tuple[bool, datetime, bool, date]:
    own, stated = version.record.own_date, version.drop.stated_date
    return own is not None, own or datetime.min, stated is not None, stated or date.min


def retired_works(drops: Iterable[OracleDrop], versions: Sequence[Version]) -> set[WorkKey]:
    """The works the latest snapshot of their source does not hold, and no later drop either."""
    latest: dict[str, OracleDrop] = {}
    for drop in drops:
        if drop.mode == "snapshot":
            rivals = [drop, *([latest[drop.source]] if drop.source in latest else [])]
            latest[drop.source] = max(rivals, key=lambda each: (each.stated_date or date.min, each.drop_id))
    kept = set()
    for version in versions:
        snapshot = latest.get(version.record.source)
        if snapshot is None or _is_held(version, snapshot) or _is_seen_after(version, snapshot):
            kept.add(version.key)
    return {version.key for version in versions} - kept


def _is_held(version: Version, snapshot: OracleDrop) -> bool:
    if snapshot.complete_ids is None:
        return version.drop is snapshot
    return version.record.work_id in snapshot.complete_ids


def _is_seen_after(version: Version, snapshot: OracleDrop) -> bool:
    """Whether the day of the drop, or of the version where the drop states none, is a later one."""
    own = version.record.own_date
    seen = version.drop.stated_date or (own and own.date())
    return seen is not None and seen > (snapshot.stated_date or date.min)


def exclusion_reason(record: Delivered, rules: ScopeRules, is_retracted_elsewhere: bool) -> str | None:
    """The first reason why a current version is out of scope (method, section 4)."""
    year = record.year
    checks = {
        "document_type": not any((record.source, kind) in rules.types for kind in record.types),
        "publication_year": year is None or not rules.start_year <= year <= rules.end_year,
        "retracted": record.is_retracted or is_retracted_elsewhere,
        "paratext": record.is_paratext,
        "xpac": record.is_xpac,
        "no_authors": not record.authors,
    }
    return next((reason for reason, applies in checks.items() if applies), None)


def retracted_elsewhere(version: Version, rivals: Iterable[Version]) -> bool:
    """Whether another source retracted the work; of the rivals, versions with the same DOI."""
    return any(rival.record.is_retracted and _is_same_work(version, rival) for rival in rivals)


def _by_doi(versions: Iterable[Version]) -> list[list[Version]]:
    """The versions by DOI; one without a DOI stands alone."""
    groups: defaultdict[object, list[Version]] = defaultdict(list)
    for version in versions:
        groups[version.record.doi or version].append(version)
    return list(groups.values())


def _is_same_work(version: Version, rival: Version) -> bool:
    """Of two versions with the same DOI."""
    one, other = version.record, rival.record
    return one.source != other.source and not clearly_different(one.title, other.title)


def _merge(rivals: Sequence[Version], preference: Sequence[str], result: Identities) -> None:
    """Count one record of each work among in-scope versions with the same DOI."""
    into = {version: _preferred(version, rivals, preference, _is_same_work) for version in rivals}
    members: defaultdict[Version, list[Version]] = defaultdict(list)
    for version in rivals:
        root = version
        while (target := into[root]) is not None:
            root = target
        members[root].append(version)
    for root, merged in members.items():
        result.counted[root.key] = root
        result.members[root.key] = merged
        for version in merged:
            compared = into[version]
            if compared is not None:
                result.outcomes[version] = MERGED
                result.links[version.key] = _link(version, compared, root, "merged")
    for root in members:
        other = _preferred(root, list(members), preference, lambda *_: True)
        if other is not None:
            result.links[root.key] = _link(root, other, other, "different_title")


def _preferred(
    version: Version,
    rivals: Iterable[Version],
    preference: Sequence[str],
    matches: Callable[[Version, Version], bool],
) -> Version | None:
    """Of the matches in preferred sources the one of the first source, best title, smallest id."""
    rank = preference.index
    candidates = [
        rival
        for rival in rivals
        if rank(rival.record.source) < rank(version.record.source) and matches(version, rival)
    ]
    return min(
        candidates,
        key=lambda rival: (
            rank(rival.record.source),
            -_overlap_rank(version, rival),
            rival.record.work_id,
        ),
        default=None,
    )


def _overlap_rank(version: Version, rival: Version) -> float:
    """How much of their titles two records share; a record without a title comes after all others."""
    overlap = title_overlap(version.record.title, rival.record.title)
    return -1 if overlap is None else overlap


def _stated_technologies(result: Identities) -> dict[WorkKey, frozenset[str]]:
    of_record: defaultdict[WorkKey, set[str]] = defaultdict(set)
    for version in result.outcomes:
        if version.drop.technology is not None:
            of_record[version.key].add(version.drop.technology)
    return {
        counted: frozenset(name for member in members for name in of_record[member.key])
        for counted, members in result.members.items()
    }


def _link(version: Version, compared: Version, counted: Version, relation: str) -> WorkLink:
    return WorkLink(
        doi=version.record.doi,
        year=version.record.year,
        drop_id=version.drop.drop_id,
        counted_source=counted.record.source,
        counted_work_id=counted.record.work_id,
        counted_year=counted.record.year,
        relation=relation,
        title_overlap=title_overlap(version.record.title, compared.record.title),
    )
