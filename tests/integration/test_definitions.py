"""The asset graph is what others rely on, and the UI shows what a person needs to see of each year."""

import base64
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.checks import YEAR_CHECKS
from orchestration.definitions import build_definitions, mart_descriptions
from orchestration.jobs import INGEST_JOB, PUBLISH_JOB, REFRESH_JOB
from orchestration.partitions import RANGE_END_TAG, RANGE_START_TAG
from tests.comparison import KEYS
from tests.integration.asset_graph import as_text, describe
from tests.integration.graphql import Questions, questions
from tests.integration.workshop import YEARS, Workshop
from tests.pipelines import make_pipeline

pytest_plugins = ("tests.integration.workshop_fixtures",)

_SNAPSHOT = Path(__file__).parent / "snapshots" / "asset_graph.json"
_PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_definitions(make_pipeline(tmp_path_factory.mktemp("definitions")))


def test_no_key_partition_dependency_check_or_job_changed_unnoticed(definitions: dg.Definitions) -> None:
    found = as_text(describe(definitions))
    assert found.splitlines() == _SNAPSHOT.read_text().splitlines(), (
        "meant? Then: python -m tests.integration.asset_graph > tests/integration/snapshots/asset_graph.json"
    )


def test_every_asset_check_job_and_sensor_has_a_description(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    texts = {key.to_user_string(): graph.get(key).description or "" for key in graph.get_all_asset_keys()}
    texts |= {job.name: job.description or "" for job in definitions.jobs or []}
    texts |= {sensor.name: sensor.description or "" for sensor in definitions.sensors or []}
    texts |= {check.name: check.description for check in YEAR_CHECKS}
    assert [name for name, text in texts.items() if len(text.split()) < 4] == []


def test_every_asset_has_an_owner_a_group_and_kinds(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for node in graph.asset_nodes:
        assert node.owners, node.key
        assert node.kinds, node.key
        assert node.group_name != "default", node.key


def test_dependencies_lead_only_to_assets_of_the_graph(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert graph.external_asset_keys == set()


def test_every_mart_is_published_under_the_key_it_is_tested_for(definitions: dg.Definitions) -> None:
    pipeline = (definitions.resources or {})["pipeline"]
    marts = mart_descriptions(pipeline.store.dbt_target / "manifest.json")
    assert {mart: description.key for mart, description in marts.items()} == {
        mart: tuple(key) for mart, key in KEYS.items()
    }


def test_steps_that_write_the_build_file_share_one_pool(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    without = {node.key.to_user_string() for node in graph.asset_nodes if not node.pools}
    assert without <= {"drops", "figures", "report", "openalex_api", "openalex_snapshot"}


def test_resources_can_be_swapped(built_workshop: tuple[Workshop, Path]) -> None:
    workshop, template = built_workshop
    workshop.restore(template)
    other = workshop.pipeline(start_year=2010)
    swapped = build_definitions(workshop.pipeline(), resources={"pipeline": other})
    assert (swapped.resources or {})["pipeline"] is other


# What the UI shows after one headless run


@pytest.fixture(scope="module")
def ui(built_workshop: tuple[Workshop, Path]) -> Iterator[Questions]:
    workshop, template = built_workshop
    workshop.restore(template)
    with questions(workshop) as asked:
        yield asked


def test_headless_runs_are_in_the_run_history(ui: Questions) -> None:
    runs = ui.runs()
    assert [run["jobName"] for run in runs] == [PUBLISH_JOB, REFRESH_JOB, INGEST_JOB]
    assert {run["status"] for run in runs} == {"SUCCESS"}
    refresh = runs[1]
    tags = {tag["key"]: tag["value"] for tag in refresh["tags"]}
    assert (tags[RANGE_START_TAG], tags[RANGE_END_TAG]) == (str(YEARS[0]), str(YEARS[-1]))


@pytest.mark.parametrize("mart", sorted({check.asset for check in YEAR_CHECKS}))
def test_each_year_shows_which_of_its_checks_passed(ui: Questions, mart: str) -> None:
    statuses = ui.statuses(mart)
    expected = {check.name: check.blocking for check in YEAR_CHECKS if check.asset == mart}
    assert {name: status.blocking for name, status in statuses.items()} == expected
    for name, status in statuses.items():
        assert (status.succeeded, status.failed) == (list(YEARS), []), name


@pytest.mark.parametrize(
    ("mart", "rows", "label", "total"),
    [
        ("country_output", 2, "total output (fractional count of works)", 3),
        ("pair_collaboration", 1, "total weight of all pairs (works)", 0.5 + 1 / 3),
        ("year_totals", 1, "total works", 3),
        ("reconciliation", 5, "total identities that hold", 5),
        ("country_basis", 1, "total authorships", 6),
    ],
)
def test_each_year_of_a_mart_shows_its_rows_total_columns_and_a_plot(
    ui: Questions, mart: str, rows: int, label: str, total: float
) -> None:
    found = ui.metadata(mart, 2008, 2021)
    assert found.keys() == {2008, 2021}
    for metadata in found.values():
        assert metadata["dagster/partition_row_count"] == rows
        assert metadata[label] == pytest.approx(total)
        assert metadata["dagster/row_count"] == rows * len(YEARS)
        columns = {column["name"]: column["type"] for column in metadata["dagster/column_schema"]["columns"]}
        assert columns["year"] == "INTEGER"
        _, _, picture = metadata["plot"].partition("data:image/png;base64,")
        assert base64.b64decode(picture.removesuffix(")")).startswith(_PNG)


def test_a_year_of_the_records_shows_what_came_of_reading(
    built_workshop: tuple[Workshop, Path], ui: Questions
) -> None:
    assert ui is not None
    with built_workshop[0].instance() as instance:
        (event,) = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=dg.AssetKey("bibliographic_records")), limit=10
        ).records
    assert event.partition_key == "base"
    assert event.asset_materialization is not None
    metadata = {name: value.value for name, value in event.asset_materialization.metadata.items()}
    assert metadata["records"] == metadata["dagster/partition_row_count"] == 3 * len(YEARS)
    assert (metadata["rejected"], metadata["state"]) == (0, "active")
