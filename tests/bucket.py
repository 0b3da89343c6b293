"""Small OpenAlex snapshots, and the servers they are pulled from, for the tests of the puller."""

import base64
import gzip
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import boto3  # type: ignore[import-untyped]  # what moto is made for
import pyarrow as pa
import pyarrow.parquet as pq

from assets.pull.snapshot import SnapshotPull, SnapshotRequest, pull_snapshot
from assets.pull.snapshot_fetch import PullProgress
from assets.pull.surroundings import Surroundings

Layout = Literal["jsonl", "parquet", "before"]
FOLDERS = {"jsonl": "data/jsonl/works", "parquet": "data/parquet/works", "before": "data/works"}
MANIFESTS = {"jsonl": "manifest.json", "parquet": "manifest.json", "before": "manifest"}


def work(number: int, padding: int = 0) -> dict[str, Any]:
    """A made-up work; `padding` is about the bytes it has in gzip."""
    noise = base64.b64encode(random.Random(number).randbytes(padding)).decode()
    return {
        "id": f"https://openalex.org/W{number}",
        "title": f"A title {noise}",
        "publication_year": 2020,
        "authorships": [],
    }


@dataclass
class Bucket:
    """A snapshot in a folder; `publish` writes its manifest."""

    root: Path
    layout: Layout = "jsonl"
    stated_date: str = "2026-06-26"
    parts: dict[str, int] = field(default_factory=dict)
    """Path below the works' folder -> records its manifest lists."""

    @property
    def works(self) -> Path:
        return self.root / FOLDERS[self.layout]

    @property
    def manifest(self) -> Path:
        return self.works / MANIFESTS[self.layout]

    def put(self, day: str, *works: dict[str, Any], part: int = 0) -> Path:
        """Write a part of the partition of a day, in the place of what it held."""
        suffix = "parquet" if self.layout == "parquet" else "gz"
        path = f"updated_date={day}/part_{part:04d}.{suffix}"
        file = self.works / path
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name("fresh")
        if self.layout == "parquet":
            columns = {name: [one[name] for one in works] for name in works[0]}
            pq.write_table(pa.table(columns), fresh)
        else:
            lines = b"".join(json.dumps(one).encode() + b"\n" for one in works)
            fresh.write_bytes(gzip.compress(lines, 1, mtime=0))
        fresh.replace(file)
        self.parts[path] = len(works)
        return file

    def take_away(self, day: str) -> None:
        for path in [path for path in self.parts if path.startswith(f"updated_date={day}/")]:
            del self.parts[path]
            (self.works / path).unlink()

    def publish(self) -> "Bucket":
        self.manifest.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.manifest.with_name("fresh")
        fresh.write_bytes(self.listing())
        fresh.replace(self.manifest)
        return self

    def listing(self) -> bytes:
        entries = [
            {
                "url": f"s3://openalex/{FOLDERS[self.layout]}/{path}",
                "meta": {"content_length": (self.works / path).stat().st_size, "record_count": records},
            }
            for path, records in sorted(self.parts.items())
        ]
        totals = {
            "content_length": sum((self.works / path).stat().st_size for path in self.parts),
            "record_count": sum(self.parts.values()),
        }
        if self.layout == "before":
            return json.dumps({"entries": entries, "meta": totals}).encode()
        head = {"date": self.stated_date, "format": self.layout, "entity": "works"}
        return json.dumps(head | totals | {"files": entries}).encode()

    def upload(self, endpoint: str, name: str, acl: str = "public-read") -> None:
        """Make a bucket of this name on an S3 server hold exactly this snapshot."""
        client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="made-up",
            aws_secret_access_key="made-up",
        )
        client.create_bucket(Bucket=name, ACL=acl)
        held = {one["Key"] for one in client.list_objects_v2(Bucket=name).get("Contents", [])}
        files = contents(self.root)
        for key in held - files.keys():
            client.delete_object(Bucket=name, Key=key)
        for key, content in files.items():
            client.put_object(Bucket=name, Key=key, Body=content, ACL=acl)


@dataclass
class Place:
    """A landing folder and a state folder, and pulls into them."""

    root: Path
    said: list[str] = field(default_factory=list)
    progress: list[PullProgress] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def state(self) -> Path:
        return self.root / "state"

    def pull(
        self,
        location: str | Path,
        *,
        on_pause: Callable[[float], None] = lambda _: None,
        free_bytes: int = 1 << 40,
        **request: Any,
    ) -> SnapshotPull:
        def sleep(seconds: float) -> None:
            self.pauses.append(seconds)
            on_pause(seconds)

        return pull_snapshot(
            SnapshotRequest(str(location), **request),
            self.landing,
            self.state,
            self.progress.append,
            self.said.append,
            Surroundings(sleep=sleep, free_bytes=lambda _: free_bytes),
        )

    def drops(self) -> list[str]:
        return sorted(path.name for path in self.landing.iterdir())


def complete_ids(drop: Path) -> list[str]:
    ids: list[str] = pq.read_table(drop / "complete_ids.parquet").column("work_id").to_pylist()
    return ids


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones included."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@dataclass
class Mirror:
    """A web server over a folder, with ranges and etags, and ways to misbehave."""

    root: Path
    address: str = ""
    ranges: bool = True
    etags: bool = True
    cut_after: dict[str, list[int]] = field(default_factory=dict)
    """Path -> bytes of the body after which each next answer breaks off."""
    before: Callable[[str], None] = lambda _: None
    """Called with the path before each answer to a GET."""
    requests: list[tuple[str, str, str | None, bool]] = field(default_factory=list)
    """Method, path, range, and whether it was signed."""

    def ranges_asked(self, path: str) -> list[str]:
        return [asked for _, found, asked, _ in self.requests if found == path and asked]


@contextmanager
def serving(root: Path) -> Iterator[Mirror]:
    mirror = Mirror(root)

    class Handler(_Handler):
        served = mirror

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    mirror.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield mirror
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: Mirror

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        path = unquote(self.path).lstrip("/")
        asked = self.headers.get("Range")
        signed = "Authorization" in self.headers
        self.served.requests.append((self.command, path, asked, signed))
        if with_body:
            self.served.before(path)
        file = self.served.root / path
        if not file.is_file():
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = file.read_bytes()
        body = self._head(file, content, asked)
        if not with_body:
            return
        cuts = self.served.cut_after.get(path)
        self.wfile.write(body[: cuts.pop(0)] if cuts else body)

    def _head(self, file: Path, content: bytes, asked: str | None) -> bytes:
        first = 0
        last = len(content) - 1
        if asked and self.served.ranges:
            begin, _, end = asked.removeprefix("bytes=").partition("-")
            first = int(begin)
            last = min(last, int(end)) if end else last
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        else:
            self.send_response(200)
        status = file.stat()
        if self.served.etags:
            self.send_header("ETag", f'"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"')
        self.send_header("Last-Modified", self.date_time_string(int(status.st_mtime)))
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        return content[first : last + 1]
