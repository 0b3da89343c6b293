"""Running tasks of reading in processes of their own, with progress; one failure ends them all.

Spawned, not forked: the caller has threads. What a task does belongs to `assets.read_task`.
"""

import gc
import multiprocessing
import pickle
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from time import monotonic
from types import ModuleType
from typing import Final

import pyarrow as pa

from assets.errors import CollaborationError
from assets.read_task import REPORT_SECONDS, ReadTask, Report, TaskSummary, read_files

_SECONDS_TO_END: Final = 5


@dataclass
class _Worker:
    task: ReadTask
    process: SpawnProcess
    channel: Connection
    records: int = 0
    bytes_done: int = 0
    summary: TaskSummary | None = None


@dataclass(frozen=True)
class _Failure:
    """An exception of a worker, with the trace that is lost on the way to another process."""

    error: Exception
    trace: str


def run_in_processes(tasks: Sequence[ReadTask], report: Report) -> list[TaskSummary]:
    """Run every task in a process of its own; the summaries come in the order of the tasks.

    `report` is called in this process about twice a second, with the sums over all tasks. When a
    task fails or this process is interrupted, the others are ended before the exception passes on.

    Raises:
        CollaborationError: A worker died without a word.
        Exception: Whatever a task raised, with its trace as a note.
    """
    next_report = monotonic() + REPORT_SECONDS
    with ExitStack() as cleanup:
        workers = [_start(task, cleanup) for task in tasks]
        while unfinished := [worker for worker in workers if worker.summary is None]:
            ready = wait([worker.channel for worker in unfinished], timeout=REPORT_SECONDS)
            for worker in unfinished:
                if worker.channel in ready:
                    _receive(worker)
            if monotonic() >= next_report:
                next_report = monotonic() + REPORT_SECONDS
                report(sum(w.records for w in workers), sum(w.bytes_done for w in workers))
        return [worker.summary for worker in workers if worker.summary is not None]


def _start(task: ReadTask, cleanup: ExitStack) -> _Worker:
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(task, sending), daemon=True)
    cleanup.callback(receiving.close)
    process.start()
    cleanup.callback(_end, process)
    # Only the worker holds the sending end now, so its death is seen as an end of file.
    sending.close()
    return _Worker(task, process, receiving)


def _end(process: SpawnProcess) -> None:
    process.terminate()
    process.join(_SECONDS_TO_END)
    if process.is_alive():
        process.kill()
        process.join()
    process.close()


def _receive(worker: _Worker) -> None:
    try:
        message = worker.channel.recv()
    except EOFError as error:
        raise _died(worker) from error
    if isinstance(message, TaskSummary):
        worker.summary = message
        worker.process.join(_SECONDS_TO_END)
    elif isinstance(message, _Failure):
        if not isinstance(message.error, CollaborationError):
            message.error.add_note(message.trace)
        raise message.error
    else:
        worker.records, worker.bytes_done = message


def _died(worker: _Worker) -> CollaborationError:
    worker.process.join(_SECONDS_TO_END)
    code = worker.process.exitcode
    how = f"with status {code}"
    if code is not None and code < 0:
        how = f"by signal {signal.Signals(-code).name}"
    return CollaborationError(
        f"Drop {worker.task.drop_id!r}: a process that read {len(worker.task.files)} of its files "
        f"(from {worker.task.files[0].path!r} on) was ended {how}; nothing of the drop was "
        "recorded. If memory was short, use fewer workers; then run again."
    )


def _work(task: ReadTask, channel: Connection) -> None:
    """What a worker does. An interrupt from the keyboard reaches the caller, which ends this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(1)
    sys.meta_path.insert(0, _NoPandas())
    # Reading makes no cycles; the collector would walk the held records over and over.
    gc.disable()
    message: TaskSummary | _Failure
    try:
        message = read_files(task, lambda records, done: channel.send((records, done)))
    except BrokenPipeError:
        return
    except Exception as error:
        message = _Failure(_portable(error), traceback.format_exc())
    with suppress(BrokenPipeError):
        channel.send(message)


class _NoPandas(MetaPathFinder):
    """Keeps Arrow from importing pandas, which it does with the first array to recognise its types.

    No worker handles any, and the import takes longer than reading a thousand records.
    """

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Refuse pandas, leave all else to the finders that follow."""
        if fullname == "pandas":
            raise ModuleNotFoundError(f"{fullname} is not used here", name=fullname)


def _portable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
