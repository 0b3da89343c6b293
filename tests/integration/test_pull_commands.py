"""Pulls as users start them: from the terminal, and as assets in the UI."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from assets.drops import DropState, discover
from assets.pull.definitions import openalex_api, openalex_snapshot
from assets.technologies.catalogue import Catalogue
from orchestration import cli
from orchestration.automation import Automation
from orchestration.jobs import build_pull_jobs
from orchestration.schedules import build_schedules
from tests.api_server import KEY, ApiServer, running
from tests.api_workplace import WORKS, made_up_works
from tests.bucket import Bucket, work
from tests.delivered_works import work as api_work
from tests.pipelines import make_pipeline, with_options

FILTER = "publication_year:2019"
TECHNOLOGIES = "radar,quantum-sensors,air-independent-propulsion"


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with running(made_up_works()) as server:
        yield server


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    bucket = Bucket(tmp_path / "mirror")
    bucket.put("2026-06-01", work(1), work(2))
    bucket.put("2026-06-02", work(3))
    return bucket.publish()


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLLAB_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("COLLAB_STORE", str(tmp_path / "store"))
    return tmp_path / "landing"


@pytest.fixture
def named_api(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> ApiServer:
    """The server, with its address and key in the environment."""
    monkeypatch.setenv("COLLAB_API_URL", api.address)
    monkeypatch.setenv("COLLAB_OPENALEX_API_KEY", KEY)
    return api


def test_works_are_pulled_from_the_api_with_the_key_of_the_environment(
    named_api: ApiServer, landing: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["pull", "openalex-api", "--filter", FILTER, "--name", "y2019"]) == 0
    said = capfd.readouterr()
    assert "`run` takes it in" in said.out
    (drop,) = discover(landing, quiet_seconds=60)
    assert (drop.drop_id, drop.state, drop.listed_records) == ("y2019", DropState.READY, WORKS)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY.encode() not in written
    assert KEY not in said.out + said.err


def test_a_pull_that_says_nothing_of_the_works_wanted_is_wrong_usage(
    landing: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["pull", "openalex-api"]) == 2
    assert "Nothing says which works to pull" in capfd.readouterr().out
    assert not landing.exists()


@pytest.fixture
def titled(named_api: ApiServer) -> list[str]:
    """The server holds works of 2019 with the titles that tell three technologies of the catalogue."""
    chosen = [one for one in Catalogue.load().technologies if one.id in TECHNOLOGIES.split(",")]
    titles = [title for one in chosen for title in one.should_match]
    named_api.works = [api_work(number, title=title) for number, title in enumerate(titles, 1)]
    named_api.works.append(api_work(999, title="Of nothing that is critical"))
    return titles


def test_works_of_technologies_are_pulled_by_the_queries_of_the_catalogue(
    titled: list[str], landing: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pull = ["pull", "openalex-api", "--technologies", TECHNOLOGIES, "--years", "2005-2024"]
    assert cli.main(pull) == 0
    said = capfd.readouterr().out
    assert "works in several counted with each: " in said
    (drop,) = discover(landing, quiet_seconds=60)
    assert (drop.state, drop.listed_records, drop.technology) == (DropState.READY, len(titled), None)


def test_all_technologies_are_pulled_at_once(
    titled: list[str], landing: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["pull", "openalex-api", "--technologies", "all", "--years", "2019"]) == 0
    assert f": {len(titled):,} works" in capfd.readouterr().out
    (settings,) = landing.glob("*/drop.toml")
    assert "all 74 technologies, 2019" in settings.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        (["--technologies", "radar", "--filter", FILTER], 2, "leave filter and search out"),
        (["--technologies", "radar", "--search", "radar"], 2, "leave filter and search out"),
        (["--years", "2005-2024", "--filter", FILTER], 2, "Years go with technologies"),
        (["--technologies", "radar", "--years", "2024-2005"], 2, "The years '2024-2005' are no year and"),
        (["--technologies", "quantum-sensor"], 1, "(near it: quantum-sensors)"),
        (["--technologies", "radar", "--years", "1990-2024"], 1, "are not all in scope, which is 2005-"),
    ],
)
def test_what_cannot_be_pulled_is_said_before_anything_is_asked_for(
    options: list[str],
    status: int,
    told: str,
    named_api: ApiServer,
    landing: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["pull", "openalex-api", *options]) == status
    assert told in capfd.readouterr().out
    assert named_api.requests == []
    assert not landing.exists()


@pytest.mark.parametrize("origin", [["openalex-api", "--filter", FILTER], ["openalex-snapshot"]])
def test_nothing_is_pulled_to_where_the_sample_is_generated(
    origin: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Real works would be counted together with made-up ones."""
    monkeypatch.delenv("COLLAB_LANDING", raising=False)
    assert cli.main(["pull", *origin]) == 1
    assert "Name the landing folder to pull into (COLLAB_LANDING)" in capfd.readouterr().out


