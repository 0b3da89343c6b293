"""The run launcher: Dagster's own, which can also say whether the process of a run is still there.

Without it a run whose process was killed together with its parent, or while the run history could not be
reached, stays "started" until a sensor looks, and where no sensor is on it holds the one place of the pool
for good. How a living process is told from a dead one is in `orchestration.dead_runs`.
"""

import time

from dagster import DagsterRun
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher

from orchestration.dead_runs import PROCESS_GONE, PROCESS_TAG, has_process

_UNNOTED_SECONDS = 120
"""A run notes its process when it starts; one that has not by then died in between."""


class WatchedRunLauncher(DefaultRunLauncher):
    """Runs are processes of this machine, headless ones too; the history notes the process of each."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Run monitoring asks for every run that has started."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the process that executes the run lives."""
        lives = has_process(self._instance, run)
        # A headless run may be another machine's, over the same store.
        if lives is None and PROCESS_TAG not in run.tags:
            record = self._instance.get_run_record_by_id(run.run_id)
            started = record.start_time if record is not None else None
            lives = started is None or time.time() - started < _UNNOTED_SECONDS
        if lives is not False:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, PROCESS_GONE)
