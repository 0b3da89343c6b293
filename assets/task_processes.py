"""Dividing a step into tasks and running them in processes, with progress; one failure ends them all.

Spawned, not forked: the caller has threads. What a task does belongs to its own module, such as
`assets.read_task`.
"""

import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import Final, Generic, Protocol, TypeVar

import pyarrow as pa

from assets.errors import CollaborationError
from assets.progress import REPORT_SECONDS, Pace, Report

_SECONDS_TO_END: Final = 5


class Task(Protocol):
    """A part of a step that runs on its own; it is pickled on its way to a process."""

    @property
    def title(self) -> str:
        """Begins the message when its process ends early, such as `Drop 'x': a process that read 3 files`."""


Item = TypeVar("Item")
TaskKind = TypeVar("TaskKind", bound=Task)
Summary = TypeVar("Summary")


def balanced(items: Sequence[Item], size: Callable[[Item], int], groups: int) -> list[tuple[Item, ...]]:
    """At most so many groups of about equal size; the largest items are placed first.

    Every group has an item, and its items are in the order given, so the same items always give the
    same groups.
    """
    filled: list[list[int]] = [[] for _ in range(min(groups, len(items)))]
    totals = [0] * len(filled)
    for place in sorted(range(len(items)), key=lambda place: -size(items[place])):
        lightest = totals.index(min(totals))
        filled[lightest].append(place)
        # An empty item costs something, too: without it all of them would come to one group.
        totals[lightest] += size(items[place]) + 1
    return [tuple(items[place] for place in sorted(places)) for places in filled]


def run_in_processes(
    do: Callable[[TaskKind, Report], Summary], tasks: Sequence[TaskKind], report: Report
) -> list[Summary]:
    """Do every task in a process of its own; the summaries come in the order of the tasks.

    `do` is a function of a module. `report` is called in this process about twice a second, with the
    sums over all tasks. When a task fails or this process is interrupted, the others are ended before
    the exception passes on.

    Raises:
        CollaborationError: A worker died without a word.
        Exception: Whatever a task raised, with its title and trace as a note.
    """
    pace = Pace(REPORT_SECONDS)
    with ExitStack() as cleanup:
        workers = [_start(do, task, cleanup) for task in tasks]
        while unfinished := [worker for worker in workers if worker.ended is None]:
            ready = wait([worker.channel for worker in unfinished], timeout=REPORT_SECONDS)
            for worker in unfinished:
                if worker.channel in ready:
                    _receive(worker)
            if pace.due():
                report(sum(w.records for w in workers), sum(w.done for w in workers))
        return [worker.ended.summary for worker in workers if worker.ended is not None]


@dataclass(frozen=True)
class _Ended(Generic[Summary]):
    summary: Summary


@dataclass(frozen=True)
class _Failure:
    """An exception of a worker, with the trace that is lost on the way to another process."""

    error: Exception
    trace: str


@dataclass
class _Worker(Generic[Summary]):
    task: Task
    process: SpawnProcess
    channel: Connection
    records: int = 0
    done: int = 0
    ended: _Ended[Summary] | None = None


def _start(do: Callable[[TaskKind, Report], Summary], task: TaskKind, cleanup: ExitStack) -> _Worker[Summary]:
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(do, task, sending), daemon=True)
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


def _receive(worker: _Worker[Summary]) -> None:
    try:
        message = worker.channel.recv()
    except EOFError as error:
        raise _died(worker) from error
    if isinstance(message, _Ended):
        worker.ended = message
        worker.process.join(_SECONDS_TO_END)
    elif isinstance(message, _Failure):
        if not isinstance(message.error, CollaborationError):
            message.error.add_note(f"{worker.task.title} failed:\n{message.trace}")
        raise message.error
    else:
        worker.records, worker.done = message


def _died(worker: _Worker[Summary]) -> CollaborationError:
    worker.process.join(_SECONDS_TO_END)
    code = worker.process.exitcode
    how = f"with status {code}"
    if code is not None and code < 0:
        how = f"by signal {signal.Signals(-code).name}"
    return CollaborationError(
        f"{worker.task.title} was ended {how}; nothing of it was recorded. "
        "If memory was short, use fewer workers; then run again."
    )


def _work(do: Callable[[TaskKind, Report], Summary], task: TaskKind, channel: Connection) -> None:
    """What a worker does. An interrupt from the keyboard reaches the caller, which ends this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_caller, daemon=True).start()
    pa.set_cpu_count(1)
    sys.meta_path.insert(0, _NoPandas())
    # Records make no cycles; the collector would walk those that are held over and over.
    gc.disable()
    message: _Ended[Summary] | _Failure
    try:
        message = _Ended(do(task, lambda records, done: channel.send((records, done))))
    except BrokenPipeError:
        return
    except Exception as error:
        message = _Failure(_portable(error), traceback.format_exc())
    with suppress(BrokenPipeError):
        channel.send(message)


def _end_with_caller() -> None:
    """A caller that is killed cannot end this process, which would go on to write where the next one does."""
    caller = multiprocessing.parent_process()
    if caller is not None:
        caller.join()
        os._exit(1)


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
