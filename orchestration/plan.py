"""What a run would do, from the landing folder and the ledger alone.

Imports neither Dagster nor DuckDB, so that a run with nothing to do says so at once.
"""

from dataclasses import dataclass

from assets.drops import DropState, Inspection
from assets.landing import inspect_landing
from assets.pipeline import Pipeline
from assets.staleness import StaleYear, publication_due, resolution_due, stale_years


@dataclass(frozen=True)
class Plan:
    """The work at hand."""

    drops: list[Inspection]
    """Every drop of the landing folder."""
    resolve: bool
    """Drops or rules changed since it was decided which record of each work counts."""
    stale: list[StaleYear]
    publish: bool
    """The build holds something readers have not seen."""
    refused: list[Inspection]
    """Drops that are wrong as they lie there; those that were read and rejected are in the ledger."""

    @property
    def ready(self) -> list[Inspection]:
        return self._in_state(DropState.READY)

    @property
    def waiting(self) -> list[Inspection]:
        return self._in_state(DropState.WAITING)

    @property
    def rejected(self) -> list[Inspection]:
        return self._in_state(DropState.REJECTED)

    @property
    def nothing_to_do(self) -> bool:
        return not (self.ready or self.resolve or self.stale or self.publish)

    def _in_state(self, state: DropState) -> list[Inspection]:
        return [drop for drop in self.drops if drop.state is state]


def make_plan(pipeline: Pipeline) -> Plan:
    """Look at everything that could ask for work."""
    ledger = pipeline.ledger
    stale = stale_years(ledger, pipeline.counting_rules())
    drops = inspect_landing(pipeline)
    settled = ledger.signatures()
    return Plan(
        drops=drops,
        refused=[
            drop
            for drop in drops
            if drop.state is DropState.REJECTED and settled.get(drop.drop_id) != drop.signature
        ],
        resolve=resolution_due(pipeline),
        stale=stale,
        publish=publication_due(pipeline),
    )
