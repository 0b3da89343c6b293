"""The sample generator: works a second on one core, and its JSON beside that of the real drops.

The other benchmarks run on generated works, so their ratios say something only if these works are
as large, and as hard to unpack, as real ones. Standing alone: `python -m tests.bench.bench_sample`.
"""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from isal import isal_zlib

from assets.sample import DEFAULT_WORKS, generate_drop

MIN_WORKS_A_SECOND = 5_000
"""Goal: on one core, everything included."""
MAX_DIFFERENCE = 0.1
"""Goal: bytes a work and gzip ratio stay this near to those of the real drops taken together."""
REAL_DROPS = ("openalex-2023-03", "openalex-2025-09")
_BESIDE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "data" / "landing"


@dataclass(frozen=True)
class Volume:
    """Records of one drop, or of several together, and their bytes."""

    records: int
    json_bytes: int
    gzip_bytes: int

    @property
    def bytes_a_work(self) -> float:
        return self.json_bytes / self.records

    @property
    def ratio(self) -> float:
        return self.json_bytes / self.gzip_bytes

    def __add__(self, other: "Volume") -> "Volume":
        return Volume(
            self.records + other.records,
            self.json_bytes + other.json_bytes,
            self.gzip_bytes + other.gzip_bytes,
        )

    def __str__(self) -> str:
        return f"{self.bytes_a_work:,.0f} bytes a work, gzip ratio {self.ratio:.2f}"


@dataclass(frozen=True)
class SampleBench:
    """A generated drop beside the real ones; `real` is empty where there are none."""

    works_a_second: float
    sample: Volume
    real: dict[str, Volume]

    @property
    def passed(self) -> bool:
        return self.works_a_second >= MIN_WORKS_A_SECOND and self._differences_passed()

    def _differences_passed(self) -> bool:
        return all(abs(difference) <= MAX_DIFFERENCE for difference in self._differences())

    def _differences(self) -> tuple[float, ...]:
        if not self.real:
            return ()
        pooled = sum(self.real.values(), Volume(0, 0, 0))
        return (
            self.sample.bytes_a_work / pooled.bytes_a_work - 1,
            self.sample.ratio / pooled.ratio - 1,
        )

    def __str__(self) -> str:
        lines = [
            f"generating {self.sample.records:,} works: {self.works_a_second:,.0f} works/s a core "
            f"(goal >= {MIN_WORKS_A_SECOND:,}); {self.sample}",
            *(f"  {name}: {volume}" for name, volume in self.real.items()),
        ]
        if self.real:
            size, ratio = self._differences()
            lines.append(
                f"  against the real drops together: bytes {size:+.1%}, ratio {ratio:+.1%} "
                f"(goal within {MAX_DIFFERENCE:.0%})"
            )
        return "\n".join(lines)


def bench_sample(folder: Path, works: int = DEFAULT_WORKS) -> SampleBench:
    """Generate a drop in `folder` in this process and compare it with the real drops."""
    started = time.process_time()
    summary = generate_drop(folder / "sample", works=works)
    seconds = time.process_time() - started
    sample = Volume(summary.works, summary.json_bytes, summary.content_length)
    landing = Path(os.environ.get("COLLAB_REAL_DATA", _BESIDE_CHECKOUT))
    drops = [landing / name for name in REAL_DROPS if (landing / name).is_dir()]
    return SampleBench(works / seconds, sample, {drop.name: _volume(drop) for drop in drops})


def _volume(drop: Path) -> Volume:
    files = [path.read_bytes() for path in sorted(drop.rglob("*.gz"))]
    texts = [isal_zlib.decompress(file, 31) for file in files]
    records = sum(text.count(b"\n") for text in texts)
    return Volume(records, sum(map(len, texts)), sum(map(len, files)))


def main() -> int:
    works = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_WORKS
    with tempfile.TemporaryDirectory() as folder:
        result = bench_sample(Path(folder), works)
    print(result)
    return 0 if result.passed else 1


if __name__ == "__main__":
    sys.exit(main())
