"""A PostgreSQL server of its own on loopback, to stop and start in the middle of things."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_DEBIAN = Path("/usr/lib/postgresql")
_ACCOUNT = "postgres"


@dataclass(frozen=True)
class PostgresServer:
    """A server with one database `history`, whose user `collaboration` has the password `pa:ss/w@rd`."""

    programs: Path
    data: Path
    port: int

    @property
    def address(self) -> str:
        """The address of the database; the password is escaped as it must be."""
        return f"postgresql://collaboration:pa%3Ass%2Fw%40rd@127.0.0.1:{self.port}/history"

    def start(self) -> None:
        """Start it and wait until it answers."""
        listening = f"-p {self.port} -h 127.0.0.1 -k {self.data}"
        self._run(
            "pg_ctl", "-D", str(self.data), "-l", str(self.data / "log"), "-o", listening, "-w", "start"
        )

    def stop(self) -> None:
        """Break it off: every connection is lost at once."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def query(self, sql: str, database: str = "history") -> str:
        """Rows of an answer, one a line, fields apart by `|`; asked as the superuser."""
        place = ("-h", str(self.data), "-p", str(self.port))
        return self._run("psql", *place, "-At", "-v", "ON_ERROR_STOP=1", "-c", sql, database)

    def _run(self, program: str, *arguments: str) -> str:
        # The server is no root's; runuser is on every Debian.
        as_account = ["runuser", "-u", _ACCOUNT, "--"] if os.geteuid() == 0 else []
        output = self.data / "output"
        with output.open("w+", encoding="utf-8") as file:
            # A pipe would stay open as long as the server that pg_ctl leaves behind.
            subprocess.run(
                [*as_account, str(self.programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=self.data,
                check=True,
                timeout=120,
            )
            file.seek(0)
            return file.read().strip()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server until the block ends; skips the test where PostgreSQL is not installed."""
    found = sorted(_DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        pytest.skip("needs PostgreSQL; install the package postgresql")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no runuser")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Not below pytest's folder, which nobody but its user may enter.
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        Path(folder).chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(data, _ACCOUNT, _ACCOUNT)
        data.chmod(0o700)
        server = PostgresServer(found[-1], data, port)
        server._run("initdb", "-D", str(data / "cluster"), "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        server = PostgresServer(found[-1], data / "cluster", port)
        # The user of the history comes with a password, over TCP; the superuser through the socket.
        rules = "local all all trust\nhost all collaboration 127.0.0.1/32 scram-sha-256\n"
        (server.data / "pg_hba.conf").write_text(rules)
        server.start()
        try:
            server.query("create role collaboration login password 'pa:ss/w@rd'", "postgres")
            server.query("create database history owner collaboration", "postgres")
            yield server
        finally:
            server.stop()
