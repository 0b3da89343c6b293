"""The command line of the benchmarks: which to run, on how many works, and where the results go."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from assets.errors import CollaborationError
from tests.bench.bench_exports import bench_exports
from tests.bench.bench_matching import bench_matching
from tests.bench.bench_reading import bench_reading
from tests.bench.bench_refresh import bench_breakdown, bench_noop, bench_refresh, fill_store
from tests.bench.bench_sample import bench_sample, warnings
from tests.bench.bench_study import bench_study
from tests.bench.ground import Ground, prepare
from tests.bench.lines import Line, table
from tests.bench.machine import Machine, this_machine

DEFAULT_WORKS = 100_000


@dataclass(frozen=True)
class Bench:
    """A benchmark by name; some need a store that is filled."""

    run: Callable[[Ground], list[Line]]
    on_store: bool = False


BENCHES = {
    "reading": Bench(bench_reading),
    "exports": Bench(bench_exports),
    "matching": Bench(bench_matching),
    "sample": Bench(bench_sample),
    "study": Bench(bench_study, on_store=True),
    "noop": Bench(bench_noop, on_store=True),
    "refresh": Bench(bench_refresh, on_store=True),
    "breakdown": Bench(bench_breakdown, on_store=True),
}


@dataclass
class Report:
    """Everything that was found."""

    works: int
    machine: Machine
    lines: list[Line] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """What failed to run; a goal that is missed is no failure."""

    def as_json(self) -> dict[str, object]:
        return {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "works": self.works,
            "machine": asdict(self.machine),
            "lines": [line.as_json() for line in self.lines],
            "warnings": self.warnings,
            "failures": self.failures,
        }

    def text(self) -> str:
        notes = [f"WARNING: {text}" for text in self.warnings]
        notes += [f"FAILED: {text}" for text in self.failures]
        return "\n".join([str(self.machine), "", *table(self.lines), *notes])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run benchmarks; the exit status is 0 unless one failed to run."""
    options = _parser().parse_args(arguments)
    report = Report(options.works, this_machine())
    if report.machine.busy:
        report.warnings.append(
            f"The machine was busy before (load {report.machine.load:.1f}): "
            "wait until it is idle, or trust the ratios of processor time alone."
        )
    _run(report, [options.only] if options.only else list(BENCHES))
    print(report.text())
    if options.json:
        options.json.write_text(json.dumps(report.as_json(), indent=2) + "\n", encoding="utf-8")
    return 1 if report.failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The benchmarks.")
    parser.add_argument("--works", type=int, default=DEFAULT_WORKS, help="how many works to generate")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to a file, too")
    parser.add_argument("--only", choices=BENCHES, help="one benchmark instead of all")
    return parser


def _run(report: Report, names: Sequence[str]) -> None:
    """One benchmark that fails to run does not keep the others from running."""
    try:
        ground = prepare(report.works)
    except (CollaborationError, RuntimeError) as error:
        report.failures.append(str(error))
        return
    filled = False
    for name in names:
        try:
            if BENCHES[name].on_store and not filled:
                report.lines.append(fill_store(ground))
                filled = True
            found = BENCHES[name].run(ground)
        except Exception as error:
            report.failures.append(f"{name}: {type(error).__name__}: {error}")
            continue
        report.lines += found
        report.warnings += warnings(found)
