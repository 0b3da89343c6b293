"""The machine a benchmark ran on, and the versions of what did the work."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "pyarrow", "msgspec", "isal")
_BUSY_LOAD = 0.3


@dataclass(frozen=True)
class Machine:
    """Where and on what; `load` is the average number of other runnable processes in the last minute."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    load: float
    versions: dict[str, str]

    @property
    def busy(self) -> bool:
        """Whether others are at work, too, so that seconds say little."""
        return self.load > _BUSY_LOAD * self.cores

    def __str__(self) -> str:
        packages = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return (
            f"{self.cores} cores ({self.processor}), {self.memory_gib:.1f} GiB, {self.system}, "
            f"load {self.load:.1f}; {packages}"
        )


def this_machine() -> Machine:
    """The machine as it is now; call it before the benchmark adds to its load."""
    return Machine(
        processor=_first("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30,
        system=f"{platform.system()} {platform.release()}",
        load=os.getloadavg()[0],
        versions={"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
    )


def _first(path: str, key: str) -> str:
    """The first value of a key in a file of `key : value` lines; empty if there is none."""
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""
