"""dbt for tests that run it many times: imported and parsed beforehand.

A `dbt` command spends most of its time on importing itself and on parsing the project, which it does
anew for every new store. Here each run is a fork of a process that has done both. What is run, and how
the pipeline itself runs dbt, is not decided here.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assets.pipeline import Pipeline


def build_models(pipeline: Pipeline, *selection: str) -> None:
    """Build the selected seeds and models, without their data tests.

    A project is parsed once: an edited one has to be a copy under another path. Raises RuntimeError
    with dbt's messages when it fails.
    """
    # Not at the top, which the process that runs dbt imports: Dagster would cost it seconds.
    from orchestration.dbt import dbt_environment

    command = ["build", "--exclude-resource-type", "unit_test", "test", *selection]
    with dbt_environment(pipeline):
        environment = dict(os.environ)
        failures = _parsed_project(pipeline.project).submit(_fork, command, environment).result()
    if failures:
        raise RuntimeError("\n".join([f"dbt {' '.join(command)} failed on {pipeline.project}:", *failures]))


@cache
def _parsed_project(project: Path) -> ProcessPoolExecutor:
    """The process that has the project parsed; the first caller's environment names the build file."""
    return ProcessPoolExecutor(1, get_context("spawn"), ParsedProject.load, (project,))


class ParsedProject:
    """What the process of a project keeps between runs: one project a process."""

    project: Path
    manifest: Any = None

    @classmethod
    def load(cls, project: Path) -> None:
        cls.project = project
        with TemporaryDirectory() as folder:
            parsed, failures = _invoke(["parse"], {"DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder})
        if failures:
            raise RuntimeError("\n".join([f"dbt cannot parse {project}:", *failures]))
        cls.manifest = parsed

    @staticmethod
    def run(command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
        """Run dbt in this process; what went wrong, one message each. DuckDB keeps the file until it ends."""
        return _invoke(command, environment)[1]


def _fork(command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Run dbt in a process that ends with it, since DuckDB lets go of the file only then."""
    with ProcessPoolExecutor(1, get_context("fork")) as processes:
        return processes.submit(ParsedProject.run, command, environment).result()


def _invoke(command: Sequence[str], environment: Mapping[str, str]) -> tuple[Any, list[str]]:
    """What dbt gives, and what went wrong; no message if nothing did."""
    from dbt.cli.main import dbtRunner

    os.environ.update(environment)
    place = ["--project-dir", str(ParsedProject.project), "--profiles-dir", str(ParsedProject.project)]
    ran = dbtRunner(manifest=ParsedProject.manifest).invoke(["--quiet", "--no-use-colors", *command, *place])
    if ran.success:
        return ran.result, []
    nodes = getattr(ran.result, "results", [])
    messages = [f"{node.node.name}: {node.message}" for node in nodes if node.status == "error"]
    return None, messages or [str(ran.exception)]
