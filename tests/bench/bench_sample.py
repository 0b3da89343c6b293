"""The sample generator: its speed on one core, and its JSON beside that of the real drops.

The other benchmarks run on generated works, so their ratios say something only if these works are as
large, and as hard to unpack, as real ones.
"""

import tempfile
import time
from pathlib import Path
from typing import Final

from assets.sample import generate_drop
from tests.bench.ground import Ground, say
from tests.bench.lines import Goal, Line, Spread
from tests.bench.volume import Volume, real_volume

RECORDED_REAL: Final = Volume(records=6_901, json_bytes=98_249_282, gzip_bytes=17_879_487)
"""Both real drops (`openalex-2023-03`, `openalex-2025-09`) as measured in November 2026, for machines
without them."""
_MIN_WORKS_A_SECOND: Final = 5_000
_MAX_DIFFERENCE: Final = 0.1
_SPEED_WORKS: Final = 20_000
_LIKE_REAL: Final = Goal(1 - _MAX_DIFFERENCE, 1 + _MAX_DIFFERENCE)


def bench_sample(ground: Ground) -> list[Line]:
    """Works a second on one core, and bytes a work beside those of the real drops taken together."""
    say("Comparing generated works with real ones ...")
    real = real_volume()
    against = "real drops" if real else "real drops, as recorded"
    beside = real or RECORDED_REAL
    return [
        _like_real("JSON a work, bytes", ground.volume.bytes_a_work, beside.bytes_a_work, against),
        _like_real("gzip ratio", ground.volume.ratio, beside.ratio, against),
        Line(
            "generating on one core, works/s",
            "",
            Spread((works_a_second(ground.folder, min(ground.works, _SPEED_WORKS)),)),
            goal=Goal(least=_MIN_WORKS_A_SECOND),
        ),
    ]


def works_a_second(folder: Path, works: int) -> float:
    """Generated in this process, by its processor time, everything included."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        started = time.process_time()
        generate_drop(Path(scratch) / "sample", works=works)
        return works / (time.process_time() - started)


def warnings(lines: list[Line]) -> list[str]:
    """What the lines of `bench_sample` mean for all others."""
    off = [line.what for line in lines if line.goal == _LIKE_REAL and not line.reached]
    if not off:
        return []
    return [
        f"The generated works differ from real ones by more than {_MAX_DIFFERENCE:.0%} "
        f"({', '.join(off)}): the ratios on them say nothing."
    ]


def _like_real(what: str, generated: float, real: float, against: str) -> Line:
    return Line(what, "", Spread((generated,)), against, Spread((real,)), goal=_LIKE_REAL)
