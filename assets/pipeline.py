"""The pipeline: one store with its landing folder and the options of a run.

Holds what every step needs to know. Where the values come from is `orchestration.settings`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from assets.ledger import Ledger
from assets.rules import Scope
from assets.store import Store

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"


@dataclass(frozen=True)
class Options:
    """What a user may set. Years are publication years, shares lie between 0 and 1."""

    start_year: int
    end_year: int
    quiet_seconds: float = 60
    """A drop without a manifest is complete when nothing in it changed for so long."""
    max_reject_share: float = 0.01
    """A drop with a larger share of unreadable records is rejected whole."""
    workers: int = 2
    """Processes that read files of a drop."""
    memory_limit: str = "2GiB"
    """What DuckDB may use."""
    focal_country: str = "CN"
    """The country whose partners the figure shows, by its ISO code."""
    unknown_share_warning: float = 0.25
    """Warn when the unknown country has a larger share of a year's output."""
    year_jump_warning: float = 3
    """Warn when a year has so many times the works of its neighbours, or as many times fewer."""

    @property
    def scope(self) -> Scope:
        return Scope(self.start_year, self.end_year)


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

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.store.ledger_file)
