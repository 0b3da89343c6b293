"""`dagster.yaml` follows the settings until somebody edits it."""

from pathlib import Path

import dagster as dg
import pytest

from assets.errors import CollaborationError
from assets.store import open_store
from orchestration.instance import open_instance
from orchestration.instance_file import edits_blamed, instance_yaml, write_instance_file


def written(home: Path) -> str:
    return (home / "dagster.yaml").read_text()


def test_the_file_follows_the_setting_back_and_forth(tmp_path: Path) -> None:
    for postgres in (False, True, False):
        write_instance_file(tmp_path, postgres=postgres)

        assert written(tmp_path) == instance_yaml(postgres=postgres)
        assert ("env: COLLAB_DAGSTER_DATABASE" in written(tmp_path)) is postgres


def test_an_edited_file_stays(tmp_path: Path) -> None:
    write_instance_file(tmp_path, postgres=False)
    edited = written(tmp_path).replace("poll_interval_seconds: 30", "poll_interval_seconds: 300")
    (tmp_path / "dagster.yaml").write_text(edited)

    write_instance_file(tmp_path, postgres=False)

    assert written(tmp_path) == edited


def test_a_file_of_an_earlier_version_of_the_project_is_written_anew(tmp_path: Path) -> None:
    from orchestration import instance_file

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instance_file, "_SETTINGS", "telemetry:\n  enabled: false\n")
        write_instance_file(tmp_path, postgres=False)

    write_instance_file(tmp_path, postgres=False)

    assert written(tmp_path) == instance_yaml(postgres=False)


def test_a_setting_that_an_edited_file_does_not_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("# COLLAB_DAGSTER_DATABASE\ntelemetry:\n  enabled: false\n")

    with pytest.raises(CollaborationError) as refused:
        write_instance_file(tmp_path, postgres=True)

    assert "was edited and does not use it" in str(refused.value)
    assert "      env: COLLAB_DAGSTER_DATABASE\nor delete it" in str(refused.value)


def test_an_edited_file_that_asks_for_a_setting_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(instance_yaml(postgres=True) + "# mine\n")
    write_instance_file(tmp_path, postgres=True)

    with pytest.raises(CollaborationError, match="is not set"):
        write_instance_file(tmp_path, postgres=False)


def test_a_file_that_dagster_does_not_take_is_named(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    (store.dagster_home / "dagster.yaml").write_text("telemetry:\n  enbled: false\n")

    with pytest.raises(CollaborationError, match=r"was edited, and Dagster does not take it: .*enbled"):
        open_instance(store)


def test_a_fault_that_is_not_the_files_keeps_its_type(tmp_path: Path) -> None:
    write_instance_file(tmp_path, postgres=False)

    with pytest.raises(KeyError), edits_blamed(tmp_path):
        raise KeyError("a slip of the programmer's")


def test_the_limit_of_the_pool_is_known_before_the_first_run(tmp_path: Path) -> None:
    with open_instance(open_store(tmp_path / "store")) as instance:
        limits = instance.event_log_storage.get_pool_limits()

        assert [(pool.name, pool.limit) for pool in limits] == [("collaboration_build", 1)]
        assert isinstance(instance, dg.DagsterInstance)
