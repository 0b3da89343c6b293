"""Fixtures of stores in which everything is in order, for test modules that ask with `pytest_plugins`."""

import shutil
from pathlib import Path

import pytest

from assets.pipeline import Pipeline
from assets.store import Store
from tests.ledgers import settled_pipeline
from tests.sound_stores import publish_truly


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A pipeline with one drop that is ingested, counted and published, of which each test gets a copy."""
    pipeline = settled_pipeline(tmp_path_factory.mktemp("sound"))
    publish_truly(pipeline)
    return pipeline


@pytest.fixture
def pipeline(sound: Pipeline, tmp_path: Path) -> Pipeline:
    folder = tmp_path / "copy"
    shutil.copytree(sound.store.root.parent, folder, symlinks=True)
    return Pipeline(
        Store(folder / "store"), folder / "landing", sound.options, folder / "project", lambda _: None
    )
