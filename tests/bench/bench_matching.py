"""Matching stored works: beside reading them, with ten times the queries, and how much memory it takes."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from assets.technologies.catalogue import Catalogue, Technology
from assets.technologies.matcher import Matcher
from assets.technologies.matching import MatchingPass
from tests.bench.bench_reading import data_files, read
from tests.bench.ground import CHECKOUT, WORKERS, Ground, say
from tests.bench.lines import Goal, Line, Spread
from tests.bench.many_queries import ten_times
from tests.bench.timing import Work, compared, cost, in_turns, seconds

_BESIDE_READING: Final = Goal(most=0.4)
_TEN_TIMES: Final = Goal(most=2)
_FLAT: Final = Goal(most=1.25)
_ROUNDS: Final = 3
_MATCH: Final = """
import sys
from pathlib import Path
from assets.technologies import matching
from assets.technologies.catalogue import Catalogue
from tests.bench.memory import MemoryPeak
matching.SMALL_TEXT_BYTES = -1
matching_pass = matching.MatchingPass(Catalogue.load().technologies, workers=1, cache=Path(sys.argv[3]))
with MemoryPeak() as peak:
    summary = matching_pass.match_version(Path(sys.argv[1]), Path(sys.argv[2]), lambda progress: None)
print(summary.works, peak.bytes)
"""
"""Prints works and peak memory of two processes: of one that matches and of the one that starts it."""


def bench_matching(ground: Ground) -> list[Line]:
    """The stored records of the drop, with terms that were compiled before, as in most runs."""
    files = data_files(ground.drop, "*.gz")
    catalogue = Catalogue.load().technologies
    many = ten_times(catalogue)
    with tempfile.TemporaryDirectory(dir=ground.folder) as folder:
        store, tenth, found, terms = (
            Path(folder) / name for name in ("store", "tenth", "found.parquet", "terms")
        )
        version = store / "version"
        reading = Work("reading them", partial(read, ground.drop, files, store, WORKERS))
        once = Work(
            f"matching {ground.works:,} works, {len(catalogue)} technologies",
            partial(_match, version, found, catalogue, terms),
        )
        often = Work(f"matching, {len(many)} technologies", partial(_match, version, found, many, terms))
        compiling = _compiling(catalogue, many, terms)
        read_costs, once_costs, often_costs = in_turns((reading, once, often), _ROUNDS, say)
        read(ground.drop, files[::10], tenth, WORKERS)
        memory = _memory(version, tenth / "version", found, terms)
    return [
        compared(once, reading, (once_costs, read_costs), _BESIDE_READING),
        compared(often, once, (often_costs, once_costs), _TEN_TIMES),
        compiling,
        memory,
    ]


def _match(version: Path, destination: Path, technologies: Sequence[Technology], terms: Path) -> None:
    summary = MatchingPass(technologies, WORKERS, terms).match_version(
        version, destination, on_progress=lambda progress: None
    )
    if not summary.works_matched:
        raise RuntimeError("no generated work matches a technology, so nothing was measured")


def _compiling(catalogue: Sequence[Technology], many: Sequence[Technology], terms: Path) -> Line:
    """What a run does besides when queries have changed, however many works there are; leaves the terms."""
    say("Compiling queries ...")
    once, often = (seconds([cost(partial(Matcher, those, terms))]) for those in (catalogue, many))
    return Line(f"  first compiling {len(many)}", "s", often, f"compiling {len(catalogue)}", once)


def _memory(version: Path, tenth: Path, found: Path, terms: Path) -> Line:
    say("Matching in one process, to see its memory ...")
    works, peak = _peak(version, found, terms)
    fewer_works, fewer_peak = _peak(tenth, found, terms)
    return Line(
        f"  peak memory, {works:,} works, MiB",
        "",
        Spread((peak,)),
        f"{fewer_works:,} works",
        Spread((fewer_peak,)),
        goal=_FLAT,
    )


def _peak(version: Path, found: Path, terms: Path) -> tuple[int, float]:
    """Works matched, apart from what this process holds, and the peak memory in MiB."""
    command = [sys.executable, "-c", _MATCH, str(version), str(found), str(terms)]
    said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    works, peak_bytes = map(int, said.split())
    return works, peak_bytes / 2**20
