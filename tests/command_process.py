"""The command line over a workshop, in a process of its own: `... command_process FOLDER OPTIONS COMMAND`.

It differs from `python -m orchestration` only in where the pipeline comes from: a test's folder with its own
dbt project, and options as JSON. What comes after them is the command.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from orchestration import cli
from orchestration.settings import VARIABLES

_CHECKOUT = Path(__file__).resolve().parents[1]


def start(
    root: Path, *arguments: str, options: Mapping[str, object] | None = None
) -> "subprocess.Popen[str]":
    """Start a command in a session of its own, its output in a pipe."""
    command = [sys.executable, "-m", __name__, str(root), json.dumps(dict(options or {})), *arguments]
    known = {*VARIABLES, "DAGSTER_HOME"}
    return subprocess.Popen(
        command,
        cwd=_CHECKOUT,
        env={name: value for name, value in os.environ.items() if name not in known},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def main(root: Path, options: Mapping[str, object], arguments: Sequence[str]) -> int:
    """Run the command here."""
    # Here alone: tests that only start processes do without.
    from tests.integration.workshop import Workshop

    vars(cli)["read_pipeline"] = lambda: Workshop(root).pipeline(**options)
    vars(cli)["default_landing_is_used"] = lambda: False
    os.environ["COLLAB_STORE"] = str(root / "store")
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]))
