"""Starting Dagster's web UI and daemon over a store."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from assets.errors import CollaborationError
from assets.pipeline import Pipeline
from orchestration.dbt import prepare_project
from orchestration.instance import dagster_home, open_instance

_CHECKOUT = Path(__file__).resolve().parents[1]


def serve(pipeline: Pipeline, port: int, announce: Callable[[str], None]) -> None:
    """Serve until interrupted. Bound to this machine; a login is left to a proxy in front.

    Raises:
        CollaborationError: The server ended with an error, e.g. because the port is taken.
    """
    prepare_project(pipeline)
    with open_instance(pipeline.store):
        pass
    environment = {
        **os.environ,
        "COLLAB_STORE": str(pipeline.store.root),
        "COLLAB_LANDING": str(pipeline.landing),
        "DAGSTER_HOME": str(dagster_home(pipeline.store)),
    }
    announce(f"Dagster's UI is starting on http://127.0.0.1:{port} (stop it with Ctrl-C).")
    command = [str(Path(sys.executable).with_name("dagster")), "dev"]
    command += ["--workspace", str(_CHECKOUT / "workspace.yaml")]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    try:
        finished = subprocess.run(command, cwd=_CHECKOUT, env=environment, check=False)
    except KeyboardInterrupt:
        return
    if finished.returncode not in {0, -2, 130}:
        raise CollaborationError(
            f"Dagster's UI ended with status {finished.returncode}; its last lines say why. "
            "Is the port taken? Name another with --port."
        )
