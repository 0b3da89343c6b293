"""A generated drop on disk: partitions by date, compressed files, manifest and `drop.toml`.

What the works say is decided elsewhere; here they become files, in as many processes as asked,
with memory that does not depend on their number. The folder appears under its name only when it
is complete.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import ClassVar

import numpy as np
from isal import isal_zlib

from assets.atomic_files import staged_directory
from assets.errors import CollaborationError
from assets.sample.plan import apportion, build_plan
from assets.sample.record import Records
from assets.sample.works import Works

# About 55 MB of files, and enough works a year for every stylised fact to show.
DEFAULT_WORKS = 20_000
MOST_WORKS = 100_000_000

_RECEIVED = date(2026, 1, 5)
_LAST_UPDATE = date(2025, 12, 31)
_DAYS = 100
_MOST_WORKS_A_FILE = 50_000
# Fast, and on these records within a tenth of the ratio the real drops have.
_LEVEL = 2
# zlib's code for a gzip header, here one without name and time.
_GZIP_CONTAINER = 31


@dataclass(frozen=True, slots=True)
class Recipe:
    """The arguments a drop's content follows from; equal recipes give equal files."""

    works: int
    seed: int
    start_year: int
    end_year: int
    peak: bool


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """A generated drop; `json_bytes` are before compression, `content_length` after."""

    destination: Path
    works: int
    files: int
    json_bytes: int
    content_length: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One file: the works at positions `first` to `first + works - 1`, updated on one day."""

    day: str
    number: int
    first: int
    works: int

    @property
    def path(self) -> str:
        return f"updated_date={self.day}/part_{self.number:04d}.gz"


@dataclass(frozen=True, slots=True)
class _Written:
    part: _Part
    json_bytes: int
    content_length: int


def generate_drop(  # noqa: PLR0913 - each argument is one decision of the caller
    destination: Path,
    *,
    works: int,
    seed: int = 1,
    start_year: int = 2005,
    end_year: int = 2024,
    workers: int = 1,
    peak: bool = True,
    on_progress: Callable[[int], None] | None = None,
) -> SampleSummary:
    """Write a synthetic OpenAlex drop in the 2026 layout to `destination`, which must not exist.

    The files are the same for the same arguments (on the same platform: compression may differ
    between processors, the records do not), whatever `workers` is. `on_progress` is called after
    every file with the number of works written so far. With `peak` false the intensity between
    the United States and China stays flat instead of peaking in 2019; nothing else is planned
    differently.

    Raises:
        CollaborationError: The arguments make no sense, `destination` exists or cannot be written.
    """
    recipe = Recipe(works, seed, start_year, end_year, peak)
    _check(recipe, workers, destination)
    try:
        with staged_directory(destination) as drop:
            written = _write_drop(recipe, drop, workers, on_progress or _ignore)
    except OSError as error:
        raise CollaborationError(
            f"The sample drop {destination} could not be written ({error}); "
            "make room or choose another folder, then generate it again."
        ) from error
    return SampleSummary(
        destination,
        works,
        len(written),
        sum(result.json_bytes for result in written),
        sum(result.content_length for result in written),
    )


def _ignore(_works: int) -> None:
    """Stand in for a caller who does not ask for progress."""


def _write_drop(
    recipe: Recipe, drop: Path, workers: int, on_progress: Callable[[int], None]
) -> list[_Written]:
    folder = drop / "jsonl" / "works"
    parts = _parts(recipe)
    for part in parts:
        (folder / part.path).parent.mkdir(parents=True, exist_ok=True)
    written = []
    done = 0
    for result in _write_parts(recipe, folder, parts, workers):
        written.append(result)
        done += result.part.works
        on_progress(done)
    (folder / "manifest.json").write_text(_manifest(written), encoding="utf-8")
    (drop / "drop.toml").write_text(_statement(recipe), encoding="utf-8")
    return written


class Generator:
    """Makes any stretch of a recipe's works; building one takes a second and a few megabytes."""

    def __init__(self, recipe: Recipe) -> None:
        self._seed = recipe.seed
        years = range(recipe.start_year, recipe.end_year + 1)
        plan = build_plan(recipe.works, recipe.seed, years, recipe.peak)
        self._works = Works(plan, recipe.seed)
        self._records = Records(recipe.works)

    def lines(self, day: str, first: int, works: int) -> Iterator[bytes]:
        """Yield the records of a file, a line each; no more than one is held."""
        random = Random(f"{self._seed}/{first}")
        for work in self._works.stretch(first, works, random):
            yield self._records.line(work, day, random).encode()


