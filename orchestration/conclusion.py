"""What a headless run says at its end, and the exit status that says it to scripts.

Only wording and order belong here: findings come from the checks, numbers from `assets.summary`.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import TYPE_CHECKING

from assets.disk_space import advice
from assets.ledger_facts import VersionState
from assets.pipeline import Pipeline
from assets.staleness import contiguous_ranges
from orchestration.plan import Plan
from orchestration.terminal import Terminal

if TYPE_CHECKING:
    from orchestration.headless import Outcome

_MOST_DROPS = 25
"""More would push the years out of sight; all are in the mart `record_balance`."""


class ExitStatus(IntEnum):
    """What the exit status says."""

    OK = 0
    FAILED = 1
    USAGE = 2
    DROP_REJECTED = 3
    CHECK_FAILED = 4


def conclude(pipeline: Pipeline, outcome: "Outcome", terminal: Terminal) -> ExitStatus:
    """Say what was done and give the exit status."""
    for failure in outcome.failures:
        terminal.line(f"Failed: {failure}")
    if outcome.check_failures:
        years = ", ".join(map(str, contiguous_ranges(outcome.check_failures)))
        terminal.line(f"Blocking checks failed for {years}; readers keep the last vintage.")
        return ExitStatus.CHECK_FAILED
    for sentence in dict.fromkeys(advice(failure, pipeline.store.root) for failure in outcome.failures):
        if sentence:
            terminal.line(sentence)
    if outcome.failures:
        terminal.line(f"What dbt said is in {pipeline.store.work / 'headless.log'}.")
        return ExitStatus.FAILED
    _show_years(pipeline, outcome, terminal)
    _show_balance(pipeline, terminal)
    for warning in _warnings(pipeline, outcome.refreshed):
        terminal.line(f"Warning: {warning}")
    if any(version.synthetic for version in pipeline.ledger.active_versions()):
        terminal.line("These figures are SYNTHETIC: they come from generated records.")
    terminal.line(f"Marts: {pipeline.store.warehouse_file}   Exports: {pipeline.store.exports}")
    return ExitStatus.OK


def show_unready(plan: Plan, terminal: Terminal) -> None:
    """The drops that were not taken, and why."""
    for drop in [*plan.waiting, *plan.refused]:
        terminal.line(f"Drop {drop.drop_id} is {drop.state}: {drop.reason}")


def with_rejections(
    status: ExitStatus, pipeline: Pipeline, plan: Plan, before: set[str] | None = None
) -> ExitStatus:
    """The status, turned to DROP_REJECTED when nothing worse happened than drops that cannot be taken.

    `before` are the drop versions known before the run; None when it read none.
    """
    rejected = before is not None and any(
        version.state is VersionState.REJECTED and version.drop_version not in before
        for version in pipeline.ledger.versions()
    )
    if status is ExitStatus.OK and (rejected or plan.refused):
        return ExitStatus.DROP_REJECTED
    return status


def _show_years(pipeline: Pipeline, outcome: "Outcome", terminal: Terminal) -> None:
    from assets.summary import published_years

    summaries = published_years(pipeline.store, outcome.refreshed)
    if summaries:
        terminal.table(
            ("year", "works", "countries", "pairs", "checks passed"),
            [
                (
                    str(item.year),
                    f"{item.works:,}",
                    f"{item.countries:,}",
                    f"{item.pairs:,}",
                    f"{item.identities_passed}/{item.identities}",
                )
                for item in summaries
            ],
        )
    emptied = len(outcome.refreshed) - len(summaries)
    if emptied:
        terminal.line(f"{emptied} of the years refreshed hold no work now.")


def _show_balance(pipeline: Pipeline, terminal: Terminal) -> None:
    """What became of every record of each drop."""
    from assets.summary import OUTCOMES, drop_balances

    balances = drop_balances(pipeline.store)
    if not 0 < len(balances) <= _MOST_DROPS:
        return
    shown = [name for name in OUTCOMES if any(item.records.get(name) for item in balances)]
    terminal.table(
        ("drop", "records", *(name.replace("_", " ") for name in shown)),
        [
            (
                item.drop_id,
                f"{sum(item.records.values()):,}",
                *(f"{item.records.get(name, 0):,}" for name in shown),
            )
            for item in balances
        ],
    )


def _warnings(pipeline: Pipeline, years: list[int]) -> Iterator[str]:
    """One sentence a check that warns, with the years it warns of and the first one's finding."""
    from orchestration.checks import YEAR_CHECKS, year_findings

    if not pipeline.store.warehouse_file.exists():
        return
    # Of what was published: another run may be writing the build already.
    found = year_findings(pipeline.store.warehouse_file, pipeline.options, years)
    for check in YEAR_CHECKS:
        failed = {year: item for year, item in found[check.name].items() if not item.passed}
        if failed and not check.blocking:
            first = min(failed)
            spans = ", ".join(map(str, contiguous_ranges(failed)))
            yield f"{check.name.replace('_', ' ')}, {spans} ({first}: {failed[first].description})."
