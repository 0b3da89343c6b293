"""The dbt profile, on a project with a model that needs more memory than the profile grants."""

import os
import shutil
from pathlib import Path

import pytest

from assets.build import connect
from assets.pipeline import PROJECT
from orchestration.dbt import run_dbt
from tests.pipelines import make_pipeline, with_options

_MODELS = {
    # 80 MB of numbers in no order.
    "large": "select hash(range) as number from range(10000000) order by number",
    "later": "select current_setting('temp_directory') as folder from {{ ref('large') }} limit 1",
}


def test_what_does_not_fit_into_memory_is_spilled_within_the_store_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each thread needs some memory: with dozens of them there would be too little to even spill.
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    pipeline = with_options(make_pipeline(tmp_path, project=_project(tmp_path)), memory_limit="64MiB")
    spill = pipeline.store.work / "duckdb_temp"
    spill.mkdir()
    os.utime(spill, ns=(0, 0))
    run_dbt(pipeline, ["run"])
    with connect(pipeline.store.build_file) as connection:
        assert connection.execute("select folder from later").fetchall() == [(str(spill),)]
    # DuckDB removes what it put there; that it did put something there shows in the folder's time.
    assert spill.stat().st_mtime_ns > 0


def _project(folder: Path) -> Path:
    """A dbt project of its own with the profile that counts."""
    project = folder / "project"
    (project / "models").mkdir(parents=True)
    shutil.copy(PROJECT / "profiles.yml", project)
    (project / "dbt_project.yml").write_text(
        "name: spilling\nprofile: collaboration\nmodels: {+materialized: table}\n"
        "flags: {send_anonymous_usage_stats: false}\n"
    )
    for name, select in _MODELS.items():
        (project / "models" / f"{name}.sql").write_text(select)
    return project
