"""A real Dagster webserver and daemon, started as users start them, and its GraphQL API."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class DagsterServer:
    """A running UI over one store."""

    url: str
    environment: dict[str, str]
    log: Path
    checkout: Path = CHECKOUT
    process: int = 0
    """The process group of `python -m orchestration ui`."""

    def query(self, text: str, **variables: Any) -> dict[str, Any]:
        """Ask the GraphQL API; fails the test on an error."""
        body = json.dumps({"query": text, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            decoded = json.load(answer)
        assert "errors" not in decoded, decoded["errors"]
        data: dict[str, Any] = decoded["data"]
        return data

    def answers(self) -> bool:
        """Whether the server is there and has loaded the definitions."""
        try:
            found = self.query(
                "{workspaceOrError {... on Workspace {locationEntries {locationOrLoadError {__typename}}}}}"
            )
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        entries = found["workspaceOrError"]["locationEntries"]
        kinds = [(entry["locationOrLoadError"] or {}).get("__typename") for entry in entries]
        return kinds == ["RepositoryLocation"]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m orchestration` over the same store."""
        return subprocess.run(
            [sys.executable, "-m", "orchestration", *arguments],
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def status(self) -> dict[str, Any]:
        """What `status --json` says."""
        report: dict[str, Any] = json.loads(self.command("status", "--json").stdout)
        return report

    def wait_for(self, what: str, ask: Callable[[], T | None], seconds: float = 600) -> T:
        """Ask again until there is an answer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = ask()
            if answer:
                return answer
            time.sleep(2)
        raise AssertionError(f"{what} did not come about in {seconds:.0f} s:\n{self.log.read_text()[-4000:]}")


@contextmanager
def serving(store: Path, landing: Path, log: Path, **settings: str) -> Iterator[DagsterServer]:
    """`python -m orchestration ui` until the block ends, then stopped as a service manager stops it.

    `settings` are environment variables.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "COLLAB_STORE": str(store), "COLLAB_LANDING": str(landing), **settings}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration", "ui", "--port", str(port)],
            cwd=CHECKOUT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = DagsterServer(f"http://127.0.0.1:{port}", environment, log, process=process.pid)
    try:
        server.wait_for("the web server", server.answers, 600)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def processes_of(group: int) -> list[int]:
    """The processes of a process group."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                found.append(int(folder.name))
        except ProcessLookupError:
            pass
    return found


def listening_addresses(processes: Iterable[int]) -> set[str]:
    """The addresses on which processes take connections over a network, as `/proc` writes them."""
    sockets = set()
    for process in processes:
        for descriptor in Path(f"/proc/{process}/fd").glob("*"):
            with contextlib.suppress(FileNotFoundError):
                sockets.add(str(descriptor.readlink()))
    tables = [Path(f"/proc/net/{kind}").read_text().splitlines() for kind in ("tcp", "tcp6")]
    lines = [line.split() for table in tables for line in table]
    return {
        line[1].partition(":")[0] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in sockets
    }


LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}
"""127.0.0.1, ::1 and ::ffff:127.0.0.1 there."""
