"""Talking to the OpenAlex API: one request at a time, repeated when that can help, within the budget.

What is asked for belongs to `assets.pull.api_request`, paging through a whole result to `assets.pull.api`.
The key travels in a header, so that no address, log or error of the HTTP library holds it.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Self, TypeVar

import msgspec
import requests
from requests.auth import AuthBase

from assets.errors import CollaborationError
from assets.pull.api_cost import Budget, BudgetSpentError, list_price
from assets.pull.api_request import FIELDS, KEY_VARIABLE, PER_PAGE, ApiRequest, ApiSearch

FIRST_CURSOR: Final = "*"
_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 60
_SHOWN_CHARACTERS: Final = 500
_WORTH_SAYING_SECONDS: Final = 5.0
_SELECT: Final = ",".join(FIELDS)
_GARBLED: Final = "it sent something else than works"


class ApiError(CollaborationError):
    """The API could not be used; `status` is the HTTP status that ended it, if one did."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Patience:
    """How often and how long to wait for a server in trouble."""

    attempts: int = 8
    first_seconds: float = 1.0
    """The longest first wait; each further one may be twice as long."""
    longest_seconds: float = 60.0
    longest_ordered_seconds: float = 120.0
    """A `Retry-After` up to this is waited for. The API gives the seconds to the next day in the same
    header when a day's credits are spent; no run waits that long."""
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.random
    """A number in [0, 1)."""

    def seconds_before(self, retry: int, ordered: float | None) -> float:
        """Full jitter: anything from nothing to a bound that doubles; never less than was ordered."""
        bound = min(self.longest_seconds, self.first_seconds * 2.0 ** (retry - 1))
        at_least = min(ordered or 0.0, self.longest_ordered_seconds)
        return at_least + self.draw() * bound


@dataclass(frozen=True)
class Page:
    """One list page, as delivered."""

    count: int
    """Works that match, as of this page."""
    next_cursor: str | None
    """None when nothing follows."""
    records: tuple[bytes, ...]
    """The JSON of each work."""
    credits: int
    """Spent on it, failed attempts included."""

    def costing(self, spent: int) -> "Page":
        """The same page at another cost."""
        return replace(self, credits=spent)


class _Meta(msgspec.Struct):
    count: int
    next_cursor: str | None = None


class _Listing(msgspec.Struct):
    meta: _Meta
    results: list[msgspec.Raw]


class _Complaint(msgspec.Struct):
    error: str = ""
    message: str = ""


_Decoded = TypeVar("_Decoded")
_listing: Final = msgspec.json.Decoder(_Listing)
_single: Final = msgspec.json.Decoder(msgspec.Raw)
_complaint: Final = msgspec.json.Decoder(_Complaint)


class _TryAgainError(Exception):
    """A failure that may be gone the next time."""

    def __init__(self, why: str, ordered_seconds: float | None = None, status: int | None = None) -> None:
        super().__init__(why)
        self.ordered_seconds = ordered_seconds
        self.status = status


class _KeyInHeader(AuthBase):
    # An auth of its own also keeps the HTTP library from taking credentials out of a netrc file.
    def __init__(self, key: str | None) -> None:
        self._key = key

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            prepared.headers["Authorization"] = f"Bearer {self._key}"
        return prepared


