"""Headless runs: the same definitions and instance as the UI, driven to the end in this process.

Ingest what is ready, decide which records count, count the stale years, publish. Which drops and years
these are is asked of `assets`; here they only become runs.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

import dagster as dg

from assets.errors import CollaborationError, StorageError
from assets.ledger_facts import CheckState
from assets.pipeline import Pipeline
from assets.staleness import StaleYear, YearRange, contiguous_ranges, stale_years
from orchestration.dead_runs import end_dead_runs, headless_tags
from orchestration.definitions import build_definitions
from orchestration.instance import open_instance
from orchestration.jobs import INGEST_JOB, PUBLISH_JOB, REFRESH_JOB, RESOLVE_JOB
from orchestration.notice_events import run_notices
from orchestration.notice_settings import open_outbox
from orchestration.partitions import drop_partitions, drop_ranges, range_tags, year_tags
from orchestration.plan import make_plan
from orchestration.run_history import history_errors, read_database

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class Outcome:
    """What a headless run came to."""

    refreshed: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """One message a failed step."""
    check_failures: list[int] = field(default_factory=list)
    """Years whose blocking checks failed."""


class HeadlessRunner:
    """Runs jobs in this process and keeps what came of them."""

    def __init__(self, pipeline: Pipeline, log: TextIO) -> None:
        """The caller holds the store's writer lock, here and as long as anything runs."""
        self._pipeline = pipeline
        self._log = log
        self._instance = open_instance(pipeline.store)
        end_dead_runs(self._instance, pipeline.announce, writing=pipeline.store)
        self._definitions = build_definitions(pipeline)
        self._outbox = open_outbox(pipeline.store)
        self.outcome = Outcome()

    def bring_up_to_date(self) -> Outcome:
        """Everything that is to be done now. Stops at the first step that fails."""
        ready = [drop.drop_id for drop in make_plan(self._pipeline).ready]
        if ready and not self.ingest(ready):
            return self.outcome
        if make_plan(self._pipeline).resolve and not self._run(RESOLVE_JOB, {}):
            return self.outcome
        if not self.refresh(contiguous_ranges(item.year for item in self._stale())):
            return self.outcome
        if make_plan(self._pipeline).publish:
            self._run(PUBLISH_JOB, {})
        return self.outcome

    def ingest(self, drop_ids: Sequence[str], *, again: bool = False) -> bool:
        """Read drops, one run a contiguous range of drop partitions."""
        known = list(self._instance.get_dynamic_partitions(str(drop_partitions.name)))
        new = sorted(set(drop_ids) - set(known))
        if new:
            self._instance.add_dynamic_partitions(str(drop_partitions.name), new)
        config = {"ops": {"bibliographic_records": {"config": {"again": again}}}}
        return all(
            self._run(INGEST_JOB, range_tags(keys[0], keys[-1]), config)
            for keys in drop_ranges([*known, *new], set(drop_ids))
        )

    def refresh(self, ranges: Sequence[YearRange]) -> bool:
        """Count years, one run a contiguous range; says of each stale one why."""
        reasons = {item.year: item for item in self._stale()}
        for years in ranges:
            self._announce(years, [reasons[year] for year in years.years if year in reasons])
            succeeded = self._run(REFRESH_JOB, year_tags(years))
            self._note_years(years)
            if not succeeded:
                return False
        return True

    def backfill(self, ranges: Sequence[YearRange]) -> Outcome:
        """Count years again, stale or not, from the record store."""
        if make_plan(self._pipeline).resolve and not self._run(RESOLVE_JOB, {}):
            return self.outcome
        if self.refresh(ranges):
            plan = make_plan(self._pipeline)
            # Others may be stale, too; that is for the caller to say.
            if plan.publish and not (plan.stale or plan.resolve):
                self._run(PUBLISH_JOB, {})
        return self.outcome

    def _stale(self) -> list[StaleYear]:
        return stale_years(self._pipeline.ledger, self._pipeline.counting_rules())

    def _announce(self, years: YearRange, stale: Sequence[StaleYear]) -> None:
        noun = "year" if years.start == years.end else "years"
        self._pipeline.announce(f"Counting {noun} {years}.")
        for item in stale:
            self._pipeline.announce(f"  {item.year}: {item.reason}")

    def _note_years(self, years: YearRange) -> None:
        builds = self._pipeline.ledger.year_builds()
        states = {year: builds[year].checks for year in years.years if year in builds}
        self.outcome.refreshed += [y for y, state in states.items() if state is CheckState.PASSED]
        self.outcome.check_failures += [y for y, state in states.items() if state is CheckState.FAILED]

    def _run(self, job: str, tags: dict[str, str], config: Mapping[str, object] | None = None) -> bool:
        # dbt's own words go to a file; the terminal shows what the pipeline announces.
        with contextlib.redirect_stdout(self._log), history_errors(read_database()):
            result = self._definitions.resolve_job_def(job).execute_in_process(
                instance=self._instance,
                tags={**tags, **headless_tags(self._pipeline.store)},
                run_config={**_QUIET, **(config or {})},
                raise_on_error=False,
            )
        if not result.success:
            self.outcome.failures += _failures(result) or [f"The run {result.run_id} failed."]
        if self._outbox.is_used:
            notices = run_notices(self._pipeline, self._instance, result.run_id)
            self._outbox.tell(notices, self._pipeline.announce)
        return bool(result.success)


def _failures(result: dg.ExecuteInProcessResult) -> list[str]:
    messages = []
    for event in result.get_step_failure_events():
        error = event.step_failure_data.error
        cause = error.cause if error is not None and error.cause is not None else error
        words = _words(cause.message, cause.cls_name) if cause else "failed"
        messages.append(f"{event.step_key}: {words}")
    return messages


def _words(message: str, error_class: str | None) -> str:
    """What an error says, without the name of its class if it was written for the user."""
    if error_class in {CollaborationError.__name__, StorageError.__name__, dg.Failure.__name__}:
        return message.partition(": ")[2].strip()
    return message.strip()
