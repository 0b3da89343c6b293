"""The Dagster instance of a store: headless runs and the UI share it."""

import os
from pathlib import Path

import dagster as dg

from assets.store import Store
from orchestration.dbt import BUILD_POOL

_INSTANCE_YAML = """\
# Written once; edit it as you like.
telemetry:
  enabled: false
nux:
  enabled: false
# A run whose process died is marked as failed, so that nothing waits for it.
run_monitoring:
  enabled: true
concurrency:
  pools:
    granularity: run
    default_limit: 1
"""


def dagster_home(store: Store) -> Path:
    """`DAGSTER_HOME` if the user set it, else a folder of the store."""
    return Path(os.environ.get("DAGSTER_HOME") or store.dagster_home)


def open_instance(store: Store) -> dg.DagsterInstance:
    """The instance of a store, made ready on first use."""
    home = dagster_home(store)
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "dagster.yaml"
    if not settings.exists():
        settings.write_text(_INSTANCE_YAML)
    instance = dg.DagsterInstance.from_config(str(home.absolute()))
    # A pool whose limit is not registered lets the first wave of runs through all at once.
    instance.event_log_storage.set_concurrency_slots(BUILD_POOL, 1)
    return instance
