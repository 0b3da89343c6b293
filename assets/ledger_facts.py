"""The facts the ledger holds, as typed records: drop versions, year contents and builds, resolutions.

What they mean for a run is decided in `assets.staleness`; storing them is `assets.ledger`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from assets.drop_settings import Mode


class VersionState(StrEnum):
    """What a recorded drop version is to the counts."""

    ACTIVE = "active"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class CheckState(StrEnum):
    """What the checks said of a counted year."""

    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class DropVersion:
    """One reading of one drop; its records lie under `drop_version` in the record store."""

    drop_version: str
    drop_id: str
    source: str
    format: str
    fingerprint: str
    reader_version: int
    stated_date: date | None
    synthetic: bool
    technology: str | None
    mode: Mode
    records: int
    accepted: int
    rejected_by_reason: Mapping[str, int]
    records_by_year: Mapping[str, int]
    bytes: int
    seconds: float
    state: VersionState
    reason: str
    recorded_at: str = ""

    @property
    def rejected(self) -> int:
        return self.records - self.accepted


@dataclass(frozen=True)
class DropContent:
    """What one drop version gives to one year: works, and the sum of content hashes.

    Records merged into works of the year are part of the sum and no works.
    """

    drop_version: str
    drop_id: str
    works: int
    content_total: int


@dataclass(frozen=True)
class CatalogueEntry:
    """A technology of the catalogue that stored records were matched by."""

    technology: str
    name: str
    category: str
    version: int
    digest: str


@dataclass(frozen=True)
class MatchedCatalogue:
    """The catalogue as it was when all active drop versions had been matched by it."""

    stamp: str = ""
    entries: tuple[CatalogueEntry, ...] = ()
    problems: tuple[str, ...] = ()
    """One message for each technology left out because its file cannot be used."""


@dataclass(frozen=True)
class TechnologyContent:
    """What a technology is in one year: its works, and the sum of their hashes by ways of matching."""

    technology: str
    works: int
    content_total: int
    query: str
    """Version and digest of its catalogue entry; empty for `critical` and what only drops state."""


@dataclass(frozen=True)
class StoredMatches:
    """The stored matches of one technology in one drop version."""

    drop_version: str
    technology: str
    digest: str
    """Of the catalogue entry they were made by."""
    file: str
    """Path inside the store's folder of matches; one file may hold several technologies. Empty where there is
    nothing to load."""
    works: int
    """Records that belong to the technology. There can be rows without one: of titles that match alone."""


@dataclass(frozen=True)
class YearBuild:
    """What a year was last counted from, and what the checks said."""

    year: int
    fingerprint: str
    contents: tuple[DropContent, ...]
    technologies: tuple[TechnologyContent, ...]
    rules: Mapping[str, str]
    seconds: float
    checks: CheckState
    built_at: str
    """Empty for a year whose first count did not finish."""

    @property
    def works(self) -> int:
        return sum(content.works for content in self.contents)


@dataclass(frozen=True)
class Resolution:
    """What the current records of all works were last decided from."""

    drop_versions: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    catalogue: str = ""
    """Stamp of the catalogue of technologies."""
    build_id: str = ""
    resolved_at: str = ""
    finished: bool = True
    """False while it is being decided anew, and after that was broken off."""
