"""The real drops as tests that count them need them: what they are, and pipelines over them.

What they should lead to is said by the brute-force computation, `tests.oracle`.
"""

import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from assets.pipeline import Pipeline
from tests.catalogues import write_catalogue_of_real_drops
from tests.derive import load_export
from tests.oracle import OPENALEX, SCOPUS, WOS, OracleDrop
from tests.pipelines import make_pipeline, with_options

RECORDS = {
    "openalex-2023-03": 6279,
    "openalex-2025-09": 622,
    "wos-ble-2019": 1313,
    "wos-ble-2023": 3054,
    "wos-genai-2024": 469,
    "iot-2017-wos": 125,
    "iot-2017-scopus": 921,
}
"""Records of each drop."""
SOURCES = {name: OPENALEX if OPENALEX in name else SCOPUS if SCOPUS in name else WOS for name in RECORDS}
STATED = {"openalex-2025-09": date(2026, 3, 2)}
"""The dates that drops state."""


def delivered_drops(real_landing: Path) -> list[OracleDrop]:
    """All real drops as the brute-force computation takes them."""
    return [
        OracleDrop(name, STATED.get(name), load_export(real_landing / name, source), source=source)
        for name, source in SOURCES.items()
    ]


def make_real_pipeline(folder: Path) -> Pipeline:
    """A pipeline with a catalogue of a few technologies, since brute force takes its time over all."""
    return with_options(make_pipeline(folder), catalogue=write_catalogue_of_real_drops(folder / "catalogue"))


def put(pipeline: Pipeline, real_landing: Path, names: Iterable[str]) -> None:
    """Deliver these drops."""
    for name in names:
        shutil.copytree(real_landing / name, pipeline.landing / name)
