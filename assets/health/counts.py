"""Are the years counted and checked, and is what they were counted from still there?"""

from collections import Counter
from typing import Final

from assets.errors import CollaborationError
from assets.health.findings import Code, Finding, alarm, ok, warning
from assets.health.look import Look
from assets.ledger_facts import CheckState
from assets.record_store import record_files
from assets.staleness import contiguous_ranges, resolution_due, stale_years
from assets.technologies.catalogue import Catalogue

_SHOWN: Final = 300
"""Characters of a message that may name every file of the catalogue."""
_RUN: Final = "Run it (python -m orchestration run), or see whether the daemon is alive."


def technologies(look: Look) -> list[Finding]:
    """Whether the catalogue can be used as it is now."""
    options = look.pipeline.options
    try:
        catalogue = Catalogue.load(options.catalogue, skip_bad=options.skip_bad_technologies)
    except CollaborationError as error:
        return [
            alarm(
                "technologies",
                Code.TECHNOLOGIES_WRONG,
                f"The catalogue {options.catalogue} cannot be used: {' '.join(str(error).split())[:_SHOWN]}",
                "Mend the file named; COLLAB_BAD_TECHNOLOGIES=skip goes on without it meanwhile.",
            )
        ]
    left_out = f", {len(catalogue.problems)} left out" if catalogue.problems else ""
    return [ok("technologies", f"{len(catalogue.technologies)} technologies{left_out}.")]


def records(look: Look) -> list[Finding]:
    """Whether the records that count are stored."""
    lost = [
        version.drop_id
        for version in look.pipeline.ledger.active_versions()
        if version.accepted and not record_files(look.store.records / version.drop_version)
    ]
    if not lost:
        return [ok("records", "The records of every drop that counts are stored.")]
    return [
        alarm(
            "records",
            Code.RECORDS_LOST,
            f"The stored records of {len(lost)} drops that count are gone ({lost[0]}).",
            "Restore records/ from a backup, or read the drops again: python -m orchestration reread DROP.",
        )
    ]


def checks(look: Look) -> list[Finding]:
    """Years whose totals do not reconcile."""
    builds = look.pipeline.ledger.year_builds()
    failed = [year for year, build in builds.items() if build.checks is CheckState.FAILED]
    if not failed:
        return [ok("checks", "No year failed a check.")]
    years = ", ".join(map(str, contiguous_ranges(failed)))
    return [
        alarm(
            "checks",
            Code.CHECKS_FAILED,
            f"The blocking checks of {years} failed; readers keep the last vintage.",
            "Look at the checks in the UI or in work/headless.log. Take out the drop that brought it "
            "(python -m orchestration withdraw DROP), or mend the model, then run it.",
        )
    ]


def staleness(look: Look) -> list[Finding]:
    """Years to be counted again, other than those that failed."""
    ledger = look.pipeline.ledger
    builds = ledger.year_builds()
    stale = [
        item
        for item in stale_years(ledger, look.pipeline.counting_rules())
        if item.year not in builds or builds[item.year].checks is not CheckState.FAILED
    ]
    if look.writer.is_held:
        return [ok("years", "A run is at work; what is left to count is clear when it ends.")]
    if stale:
        years = ", ".join(map(str, contiguous_ranges(item.year for item in stale)))
        what = f"{years} are to be counted again ({stale[0].year}: {stale[0].reason})."
        return [warning("years", Code.YEARS_STALE, what, _RUN)]
    if ledger.versions() and resolution_due(look.pipeline):
        what = "Drops, rules or technologies changed since the records that count were decided on."
        return [warning("years", Code.YEARS_STALE, what, _RUN)]
    return [ok("years", f"{len(builds)} years are counted, none is stale.")]


def missing_years(look: Look) -> list[Finding]:
    """Years without any work between years that have some."""
    works: Counter[int] = Counter()
    for year, contents in look.pipeline.ledger.year_contents().items():
        works[year] += sum(item.works for item in contents)
    counted = [year for year in works if works[year]]
    scope = look.pipeline.options.counting
    within = [year for year in counted if scope.start_year <= year <= scope.end_year]
    holes = [year for year in range(min(within), max(within)) if not works[year]] if within else []
    if not holes:
        span = f"{min(within)} to {max(within)}" if within else "no year yet"
        return [ok("missing years", f"Works from {span}, without a hole.")]
    years = ", ".join(map(str, contiguous_ranges(holes)))
    return [
        warning(
            "missing years",
            Code.YEARS_MISSING,
            f"No work is of {years}, though there are works before and after.",
            "Look for a drop that is missing, waiting or rejected; deliver it, or leave the years out of the "
            "scope (COLLAB_START_YEAR).",
        )
    ]
