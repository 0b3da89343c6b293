"""Fixtures for tests of how runs behave: a store built once, and the workshop that gets copies of it.

A test module asks for them with `pytest_plugins`, so that tests of another kind do not carry them.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from orchestration.headless import HeadlessRunner
from orchestration.settings import VARIABLES
from tests.integration.workshop import Workshop, base_records, open_workshop, silent

# Dagster writes every event through to the disk; where the machine offers a place in memory, that is quicker.
_IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@pytest.fixture(scope="session")
def built_workshop() -> Iterator[tuple[Workshop, Path]]:
    """The one workshop, and the template of it with the drop `base` ingested, counted and published."""
    with TemporaryDirectory(dir=_IN_MEMORY) as root, pytest.MonkeyPatch.context() as patch:
        folder = Path(root)
        workshop = open_workshop(folder / "current")
        workshop.land("base", base_records())
        for name in (*VARIABLES, "DAGSTER_HOME"):
            patch.delenv(name, raising=False)
        outcome = HeadlessRunner(workshop.pipeline(), silent()).bring_up_to_date()
        assert not outcome.failures
        template = folder / "template"
        shutil.copytree(workshop.root, template, symlinks=True)
        yield workshop, template


@pytest.fixture
def workshop(built_workshop: tuple[Workshop, Path]) -> Workshop:
    """A workshop in which the drop `base` is ingested, counted and published."""
    current, template = built_workshop
    current.restore(template)
    return current
