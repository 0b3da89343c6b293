"""A server on loopback that behaves like the OpenAlex API of 2026, and misbehaves when told to.

It lists works by filter, search and words of title and abstract, page by page with cursors, cuts authors
at 100, gives single works whole, checks keys, counts credits and says so in the same headers. What words
find belongs to `tests.api_text_search`.
"""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.api_text_search import Text, finder
from tests.delivered_works import Json

KEY = "a-key-nobody-has"
LISTED_AUTHORS = 100
MOST_A_PAGE = 100
UNTIL_MIDNIGHT = 3600
LONGEST_ADDRESS = 4094
FIELDS = frozenset(
    {
        "id",
        "doi",
        "title",
        "display_name",
        "publication_year",
        "authorships",
        "abstract_inverted_index",
        "type",
        "is_retracted",
        "is_paratext",
        "is_xpac",
        "is_authors_truncated",
        "updated_date",
        "cited_by_count",
        "keywords",
        "topics",
    }
)


class Fault(Enum):
    """What goes wrong with one request."""

    SLOW_DOWN = auto()
    """429 with `Retry-After: 2`."""
    SLOW_DOWN_WITHOUT_A_TIME = auto()
    SERVER_ERROR = auto()
    CUT = auto()
    """The connection ends without an answer."""
    TRUNCATED = auto()
    """Half of the body comes."""
    GARBLED = auto()
    """200 with something else than JSON."""
    PREVIOUS_PAGE = auto()
    """The works of the page before, with the cursor that was asked for."""
    PREVIOUS_PAGE_LEADING_ON = auto()
    """The works of the page before, with the cursor of the next page."""
    EMPTY_PAGE_LEADING_ON = auto()
    """No works, and a cursor all the same."""
    SPENT_WITHOUT_A_TIME = auto()
    """The day's credits are gone, without a `Retry-After`."""
    CURSOR_REFUSED = auto()
    PLAN_REQUIRED = auto()
    """429 without anything to wait for."""


@dataclass
class ApiServer:
    """What the server holds and what it was asked; tests change it while it runs."""

    works: list[Json]
    address: str = ""
    key: str | None = KEY
    limit: int = 10_000
    remaining: int = 10_000
    prepaid: int = 0
    list_price: int = 1
    search_price: int = 10
    single_price: int = 0
    credit_headers: bool = True
    """Credits may be dropped in favour of USD some day."""
    faults: dict[int, Fault] = field(default_factory=dict)
    """By number of the request, from 1."""
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    """Called before the request of that number is answered."""
    merged: dict[str, str] = field(default_factory=dict)
    """Id of a work that was merged into another -> id of the other."""
    hold_at: int | None = None
    """Number of the request that gets no answer until `release` is set."""
    held: Event = field(default_factory=Event)
    release: Event = field(default_factory=Event)
    requests: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    """Path, parameters and headers of all requests, in order."""

    @property
    def asked(self) -> list[str]:
        """What was asked for: `count`, a cursor, or the id of a single work."""
        return [
            path.rpartition("/")[2] if path != "/works" else parameters.get("cursor", "count")
            for path, parameters, _ in self.requests
        ]


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    price: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None


