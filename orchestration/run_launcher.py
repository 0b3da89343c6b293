"""The run launcher: Dagster's own, which can also say whether the process of a run is still there.

Without it a run whose process was killed together with its parent, or while the run history could not be
reached, stays "started" for good and holds the one place of the pool: nothing would run any more.
"""

import os
import time
from pathlib import Path

from dagster import DagsterEventType, DagsterRun
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher

_PROC = Path("/proc")

_ROUNDING_SECONDS = 60
"""How far the start of a process, told in seconds since a rounded one, may lie after what it wrote."""

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
        noted = self._process_of(run)
        if noted is None:
            record = self._instance.get_run_record_by_id(run.run_id)
            started = record.start_time if record is not None else None
            if started is None or time.time() - started < _UNNOTED_SECONDS:
                return CheckRunHealthResult(WorkerStatus.RUNNING)
            return CheckRunHealthResult(
                WorkerStatus.FAILED, "it was broken off before it noted which process executes it"
            )
        process, noted_at = noted
        if is_alive(process, noted_at):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(
            WorkerStatus.FAILED,
            f"process {process}, which executed it, is gone: it was killed, or the machine was restarted. "
            "What it finished is kept; what it did not finish is done by the next run",
        )

    def _process_of(self, run: DagsterRun) -> tuple[int, float] | None:
        """The process that executes a run, and when it noted so (seconds since 1970)."""
        notes = self._instance.event_log_storage.get_logs_for_run(
            run.run_id, of_type=DagsterEventType.ENGINE_EVENT
        )
        for entry in notes:
            metadata = entry.get_dagster_event().engine_event_data.metadata
            if "pid" in metadata:
                return int(str(metadata["pid"].value)), entry.timestamp
        return None


def is_alive(process: int, since: float) -> bool:
    """Whether a process lives that did so at a time (seconds since 1970), and not another of its number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Someone else's process, perhaps a headless run of another user.
        pass
    if not (_PROC / "stat").exists():
        return True
    try:
        # The second field is the name in brackets and may hold anything.
        fields = (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return False
    state, start_ticks = fields[0], int(fields[19])
    started = _boot_time() + start_ticks / os.sysconf("SC_CLK_TCK")
    return state not in {"Z", "X"} and started <= since + _ROUNDING_SECONDS


def _boot_time() -> int:
    lines = (_PROC / "stat").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("btime "))
