"""What the benchmarks run on: a generated drop, kept for the next time, and a store made anew.

Also runs the pipeline over them as a user does, in processes of its own.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from assets import sample
from assets.sample import generate_drop
from tests.bench.volume import Volume

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = CHECKOUT / "data" / "bench"
YEAR = 2024
"""The year that is refreshed: the last and largest of those generated."""
WORKERS = 2
_DISK_BYTES_A_WORK = 6_000
"""The drop compressed, its records twice, the build file and the published one; and as much again."""


@dataclass(frozen=True)
class Ground:
    """A folder with one landing folder and one store."""

    folder: Path
    works: int

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def drop(self) -> Path:
        return self.landing / "sample"

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def volume_file(self) -> Path:
        """The drop's size; written when the drop is complete."""
        return self.folder / "volume.json"

    @property
    def volume(self) -> Volume:
        return Volume(**json.loads(self.volume_file.read_text()))

    @property
    def environment(self) -> dict[str, str]:
        """The environment with this landing folder and store, and every other setting left to its default."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("COLLAB_")}
        kept.pop("DAGSTER_HOME", None)
        return kept | {
            "COLLAB_LANDING": str(self.landing),
            "COLLAB_STORE": str(self.store),
            "COLLAB_WORKERS": str(WORKERS),
        }


def say(text: str) -> None:
    """Progress, apart from the results on standard output."""
    print(text, file=sys.stderr, flush=True)


def prepare(works: int) -> Ground:
    """A drop of so many works, generated unless the same generator made it before.

    Raises:
        RuntimeError: The disk is too full.
    """
    ground = Ground(CACHE / f"{works}-{_generator_digest()}", works)
    CACHE.mkdir(parents=True, exist_ok=True)
    needed, free = works * _DISK_BYTES_A_WORK / 1e9, shutil.disk_usage(CACHE).free / 1e9
    say(f"Working in {ground.folder}: up to {needed:.1f} GB, {free:.1f} GB are free.")
    if free < needed:
        raise RuntimeError(f"{CACHE} has {free:.1f} GB left and {needed:.1f} GB are needed; make room first")
    if not ground.volume_file.exists():
        for outdated in CACHE.glob(f"{works}-*"):
            shutil.rmtree(outdated)
        made = generate_drop(
            ground.drop,
            works=works,
            workers=WORKERS,
            on_progress=_Progress(works).show,
        )
        volume = {"records": works, "json_bytes": made.json_bytes, "gzip_bytes": made.content_length}
        ground.volume_file.write_text(json.dumps(volume))
    return ground


def orchestrate(ground: Ground, *arguments: str) -> str:
    """Run `python -m orchestration` to its end and show what it prints; gives it, too.

    Raises:
        RuntimeError: It failed.
    """
    command = [sys.executable, "-m", "orchestration", *arguments]
    said = []
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=ground.environment, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            say(f"  {line.rstrip()}")
            said.append(line)
    if process.returncode != 0:
        raise RuntimeError(f"orchestration {' '.join(arguments)} ended with status {process.returncode}")
    return "".join(said)


class _Progress:
    """Says how far the generator is, a tenth at a time."""

    def __init__(self, works: int) -> None:
        self._works = works
        self._said = 0

    def show(self, done: int) -> None:
        tenth = 10 * done // self._works
        if tenth > self._said:
            self._said = tenth
            say(f"Generating works: {done:,} of {self._works:,}")


def _generator_digest() -> str:
    digest = hashlib.blake2b(digest_size=4)
    for path in sorted(Path(sample.__path__[0]).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
