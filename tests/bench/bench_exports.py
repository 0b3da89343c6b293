"""Reading Web of Science exports to the record store: records a second, and the memory of a large file.

The real exports repeated where they are, made-up ones elsewhere: what a record costs depends on its
authors and addresses.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.bench_reading import data_files, read
from tests.bench.ground import CHECKOUT, Ground, say
from tests.bench.lines import Goal, Line, Spread
from tests.bench.timing import Work, compared, in_turns
from tests.bench.volume import REAL_LANDING
from tests.wos_exports import WosRecord, numbered, tab

_REAL_EXPORTS: Final = "wos-ble-2023/*.txt"
_SPEED_BYTES: Final = 200 << 20
_LARGE_BYTES: Final = 1 << 30
_MIN_RECORDS_A_SECOND: Final = 10_000
_MAX_PEAK_MIB: Final = 500
_MADE_UP: Final = 2_000
_ROUNDS: Final = 3
_SPLIT: Final = "import sys; [line.split('\\t') for line in open(sys.argv[1], encoding='utf-8')]"
_READ: Final = """
import resource, sys
from pathlib import Path
from tests.bench.bench_reading import data_files, read
drop = Path(sys.argv[1])
read(drop, data_files(drop, "*.txt"), Path(sys.argv[2]), workers=1)
print(max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""
"""Prints the peak resident memory in KiB: of the process that starts the reader, or of the reader."""


def bench_exports(ground: Ground) -> list[Line]:
    """One process reads tab delimited exports, beside Python splitting the same lines at tabs."""
    header, rows, origin = _export()
    with tempfile.TemporaryDirectory(dir=ground.folder) as folder:
        drop, store = Path(folder) / "drop", Path(folder) / "store"
        records = _write(drop, header, rows, _SPEED_BYTES)
        reading = Work(
            f"reading {records:,} Web of Science records ({origin}), 1 process",
            partial(read, drop, data_files(drop, "*.txt"), store, 1),
        )
        splitting = Work("splitting lines", partial(_python, _SPLIT, drop / "export.txt"))
        costs = in_turns((reading, splitting), _ROUNDS, say)
        speeds = Spread(tuple(records / cost.processor_seconds for cost in costs[0]))
        large = _write(drop, header, rows, _LARGE_BYTES)
        say(f"Reading one export of 1 GiB, {large:,} records ...")
        peak = int(_python(_READ, drop, store)) / 1024
    return [
        compared(reading, splitting, costs, Goal()),
        Line("  records/s a core", "", speeds, goal=Goal(least=_MIN_RECORDS_A_SECOND)),
        Line("  peak memory of a 1 GiB export, MiB", "", Spread((peak,)), goal=Goal(most=_MAX_PEAK_MIB)),
    ]


def _export() -> tuple[bytes, list[bytes], str]:
    """The header, the rows, and where they come from."""
    files = sorted(REAL_LANDING.glob(_REAL_EXPORTS))
    if files:
        contents = [path.read_bytes() for path in files]
        origin = "real ones repeated"
    else:
        contents = [tab(numbered(*[WosRecord()] * _MADE_UP)).encode()]
        origin = "made-up ones repeated"
    tables = [content.splitlines(keepends=True) for content in contents]
    return tables[0][0], [row for table in tables for row in table[1:]], origin


def _write(drop: Path, header: bytes, rows: Sequence[bytes], size: int) -> int:
    """One file of about so many bytes; gives its records."""
    drop.mkdir(exist_ok=True)
    times = size // sum(map(len, rows)) + 1
    with (drop / "export.txt").open("wb") as stream:
        stream.write(header)
        for _ in range(times):
            stream.writelines(rows)
    return times * len(rows)


def _python(code: str, *arguments: Path) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
