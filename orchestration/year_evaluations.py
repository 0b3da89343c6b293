"""A check's result for each year of a run that covers several.

Dagster records one result a check and run; in a run over a range of years it would belong to no year. The
UI shows a status by year only for evaluations that name their partition and the materialisation they
looked at, and the class for that is private. This module is the only one that imports it, and a test
reads the statuses back through GraphQL; the version of Dagster is pinned exactly.
"""

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationTargetMaterializationData,
)

from assets.check_results import Finding


def log_year_evaluation(
    context: dg.AssetCheckExecutionContext,
    check: dg.AssetCheckSpec,
    year: int,
    finding: Finding,
    severity: dg.AssetCheckSeverity,
) -> None:
    """Record in the run what a check found for one year."""
    # The declared type leaves check evaluations out; the method handles them.
    context.op_execution_context.log_event(
        AssetCheckEvaluation(  # type: ignore[arg-type]
            asset_key=check.asset_key,
            check_name=check.name,
            passed=finding.passed,
            metadata=dict(finding.values),
            target_materialization_data=_latest_materialization(context.instance, check.asset_key, str(year)),
            severity=severity,
            description=finding.description,
            blocking=check.blocking,
            partition=str(year),
        )
    )


def _latest_materialization(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, partition: str
) -> AssetCheckEvaluationTargetMaterializationData | None:
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=asset_key, asset_partitions=[partition]), limit=1
    ).records
    if not found:
        return None
    return AssetCheckEvaluationTargetMaterializationData(
        storage_id=found[0].storage_id, run_id=found[0].run_id, timestamp=found[0].timestamp
    )
