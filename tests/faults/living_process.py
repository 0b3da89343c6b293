"""A process that loads the definitions' parts once and then looks, as a daemon does, until it is stopped.

Run as a program over the folder of a settled store; prints a line of JSON whenever what it sees changes.
"""

import json
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from assets.pipeline import Options, Pipeline
from assets.store import open_store
from orchestration.partitions import year_partitions
from orchestration.sensors import refresh_steps


def pipeline_at(folder: Path) -> Pipeline:
    """The settled pipeline of a folder (`tests.ledgers`), with a scope that ends with the current year."""
    options = replace(Options(start_year=2005), quiet_seconds=0)
    return Pipeline(open_store(folder / "store"), folder / "landing", options, folder / "project")


def main(folder: Path) -> None:
    """Look once a quarter of a second."""
    pipeline = pipeline_at(folder)
    years = year_partitions(pipeline)
    seen = before = ""
    while True:
        asked = [step.job_name for step in refresh_steps(pipeline) if isinstance(step, dg.RunRequest)]
        sees = json.dumps({"years to": years.get_last_partition_key(), "asked": asked})
        # The clock may turn in the middle of a look.
        if sees == before != seen:
            sys.stdout.write(f"{datetime.now(UTC):%Y-%m-%d} {sees}\n")
            sys.stdout.flush()
            seen = sees
        before = sees
        time.sleep(0.25)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