class ApiClient:
    """Sends requests to the server and with the key of a request, within its budget.

    Not for several threads at once.
    """

    def __init__(
        self,
        request: ApiRequest,
        announce: Callable[[str], None],
        patience: Patience | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.budget = Budget(request.max_credits)
        self._request = request
        self._announce = announce
        self._patience = patience or Patience()
        self._now = now
        self._prices = {searches: list_price(searches=searches) for searches in (False, True)}
        self._session = requests.Session()
        self._session.auth = _KeyInHeader(request.api_key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def page_price(self, search: ApiSearch) -> int:
        """Credits of a page of a search, as of the last one of the kind."""
        return self._prices[search.looks_for_words]

    def count(self, search: ApiSearch) -> int:
        """How many works match; costs as much as one page. Raises ApiError or BudgetSpentError."""
        return self._listing(search, {"per_page": "1"}).count

    def page(self, search: ApiSearch, cursor: str) -> Page:
        """The list page at a cursor; raises ApiError or BudgetSpentError."""
        return self._listing(search, {"per_page": str(PER_PAGE), "cursor": cursor})

    def single(self, work_id: str) -> bytes | None:
        """The JSON of one work with all its authors (`work_id` as in W123); None when it is gone."""
        try:
            return _on_one_line(bytes(self._get(f"works/{work_id}", {"select": _SELECT}, _single)))
        except ApiError as error:
            if error.status == requests.codes.not_found:
                return None
            raise

    def _listing(self, search: ApiSearch, place: Mapping[str, str]) -> Page:
        self.budget.check(self.page_price(search))
        before = self.budget.used
        parameters = {**search.parameters, "select": _SELECT, **place}
        listing = self._get("works", parameters, _listing, search)
        spent = self.budget.used - before
        records = tuple(_on_one_line(bytes(raw)) for raw in listing.results)
        # An empty page is the end, whatever cursor comes with it.
        following = listing.meta.next_cursor if records else None
        return Page(listing.meta.count, following or None, records, spent)

    def _get(
        self,
        path: str,
        parameters: Mapping[str, str],
        decoder: msgspec.json.Decoder[_Decoded],
        search: ApiSearch | None = None,
    ) -> _Decoded:
        attempt = 0
        while True:
            attempt += 1
            try:
                return decoder.decode(self._content(path, parameters, search))
            except _TryAgainError as failure:
                last = failure
            except msgspec.MsgspecError:
                last = _TryAgainError(_GARBLED)
            except requests.RequestException as error:
                last = _TryAgainError(_in_words(error))
            if attempt == self._patience.attempts:
                raise self._given_up(last)
            self._wait(self._patience.seconds_before(attempt, last.ordered_seconds), last)

    def _given_up(self, last: _TryAgainError) -> ApiError:
        return ApiError(
            f"The OpenAlex API at {self._request.base_url} failed {self._patience.attempts} times in a row,"
            f" the last time because {last}: run the same again later",
            last.status,
        )

    def _wait(self, seconds: float, reason: Exception) -> None:
        if seconds >= _WORTH_SAYING_SECONDS:
            self._announce(f"Waiting {seconds:.0f} s for the OpenAlex API: {reason}")
        self._patience.sleep(seconds)

    def _content(self, path: str, parameters: Mapping[str, str], search: ApiSearch | None) -> bytes:
        address = f"{self._request.base_url.rstrip('/')}/{path}"
        response = self._session.get(
            address, params=dict(parameters), timeout=(_CONNECT_SECONDS, _READ_SECONDS)
        )
        price = self.budget.note(response.headers, self._now())
        if response.ok:
            if search is not None and price:
                self._prices[search.looks_for_words] = price
            return response.content
        raise self._failure(response, path if search is None else search.described)

    def _failure(self, response: requests.Response, described: str) -> Exception:
        status = response.status_code
        said = self._said(response)
        if status >= requests.codes.internal_server_error:
            return _TryAgainError(f"it answered HTTP {status}{said}", _ordered_seconds(response), status)
        if status == requests.codes.too_many_requests:
            return self._too_many(response, said)
        if status == requests.codes.unauthorized:
            refused = "the key" if self._request.api_key else "requests without a key"
            return ApiError(
                f"The OpenAlex API does not take {refused} (HTTP 401{said}): put a valid key into"
                f" {KEY_VARIABLE}; keys are free with an account at openalex.org",
                status,
            )
        return ApiError(
            f"The OpenAlex API refused what was asked for, {_shortened(described)} (HTTP {status}{said}):"
            " mend the filter, the search or the query it was made of",
            status,
        )

    def _too_many(self, response: requests.Response, said: str) -> Exception:
        """Which of the things that 429 says: slow down, the day is spent, or not with this account."""
        ordered = _ordered_seconds(response)
        if ordered is None and "plan" in said.lower():
            return ApiError(
                f"The OpenAlex API does this only for paid plans (HTTP 429{said}): leave that part of the"
                " filter out",
                429,
            )
        spent = "insufficient budget" in said.lower() if ordered is None else False
        if spent or (ordered or 0) > self._patience.longest_ordered_seconds:
            return BudgetSpentError(self.budget.until_reset)
        return _TryAgainError(f"it answered HTTP 429{said}", ordered, 429)

    def _said(self, response: requests.Response) -> str:
        """What the server says of a failure, ready to follow the status; empty when it says nothing."""
        try:
            complaint = _complaint.decode(response.content)
            words = ": ".join(part for part in (complaint.error, complaint.message) if part)
        except msgspec.MsgspecError:
            words = response.reason or ""
        shown = _shortened(" ".join(self._request.without_key(words).split()))
        return f", {shown}" if shown else ""


def _ordered_seconds(response: requests.Response) -> float | None:
    """`Retry-After` in seconds; a date, which the API does not send, counts as none."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None


def _in_words(error: requests.RequestException) -> str:
    """Without the library's own text, which is long and full of addresses."""
    if isinstance(error, requests.Timeout):
        return "it did not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "its answer broke off"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not let it through"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate was not accepted"
    return "the connection failed or was cut"


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]} ..."


def _on_one_line(record: bytes) -> bytes:
    return msgspec.json.format(record, indent=-1) if b"\n" in record or b"\r" in record else record
