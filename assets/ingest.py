"""Ingesting: a ready drop becomes an active version in the record store and the ledger.

Decides whether a drop has to be read at all and whether what was read may count. Reading is
`assets.reading`, judging whether a drop is complete `assets.drops`.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assets.drops import Inspection, fingerprint
from assets.errors import CollaborationError
from assets.ledger_facts import DropVersion, VersionState
from assets.pipeline import Pipeline
from assets.progress import Progress
from assets.reading import ReadSummary, read_drop
from assets.record_store import drop_folder, keep_complete_ids
from assets.records import READER_VERSION


class Action(StrEnum):
    """What ingesting a drop came to."""

    READ = "read"
    UNCHANGED = "unchanged"
    RESTORED = "restored"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Ingestion:
    """A drop version and how it came to be what it is."""

    action: Action
    version: DropVersion
    warnings: tuple[str, ...] = ()


def ingest(
    pipeline: Pipeline,
    drop: Inspection,
    on_progress: Callable[[Progress], None],
    *,
    again: bool = False,
) -> Ingestion:
    """Make a ready drop count. The caller holds the store's writer lock.

    A drop delivered again unchanged is not read; `again` reads it all the same, and brings back
    a withdrawn one.

    Raises:
        CollaborationError: The drop changed while it was read; nothing is recorded.
    """
    digest = fingerprint(drop, workers=pipeline.options.workers)
    known = [item for item in pipeline.ledger.versions(drop.drop_id) if item.fingerprint == digest]
    if known and not again:
        return _settle(pipeline, drop, known[-1])
    return _read(pipeline, drop, digest, reading=len(known) + 1, on_progress=on_progress)


def withdraw(pipeline: Pipeline, drop_id: str) -> DropVersion:
    """Take a drop out of the counts; its records stay stored. The caller holds the writer lock.

    Raises:
        CollaborationError: No active drop has that name.
    """
    for version in pipeline.ledger.active_versions():
        if version.drop_id == drop_id:
            pipeline.ledger.withdraw(drop_id)
            return version
    active = ", ".join(version.drop_id for version in pipeline.ledger.active_versions())
    raise CollaborationError(f"No drop {drop_id!r} counts now. Those that do: {active or 'none'}.")


def _settle(pipeline: Pipeline, drop: Inspection, version: DropVersion) -> Ingestion:
    """The same content again: nothing to read, at most to bring back."""
    active = {item.drop_id for item in pipeline.ledger.active_versions()}
    # Content withdrawn before the drop came back with other content replaces that now.
    if version.state is VersionState.REPLACED or (
        version.state is VersionState.WITHDRAWN and drop.drop_id in active
    ):
        pipeline.ledger.activate(version, drop.signature)
        return Ingestion(Action.RESTORED, replace(version, state=VersionState.ACTIVE))
    pipeline.ledger.settle(version, drop.signature)
    rejected = version.state is VersionState.REJECTED
    return Ingestion(Action.REJECTED if rejected else Action.UNCHANGED, version)


def _read(
    pipeline: Pipeline,
    drop: Inspection,
    digest: str,
    *,
    reading: int,
    on_progress: Callable[[Progress], None],
) -> Ingestion:
    suffix = f"-{reading}" if reading > 1 else ""
    name = f"{drop_folder(drop.drop_id)}/{digest[:16]}-r{READER_VERSION}{suffix}"
    destination = pipeline.store.records / name
    # Left over from a run that died after reading and before recording.
    shutil.rmtree(destination, ignore_errors=True)
    started = time.monotonic()
    summary = read_drop(
        drop_id=drop.drop_id,
        root=drop.root,
        files=drop.files,
        destination=destination,
        quarantine_file=pipeline.store.quarantine / f"{name}.jsonl",
        workers=pipeline.options.workers,
        on_progress=on_progress,
        stated_format=drop.stated_format,
    )
    if drop.complete_ids is not None:
        keep_complete_ids(drop.root / drop.complete_ids.path, destination)
    version = _version(drop, digest, name, summary, time.monotonic() - started)
    excess = _too_many_rejects(summary, pipeline.options.max_reject_share)
    if excess:
        shutil.rmtree(destination, ignore_errors=True)
        reason = f"{excess}; see {pipeline.store.quarantine / name}.jsonl"
        version = replace(version, state=VersionState.REJECTED, reason=reason)
    pipeline.ledger.record(version, drop.signature)
    action = Action.REJECTED if excess else Action.READ
    return Ingestion(action, version, summary.warnings)


def _version(drop: Inspection, digest: str, name: str, summary: ReadSummary, seconds: float) -> DropVersion:
    return DropVersion(
        drop_version=name,
        drop_id=drop.drop_id,
        source=drop.source or "",
        format=drop.format or "",
        fingerprint=digest,
        reader_version=READER_VERSION,
        stated_date=drop.stated_date,
        synthetic=drop.synthetic,
        technology=drop.technology,
        mode=drop.mode,
        records=summary.records,
        accepted=summary.accepted,
        rejected_by_reason=summary.rejected_by_reason,
        records_by_year={str(year): count for year, count in summary.records_by_year.items()},
        bytes=drop.bytes,
        seconds=seconds,
        state=VersionState.ACTIVE,
        reason="",
    )


def _too_many_rejects(summary: ReadSummary, limit: float) -> str:
    """One sentence when more than `limit` of the records could not be read, else empty."""
    if summary.rejected <= limit * summary.records:
        return ""
    reasons = _by_frequency(summary)
    return (
        f"{summary.rejected:,} of {summary.records:,} records could not be read "
        f"({', '.join(reasons)}), more than the {limit:.1%} allowed"
    )


def _by_frequency(summary: ReadSummary) -> Sequence[str]:
    counts = sorted(summary.rejected_by_reason.items(), key=lambda item: -item[1])
    return [f"{reason} {count:,}" for reason, count in counts]
