"""The unit files start what the command line knows, and systemd takes them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from orchestration.arguments import build_parser
from orchestration.run_history import read_database
from orchestration.settings import VARIABLES, read_code_port, read_options
from tests.end_to_end.dagster_server import CHECKOUT
from tests.operation.production import UNITS, start_command

_SERVICES = sorted(UNITS.glob("*.service"))


@pytest.mark.parametrize("unit", _SERVICES, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_exists(unit: Path) -> None:
    python, module, name, *arguments = start_command(unit)

    assert (python, module, name) == ("/opt/collaboration/.venv/bin/python", "-m", "orchestration")
    assert build_parser().parse_args(arguments).command


def test_each_process_has_its_unit() -> None:
    commands = {build_parser().parse_args(start_command(unit)[3:]).command for unit in _SERVICES}

    assert commands >= {"serve-code", "serve-webserver", "serve-daemon", "run"}


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze; it comes with systemd")
    for unit in (*_SERVICES, *UNITS.glob("*.timer")):
        # It looks whether the program is there.
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/collaboration", str(CHECKOUT)))

    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def test_the_example_of_settings_can_be_used() -> None:
    lines = (UNITS / "collaboration.env.example").read_text().splitlines()
    shown = [line.removeprefix("# ") for line in lines if line.removeprefix("# ").startswith("COLLAB_")]
    settings = dict(line.split("=", 1) for line in shown)

    assert settings.keys() <= VARIABLES.keys()
    read_options(settings)
    read_code_port(settings)
    for line in shown:
        read_database(dict([line.split("=", 1)]))
