"""Fixtures every tier may use. What only one tier needs lives in that tier's own conftest."""

import os
from pathlib import Path

import pytest

_BESIDE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data" / "landing"


@pytest.fixture(scope="session")
def real_landing() -> Path:
    """The landing folder with real drops; tests that need it skip where it is absent."""
    landing = Path(os.environ.get("COLLAB_REAL_DATA", _BESIDE_CHECKOUT))
    if not landing.is_dir():
        pytest.skip(f"no real drops at {landing}; set COLLAB_REAL_DATA to a folder that holds them")
    return landing
