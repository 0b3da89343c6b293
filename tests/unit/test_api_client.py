import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from assets.pull.api_client import ApiClient, ApiError, Patience
from assets.pull.api_cost import BudgetSpentError
from assets.pull.api_request import FIELDS, ApiRequest, ApiSearch
from tests.api_server import KEY, ApiServer, Fault, running
from tests.delivered_works import author, work

ATTEMPTS = 4
SEARCH = ApiSearch("publication_year:2019")
WORKS = [work(number) for number in range(1, 4)]


@dataclass
class Asking:
    """A client, the server it asks, and what it did in between."""

    server: ApiServer
    client: ApiClient
    search: ApiSearch
    request: ApiRequest
    slept: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def count(self) -> int:
        return self.client.count(self.search)


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with running(list(WORKS)) as api:
        yield api


@pytest.fixture
def asking(server: ApiServer) -> Iterator[Asking]:
    slept: list[float] = []
    said: list[str] = []
    request = ApiRequest((SEARCH,), api_key=KEY, base_url=server.address)
    patience = Patience(attempts=ATTEMPTS, sleep=slept.append, draw=lambda: 0.5)
    with ApiClient(request, said.append, patience) as client:
        yield Asking(server, client, SEARCH, request, slept, said)


def test_a_page_holds_the_works_as_delivered_one_a_line(asking: Asking) -> None:
    page = asking.client.page(asking.search, "*")
    assert [json.loads(record)["id"] for record in page.records] == [one["id"] for one in WORKS]
    assert not any(b"\n" in record for record in page.records)
    assert (page.count, page.next_cursor, page.credits) == (3, None, 1)


def test_only_the_fields_that_are_read_are_asked_for_a_hundred_works_at_a_time(asking: Asking) -> None:
    asking.client.page(asking.search, "*")
    (_, parameters, _) = asking.server.requests[0]
    assert parameters["select"] == ",".join(FIELDS)
    assert parameters["per_page"] == "100"


def test_the_key_travels_in_a_header_and_in_no_address(asking: Asking) -> None:
    asking.count()
    (path, parameters, headers) = asking.server.requests[0]
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in path + json.dumps(parameters)


def test_without_a_key_none_is_sent(server: ApiServer) -> None:
    request = ApiRequest((SEARCH,), base_url=server.address)
    with ApiClient(request, print) as client:
        assert client.count(SEARCH) == 3
    assert "Authorization" not in server.requests[0][2]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.SERVER_ERROR,
        Fault.CUT,
        Fault.TRUNCATED,
        Fault.GARBLED,
        Fault.SLOW_DOWN,
        Fault.SLOW_DOWN_WITHOUT_A_TIME,
    ],
)
def test_a_passing_fault_is_waited_out(asking: Asking, fault: Fault) -> None:
    asking.server.faults = {1: fault, 2: fault}
    assert asking.count() == 3
    assert len(asking.server.requests) == 3


def test_waits_double_and_are_drawn_at_random(asking: Asking) -> None:
    asking.server.faults = dict.fromkeys((1, 2, 3), Fault.SERVER_ERROR)
    asking.count()
    assert asking.slept == [0.5, 1.0, 2.0]


def test_never_less_is_waited_than_the_server_orders(asking: Asking) -> None:
    asking.server.faults = {1: Fault.SLOW_DOWN}
    asking.count()
    assert asking.slept == [2.5]


def test_waits_have_a_longest() -> None:
    patience = Patience(longest_seconds=60, draw=lambda: 1.0)
    assert patience.seconds_before(20, None) == 60.0
    assert patience.seconds_before(1, 9_999.0) == 121.0


def test_a_long_wait_is_announced(asking: Asking) -> None:
    asking.server.faults = {1: Fault.SLOW_DOWN}
    patience = Patience(first_seconds=4, sleep=asking.slept.append, draw=lambda: 0.9)
    with ApiClient(asking.request, asking.said.append, patience) as client:
        client.count(asking.search)
    (said,) = asking.said
    assert said.startswith("Waiting 6 s for the OpenAlex API: it answered HTTP 429, Rate limit exceeded")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault.SERVER_ERROR, "it answered HTTP 500, Internal server error"),
        (Fault.CUT, "the connection failed or was cut"),
        (Fault.TRUNCATED, "its answer broke off"),
        (Fault.GARBLED, "it sent something else than works"),
    ],
)
def test_a_lasting_fault_ends_after_some_attempts_and_is_named(
    asking: Asking, fault: Fault, why: str
) -> None:
    asking.server.faults = dict.fromkeys(range(1, 99), fault)
    with pytest.raises(ApiError, match=f"failed 4 times in a row, the last time because {why}: "):
        asking.count()
    assert len(asking.server.requests) == ATTEMPTS


