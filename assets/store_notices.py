"""Notices of what the store shows and commands meet by themselves: rejected drops, work that cannot be done.

Imports nothing heavy: a run with nothing to do tells of a rejected drop, too. Notices of Dagster's runs are
in `orchestration.notice_events`.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path

from assets.drops import DropState
from assets.errors import CollaborationError
from assets.landing import inspect_landing
from assets.ledger_facts import VersionState
from assets.notices import Kind, Notice
from assets.pipeline import Pipeline


def rejected_drops(pipeline: Pipeline) -> Iterator[Notice]:
    """One notice a drop that was read and rejected, or that is wrong as it lies in the landing folder."""
    where = f"landing folder {pipeline.landing}, store {pipeline.store.root}"
    for version in pipeline.ledger.delivered_versions().values():
        if version.state is VersionState.REJECTED:
            yield Notice(
                Kind.DROP_REJECTED,
                f"Drop {version.drop_id} was rejected: {version.reason}",
                where,
                "None of its records counts. Look into quarantine/ of the store, mend the export and deliver"
                " it again.",
                once=f"rejected {version.drop_version}",
            )
    try:
        drops = inspect_landing(pipeline)
    except CollaborationError:
        # Whoever looks for new drops says so.
        return
    settled = pipeline.ledger.signatures()
    for drop in drops:
        if drop.state is DropState.REJECTED and settled.get(drop.drop_id) != drop.signature:
            yield Notice(
                Kind.DROP_REJECTED,
                f"Drop {drop.drop_id} cannot be taken: {drop.reason}",
                where,
                "None of its records counts until it is delivered again as the reason says.",
                once=f"refused {drop.drop_id} {drop.signature}",
            )


def cannot_be_done(who: str, error: BaseException, where: Path) -> Notice:
    """A command or a sensor that failed outside any run; the same again is told once a day at most."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return Notice(
        Kind.FAILED,
        f"{who} failed: {lines[0]}",
        f"store {where}",
        "Nothing of what is published changed. Do what the sentence says; then it goes on by itself, or start"
        " the command again.",
        once=f"{who} {uuid.uuid4()}",
        repeats=True,
    )