class _Writer:
    """Writes parts of a drop below its folder of works."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self._generator = Generator(recipe)
        self._folder = folder

    def write(self, part: _Part) -> _Written:
        path = self._folder / part.path
        compressor = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _GZIP_CONTAINER)
        json_bytes = 0
        with path.open("wb") as file:
            for line in self._generator.lines(part.day, part.first, part.works):
                json_bytes += len(line)
                file.write(compressor.compress(line))
            file.write(compressor.flush())
        return _Written(part, json_bytes, path.stat().st_size)


class _Process:
    """What a worker process keeps between two parts."""

    writer: ClassVar[_Writer]

    @classmethod
    def start(cls, recipe: Recipe, folder: Path) -> None:
        cls.writer = _Writer(recipe, folder)

    @classmethod
    def write(cls, part: _Part) -> _Written:
        return cls.writer.write(part)


def _write_parts(recipe: Recipe, folder: Path, parts: Sequence[_Part], workers: int) -> Iterator[_Written]:
    if workers == 1:
        yield from map(_Writer(recipe, folder).write, parts)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _Process.start, (recipe, folder)) as pool:
        yield from pool.map(_Process.write, parts)


def _parts(recipe: Recipe) -> list[_Part]:
    """Share the works out among the days, unevenly as in a real drop, and cut large files."""
    days = min(_DAYS, recipe.works)
    random = Random(recipe.seed)
    odds = np.array([0.2 + random.expovariate(1) for _ in range(days)])
    parts = []
    first = 0
    for place, works in enumerate(apportion(odds, recipe.works).tolist()):
        day = (_LAST_UPDATE - timedelta(days=days - 1 - place)).isoformat()
        last = first + works
        for number, start in enumerate(range(first, last, _MOST_WORKS_A_FILE)):
            parts.append(_Part(day, number, start, min(_MOST_WORKS_A_FILE, last - start)))
        first = last
    return parts


def _manifest(written: Sequence[_Written]) -> str:
    files = [
        {
            "url": f"s3://openalex/data/jsonl/works/{result.part.path}",
            "meta": {
                "content_length": result.content_length,
                "record_count": result.part.works,
            },
        }
        for result in written
    ]
    manifest = {
        "date": _LAST_UPDATE.isoformat(),
        "format": "jsonl",
        "entity": "works",
        "synthetic": True,
        "record_count": sum(result.part.works for result in written),
        "content_length": sum(result.content_length for result in written),
        "files": files,
    }
    return json.dumps(manifest, indent=1)


def _statement(recipe: Recipe) -> str:
    return (
        "# Generated records: no work, author or institution in this drop is real.\n"
        f"# works {recipe.works}, seed {recipe.seed}, "
        f"years {recipe.start_year}-{recipe.end_year}, peak {recipe.peak}\n"
        "synthetic = true\n"
        f"received = {_RECEIVED.isoformat()}\n"
    )


def _check(recipe: Recipe, workers: int, destination: Path) -> None:
    if not 1 <= recipe.works <= MOST_WORKS:
        raise CollaborationError(
            f"A sample of {recipe.works} works cannot be made; ask for 1 to {MOST_WORKS}."
        )
    if recipe.seed < 0 or workers < 1:
        raise CollaborationError(
            f"A sample needs a seed of 0 or more and at least one worker, "
            f"not seed {recipe.seed} and {workers} workers."
        )
    if not 1500 <= recipe.start_year <= recipe.end_year <= 2100:
        raise CollaborationError(
            f"A sample from {recipe.start_year} to {recipe.end_year} cannot be made; "
            "give years between 1500 and 2100, the first not after the last."
        )
    if destination.exists():
        raise CollaborationError(f"{destination} exists already; remove it or give the sample another name.")
