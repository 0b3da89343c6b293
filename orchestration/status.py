"""The status of a pipeline: its drops, its stale years, what is published."""

from collections.abc import Iterator
from dataclasses import dataclass

from assets.pipeline import Pipeline
from assets.staleness import build_state
from assets.vintages import published
from orchestration.automation import read_automation
from orchestration.plan import Plan


@dataclass(frozen=True)
class DropStatus:
    """One drop of the landing folder or of the record store."""

    drop: str
    state: str
    reason: str
    records: int | None
    rejected: int | None
    version: str | None


@dataclass(frozen=True)
class YearStatus:
    """A stale year."""

    year: int
    reason: str


@dataclass(frozen=True)
class StatusReport:
    """What `status` shows; its JSON has these names."""

    store: str
    landing: str
    vintage: str | None
    published_at: str | None
    synthetic: bool
    rolled_back: bool
    """Readers were taken back to this vintage from what the build holds."""
    drops: list[DropStatus]
    stale_years: list[YearStatus]
    automation: list[str]
    """Parts that the UI's daemon does by itself, by the setting."""
    up_to_date: bool

    def lines(self) -> Iterator[str]:
        """The report for people."""
        yield f"Store {self.store}, landing folder {self.landing}"
        for drop in self.drops:
            records = "" if drop.records is None else f", {drop.records:,} records"
            rejected = f", {drop.rejected:,} rejected" if drop.rejected else ""
            reason = f" ({drop.reason})" if drop.reason else ""
            yield f"  {drop.drop}: {drop.state}{records}{rejected}{reason}"
        for year in self.stale_years:
            yield f"  {year.year} is stale: {year.reason}"
        vintage = f"Published: {self.vintage}" if self.vintage else "Nothing is published yet"
        rolled_back = ", rolled back to until something changes" if self.rolled_back else ""
        yield f"{vintage}{rolled_back}{' (SYNTHETIC)' if self.synthetic else ''}"
        yield f"By itself: {read_automation().text()}"
        yield "Up to date." if self.up_to_date else "There is something to do: run it."


def status_report(pipeline: Pipeline, plan: Plan) -> StatusReport:
    """The status as of now; changes nothing."""
    ledger = pipeline.ledger
    active = {version.drop_id: version for version in ledger.active_versions()}
    vintage = published(pipeline.store)
    drops = [
        DropStatus(
            drop.drop_id,
            drop.state.value,
            drop.reason,
            active[drop.drop_id].records if drop.drop_id in active else drop.listed_records,
            active[drop.drop_id].rejected if drop.drop_id in active else None,
            active[drop.drop_id].drop_version if drop.drop_id in active else None,
        )
        for drop in plan.drops
    ]
    landed = {drop.drop_id for drop in plan.drops}
    drops += [
        DropStatus(
            version.drop_id,
            "ingested",
            "no longer in the landing folder; its records are stored",
            version.records,
            version.rejected,
            version.drop_version,
        )
        for version in active.values()
        if version.drop_id not in landed
    ]
    return StatusReport(
        store=str(pipeline.store.root),
        landing=str(pipeline.landing),
        vintage=vintage.name if vintage else None,
        published_at=vintage.published_at if vintage else None,
        synthetic=any(version.synthetic for version in active.values()),
        rolled_back=ledger.passed_over() == build_state(ledger),
        drops=drops,
        stale_years=[YearStatus(item.year, item.reason) for item in plan.stale],
        automation=sorted(read_automation().parts),
        up_to_date=plan.nothing_to_do,
    )