def test_the_snapshot_is_pulled_once_and_then_only_what_is_new(
    bucket: Bucket, landing: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLLAB_SNAPSHOT_LOCATION", str(bucket.root))
    pull = ["pull", "openalex-snapshot"]
    assert cli.main(pull) == 0
    assert "3 records in 2 files" in capfd.readouterr().out
    assert cli.main(pull) == 0
    assert "Nothing is new in the snapshot of 2026-06-26" in capfd.readouterr().out
    bucket.put("2026-06-02", work(3), work(4))
    bucket.publish()
    assert cli.main(pull) == 0
    assert "2 records in 1 file," in capfd.readouterr().out
    assert [drop.state for drop in discover(landing, quiet_seconds=60)] == [DropState.READY] * 2


@pytest.mark.parametrize("since", ["soon", "2026-02-30"])
def test_what_is_no_day_is_wrong_usage(since: str, landing: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["pull", "openalex-snapshot", "--since", since])
    assert left.value.code == 2
    assert f"'{since}' is no day: write it as 2026-03-02" in capfd.readouterr().err


def test_the_assets_say_what_was_pulled(api: ApiServer, bucket: Bucket, tmp_path: Path) -> None:
    pipeline = with_options(make_pipeline(tmp_path), api_url=api.address, snapshot_location=str(bucket.root))
    api.key = None
    result = dg.materialize(
        [openalex_snapshot, openalex_api],
        resources={"pipeline": replace(pipeline, show_progress=lambda _: None)},
        run_config={"ops": {"openalex_api": {"config": {"filter": FILTER}}}},
    )
    snapshot = result.asset_materializations_for_node("openalex_snapshot")[0].metadata
    assert snapshot["drop"].value == "openalex-snapshot-2026-06-26"
    assert (snapshot["records"].value, snapshot["works in the snapshot"].value) == (3, 3)
    works = result.asset_materializations_for_node("openalex_api")[0].metadata
    assert (
        works["works"].value,
        works["works that match, those of several searches counted with each"].value,
    ) == (WORKS, WORKS)
    assert len(discover(pipeline.landing, quiet_seconds=60)) == 2


def test_the_asset_pulls_technologies_as_the_command_does(
    api: ApiServer, titled: list[str], tmp_path: Path
) -> None:
    pipeline = with_options(make_pipeline(tmp_path), api_url=api.address)
    config = {"technologies": TECHNOLOGIES, "years": "2019"}
    result = dg.materialize(
        [openalex_api],
        resources={"pipeline": replace(pipeline, show_progress=lambda _: None)},
        run_config={"ops": {"openalex_api": {"config": config}}},
    )
    metadata = result.asset_materializations_for_node("openalex_api")[0].metadata
    assert metadata["works"].value == len(titled)


def test_the_weekly_pull_is_off_until_someone_turns_it_on() -> None:
    (schedule,) = build_schedules(build_pull_jobs(), Automation())
    assert schedule.cron_schedule == "0 3 * * 1"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert schedule.job_name == "pull_openalex_snapshot"
