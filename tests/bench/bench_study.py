"""What stands on the counts: the study's marts beside those counted, trends, figures and the report.

Runs on a filled store whose every year is counted; nothing in it is another afterwards.
"""

import os
import subprocess
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.bench.ground import CHECKOUT, Ground, say
from tests.bench.lines import Goal, Line, Spread
from tests.bench.timing import Work, compared, cost, in_turns, seconds

if TYPE_CHECKING:
    from assets.pipeline import Pipeline

MARTS_GOAL = Goal(most=2.0)
"""Times the counts."""
FIGURE_GOAL = Goal(most=1.0)
"""Seconds a figure."""
REPORT_GOAL = Goal(most=60.0)
"""Seconds."""
STUDY_MODELS = "tag:study"
_ROUNDS = 2


def bench_study(ground: Ground) -> list[Line]:
    """Every year's study beside every year's counts, then what is made of a published file."""
    from orchestration.settings import read_pipeline

    pipeline = read_pipeline(ground.environment)
    return [_marts(pipeline), *_published(pipeline)]


def _marts(pipeline: "Pipeline") -> Line:
    """Models without their tests, all years at once."""
    from assets.build import prepare_build
    from orchestration.dbt import LEDGER_MODELS

    years = sorted(pipeline.ledger.year_builds())
    with pipeline.store.writing("benchmark of the study"):
        prepare_build(pipeline, years)
        counts = Work("counts", partial(_build, pipeline, ["--exclude", LEDGER_MODELS, STUDY_MODELS]))
        study = Work(f"study, {len(years)} years", partial(_build, pipeline, ["--select", STUDY_MODELS]))
        costs = in_turns((counts, study), _ROUNDS, say)
    return compared(study, counts, costs[::-1], MARTS_GOAL)


def _build(pipeline: "Pipeline", selection: Sequence[str]) -> None:
    from orchestration.dbt import DBT_EXECUTABLE, dbt_environment

    command = [DBT_EXECUTABLE, "build", "--exclude-resource-type", "unit_test", "test", *selection]
    command += ["--project-dir", str(pipeline.project), "--profiles-dir", str(pipeline.project)]
    with dbt_environment(pipeline):
        environment = dict(os.environ)
    finished = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{finished.stdout[-2000:]}")


def _published(pipeline: "Pipeline") -> list[Line]:
    from assets.country_names import country_names
    from assets.report import write_report
    from assets.trends.fit import fit_trends

    warehouse, country = pipeline.store.warehouse_file, pipeline.options.focal_country
    names = country_names(pipeline.project)
    with TemporaryDirectory() as folder:
        trends = cost(partial(fit_trends, warehouse, Path(folder) / "trends"))
        say("Fitted the trends.")
        figures = _figures(warehouse, Path(folder) / "figures", country, names)
        say("Drew the figures.")
        report = cost(partial(write_report, warehouse, Path(folder) / "report", country, names))
    return [
        Line("fitting trends", "s", seconds([trends])),
        Line(f"a figure, of {len(figures)}", "s", Spread(tuple(figures)), goal=FIGURE_GOAL),
        Line("report", "s", seconds([report]), goal=REPORT_GOAL),
    ]


def _figures(warehouse: Path, folder: Path, country: str, names: dict[str, str]) -> list[float]:
    """Seconds of each; importing the plotting library is left out."""
    from assets.figures.data import Focus
    from assets.figures.draw import draw_all

    found, started = [], time.perf_counter()
    for _ in draw_all(warehouse, folder, Focus(country), names):
        found.append(time.perf_counter() - started)
        started = time.perf_counter()
    return found
