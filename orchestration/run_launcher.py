"""The run launcher: Dagster's own, which can also say whether the process of a run is still there.

Without it a run whose process was killed together with its parent, or while the run history could not be
reached, stays "started" until a sensor looks, and where no sensor is on it holds the one place of the pool
for good. How a living process is told from a dead one is in `orchestration.dead_runs`.
"""

import json
import time
from collections import defaultdict

from dagster import DagsterRun
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._serdes.config_class import ConfigurableClassData

from orchestration.dead_runs import PROCESS_GONE, PROCESS_TAG, has_process

_UNNOTED_SECONDS = 120
"""A run notes its process when it starts; one that has not by then died in between."""

_LOOKS = 20
"""A code location that has not answered so often will not come back under its address."""


class WatchedRunLauncher(DefaultRunLauncher):
    """Runs are processes of this machine, headless ones too; the history notes the process of each."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._answers: defaultdict[str, list[bool]] = defaultdict(list)

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
        if lives is not False or not self._may_be_tried_again(run):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, PROCESS_GONE)

    def _may_be_tried_again(self, run: DagsterRun) -> bool:
        """Whether the code location answers, and did so at the last look.

        It often dies together with its runs. Dagster tries a run again the moment it is marked as failed, and
        when the location is not back by then it gives the run up for good.
        """
        # Only a location that is served by itself keeps its address when it is started again.
        if "port" not in json.loads(run.tags.get(GRPC_INFO_TAG, "{}")):
            return True
        answers = self._answers[run.run_id]
        answers.append(self._location_answers(run))
        return answers[-2:] == [True, True] or len(answers) > _LOOKS

    def _location_answers(self, run: DagsterRun) -> bool:
        # Dagster gives this method no types.
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        try:
            return client is None or bool(client.ping("alive"))
        except DagsterUserCodeUnreachableError:
            return False
