"""Starting Dagster over a store: all of it by one command, or each process by itself for a service manager.

Each function becomes the program it starts, so that whoever stops it stops that. Everything is bound to
loopback; a login is left to a proxy in front.
"""

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from assets.errors import CollaborationError
from assets.pipeline import Pipeline
from orchestration.dbt import prepare_project
from orchestration.instance import dagster_home, open_instance
from orchestration.settings import read_code_port

_CHECKOUT = Path(__file__).resolve().parents[1]
_HOST = "127.0.0.1"
_LOCATION = ["--module-name", "orchestration.definitions", "--attribute", "defs"]
# The name must be the one in both workspace files: sensors remember under it what they asked for.
_LOCATION += ["--location-name", "collaboration"]
_CODE_SECONDS = 120
"""How long the other two wait for the code location, which parses the dbt project before it answers."""

_SERVED_LOCATION = ["--workspace", "orchestration/workspace.production.yaml"]


def serve_all(pipeline: Pipeline, port: int, announce: Callable[[str], None]) -> NoReturn:
    """Become `dagster dev`: web server, daemon and code location.

    Raises:
        CollaborationError: The port is taken, or the run history cannot be used.
    """
    _require_free(port, "name another with --port (make ui ARGS='--port 3001')")
    prepare_project(pipeline)
    announce(f"Dagster's UI is starting on http://{_HOST}:{port} (stop it with Ctrl-C).")
    workspace = ["--workspace", "workspace.yaml"]
    _become(pipeline, "dagster", ["dev", *workspace, "--host", _HOST, "--port", str(port)])


def serve_code(pipeline: Pipeline, announce: Callable[[str], None]) -> NoReturn:
    """Become the code location, which answers the other two and starts the processes of runs.

    Raises:
        CollaborationError: The port is taken, or the run history cannot be used.
    """
    port = read_code_port()
    _require_free(port, "set COLLAB_CODE_PORT to another, the same for all three processes")
    prepare_project(pipeline)
    announce(f"The code location is starting on {_HOST}:{port}.")
    listening = ["--host", _HOST, "--port", str(port)]
    _become(pipeline, "dagster", ["code-server", "start", *listening, *_LOCATION, *_log_format()])


def serve_webserver(pipeline: Pipeline, port: int, announce: Callable[[str], None]) -> NoReturn:
    """Become the web server; it asks the code location that runs beside it.

    Raises:
        CollaborationError: The port is taken, or the run history cannot be used.
    """
    _require_free(port, "name another with --port")
    _wait_for_code(announce)
    announce(f"The web server is starting on http://{_HOST}:{port}.")
    listening = ["--host", _HOST, "--port", str(port)]
    _become(pipeline, "dagster-webserver", [*_SERVED_LOCATION, *listening, *_log_format()])


def serve_daemon(pipeline: Pipeline, announce: Callable[[str], None]) -> NoReturn:
    """Become the daemon: sensors, schedules, queue and run monitoring.

    Raises:
        CollaborationError: The run history cannot be used.
    """
    _wait_for_code(announce)
    announce("The daemon is starting.")
    _become(pipeline, "dagster-daemon", ["run", *_SERVED_LOCATION, *_log_format()])


def _become(pipeline: Pipeline, program: str, arguments: list[str]) -> NoReturn:
    # Opened and closed once: what is wrong with it is said in a sentence, and its tables are there.
    with open_instance(pipeline.store):
        pass
    os.chdir(_CHECKOUT)
    path = str(Path(sys.executable).with_name(program))
    os.execve(path, [path, *arguments], _environment(pipeline, os.environ))


def _environment(pipeline: Pipeline, environment: Mapping[str, str]) -> dict[str, str]:
    # Dagster's own programs find the run launcher that `dagster.yaml` names by this path alone.
    path = os.pathsep.join([str(_CHECKOUT), *filter(None, [environment.get("PYTHONPATH")])])
    return {
        **environment,
        "PYTHONPATH": path,
        "COLLAB_STORE": str(pipeline.store.root),
        "COLLAB_LANDING": str(pipeline.landing),
        "COLLAB_CODE_PORT": str(read_code_port(environment)),
        "DAGSTER_HOME": str(dagster_home(pipeline.store).absolute()),
    }


def _log_format() -> list[str]:
    """One JSON object a line where nobody watches: a journal keeps no colours."""
    return [] if sys.stderr.isatty() else ["--log-format", "json"]


def _wait_for_code(announce: Callable[[str], None]) -> None:
    """Without it server and daemon start, too, but fill their logs and look again only a minute later."""
    address = (_HOST, read_code_port())
    deadline = time.monotonic() + _CODE_SECONDS
    waiting = False
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(address, timeout=1):
                return
        except OSError:
            if not waiting:
                announce(f"Waiting for the code location on {_HOST}:{address[1]} (serve code).")
                waiting = True
            time.sleep(0.5)
    announce("The code location does not answer; it is used as soon as it does.")


def _require_free(port: int, else_what: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise CollaborationError(
                f"Port {port} of {_HOST} is taken ({error.strerror}). Stop what uses it, or {else_what}."
            ) from error