@contextmanager
def running(works: list[Json]) -> Iterator[ApiServer]:
    api = ApiServer(works)

    class Handler(_Handler):
        server_state = api

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    api.address = f"http://127.0.0.1:{httpd.server_address[1]}"
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api
    finally:
        api.release.set()
        httpd.shutdown()
        thread.join()
        httpd.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else Nagle's algorithm and delayed acknowledgements make each answer take 40 ms.
    disable_nagle_algorithm = True
    server_state: ApiServer

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        api = self.server_state
        url = urlsplit(self.path)
        parameters = dict(parse_qsl(url.query))
        api.requests.append((url.path, parameters, dict(self.headers)))
        number = len(api.requests)
        api.before.get(number, lambda: None)()
        if number == api.hold_at:
            api.held.set()
            api.release.wait()
        fault = api.faults.get(number)
        if fault is Fault.CUT:
            self.close_connection = True
            return
        reply = _failed(fault) or _too_long(self.path) or self._answer(url.path, parameters, fault)
        self._send(reply, fault)

    def _answer(self, path: str, parameters: dict[str, str], fault: Fault | None) -> Reply:
        api = self.server_state
        given = self.headers.get("Authorization", "").removeprefix("Bearer ") or parameters.get("api_key")
        if given and given != api.key:
            words = {"error": "Invalid or missing API key", "message": f"API key {given} not found"}
            return Reply(401, words)
        price = _price(api, path, parameters)
        if price > api.remaining + api.prepaid:
            return _spent(api, price)
        from_today = min(price, api.remaining)
        api.remaining -= from_today
        api.prepaid -= price - from_today
        if path != "/works":
            return _single(api, path, parameters, price)
        return _listing(api, parameters, price, fault)

    def _send(self, reply: Reply, fault: Fault | None) -> None:
        body = b"<html>maintenance" if fault is Fault.GARBLED else json.dumps(reply.body, indent=1).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (_rate_headers(self.server_state, reply) | reply.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if fault is Fault.TRUNCATED:
            body = body[: len(body) // 2]
            self.close_connection = True
        # Whoever asked may be gone.
        with suppress(ConnectionError):
            self.wfile.write(body)


def _failed(fault: Fault | None) -> Reply | None:
    return None if fault is None else _FAILURES.get(fault)


def _too_long(address: str) -> Reply | None:
    if len(address) <= LONGEST_ADDRESS:
        return None
    return Reply(400, {"error": "Bad Request", "message": f"Request Line is too large ({len(address)})"})


def _slow_down(headers: dict[str, str]) -> Reply:
    message = "Rate limit exceeded: 100 requests per second. Please slow down."
    # The API's own answer says nothing is left, then, though the day is not spent.
    left = {"X-RateLimit-Remaining": "0"}
    return Reply(429, {"error": "Rate limit exceeded", "message": message}, headers=headers | left)


_FAILURES = {
    Fault.SLOW_DOWN: _slow_down({"Retry-After": "2"}),
    Fault.SLOW_DOWN_WITHOUT_A_TIME: _slow_down({}),
    Fault.SERVER_ERROR: Reply(500, {"error": "Internal server error"}),
    Fault.EMPTY_PAGE_LEADING_ON: Reply(200, {"meta": {"count": 0, "next_cursor": "more"}, "results": []}, 1),
    Fault.SPENT_WITHOUT_A_TIME: Reply(
        429, {"message": "Insufficient budget. This request costs $0.0001 but you only have $0 remaining."}
    ),
    Fault.CURSOR_REFUSED: Reply(400, {"error": "Pagination error.", "message": "Invalid cursor value"}),
    Fault.PLAN_REQUIRED: Reply(
        429,
        {
            "error": "Plan upgrade required",
            "message": 'The "from_updated_date:2026-01-01" filter requires a Premium plan.',
        },
    ),
}


def _spent(api: ApiServer, price: int) -> Reply:
    message = f"Insufficient budget. This request costs ${price / 10_000} but you only have"
    message += f" ${api.remaining / 10_000} remaining. Resets at midnight UTC."
    body = {"error": "Rate limit exceeded", "message": message, "retryAfter": UNTIL_MIDNIGHT}
    headers = {"Retry-After": str(UNTIL_MIDNIGHT), "X-RateLimit-Credits-Required": str(price)}
    return Reply(429, body, headers=headers)


def _price(api: ApiServer, path: str, parameters: dict[str, str]) -> int:
    if path != "/works":
        return api.single_price
    names = [term.partition(":")[0].split(".") for term in parameters.get("filter", "").split(",")]
    searches = "search" in parameters or any("search" in name for name in names)
    return api.search_price if searches else api.list_price


def _rate_headers(api: ApiServer, reply: Reply) -> dict[str, str]:
    counted = {
        ("X-RateLimit-Limit", "X-RateLimit-Limit-USD"): api.limit,
        ("X-RateLimit-Remaining", "X-RateLimit-Remaining-USD"): api.remaining,
        ("X-RateLimit-Onetime-Remaining", "X-RateLimit-Prepaid-Remaining-USD"): api.prepaid,
        ("X-RateLimit-Credits-Used", "X-RateLimit-Cost-USD"): reply.price,
    }
    headers = {usd: f"{value / 10_000:.4f}" for (_, usd), value in counted.items()}
    if api.credit_headers:
        headers |= {name: str(value) for (name, _), value in counted.items()}
    return headers | {"X-RateLimit-Reset": str(UNTIL_MIDNIGHT)}


def _single(api: ApiServer, path: str, parameters: dict[str, str], price: int) -> Reply:
    wanted = path.rpartition("/")[2]
    if wanted in api.merged:
        return Reply(301, {}, price, {"Location": f"/works/{api.merged[wanted]}"})
    for work in api.works:
        if wanted == work["id"].rpartition("/")[2]:
            return Reply(200, _selected(work, parameters), price)
    return Reply(404, {"error": "Not Found", "message": f"{path} not found"}, price)


def _listing(api: ApiServer, parameters: dict[str, str], price: int, fault: Fault | None) -> Reply:
    unknown = set(parameters.get("select", "id").split(",")) - FIELDS
    if unknown:
        message = f"{unknown.pop()} is not a valid select field."
        return Reply(400, {"error": "Invalid query parameters error.", "message": message}, price)
    per_page = int(parameters.get("per_page", "25"))
    if not 1 <= per_page <= MOST_A_PAGE:
        return Reply(400, {"error": "Pagination error.", "message": "per_page must be 1 to 100"}, price)
    try:
        matching = sorted(_matching(api.works, parameters), key=_place)
    except ValueError as error:
        return Reply(400, {"error": "Invalid query parameters error.", "message": str(error)}, price)
    cursor = parameters.get("cursor", "*")
    after = [work for work in matching if cursor == "*" or _place(work) > _decoded(cursor)]
    page = after[:per_page]
    following = _encoded(page[-1]) if len(page) == per_page else None
    if fault in (Fault.PREVIOUS_PAGE, Fault.PREVIOUS_PAGE_LEADING_ON):
        earlier = [work for work in matching if _place(work) <= _decoded(cursor)]
        page = earlier[-per_page:]
        following = cursor if fault is Fault.PREVIOUS_PAGE else following
    meta = {"count": len(matching), "per_page": per_page, "page": None, "next_cursor": following}
    results = [_selected(_as_listed(work), parameters) for work in page]
    return Reply(200, {"meta": meta, "results": results, "group_by": []}, price)


def _matching(works: list[Json], parameters: dict[str, str]) -> Iterator[Json]:
    terms = [term.partition(":")[::2] for term in parameters.get("filter", "").split(",") if term]
    for work in works:
        if parameters.get("search", "").lower() not in work["title"].lower():
            continue
        if all(_holds(work, *term) for term in terms):
            yield work


def _holds(work: Json, name: str, value: str) -> bool:
    if name == "publication_year":
        first, _, last = value.partition("-")
        return int(first) <= int(work[name]) <= int(last or first)
    if name == "title_and_abstract.search.exact":
        return finder(value)(Text(work))
    if name == "topics.id":
        return any(topic["id"].rpartition("/")[2] in value.split("|") for topic in work["topics"])
    if name == "authorships.countries":
        institutions = [place for one in work["authorships"] for place in one["institutions"]]
        return any(place["country_code"].lower() == value for place in institutions)
    if name == "title.search":
        return value.lower() in work["title"].lower()
    raise ValueError(f"{name} is not a valid field.")


def _place(work: Json) -> tuple[int, int]:
    """What lists are sorted by: a work that is cited once more moves."""
    return work["cited_by_count"], int(work["id"].rpartition("W")[2])


def _encoded(work: Json) -> str:
    return base64.b64encode(json.dumps(_place(work)).encode()).decode()


def _decoded(cursor: str) -> tuple[int, int]:
    cited, number = json.loads(base64.b64decode(cursor))
    return cited, number


def _as_listed(work: Json) -> Json:
    if len(work["authorships"]) <= LISTED_AUTHORS:
        return work
    return work | {"authorships": work["authorships"][:LISTED_AUTHORS], "is_authors_truncated": True}


def _selected(work: Json, parameters: dict[str, str]) -> Json:
    names = parameters.get("select")
    return work if names is None else {name: work[name] for name in names.split(",") if name in work}
