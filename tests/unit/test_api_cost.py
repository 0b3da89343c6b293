from datetime import UTC, datetime

import pytest

from assets.pull.api_cost import (
    Budget,
    BudgetSpentError,
    CostEstimate,
    SearchEstimate,
    check_counting,
    list_price,
)

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def one_search(works: int, kept_works: int, credits_a_call: int) -> CostEstimate:
    return CostEstimate((SearchEstimate(works, kept_works, credits_a_call),))


def headers(remaining: int, *, cost: int = 1, prepaid: int = 0, limit: int = 10_000) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Onetime-Remaining": str(prepaid),
        "X-RateLimit-Credits-Used": str(cost),
        "X-RateLimit-Reset": "5400",
    }


def budget(remaining: int, *, max_credits: int | None = None, prepaid: int = 0) -> Budget:
    made = Budget(max_credits)
    made.note(headers(remaining, prepaid=prepaid), NOON)
    return made


def test_a_budget_is_what_the_headers_say() -> None:
    made = Budget(max_credits=None)
    assert made.note(headers(9_000, cost=10), NOON) == 10
    assert (made.limit, made.remaining, made.used, made.of_today) == (10_000, 9_000, 10, 9_000)
    assert made.resets_at == datetime(2026, 5, 4, 13, 30, tzinfo=UTC)


def test_headers_in_dollars_alone_are_understood() -> None:
    made = Budget(max_credits=None)
    in_usd = {"X-RateLimit-Limit-USD": "1", "X-RateLimit-Remaining-USD": "0.9979"}
    cost = made.note(in_usd | {"X-RateLimit-Cost-USD": "0.001"}, NOON)
    assert (cost, made.limit, made.remaining) == (10, 10_000, 9_979)


def test_without_any_header_the_day_ends_at_midnight_and_nothing_is_known() -> None:
    made = Budget(max_credits=None)
    assert made.note({"X-RateLimit-Remaining": "many"}, NOON) == 0
    assert made.of_today is None
    assert made.resets_at == datetime(2026, 5, 5, 0, 0, tzinfo=UTC)
    made.check(1_000_000)


def test_a_response_that_says_nothing_changes_nothing() -> None:
    made = budget(50, prepaid=7)
    made.note({}, NOON)
    assert (made.limit, made.remaining, made.prepaid) == (10_000, 50, 7)


def test_prepaid_credits_are_touched_only_where_a_limit_allows_it() -> None:
    assert budget(10, prepaid=500).of_today == 10
    assert budget(10, prepaid=500, max_credits=100).of_today == 99
    assert budget(10, prepaid=20, max_credits=100).of_today == 30


def test_the_next_request_is_not_sent_when_the_day_is_spent() -> None:
    made = budget(9)
    made.check(9)
    with pytest.raises(BudgetSpentError, match=r"9 of 10,000 left.*after 2026-05-04 13:30 UTC"):
        made.check(10)


def test_a_run_keeps_to_its_own_limit() -> None:
    made = budget(9_000, max_credits=3)
    made.check(2)
    with pytest.raises(BudgetSpentError, match="has spent 1 of the 3 credits it may"):
        made.check(3)


@pytest.mark.parametrize(("works", "calls"), [(0, 1), (1, 1), (99, 1), (100, 2), (101, 2), (250, 3)])
def test_an_estimate_counts_the_short_page_at_the_end(works: int, calls: int) -> None:
    assert one_search(works, 0, 10).calls == calls
    assert one_search(works, 0, 10).credits == 10 * calls


def test_kept_works_need_no_calls() -> None:
    assert one_search(1_050, 1_000, 1).calls == 1


def test_an_estimate_says_works_calls_credits_and_what_is_left() -> None:
    assert one_search(1_050, 400, 10).sentence(budget(9_000)) == (
        "OpenAlex counts 1,050 works (400 are kept from before): 7 calls at 10 credits, 70 credits in all"
        " (0.0070 USD); left to spend today: 9,000"
    )


def test_more_than_is_left_of_the_day_can_wait_when_it_fits_a_whole_day() -> None:
    with pytest.raises(BudgetSpentError) as refused:
        one_search(1_050, 0, 10).check(budget(109, prepaid=3))
    assert str(refused.value) == (
        "This pull needs 110 credits, 11 calls for 1,050 works, 109 are left of today's free allowance"
        " (besides 3 prepaid): ask for fewer works (a narrower filter, fewer technologies or"
        " years), or wait until 2026-05-04 13:30 UTC, or set max_credits"
        " (--max-credits) to"
        " 120; the pull then uses prepaid credits as well, stops when they are spent and goes on when it is"
        " run again"
    )
    one_search(1_050, 0, 10).check(budget(110))


def test_more_than_a_whole_day_gives_is_not_told_to_wait() -> None:
    with pytest.raises(BudgetSpentError) as refused:
        one_search(2_000_000, 0, 1).check(budget(10_000))
    assert "wait" not in str(refused.value)
    assert "max_credits (--max-credits) to 20,002" in str(refused.value)


def test_what_a_refusal_names_is_enough() -> None:
    needed = one_search(2_000_000, 0, 1)
    needed.check(budget(10_000, max_credits=20_002))
    with pytest.raises(BudgetSpentError, match="may spend 20,001 and has spent 1"):
        needed.check(budget(10_000, max_credits=20_001))


def test_an_unknown_budget_refuses_nothing() -> None:
    one_search(2_000_000, 0, 1).check(Budget(max_credits=None))


def test_prices_without_headers_are_those_documented() -> None:
    assert (list_price(searches=False), list_price(searches=True)) == (1, 10)


TWO = CostEstimate((SearchEstimate(1_050, 400, 10), SearchEstimate(0, 0, 10)))


def test_an_estimate_of_several_searches_says_that_it_is_an_upper_bound() -> None:
    assert TWO.sentence(budget(9_000)) == (
        "OpenAlex counts 1,050 works in 2 searches (400 are kept from before), works in several counted with"
        " each: 8 calls at 10 credits, at most 80 credits in all (0.0080 USD); left to spend today: 9,000"
    )


def test_searches_at_their_ends_and_those_of_other_prices_are_counted_as_such() -> None:
    listed = SearchEstimate(500, 480, 10, listed=True)
    by_topic = SearchEstimate(1_000, 0, 1)
    estimate = CostEstimate((listed, by_topic, SearchEstimate(99, 0, 10)))
    assert (listed.calls, estimate.calls, estimate.credits) == (0, 12, 11 + 10)
    assert ": 12 calls, at most 21 credits" in estimate.sentence(budget(9_000))


def test_a_refusal_names_enough_for_several_searches_counted_anew() -> None:
    both = CostEstimate((SearchEstimate(1_050, 0, 10), SearchEstimate(500, 0, 1)))
    with pytest.raises(BudgetSpentError, match=r"to 127"):
        both.check(budget(10_000, max_credits=100))
    assert both.credits + 10 + 1 == 127


def test_counting_more_searches_than_can_be_paid_is_not_begun() -> None:
    check_counting([10] * 118, Budget(max_credits=None))
    check_counting([10] * 100, budget(1_000))
    with pytest.raises(BudgetSpentError, match="1,000 of 10,000 left"):
        check_counting([10] * 118, budget(1_000))
    with pytest.raises(BudgetSpentError) as refused:
        check_counting([10] * 118, Budget(max_credits=1_000))
    assert str(refused.value) == (
        "Counting the works of 118 more searches takes 1,180 credits, this run may spend 1,000 and has spent"
        " 0: ask for fewer works (a narrower filter, fewer technologies or years), or raise max_credits"
        " (--max-credits) above 1,180"
    )
