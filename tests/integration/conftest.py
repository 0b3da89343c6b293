"""Fixtures of the integration tier."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from assets.sample import generate_drop
from tests.derive import load_drop
from tests.oracle import OracleDrop


@pytest.fixture(scope="session")
def generated_drops(tmp_path_factory: pytest.TempPathFactory) -> Sequence[OracleDrop]:
    """Two drops of generated works that share no work, the first without a date of its own."""
    folder: Path = tmp_path_factory.mktemp("generated")
    generate_drop(folder / "sample", works=600)
    records = load_drop(folder / "sample")
    return [
        OracleDrop("generated-a", None, records[::2]),
        OracleDrop("generated-b", date(2025, 9, 1), records[1::2]),
    ]
