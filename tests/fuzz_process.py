"""Damaged files read in a process of its own, which may crash, hang or fill the memory without harm.

What is fuzzed and what must hold is `tests.fuzz_targets`.
"""

import multiprocessing
import resource
import shutil
import signal
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from tests.fuzz_targets import Target

CPU_SECONDS_A_CASE = 20
"""Of a file of at most a few MB; a hundred times what the slowest takes."""
_MEMORY = 3 << 30
_WAIT_SECONDS = 600
"""For a case that hangs without using the processor."""
_HANGS, _FAILS = "hangs", "fails"


@dataclass
class Findings:
    """What came of reading damaged files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    """Each with the folder its file is kept in."""

    @property
    def cases(self) -> int:
        """Files read."""
        return self.outcomes.total() + len(self.failures)


def fuzz(target: Target, folder: Path, *, seed: int, seconds: float, at_least: int) -> Findings:
    """Read damaged files for some seconds, and so many in any case; ends early after ten failures."""
    findings = Findings()
    ends = time.monotonic() + seconds
    number = 0
    while _goes_on(findings, ends, at_least):
        receiving, sending = multiprocessing.get_context("spawn").Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(
            target=_work, args=(target, folder, seed, number, sending)
        )
        process.start()
        sending.close()
        try:
            while _goes_on(findings, ends, at_least):
                outcome = receiving.recv() if receiving.poll(_WAIT_SECONDS) else _HANGS
                if outcome in (_HANGS, _FAILS):
                    raise EOFError(outcome)
                findings.outcomes[outcome] += 1
                number += 1
        except EOFError as error:
            process.join(0 if _HANGS in error.args else 60)
            findings.failures.append(_kept(target, folder, number, process.exitcode))
            number += 1
        finally:
            process.kill()
            process.join()
            receiving.close()
    return findings


def _goes_on(findings: Findings, ends: float, at_least: int) -> bool:
    return (time.monotonic() < ends or findings.cases < at_least) and len(findings.failures) < 10


def _kept(target: Target, folder: Path, number: int, exitcode: int | None) -> str:
    """Keep the file of a failure; says where it is and what happened."""
    kept = folder / f"failed-{number}"
    (folder / "case").rename(kept)
    trace = kept / "trace.txt"
    ended = "it hung" if exitcode is None else f"the process ended with {exitcode}"
    if exitcode == -signal.SIGXCPU:
        ended = f"it took more than {CPU_SECONDS_A_CASE} s of the processor"
    return f"{target.name}, file {kept}: {trace.read_text() if trace.exists() else ended}"


def _work(target: Target, folder: Path, seed: int, number: int, channel: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    case = folder / "case"
    while True:
        resource.setrlimit(
            resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS_A_CASE, resource.RLIM_INFINITY)
        )
        shutil.rmtree(case, ignore_errors=True)
        case.mkdir(parents=True)
        random, content = target.case(number, seed)
        (case / "damaged").write_bytes(content)
        (case / "read").mkdir()
        try:
            outcome = target.hold(case / "read", content, random)
        except BaseException:
            (case / "trace.txt").write_text(traceback.format_exc(), errors="backslashreplace")
            channel.send(_FAILS)
            return
        channel.send(outcome)
        number += 1
