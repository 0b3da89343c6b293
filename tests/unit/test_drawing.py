"""The command `figures` draws what it is asked for where it is asked to, and says what it cannot draw."""

from pathlib import Path

import pytest

from assets.store import open_store
from orchestration import cli
from orchestration.conclusion import ExitStatus
from tests.figure_marts import write_marts
from tests.published import publish_by_hand


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLLAB_STORE", str(tmp_path / "store"))
    return open_store(tmp_path / "store").root


def _publish(store: Path) -> None:
    publish_by_hand(open_store(store), "", lambda file: write_marts(file, works=2_000, technologies=1))


def test_figures_of_a_country_go_where_they_are_asked_to(
    store: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _publish(store)
    assert cli.main(["figures", "us", "--view", "eu27", "--other", "cn"]) == ExitStatus.OK
    folder = store / "drawings" / "critical-eu27"
    lines = capfd.readouterr().out.splitlines()
    assert f"{folder / 'instead_US.png'}  Who China works with instead of the United States" in lines
    assert {path.suffix for path in folder.iterdir()} == {".png", ".svg"}
    assert len(list(folder.iterdir())) == 2 * len(lines)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["XY"], "'XY' is no code of the seed countries"),
        (["DE", "--view", "eu27"], "the European Union stands for 'DE'"),
        (["CN", "--technology", "alchemy"], "'alchemy' is no technology of the published file"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    store: Path, arguments: list[str], problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    _publish(store)
    assert cli.main(["figures", *arguments]) == ExitStatus.FAILED
    assert problem in capfd.readouterr().out


def test_nothing_is_drawn_before_something_is_published(
    store: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["figures", "CN"]) == ExitStatus.FAILED
    assert f"Nothing is published in {store} yet: run it first." in capfd.readouterr().out
