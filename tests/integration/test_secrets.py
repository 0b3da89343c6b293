"""The key of the API goes to the API's server and nowhere else, also when a pull fails."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dagster as dg
import pytest

from assets.pull.definitions import openalex_api
from assets.store import Store
from orchestration import cli
from orchestration.instance import open_instance
from orchestration.settings import read_pipeline

CANARY = "canary-0123456789-key"


class _Refusing(BaseHTTPRequestHandler):
    """Repeats in its refusal all that it was sent; `/moved/` leads to the other server."""

    def do_GET(self) -> None:
        self.server.sent.append(str(self.headers))  # type: ignore[attr-defined]
        elsewhere = getattr(self.server, "elsewhere", None)
        self.send_response(302 if elsewhere else 400, f"refused {self.headers['Authorization']}")
        if elsewhere:
            self.send_header("Location", f"{elsewhere}/works?{self.headers['Authorization']}")
        self.end_headers()
        self.wfile.write(
            b'{"error": "bad", "message": "%s"}' % self.headers.as_bytes().replace(b"\r\n", b" ")
        )

    def log_message(self, *_: object) -> None:
        """The test's output is looked at."""


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ThreadingHTTPServer]]:
    """The API's server, and another on the same machine."""
    found = [ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) for _ in range(2)]
    for server in found:
        server.sent = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("COLLAB_OPENALEX_API_KEY", CANARY)
    monkeypatch.setenv("COLLAB_API_URL", f"http://127.0.0.1:{found[0].server_port}")
    monkeypatch.setenv("COLLAB_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("COLLAB_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    (tmp_path / "landing").mkdir()
    yield found
    for server in found:
        server.shutdown()
        server.server_close()


def places_of_the_key(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [str(path) for path in files if CANARY.encode() in path.read_bytes()]


def sent_to(server: ThreadingHTTPServer) -> str:
    return "".join(server.sent)  # type: ignore[attr-defined]


def test_a_pull_that_fails_leaves_the_key_nowhere(
    servers: list[ThreadingHTTPServer], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["pull", "openalex-api", "--filter", "publication_year:2019"]) == 1
    assert cli.main(["status"]) == 0
    with open_instance(Store(tmp_path / "store")) as instance:
        result = dg.materialize(
            [openalex_api],
            instance=instance,
            resources={"pipeline": read_pipeline()},
            run_config={"ops": {"openalex_api": {"config": {"filter": "publication_year:2019"}}}},
            raise_on_error=False,
        )
        assert not result.success
        said = capfd.readouterr()
        assert "HTTP 400" in said.out + said.err
        assert CANARY in sent_to(servers[0])
        assert CANARY not in said.out + said.err
        assert CANARY not in repr(read_pipeline())
        assert CANARY not in str(instance.get_ref()) + str(instance.info_dict())
    assert places_of_the_key(tmp_path) == []


def test_the_key_does_not_follow_a_server_that_leads_elsewhere(servers: list[ThreadingHTTPServer]) -> None:
    servers[0].elsewhere = f"http://127.0.0.1:{servers[1].server_port}"  # type: ignore[attr-defined]
    assert cli.main(["pull", "openalex-api", "--filter", "publication_year:2019"]) == 1
    assert "Authorization" in sent_to(servers[0])
    assert sent_to(servers[1])
    assert "Authorization" not in sent_to(servers[1])
