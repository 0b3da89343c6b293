"""The unit tests of the dbt project, which lie beside its models as `*_unit_tests.yml`.

dbt wants the relations a tested model reads to exist, since it looks up their columns. The cheapest way to
have them is one `dbt build` over a store without drops: dbt makes the seeds and the empty models in their
order, and runs a model's unit tests as soon as its inputs are there. Data tests are left out, for they
would look at nothing. `this` is given as SQL in the tests of incremental runs, so the model itself need
not exist. The values of worked examples are doubles in the order the model computes them; that the marts
equal exact fractions up to the tolerance is tested elsewhere.
"""

import json
import re
from pathlib import Path

from assets.build import prepare_build
from assets.pipeline import PROJECT
from orchestration.dbt import run_dbt
from tests.pipelines import make_pipeline

_MODELS = PROJECT / "models"


def test_every_unit_test_of_the_dbt_project_passes(tmp_path: Path) -> None:
    pipeline = make_pipeline(tmp_path)
    prepare_build(pipeline)
    # Raises with dbt's own words, the rows that differ among them, when one fails.
    run_dbt(pipeline, ["build", "--exclude-resource-type", "test"])
    found = json.loads((pipeline.store.dbt_target / "run_results.json").read_text("utf-8"))
    results = {
        item["unique_id"].removeprefix("unit_test.collaboration."): item["status"]
        for item in found["results"]
        if item["unique_id"].startswith("unit_test.")
    }
    assert results == dict.fromkeys(_written_unit_tests(), "pass")


def test_every_model_has_unit_tests() -> None:
    models = {path.stem for path in _MODELS.rglob("*.sql")}
    assert {name.partition(".")[0] for name in _written_unit_tests()} == models


def _written_unit_tests() -> list[str]:
    """Each unit test as `model.name`, found without dbt, so that one dbt overlooks is missed."""
    return [
        f"{path.stem.removesuffix('_unit_tests')}.{name}"
        for path in sorted(_MODELS.rglob("*_unit_tests.yml"))
        for name in re.findall(r"^ {2}[- ] name: (\w+)$", path.read_text("utf-8"), re.MULTILINE)
    ]
