"""What the README tells people to type does what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from assets.build import connect
from orchestration import cli
from tests.api_server import KEY, running
from tests.delivered_works import author, institution, work

_CHECKOUT = Path(__file__).resolve().parents[2]
_README = (_CHECKOUT / "README.md").read_text(encoding="utf-8")
_PYTHON = ".venv/bin/python"


def _commands() -> list[str]:
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", _README, flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_first_pull_ends_in_published_marts(tmp_path: Path) -> None:
    commands = [line for line in _commands() if line.startswith(f"{_PYTHON} -m orchestration ")]
    assert [shlex.split(command)[3] for command in commands] == ["pull", "run"]
    countries = ("NZ", "AU")
    works = [
        work(
            number,
            publication_year=2024,
            cited_by_count=number,
            authorships=[author(institution(1, "A university", code)) for code in countries],
        )
        for number in range(1, 6)
    ]
    with running(works) as api:
        environment = {
            **os.environ,
            "COLLAB_LANDING": str(tmp_path / "landing"),
            "COLLAB_STORE": str(tmp_path / "store"),
            "COLLAB_API_URL": api.address,
            "COLLAB_OPENALEX_API_KEY": KEY,
        }
        for command in commands:
            words = [sys.executable, *shlex.split(command)[1:]]
            subprocess.run(words, cwd=_CHECKOUT, env=environment, check=True, capture_output=True)
    with connect(tmp_path / "store" / "warehouse" / "collaboration.duckdb") as connection:
        rows = connection.execute("select year, works, works_international from marts.year_totals").fetchall()
    assert rows == [(2024, 5, 5)]


def test_each_command_of_the_table_is_one_there_is(capfd: pytest.CaptureFixture[str]) -> None:
    described = re.findall(r"`python -m orchestration (\w+)(?: (openalex-\w+))?", _README)
    assert len(described) >= 8
    for command in described:
        with pytest.raises(SystemExit) as left:
            cli.main([*filter(None, command), "--help"])
        assert left.value.code == 0
    capfd.readouterr()


def test_each_make_target_it_names_is_one_there_is() -> None:
    makefile = (_CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = {
        target
        for line in _commands()
        if line.startswith("make ")
        for target in re.findall(r"[a-z][a-z0-9-]*", line.partition("#")[0].partition("LANDING")[0])[1:]
    }
    assert targets >= {"run", "ui", "test", "lint", "types", "bench"}
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
