"""The pipeline: one store with its landing folder and the options of a run.

Holds what every step needs to know. Where the values come from is `orchestration.settings`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from assets.ledger import Ledger
from assets.pull.origin import BUCKET, PUBLIC_API, SnapshotFormat
from assets.rules import DEFAULT_PREFERENCE, CountingOptions, counting_rules, resolution_rules
from assets.store import Store
from assets.technologies.catalogue_files import CATALOGUE_FOLDER, catalogue_stamp

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"


@dataclass(frozen=True)
class Options:
    """What a user may set. Years are publication years, shares lie between 0 and 1."""

    start_year: int
    end_year: int | None = None
    """None is the current year (UTC), asked for anew each time: processes live over New Year."""
    quiet_seconds: float = 60
    """A drop without a manifest is complete when nothing in it changed for so long."""
    max_reject_share: float = 0.01
    """A drop with a larger share of unreadable records is rejected whole."""
    workers: int = 2
    """Processes that read files of a drop."""
    memory_limit: str = "2GiB"
    """What DuckDB may use."""
    focal_country: str = "CN"
    """The country that figures are about and the report opens with, by its ISO code, or `EU27`."""
    write_report: bool = True
    """Draw the figures and write the report after each publication."""
    keep_vintages: int = 10
    """So many of the last vintages are kept, the published one always."""
    unknown_share_warning: float = 0.25
    """Warn when the unknown country has a larger share of a year's output."""
    year_jump_warning: float = 3
    """Warn when a year has so many times the works of its neighbours, or as many times fewer."""

    source_preference: tuple[str, ...] = DEFAULT_PREFERENCE
    """Of the records of one work in several sources the first of these sources counts."""
    use_address_links: bool = True
    """False counts as if no record linked authors to addresses."""
    linked_share_warning: float = 0.5
    """Warn when a smaller share of a year's authors is linked to an address of their own."""
    abstract_share_warning: float = 0.5
    """Warn when a smaller share of a year's works has an abstract to find technologies by."""

    catalogue: Path = CATALOGUE_FOLDER
    """The technologies to find, one file each."""
    skip_bad_technologies: bool = False
    """Go on without those whose files cannot be used."""

    snapshot_location: str = BUCKET
    """Where the OpenAlex snapshot is pulled from: `s3://bucket[/prefix]`, an HTTPS address, a folder."""
    snapshot_endpoint: str | None = None
    """Address of an S3-compatible server other than Amazon's."""
    snapshot_format: SnapshotFormat = "jsonl"
    api_url: str = PUBLIC_API
    """Where the OpenAlex API is asked; the key is no option, since options are shown."""

    @property
    def counting(self) -> CountingOptions:
        """What of the options decides a number, as of now."""
        end_year = datetime.now(UTC).year if self.end_year is None else self.end_year
        return CountingOptions(self.start_year, end_year, self.source_preference, self.use_address_links)


@dataclass(frozen=True)
class Pipeline:
    """A store, the landing folder it is fed from, and the options in force."""

    store: Store
    landing: Path
    options: Options
    project: Path = PROJECT
    announce: Callable[[str], None] = field(default=print, compare=False)
    """Shows one line to whoever watches."""
    show_progress: Callable[[str], None] = field(default=lambda _: None, compare=False)
    """Shows how far a long step is; each text takes the place of the one before."""

    def counting_rules(self) -> dict[str, str]:
        """The rules in force now; the files may be edited while a process lives."""
        return counting_rules(self.project, self.options.counting)

    def resolution_rules(self) -> dict[str, str]:
        """The same for the choice of the record that counts of each work."""
        return resolution_rules(self.project, self.options.counting)

    def catalogue_stamp(self) -> str:
        """Changes with the catalogue of technologies."""
        return catalogue_stamp(self.options.catalogue, skip_bad=self.options.skip_bad_technologies)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.store.ledger_file)
