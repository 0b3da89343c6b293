"""Fixtures of the tier of real drops: all of them counted once, and by brute force once."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from assets.pipeline import Pipeline
from tests.arrivals import expected_of
from tests.oracle import OracleDrop, OracleResult
from tests.pipelines import count_without_dagster
from tests.real_drops import RECORDS, delivered_drops, make_real_pipeline, put


@pytest.fixture(scope="session")
def drops(real_landing: Path) -> list[OracleDrop]:
    """All real drops as the brute-force computation takes them."""
    return delivered_drops(real_landing)


@pytest.fixture(scope="session")
def together(real_landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """All real drops counted at once."""
    pipeline = make_real_pipeline(tmp_path_factory.mktemp("together"))
    put(pipeline, real_landing, RECORDS)
    count_without_dagster(pipeline, study=True)
    return pipeline


@pytest.fixture(scope="session")
def expected(drops: Sequence[OracleDrop], together: Pipeline) -> OracleResult:
    """What all real drops should lead to."""
    return expected_of(drops, together.options)
