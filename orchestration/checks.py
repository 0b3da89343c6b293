"""Asset checks: the identities of each year, missing years, warnings, the balance of each drop.

Each check says in the UI what was expected, what was found and the difference, whether it passed or not.
What is compared is read by `assets.check_results`; failed totals block what lies downstream.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from assets.check_results import (
    Finding,
    Thresholds,
    abstract_findings,
    balance_findings,
    identity_findings,
    jump_findings,
    linked_findings,
    presence_findings,
    unknown_findings,
)
from assets.pipeline import Options, Pipeline
from orchestration.year_evaluations import log_year_evaluation


@dataclass(frozen=True)
class YearCheck:
    """A check with one result a year."""

    name: str
    asset: str
    description: str
    find: Callable[[Path, Sequence[int], Thresholds], dict[int, Finding]]
    blocking: bool = True


def _identity(number: int) -> Callable[[Path, Sequence[int], Thresholds], dict[int, Finding]]:
    return lambda file, years, _: identity_findings(file, number, years)


YEAR_CHECKS: Sequence[YearCheck] = (
    YearCheck(
        "output_adds_up_to_works",
        "country_output",
        "Identity 1: the output of all countries, the unknown included, is the number of works.",
        _identity(1),
    ),
    YearCheck(
        "weight_adds_up_to_multi_author_works",
        "pair_collaboration",
        "Identity 2: domestic weight and the weight of all ordered pairs are the works with two or more"
        " authors.",
        _identity(2),
    ),
    YearCheck(
        "output_splits_exactly",
        "country_output",
        "Identity 3: every country's output, counted anew from the records, is its solo output plus"
        " domestic and international weight.",
        _identity(3),
    ),
    YearCheck(
        "values_in_range",
        "pair_collaboration",
        "Identity 4: intensity lies between 0 and 1, nothing is negative or NaN, one row a key.",
        _identity(4),
    ),
    YearCheck(
        "each_record_has_one_outcome",
        "year_totals",
        "Identity 5: every stored record of the year is superseded, retired, out of scope, merged or"
        " current.",
        _identity(5),
    ),
    YearCheck(
        "year_is_complete",
        "year_totals",
        "The marts hold the works the ledger says the year has; neither missing nor unexpected.",
        lambda file, years, _: presence_findings(file, years),
    ),
    YearCheck(
        "unknown_country_share",
        "country_output",
        "Warns when much of a year's output has no known country.",
        unknown_findings,
        blocking=False,
    ),
    YearCheck(
        "in_line_with_neighbours",
        "year_totals",
        "Warns when a year has far more or far fewer works than the years beside it.",
        jump_findings,
        blocking=False,
    ),
    YearCheck(
        "authors_linked_to_addresses",
        "address_link_coverage",
        "Warns when few authors of a year are linked to an address of their own, as before about 2008: the"
        " others share out the countries of the whole record, which lowers weights.",
        linked_findings,
        blocking=False,
    ),
    YearCheck(
        "works_with_an_abstract",
        "abstract_coverage",
        "Warns when few works of a year have an abstract: technologies are found by text, so the others count"
        " only by their titles.",
        abstract_findings,
        blocking=False,
    ),
)

_WHAT_CHECKS_READ = (
    "reconciliation",
    "year_quality",
    "country_output",
    "year_totals",
    "address_link_coverage",
    "abstract_coverage",
)
_BALANCE_CHECK = "outcomes_add_up_to_records"


def build_year_checks(years: dg.PartitionsDefinition[str], pool: str) -> dg.AssetChecksDefinition:
    """All yearly checks as one step, so that the file is opened once."""
    specs = {
        check.name: dg.AssetCheckSpec(
            check.name,
            asset=check.asset,
            description=check.description,
            blocking=check.blocking,
            partitions_def=years,
            # They need the whole build, not only the table they are shown at.
            additional_deps=[name for name in _WHAT_CHECKS_READ if name != check.asset],
        )
        for check in YEAR_CHECKS
    }

    @dg.multi_asset_check(name="year_checks", specs=list(specs.values()), pool=pool)
    def year_checks(
        context: dg.AssetCheckExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[dg.AssetCheckResult]:
        checked = [int(key) for key in context.op_execution_context.partition_keys]
        with pipeline.store.writing("checking", context.log.info):
            found = year_findings(pipeline.store.build_file, pipeline.options, checked)
            record_findings(pipeline, checked, found)
        for check in YEAR_CHECKS:
            for year, finding in found[check.name].items():
                log_year_evaluation(context, specs[check.name], year, finding, _severity(check))
            yield _summary(check, found[check.name])

    return year_checks


@dg.asset_check(
    asset="record_balance",
    name=_BALANCE_CHECK,
    blocking=True,
    description="Identity 5: the outcomes of each drop add up to the records it holds.",
)
def balance_check(
    context: dg.AssetCheckExecutionContext, pipeline: dg.ResourceParam[Pipeline]
) -> dg.AssetCheckResult:
    """Every record of every active drop is accounted for."""
    with pipeline.store.writing("checking", context.log.info):
        found = balance_findings(pipeline.store.build_file)
    off = [drop_id for drop_id, finding in found.items() if not finding.passed]
    expected = sum(int(finding.values["expected"]) for finding in found.values())
    observed = sum(int(finding.values["observed"]) for finding in found.values())
    return dg.AssetCheckResult(
        passed=not off,
        metadata={
            "expected": expected,
            "observed": observed,
            "difference": observed - expected,
            "by drop": {drop_id: finding.description for drop_id, finding in found.items()},
        },
        description=f"off: {', '.join(off)}" if off else "the outcomes of every drop add up",
    )


def year_findings(file: Path, options: Options, years: Sequence[int]) -> Mapping[str, dict[int, Finding]]:
    """Check to year to what it finds in the build, or in the published marts."""
    thresholds = Thresholds(
        unknown_share=options.unknown_share_warning,
        year_jump=options.year_jump_warning,
        linked_share=options.linked_share_warning,
        abstract_share=options.abstract_share_warning,
    )
    return {check.name: check.find(file, years, thresholds) for check in YEAR_CHECKS}


def record_findings(
    pipeline: Pipeline, years: Sequence[int], found: Mapping[str, dict[int, Finding]]
) -> None:
    """A year counts as done when all its blocking checks passed."""
    blocking = [check.name for check in YEAR_CHECKS if check.blocking]
    pipeline.ledger.record_checks(
        {year: all(found[name][year].passed for name in blocking) for year in years}
    )


def _severity(check: YearCheck) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN


def _summary(check: YearCheck, found: Mapping[int, Finding]) -> dg.AssetCheckResult:
    """The result over all years of the run; downstream steps go by this one."""
    failed = {year: finding for year, finding in found.items() if not finding.passed}
    worst = max(found.values(), key=lambda finding: abs(float(finding.values["difference"])))
    return dg.AssetCheckResult(
        passed=not failed,
        asset_key=check.asset,
        check_name=check.name,
        severity=_severity(check),
        metadata={**worst.values, "years": len(found), "failed years": sorted(failed)},
        description="; ".join(f"{year}: {finding.description}" for year, finding in sorted(failed.items()))
        or ("holds" if len(found) == 1 else f"holds in all {len(found)} years"),
    )
