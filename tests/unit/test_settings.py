"""Settings are read from the environment; what does not fit is refused in one sentence that names it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assets.errors import CollaborationError
from assets.pipeline import Options
from assets.technologies.catalogue_files import CATALOGUE_FOLDER
from orchestration.settings import VARIABLES, default_landing_is_used, read_options, read_pipeline


def _refusal(**environment: str) -> str:
    with pytest.raises(CollaborationError) as refused:
        read_options(environment)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_without_settings_the_years_are_2005_to_now() -> None:
    options = read_options({"PATH": "/bin", "HOME": "/root"})
    assert (options.start_year, options.counting.end_year) == (2005, datetime.now(UTC).year)
    assert options.max_reject_share == 0.01
    assert options.memory_limit == "2GiB"
    assert options.workers >= 1


def test_every_setting_is_read() -> None:
    assert read_options(
        {
            "COLLAB_START_YEAR": "2010",
            "COLLAB_END_YEAR": " 2020 ",
            "COLLAB_QUIET_SECONDS": "0.5",
            "COLLAB_MAX_REJECT_SHARE": "0.2",
            "COLLAB_WORKERS": "7",
            "COLLAB_MEMORY_LIMIT": "512MB",
            "COLLAB_UNKNOWN_SHARE_WARNING": "0.1",
            "COLLAB_YEAR_JUMP_WARNING": "5",
            "COLLAB_SOURCE_PREFERENCE": "WOS, scopus ,openalex",
            "COLLAB_ADDRESS_LINKS": "Ignore",
            "COLLAB_LINKED_SHARE_WARNING": "0.9",
            "COLLAB_ABSTRACT_SHARE_WARNING": "0.8",
            "COLLAB_CATALOGUE": str(CATALOGUE_FOLDER.parent),
            "COLLAB_BAD_TECHNOLOGIES": "Skip",
        }
    ) == Options(
        start_year=2010,
        end_year=2020,
        quiet_seconds=0.5,
        max_reject_share=0.2,
        workers=7,
        memory_limit="512MB",
        unknown_share_warning=0.1,
        year_jump_warning=5,
        source_preference=("wos", "scopus", "openalex"),
        use_address_links=False,
        linked_share_warning=0.9,
        abstract_share_warning=0.8,
        catalogue=CATALOGUE_FOLDER.parent,
        skip_bad_technologies=True,
    )


def test_a_blank_setting_is_none() -> None:
    assert read_options(dict.fromkeys(VARIABLES, " ")) == read_options({})


def test_an_unknown_setting_is_refused_and_the_known_ones_are_named() -> None:
    message = _refusal(COLLAB_STARTYEAR="2010")
    assert "There is no setting COLLAB_STARTYEAR." in message
    assert "COLLAB_START_YEAR" in message


@pytest.mark.parametrize(
    ("name", "value", "fragment"),
    [
        ("COLLAB_START_YEAR", "soon", "COLLAB_START_YEAR is 'soon', which is no number"),
        ("COLLAB_START_YEAR", "2005.5", "COLLAB_START_YEAR is '2005.5'"),
        ("COLLAB_START_YEAR", "20005", "The years in scope are 20005 to"),
        ("COLLAB_START_YEAR", "1066", "both lie between 1500 and 2100"),
        ("COLLAB_END_YEAR", "1999", "COLLAB_START_YEAR must not be after COLLAB_END_YEAR"),
        ("COLLAB_QUIET_SECONDS", "-1", "COLLAB_QUIET_SECONDS must be 0 or more"),
        ("COLLAB_QUIET_SECONDS", "nan", "COLLAB_QUIET_SECONDS must be 0 or more"),
        ("COLLAB_MAX_REJECT_SHARE", "1%", "COLLAB_MAX_REJECT_SHARE is '1%', which is no number"),
        ("COLLAB_MAX_REJECT_SHARE", "2", "COLLAB_MAX_REJECT_SHARE must be between 0 and 1"),
        ("COLLAB_WORKERS", "0", "COLLAB_WORKERS must be 1 or more"),
        ("COLLAB_MEMORY_LIMIT", "lots", "COLLAB_MEMORY_LIMIT must be"),
        ("COLLAB_MEMORY_LIMIT", "2", "COLLAB_MEMORY_LIMIT must be"),
        ("COLLAB_UNKNOWN_SHARE_WARNING", "-0.1", "COLLAB_UNKNOWN_SHARE_WARNING must be between 0 and 1"),
        ("COLLAB_YEAR_JUMP_WARNING", "0", "COLLAB_YEAR_JUMP_WARNING must be 1 or more"),
        ("COLLAB_SOURCE_PREFERENCE", "wos", "COLLAB_SOURCE_PREFERENCE must be each of openalex, wos, scopus"),
        ("COLLAB_SOURCE_PREFERENCE", "wos,wos,scopus", "each of openalex, wos, scopus once"),
        ("COLLAB_ADDRESS_LINKS", "no", "COLLAB_ADDRESS_LINKS must be use or ignore"),
        ("COLLAB_LINKED_SHARE_WARNING", "2", "COLLAB_LINKED_SHARE_WARNING must be between 0 and 1"),
        ("COLLAB_ABSTRACT_SHARE_WARNING", "2", "COLLAB_ABSTRACT_SHARE_WARNING must be between 0 and 1"),
        ("COLLAB_BAD_TECHNOLOGIES", "go on", "COLLAB_BAD_TECHNOLOGIES must be skip or stop"),
        ("COLLAB_CATALOGUE", "no/such/folder", "COLLAB_CATALOGUE must be a folder of technologies"),
        ("COLLAB_YEAR_JUMP_WARNING", "nan", "COLLAB_YEAR_JUMP_WARNING must be 1 or more"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, value: str, fragment: str) -> None:
    assert fragment in _refusal(**{name: value})


def test_the_pipeline_is_the_named_store_and_landing_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named = read_pipeline({"COLLAB_STORE": "theirs", "COLLAB_LANDING": "drops"})
    assert (named.store.root, named.landing) == (tmp_path / "theirs", tmp_path / "drops")
    default = read_pipeline({"COLLAB_STORE": "", "COLLAB_LANDING": ""})
    assert (default.store.root, default.landing) == (tmp_path / "data/store", tmp_path / "data/landing")


def test_a_wrong_setting_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(CollaborationError):
        read_pipeline({"COLLAB_STORE": str(tmp_path / "store"), "COLLAB_WORKERS": "many"})
    assert not (tmp_path / "store").exists()


def test_the_sample_stands_in_only_where_no_landing_folder_is_named() -> None:
    assert default_landing_is_used({})
    assert default_landing_is_used({"COLLAB_LANDING": ""})
    assert not default_landing_is_used({"COLLAB_LANDING": "drops"})


@pytest.mark.parametrize("name", ["COLLAB_API_URL", "COLLAB_SNAPSHOT_LOCATION", "COLLAB_SNAPSHOT_ENDPOINT"])
def test_an_address_with_a_password_is_refused_without_repeating_it(name: str) -> None:
    refusal = _refusal(**{name: "https://ada:canary@example.org/x"})
    assert refusal.startswith(f"{name} holds a user name or password")
    assert "canary" not in refusal
    assert "ada" not in refusal
