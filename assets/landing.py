"""The landing folder as the pipeline sees it: each drop, judged, with what the ledger knows of it.

Whether a drop is complete is judged by `assets.drops`; reading it is `assets.ingest`.
"""

import time
from dataclasses import replace

from assets.drop_scan import list_drops
from assets.drops import DropState, Inspection, discover, inspect
from assets.errors import CollaborationError
from assets.ledger_facts import DropVersion, VersionState
from assets.pipeline import Pipeline


def inspect_landing(pipeline: Pipeline) -> list[Inspection]:
    """Every drop of the landing folder, judged; those the ledger has settled are INGESTED or REJECTED."""
    ledger = pipeline.ledger
    found = discover(
        pipeline.landing,
        quiet_seconds=pipeline.options.quiet_seconds,
        known_signatures=ledger.signatures(),
    )
    delivered = ledger.delivered_versions()
    return [_with_verdict(drop, delivered.get(drop.drop_id)) for drop in found]


def ready_drops(pipeline: Pipeline) -> list[Inspection]:
    """The drops that can be ingested now."""
    return [drop for drop in inspect_landing(pipeline) if drop.state is DropState.READY]


def inspect_one(pipeline: Pipeline, drop_id: str) -> Inspection:
    """Judge one drop afresh, whatever the ledger remembers of it.

    Raises:
        CollaborationError: There is no such drop in the landing folder.
    """
    # Only its own folder is looked into: a run that takes in hundreds of drops asks for each of them.
    folders = list_drops(pipeline.landing)
    for folder in folders:
        if folder.drop_id == drop_id:
            return inspect(folder.root, quiet_seconds=pipeline.options.quiet_seconds, now=time.time())
    raise CollaborationError(
        f"There is no drop {drop_id!r} in {pipeline.landing}. "
        f"It holds: {', '.join(folder.drop_id for folder in folders) or 'nothing'}."
    )


def _with_verdict(drop: Inspection, version: DropVersion | None) -> Inspection:
    """What the ledger knows of a drop it has settled."""
    if drop.state is not DropState.INGESTED or version is None:
        return drop
    if version.state is VersionState.REJECTED:
        return replace(drop, state=DropState.REJECTED, reason=version.reason)
    if version.state is VersionState.WITHDRAWN:
        return replace(drop, reason="withdrawn: its records do not count")
    return drop