def test_what_the_api_refuses_is_not_asked_again_and_its_words_are_shown(asking: Asking) -> None:
    with pytest.raises(ApiError, match=r"HTTP 400, .*author_name is not a valid field.*mend the filter"):
        asking.client.count(ApiSearch("author_name:1"))
    assert len(asking.server.requests) == 1


def test_what_only_paid_plans_may_ask_is_not_waited_for(asking: Asking) -> None:
    asking.server.faults = {1: Fault.PLAN_REQUIRED}
    with pytest.raises(ApiError, match=r"only for paid plans .*from_updated_date.*leave that part"):
        asking.count()
    assert asking.slept == []


def test_a_wrong_key_is_said_without_being_shown(server: ApiServer) -> None:
    request = ApiRequest((SEARCH,), api_key="wrong-key", base_url=server.address)
    with ApiClient(request, print) as client, pytest.raises(ApiError) as refused:
        client.count(SEARCH)
    assert "does not take the key (HTTP 401" in str(refused.value)
    assert "API key *** not found" in str(refused.value)
    assert "wrong-key" not in str(refused.value)


def test_a_spent_day_is_not_waited_for(asking: Asking) -> None:
    asking.server.remaining = 0
    with pytest.raises(
        BudgetSpentError, match=r"credits of today are spent: run the same again after \d{4}-"
    ):
        asking.count()
    assert asking.slept == []


def test_a_spent_day_is_known_by_the_servers_words_as_well(asking: Asking) -> None:
    asking.server.faults = {1: Fault.SPENT_WITHOUT_A_TIME}
    with pytest.raises(BudgetSpentError):
        asking.count()
    assert asking.slept == []


def test_an_empty_page_is_the_end_whatever_cursor_comes_with_it(asking: Asking) -> None:
    asking.server.faults = {1: Fault.EMPTY_PAGE_LEADING_ON}
    page = asking.client.page(asking.search, "*")
    assert (page.records, page.next_cursor) == ((), None)


def test_a_request_beyond_the_day_is_not_even_sent(asking: Asking) -> None:
    asking.server.remaining = 1
    asking.count()
    with pytest.raises(BudgetSpentError):
        asking.client.page(asking.search, "*")
    assert asking.server.asked == ["count"]


def test_prices_are_those_the_server_charges(asking: Asking) -> None:
    asking.server.search_price = 3
    search = ApiSearch(search="coupling")
    asking.client.count(search)
    assert (asking.client.page_price(search), asking.client.budget.used) == (3, 3)
    assert asking.client.page_price(asking.search) == 1


@pytest.mark.parametrize(
    ("search", "price"),
    [
        (ApiSearch("publication_year:2019"), 1),
        (ApiSearch("publication_year:2019", "coupling"), 10),
        (ApiSearch("publication_year:2019,title.search:coupling"), 10),
        (ApiSearch("title_and_abstract.search.exact:( coupling)"), 10),
        (ApiSearch("topics.id:T12965"), 1),
    ],
)
def test_a_page_of_a_search_is_known_to_be_dearer_before_any_is_asked_for(
    asking: Asking, search: ApiSearch, price: int
) -> None:
    assert asking.client.page_price(search) == price
    asking.client.count(search)
    assert asking.client.budget.used == price


def test_credits_are_understood_when_only_dollars_are_told(asking: Asking) -> None:
    asking.server.credit_headers = False
    asking.count()
    assert (asking.client.budget.used, asking.client.budget.remaining) == (1, 9_999)


def test_a_single_work_has_all_its_authors_and_costs_nothing(asking: Asking) -> None:
    asking.server.works.append(work(9, authorships=[author()] * 130))
    asking.server.remaining = 0
    record = asking.client.single("W9")
    assert record is not None
    assert len(json.loads(record)["authorships"]) == 130


def test_a_single_work_that_is_gone_is_none(asking: Asking) -> None:
    assert asking.client.single("W404") is None
