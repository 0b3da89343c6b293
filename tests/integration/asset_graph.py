"""The asset graph in words: keys, groups, partitions, dependencies, checks, jobs, sensors.

Kept as a file beside the tests, so that none of it changes unnoticed. Write it anew after a change that is
meant: `python -m tests.integration.asset_graph > tests/integration/snapshots/asset_graph.json`.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dagster as dg

from orchestration.definitions import build_definitions
from tests.pipelines import make_pipeline

Description = dict[str, Any]


def describe(definitions: dg.Definitions) -> Description:
    """Everything others rely on by name."""
    graph = definitions.resolve_asset_graph()
    return {
        "assets": {
            key.to_user_string(): _asset(graph.get(key)) for key in sorted(graph.get_all_asset_keys())
        },
        "checks": {
            f"{key.asset_key.to_user_string()}: {key.name}": _check(graph.get_check_spec(key))
            for key in sorted(graph.asset_check_keys, key=lambda key: (key.asset_key, key.name))
        },
        "jobs": {
            job.name: {
                "assets": sorted(_names(job.asset_layer.executable_asset_keys)),
                "partitions": _partitions(job.partitions_def),
            }
            for job in definitions.resolve_all_job_defs()
            if not job.name.startswith("__")
        },
        "sensors": {sensor.name: _sensor(sensor) for sensor in definitions.sensors or []},
    }


def _asset(node: Any) -> Description:
    policy = node.backfill_policy
    return {
        "group": node.group_name,
        "kinds": _listed(node.kinds),
        "owners": _listed(node.owners),
        "partitions": _partitions(node.partitions_def),
        "backfill": policy.policy_type.value if policy else "",
        "from": _listed(_names(node.parent_keys)),
        "pools": _listed(node.pools or []),
    }


def _check(spec: dg.AssetCheckSpec) -> str:
    return _listed(["blocking" if spec.blocking else "warns", _partitions(spec.partitions_def)])


def _sensor(sensor: Any) -> Description:
    return {
        "jobs": _listed(target.job_name for target in sensor.targets),
        "status": sensor.default_status.value,
    }


def _names(keys: Iterable[dg.AssetKey]) -> list[str]:
    return [key.to_user_string() for key in keys]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(word for word in words if word))


def _partitions(definition: dg.PartitionsDefinition[str] | None) -> str:
    if definition is None:
        return ""
    if isinstance(definition, dg.DynamicPartitionsDefinition):
        return f"dynamic: {definition.name}"
    keys = definition.get_partition_keys()
    return f"years: {keys[0]} to {keys[-1]}, {len(keys)} keys"


def as_text(description: Mapping[str, Any]) -> str:
    """The form it is kept in."""
    return json.dumps(description, indent=2) + "\n"


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        sys.stdout.write(as_text(describe(build_definitions(make_pipeline(Path(folder))))))
