"""A place to pull to from a server that behaves like the OpenAlex API, and looks at what came of it."""

import gzip
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from assets.pull.api import ApiProgress, pull_api
from assets.pull.api_client import ApiClient, Patience
from assets.pull.api_request import ApiRequest, ApiSearch
from assets.pull.api_result import ApiPull
from assets.pull.technology_searches import Wanted
from tests.api_server import KEY, ApiServer
from tests.delivered_works import Json, author, work

TODAY = date(2026, 5, 4)
AUTHORS = 130
PAGES = 4
WORKS = 350
# By number of the request: the first asks for the count, the next four for pages, the sixth for one work.
THIRD, LAST, SINGLE = 4, 5, 6


def made_up_works() -> list[Json]:
    """Each is cited once more than the one before, which is the order of the lists."""
    works = [work(number, cited_by_count=number) for number in range(1, WORKS + 1)]
    works[149] = works[149] | {"authorships": [author()] * AUTHORS}
    return works


@dataclass
class Workplace:
    """A server, a landing folder, a state folder, and what was said and shown."""

    server: ApiServer
    landing: Path
    state: Path
    said: list[str] = field(default_factory=list)
    shown: list[ApiProgress] = field(default_factory=list)

    def request(
        self,
        *,
        filter: str | None = "publication_year:2019",  # noqa: A002 - the request's own name
        search: str | None = None,
        max_credits: int | None = None,
        name: str | None = None,
    ) -> ApiRequest:
        wanted = Wanted((ApiSearch(filter, search),))
        return self.request_for(wanted, max_credits=max_credits, name=name)

    def request_for(
        self, wanted: Wanted, *, max_credits: int | None = None, name: str | None = None
    ) -> ApiRequest:
        return ApiRequest(wanted.searches, wanted.title, KEY, self.server.address, max_credits, name)

    def client(self, request: ApiRequest) -> ApiClient:
        return ApiClient(request, self.said.append, Patience(attempts=4, sleep=lambda _: None))

    def pull(self, request: ApiRequest | None = None) -> ApiPull:
        request = request or self.request()
        return pull_api(
            request,
            self.landing,
            self.state,
            self.shown.append,
            self.said.append,
            client=self.client(request),
            today=lambda: TODAY,
        )

    @property
    def left_behind(self) -> list[str]:
        """What lies in the two folders besides drops."""
        hidden = [path.name for path in self.landing.iterdir() if path.name.startswith(".")]
        return hidden + [path.name for path in self.state.iterdir()]

    def contents(self) -> dict[str, bytes]:
        files = (path for path in self.landing.rglob("*") if path.is_file())
        return {str(path.relative_to(self.landing)): path.read_bytes() for path in files}


def records(drop: Path | None) -> list[Json]:
    assert drop is not None
    return [
        json.loads(line)
        for path in sorted(drop.glob("part-*"))
        for line in gzip.decompress(path.read_bytes()).split(b"\n")[:-1]
    ]


def ids(drop: Path | None) -> list[int]:
    return [int(record["id"].rpartition("W")[2]) for record in records(drop)]
