"""Stages that are killed at random, with all their processes, and what the next run makes of what they left.

Run as a program, `python -m tests.random_kills FOLDER SEED`: it has everything imported and the dbt project
parsed, and forks what is to be killed, each in a session of its own, so that no process outlives the kill.
It takes lines such as `reading 8` and answers each kill with a line of JSON.
"""

import json
import os
import pickle
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from random import Random

import pandas  # noqa: F401  # Arrow imports it when first used
import pyarrow.dataset  # noqa: F401

import assets.reading
from assets.pipeline import PROJECT, Pipeline
from assets.sample import generate_drop
from assets.store import Store
from tests.catalogues import write_catalogue
from tests.derive import load_drop, restamped, write_drop
from tests.kills import ALWAYS, Changes
from tests.outcomes import differences, outcome
from tests.pipelines import make_pipeline, with_options
from tests.stages import STAGES, finish, parse

CHANGES = frozenset({*ALWAYS, "os.mkdir", "os.symlink", "os.link", "sqlite3.connect"})
WRITING = ("w", "wb", "x", "xb", "a", "ab", "a+", "r+")
IN_PROCESSES = " in processes"
"""Ends the name of a stage that divides its work among processes, however small it is."""

_MOST_TRIES = 50
_PATIENCE = 300.0
"""Seconds after which a stage hangs."""


@dataclass(frozen=True)
class Kill:
    """A kill, and what was found after the next run."""

    stage: str
    at: str
    """On which store, after how long or before which change to the disk."""
    differences: list[str]
    """From the undisturbed store, or why the next run failed; none when it recovered."""
    said: list[str]
    """By the run that recovered."""


@dataclass(frozen=True)
class Measured:
    """What a stage takes when nothing disturbs it."""

    seconds: float
    changes: list[str]


class Ground:
    """The stores that stages start from, made by an undisturbed run over two drops that share works."""

    def __init__(self, root: Path, *, at_once: bool) -> None:
        self.root = root
        self.name = "a new store" if at_once else "a store in use"
        self.measured: dict[str, Measured] = {}
        first, second = _records(root.parent)
        write_drop(root / "landing" / "first", first, date=date(2026, 3, 2), files=2)
        if not at_once:
            in_session(lambda: finish(self.pipeline()))
        write_drop(root / "landing" / "second", second, date=date(2026, 4, 1), files=2)
        for stage in STAGES:
            shutil.copytree(self.place, root / f"before {stage}", symlinks=True)
            self.measured[stage] = self._measure(stage)
        self.expected = self.found()

    @property
    def place(self) -> Path:
        return self.root / "place"

    def pipeline(self) -> Pipeline:
        """The pipeline over the place everything happens in: dbt parses anew wherever paths change."""
        made = make_pipeline(self.place, self.root / "landing", self.root.parent / "project")
        return with_options(made, catalogue=self.root.parent / "catalogue", max_reject_share=0.5)

    def found(self) -> dict[str, object]:
        """What the store in the place has come to."""
        file = self.root / "outcome.pickle"
        in_session(lambda: file.write_bytes(pickle.dumps(outcome(Store(self.place / "store")))))
        return dict(pickle.loads(file.read_bytes()))

    def restore(self, stage: str) -> None:
        """Put the store back as it was before the stage; the place itself may be a disk of its own."""
        for path in self.place.iterdir():
            shutil.rmtree(path)
        shutil.copytree(self.root / f"before {stage}", self.place, symlinks=True, dirs_exist_ok=True)

    def _measure(self, stage: str) -> Measured:
        file = self.root / "changes.json"

        def run() -> None:
            changes = Changes(self.place, None, modes=WRITING, events=CHANGES)
            sys.addaudithook(changes)
            STAGES[stage](self.pipeline())
            file.write_text(json.dumps(changes.seen))

        started = time.monotonic()
        in_session(run)
        return Measured(time.monotonic() - started, json.loads(file.read_text()))


def kills(grounds: list[Ground], stage: str, number: int, random: Random) -> Iterator[Kill]:
    """Kill a stage so many times: by turns on each ground, and by turns at a time and at a change."""
    plain = stage.removesuffix(IN_PROCESSES)
    for turn in range(number):
        ground = grounds[turn % len(grounds)]
        at_change = turn // len(grounds) % 2 == 1 and plain == stage
        at = _killed(ground, plain, random, at_change=at_change, in_processes=plain != stage)
        said = ground.root / "said.txt"
        shutil.copytree(ground.place, ground.root / "killed", symlinks=True, dirs_exist_ok=False)
        try:
            in_session(partial(finish_saying, ground, said), errors=ground.root / "errors.txt")
            found = differences(ground.found(), ground.expected)
        except RuntimeError as error:
            found = [str(error), *(ground.root / "errors.txt").read_text().splitlines()[-25:]]
        yield Kill(
            stage, f"{ground.name}, {at}", found, said.read_text().splitlines() if said.exists() else []
        )
        if found:
            shutil.copytree(ground.root / "killed", ground.root / f"killed {stage} {turn}", symlinks=True)
        shutil.rmtree(ground.root / "killed")
        said.unlink(missing_ok=True)


