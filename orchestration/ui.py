"""Starting Dagster's web UI and daemon over a store."""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from assets.errors import CollaborationError
from assets.pipeline import Pipeline
from orchestration.dbt import prepare_project
from orchestration.instance import dagster_home, open_instance

_CHECKOUT = Path(__file__).resolve().parents[1]
_HOST = "127.0.0.1"


def serve(pipeline: Pipeline, port: int, announce: Callable[[str], None]) -> NoReturn:
    """Become `dagster dev` on this machine; a login is left to a proxy in front.

    The process is replaced, so that whoever stops it stops the server and the daemon.

    Raises:
        CollaborationError: The port is taken.
    """
    _require_free(port)
    prepare_project(pipeline)
    with open_instance(pipeline.store):
        pass
    environment = {
        **os.environ,
        "COLLAB_STORE": str(pipeline.store.root),
        "COLLAB_LANDING": str(pipeline.landing),
        "DAGSTER_HOME": str(dagster_home(pipeline.store)),
    }
    announce(f"Dagster's UI is starting on http://{_HOST}:{port} (stop it with Ctrl-C).")
    os.chdir(_CHECKOUT)
    program = str(Path(sys.executable).with_name("dagster"))
    arguments = ["--workspace", "workspace.yaml", "--host", _HOST, "--port", str(port)]
    os.execve(program, [program, "dev", *arguments], environment)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise CollaborationError(
                f"Port {port} of {_HOST} is taken ({error.strerror}). Stop what uses it, or name another "
                "with --port (make ui ARGS='--port 3001')."
            ) from error
