"""Web server, daemon and code location as separate processes, started by what the unit files say.

The dbt project is there without the study: how processes live and die is the same whatever is counted.
"""

import configparser
import os
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.dagster_server import CHECKOUT, DagsterServer

UNITS = CHECKOUT / "docs" / "production"
PROCESSES = ("code", "webserver", "daemon")

_INSTALLED = "/opt/collaboration"


def start_command(unit: Path) -> list[str]:
    """The command of a service unit."""
    return shlex.split(_unit(unit)["Service"]["ExecStart"])


def _unit(file: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    # Names of settings are case-sensitive.
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(file, encoding="utf-8")
    return unit


@dataclass(frozen=True)
class Production(DagsterServer):
    """The three processes over one store."""

    landing: Path = Path()
    store: Path = Path()
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start a process as its unit does."""
        port = self.url.rpartition(":")[2]
        command = [
            part.replace(_INSTALLED, str(self.checkout)).replace("3000", port)
            for part in start_command(UNITS / f"collaboration-{name}.service")
        ]
        with self.log.with_name(f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=self.checkout,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """SIGKILL, to it and its children, as systemd clears up what a dead main process leaves behind."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running.pop(name).wait()

    def restart(self, name: str) -> None:
        """Kill it and start it again."""
        self.kill(name)
        self.start(name)

    def logs(self) -> str:
        """All that the processes wrote."""
        return "\n".join(path.read_text("utf-8") for path in sorted(self.log.parent.glob("*.log")))


@contextmanager
def production(folder: Path, **settings: str) -> Iterator[Production]:
    """The processes over `folder`/store and `folder`/landing until the block ends."""
    checkout = checkout_without_study(folder / "checkout")
    landing, store = folder / "landing", folder / "store"
    landing.mkdir()
    ui, code = _free_ports(2)
    environment = {
        **os.environ,
        "COLLAB_STORE": str(store),
        "COLLAB_LANDING": str(landing),
        "COLLAB_CODE_PORT": str(code),
        "COLLAB_END_YEAR": "2026",
        "COLLAB_REPORT": "skip",
        **settings,
    }
    log = folder / "logs" / "production.log"
    log.parent.mkdir()
    log.touch()
    running = Production(
        f"http://127.0.0.1:{ui}", environment, log, checkout=checkout, landing=landing, store=store
    )
    try:
        for name in PROCESSES:
            running.start(name)
        running.wait_for("the web server", running.answers, 240)
        yield running
    finally:
        for name in list(running.running):
            running.kill(name)


def checkout_without_study(folder: Path) -> Path:
    """A copy of what commands need: the dbt project they count by is the one beside the code."""
    without = shutil.ignore_patterns("target", "logs", "study", "__pycache__")
    for name in ("assets", "orchestration", "dbt_project"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=without)
    for name in ("workspace.yaml", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, folder / name)
    (folder / ".venv").symlink_to(CHECKOUT / ".venv")
    return folder


def _free_ports(number: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
