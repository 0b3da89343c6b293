"""The generated drop: read to the record store, and as large as real ones.

Turns what `bench_reading` and `bench_sample` measure into lines of the report.
"""

import shutil
import tempfile
from functools import partial
from pathlib import Path

from tests.bench.bench_reading import MAX_PEAK_BYTES, MAX_RATIO, _files, _MemoryPeak, _read, _zcat
from tests.bench.bench_sample import MAX_DIFFERENCE, MIN_WORKS_A_SECOND, Volume, bench_sample
from tests.bench.ground import WORKERS, Ground, say
from tests.bench.lines import Goal, Line, Spread
from tests.bench.timing import Work, compared, in_turns

RECORDED_REAL = Volume(records=6_901, json_bytes=98_249_282, gzip_bytes=17_879_487)
"""Both real drops (`openalex-2023-03`, `openalex-2025-09`) as measured in November 2026, for machines
without them."""
_ROUNDS = 4
_SPEED_WORKS = 20_000
_LIKE_REAL = Goal(1 - MAX_DIFFERENCE, 1 + MAX_DIFFERENCE)


def bench_reading(ground: Ground) -> list[Line]:
    """The drop read to Parquet against unpacking the same files in as many processes."""
    files = _files(ground.drop)
    paths = [ground.drop / file.path for file in files]
    with tempfile.TemporaryDirectory(dir=ground.folder) as folder, _MemoryPeak() as peak:
        store = Path(folder) / "store"

        def read() -> None:
            shutil.rmtree(store, ignore_errors=True)
            _read(ground.drop, files, store, WORKERS)

        reading = Work(f"reading {ground.works:,} works, {WORKERS} processes", read)
        zcat = Work(f"zcat, {WORKERS} at a time", partial(_zcat, paths, WORKERS))
        costs = in_turns(reading, zcat, _ROUNDS, say)
    memory = Spread((peak.bytes / 2**30,))
    return [
        compared(reading, zcat, costs, Goal(most=MAX_RATIO)),
        Line("  peak memory, all processes", "GiB", memory, goal=Goal(most=MAX_PEAK_BYTES / 2**30)),
    ]


def bench_drop(ground: Ground) -> list[Line]:
    """The generator's speed on one core, and its JSON beside that of the real drops taken together."""
    say("Comparing generated works with real ones ...")
    with tempfile.TemporaryDirectory(dir=ground.folder) as folder:
        speed = bench_sample(Path(folder), min(ground.works, _SPEED_WORKS))
    real = sum(speed.real.values(), Volume(0, 0, 0)) if speed.real else RECORDED_REAL
    against = "real drops" if speed.real else "real drops, as recorded"
    return [
        _like_real("JSON a work, bytes", ground.volume.bytes_a_work, real.bytes_a_work, against),
        _like_real("gzip ratio", ground.volume.ratio, real.ratio, against),
        Line(
            "generating on one core, works/s",
            "",
            Spread((speed.works_a_second,)),
            goal=Goal(least=MIN_WORKS_A_SECOND),
        ),
    ]


def warnings(lines: list[Line]) -> list[str]:
    """What the lines of `bench_drop` mean for all others."""
    off = [line.what for line in lines if line.goal == _LIKE_REAL and not line.reached]
    if not off:
        return []
    return [
        f"The generated works differ from real ones by more than {MAX_DIFFERENCE:.0%} "
        f"({', '.join(off)}): the ratios on them say nothing."
    ]


def _like_real(what: str, generated: float, real: float, against: str) -> Line:
    return Line(what, "", Spread((generated,)), against, Spread((real,)), goal=_LIKE_REAL)