def _killed(ground: Ground, stage: str, random: Random, *, at_change: bool, in_processes: bool) -> str:
    """Start the stage and kill it; says when. A stage that was sooner done is started once more."""
    measured = ground.measured[stage]
    for _ in range(_MOST_TRIES):
        ground.restore(stage)
        change = random.randrange(len(measured.changes)) + 1 if at_change else None
        # Processes take time to start, which the measured stage does not need.
        seconds = random.uniform(0, measured.seconds + (3 if in_processes else 0))
        run = partial(_run, ground, stage, change, in_processes)
        if _ended_by_kill(run, None if at_change else seconds):
            if change is not None:
                what = measured.changes[change - 1].replace(str(ground.place), "")
                return f"before change {change} of {len(measured.changes)} ({what})"
            return f"after {seconds:.2f} of {measured.seconds:.2f} s"
    raise RuntimeError(f"{stage} cannot be killed: it takes {measured.seconds:.3f} s")


def _run(ground: Ground, stage: str, change: int | None, in_processes: bool) -> None:
    pipeline = ground.pipeline()
    if in_processes:
        # One reader, whose files are those of a reading without processes: two would share the years out.
        pipeline = with_options(pipeline, workers=1)
        assets.reading.SMALL_DROP_BYTES = 0  # type: ignore[misc]
    sys.addaudithook(Changes(ground.place, change, modes=WRITING, events=CHANGES, kill=_kill_session))
    STAGES[stage](pipeline)


def finish_saying(ground: Ground, said: Path) -> None:
    with said.open("w", encoding="utf-8", buffering=1) as file:
        finish(replace(ground.pipeline(), announce=lambda line: print(line, file=file)))


def _kill_session() -> None:
    os.killpg(0, signal.SIGKILL)


def _ended_by_kill(action: Callable[[], object], seconds: float | None) -> bool:
    """Run something in a fork with a session of its own, killed with all its processes after so long."""
    child = _forked(action, None)
    ends = time.monotonic() + (_PATIENCE if seconds is None else seconds)
    while time.monotonic() < ends:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.WIFSIGNALED(status)
        time.sleep(min(0.002, max(0.0, ends - time.monotonic())))
    os.killpg(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def in_session(action: Callable[[], object], errors: Path | None = None) -> None:
    """Run something to its end in a fork. Raises RuntimeError when it fails."""
    status = os.waitpid(_forked(action, errors), 0)[1]
    if status:
        raise RuntimeError(f"it ended with {os.waitstatus_to_exitcode(status)}")


def _forked(action: Callable[[], object], errors: Path | None) -> int:
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        if errors is not None:
            os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        # What a stage prints is no answer of this program.
        os.dup2(2, 1)
        action()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _records(root: Path) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """The records of the drops: the second has later versions of some of the first, in other years."""
    works = json.loads((root / "works.json").read_text())
    first, others = works[:250], works[250:]
    moved = [{**record, "publication_year": record["publication_year"] + 1} for record in first[:60]]
    return [*first, {"id": None}], [*restamped(moved, 1, days=30), *others, {"id": None}]


def prepare(root: Path) -> None:
    """What all grounds share: the works, a catalogue, the dbt project without the study, parsed."""
    root.mkdir(parents=True)
    shutil.copytree(PROJECT, root / "project", ignore=shutil.ignore_patterns("target", "logs", "study"))
    queries = {"designs": ("design* OR sampling", ()), "scalable": ("scalable OR cell*", ())}
    write_catalogue(root / "catalogue", queries)
    generate_drop(root / "sample", works=400)
    (root / "works.json").write_text(json.dumps(load_drop(root / "sample")))
    parse(root / "project", Store(root).build_file)


def main(root: Path, seed: int) -> None:
    """Prepare the grounds, then answer."""
    prepare(root)
    grounds = []
    for name in ("in use", "new"):
        (root / name / "place").mkdir(parents=True)
        grounds.append(Ground(root / name, at_once=name == "new"))
    print("ready", flush=True)
    for line in sys.stdin:
        stage, _, number = line.strip().rpartition(" ")
        for kill in kills(grounds, stage, int(number), Random(f"{seed} {stage}")):
            print(json.dumps(asdict(kill)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
