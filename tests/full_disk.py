"""Stages on a disk that runs full, and a store that can only be read: `python -m tests.full_disk FOLDER`.

To be started in a mount namespace of its own (`unshare --mount`): the store lies on a small file system in
memory, which goes with the process. It answers `<stage> <bytes left free>`, or a command line for a store
nothing can be written to, with a line of JSON.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from assets.disk_space import advice
from assets.vintages import published
from orchestration import cli
from tests.outcomes import differences
from tests.random_kills import Ground, finish_saying, in_session, prepare
from tests.stages import STAGES
from tests.watching import Watcher

_SIZE = 256 << 20
READ_ONLY = "read-only "
"""Begins a command line for the store nothing can be written to."""


@dataclass(frozen=True)
class Outage:
    """What became of a stage that found so many bytes free."""

    stage: str
    left: int
    error: str
    """What it ended with, empty when that was enough."""
    advice: str
    """What the user is told to do about it."""
    torn: list[str]
    """What readers saw that did not belong together."""
    seen: list[str]
    """The vintages readers saw before and after."""
    differences: list[str]
    """From the undisturbed store, after room was made and the next run."""


def outage(ground: Ground, stage: str, left: int) -> Outage:
    """Let a stage run out of space, then make room and run to the end."""
    ground.restore(stage)
    store = ground.pipeline().store
    before = published(store)
    errors = ground.root / "errors.txt"
    errors.unlink(missing_ok=True)
    watcher = Watcher(store)
    with _filled(ground.place, left):
        with contextlib.suppress(RuntimeError):
            in_session(lambda: _telling(ground, stage, errors))
        told = errors.read_text() if errors.exists() else ""
        watcher.look()
        after = published(store)
    error, _, said = told.partition("\0")
    in_session(lambda: finish_saying(ground, ground.root / "said.txt"))
    return Outage(
        stage,
        left,
        error,
        said,
        watcher.torn,
        [vintage.name if vintage else "" for vintage in (before, after)],
        differences(ground.found(), ground.expected),
    )


def _telling(ground: Ground, stage: str, errors: Path) -> None:
    try:
        STAGES[stage](ground.pipeline())
    except Exception as error:
        errors.write_text(f"{type(error).__name__}: {error}\0{advice(error, ground.place)}")
        raise


@contextmanager
def _filled(place: Path, left: int) -> Iterator[None]:
    """Leave so many bytes of the file system free."""
    filler = place / "filler"
    free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(free - left, 1))
    try:
        yield
    finally:
        filler.unlink()


def command(ground: Ground, arguments: list[str]) -> dict[str, object]:
    """Run a command on the store as it is mounted; what it says, its status, and its trace if it has one."""
    file = ground.root / "command.json"

    def run() -> None:
        shown = io.StringIO()
        sys.stdout.flush()
        vars(cli)["read_pipeline"] = ground.pipeline
        vars(cli)["default_landing_is_used"] = lambda: False
        os.environ["COLLAB_STORE"] = str(ground.place / "store")
        output = (ground.root / "output.txt").open("w+", encoding="utf-8")
        os.dup2(output.fileno(), 1)
        with contextlib.redirect_stderr(shown):
            status = cli.main(arguments)
        output.seek(0)
        file.write_text(json.dumps({"status": status, "said": output.read(), "errors": shown.getvalue()}))

    in_session(run)
    return dict(json.loads(file.read_text()))


def main(root: Path) -> None:
    """Prepare a store in use on a small disk, then answer."""
    prepare(root)
    place = root / "in use" / "place"
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(place)], check=True)
    ground = Ground(root / "in use", at_once=False)
    print("ready", flush=True)
    for line in sys.stdin:
        if line.startswith(READ_ONLY):
            subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
            answer = command(ground, line.removeprefix(READ_ONLY).split())
            subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
        else:
            stage, _, left = line.strip().rpartition(" ")
            answer = asdict(outage(ground, stage, int(left)))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
