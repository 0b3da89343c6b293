"""What pulling from the OpenAlex API costs, in credits, and what is left to spend.

1 credit is 0.0001 USD; the free allowance of a day ends at midnight UTC. A list page costs 1 credit, a
page of a search 10, a single work nothing (as of 2026); all of it is read from the headers of each
response, so a change of prices needs none here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from assets.errors import CollaborationError
from assets.pull.api_request import PER_PAGE

_CREDITS_A_USD: Final = 10_000
_LIST_PRICE: Final = 1
_SEARCH_PRICE: Final = 10
_FEWER_WORKS: Final = "ask for fewer works (a narrower filter, fewer technologies or years)"

# Credits are older, USD may outlive them: https://developers.openalex.org/api-reference/authentication
_LIMIT: Final = ("X-RateLimit-Limit", "X-RateLimit-Limit-USD")
_REMAINING: Final = ("X-RateLimit-Remaining", "X-RateLimit-Remaining-USD")
_PREPAID: Final = ("X-RateLimit-Onetime-Remaining", "X-RateLimit-Prepaid-Remaining-USD")
_PRICE: Final = ("X-RateLimit-Credits-Used", "X-RateLimit-Cost-USD")
_RESET: Final = "X-RateLimit-Reset"


class BudgetSpentError(CollaborationError):
    """There are no credits left to go on with, of the day or of what the run may spend."""


@dataclass
class Budget:
    """What is left to spend, as of the last response."""

    max_credits: int | None
    """What this run may spend in all; None keeps to the free allowance of the day."""
    limit: int | None = None
    """Free credits of a day; None until a response tells."""
    remaining: int | None = None
    """Free credits left of the day."""
    prepaid: int = 0
    """Credits bought, used when the day's are spent."""
    used: int = 0
    """Credits spent by this run."""
    resets_at: datetime | None = None
    """When the free credits are there again (UTC)."""

    def note(self, headers: Mapping[str, str], now: datetime) -> int:
        """Take over what a response says; gives the credits it cost."""
        self.limit = _credits(headers, _LIMIT, self.limit)
        self.remaining = _credits(headers, _REMAINING, self.remaining)
        self.prepaid = _credits(headers, _PREPAID, self.prepaid) or 0
        seconds = _number(headers.get(_RESET))
        self.resets_at = _next_midnight(now) if seconds is None else now + timedelta(seconds=seconds)
        cost = _credits(headers, _PRICE, 0) or 0
        self.used += cost
        return cost

    @property
    def of_today(self) -> int | None:
        """Credits this run may still spend today; None when no response told what is left."""
        if self.remaining is None:
            return None if self.max_credits is None else self.max_credits - self.used
        if self.max_credits is None:
            return self.remaining
        return min(self.remaining + self.prepaid, self.max_credits - self.used)

    def check(self, price: int) -> None:
        """Raise BudgetSpentError when the next request, of that price, would go beyond the budget."""
        if self.of_today is None or price <= self.of_today:
            return
        if self.max_credits is not None and self.used + price > self.max_credits:
            raise BudgetSpentError(
                f"This run has spent {self.used:,} of the {self.max_credits:,} credits it may"
                " (max_credits, --max-credits): run the same again to spend as much once more"
            )
        raise BudgetSpentError(self.until_reset)

    @property
    def until_reset(self) -> str:
        """The sentence for a day whose credits are spent."""
        when = "midnight UTC" if self.resets_at is None else f"{self.resets_at:%Y-%m-%d %H:%M} UTC"
        left = f", {self.remaining:,} of {self.limit:,} left" if self.limit and self.remaining else ""
        return f"The OpenAlex API's credits of today are spent{left}: run the same again after {when}"


@dataclass(frozen=True)
class SearchEstimate:
    """What is still to be done of one search."""

    works: int
    """Works that match, by the API's own count."""
    kept_works: int
    """Works already kept by an earlier run."""
    credits_a_call: int
    listed: bool = False
    """Whether it is at its end."""

    @property
    def works_left(self) -> int:
        """Works still to be listed."""
        return 0 if self.listed else max(self.works - self.kept_works, 0)

    @property
    def calls(self) -> int:
        """List pages to ask for; the last is always short, hence the one more."""
        return 0 if self.listed else self.works_left // PER_PAGE + 1

    @property
    def credits(self) -> int:
        """For all list pages. Fetching works of many authors on their own is free as of 2026."""
        return self.calls * self.credits_a_call


@dataclass(frozen=True)
class CostEstimate:
    """What is still to be done of a pull; an upper bound where several searches list the same works."""

    searches: tuple[SearchEstimate, ...]

    @property
    def works(self) -> int:
        """Works that match, those of several searches counted with each."""
        return sum(search.works for search in self.searches)

    @property
    def kept_works(self) -> int:
        """The same of those an earlier run kept."""
        return sum(min(search.works, search.kept_works) for search in self.searches)

    @property
    def calls(self) -> int:
        """List pages to ask for."""
        return sum(search.calls for search in self.searches)

    @property
    def credits(self) -> int:
        """For all list pages."""
        return sum(search.credits for search in self.searches)

    def sentence(self, budget: Budget) -> str:
        """The estimate for people."""
        several = f" in {len(self.searches):,} searches" if len(self.searches) > 1 else ""
        kept = f" ({self.kept_works:,} are kept from before)" if self.kept_works else ""
        fewer = ", works in several counted with each" if several else ""
        left = "unknown" if budget.of_today is None else f"{budget.of_today:,}"
        return (
            f"OpenAlex counts {self.works:,} works{several}{kept}{fewer}:"
            f" {_counted(self.calls, 'call')}{self._at_price},"
            f" {'at most ' if several else ''}{_counted(self.credits, 'credit')} in all"
            f" ({self.credits / _CREDITS_A_USD:.4f} USD); left to spend today: {left}"
        )

    def check(self, budget: Budget) -> None:
        """Raise BudgetSpentError when this goes beyond what may be spent.

        With `max_credits` a pull may take several days: then only that limit decides.
        """
        if budget.max_credits is not None:
            if self.credits > budget.max_credits - budget.used:
                raise BudgetSpentError(
                    f"{self._need}, this run may spend {budget.max_credits:,} and has spent {budget.used:,}:"
                    f" {_FEWER_WORKS}, or raise max_credits (--max-credits) to {self._enough:,}"
                )
        elif budget.of_today is not None and self.credits > budget.of_today:
            raise BudgetSpentError(self._more_than_today(budget))

    def _more_than_today(self, budget: Budget) -> str:
        fits_a_day = budget.limit is not None and self._enough <= budget.limit
        wait = f", or wait until {budget.resets_at:%Y-%m-%d %H:%M} UTC" if fits_a_day else ""
        prepaid = f" (besides {budget.prepaid:,} prepaid)" if budget.prepaid else ""
        return (
            f"{self._need}, {budget.of_today:,} are left of today's free allowance{prepaid}:"
            f" {_FEWER_WORKS}{wait}, or set max_credits (--max-credits) to {self._enough:,}; the pull then"
            " uses prepaid credits as well, stops when they are spent and goes on when it is run again"
        )

    @property
    def _at_price(self) -> str:
        prices = {search.credits_a_call for search in self.searches}
        return f" at {_counted(prices.pop(), 'credit')}" if len(prices) == 1 else ""

    @property
    def _need(self) -> str:
        works = _counted(sum(search.works_left for search in self.searches), "work")
        return (
            f"This pull needs {_counted(self.credits, 'credit')}, {_counted(self.calls, 'call')} for {works}"
        )

    @property
    def _enough(self) -> int:
        """Credits of a run that begins anew, its estimate included."""
        return self.credits + sum(search.credits_a_call for search in self.searches)


def check_counting(prices: Sequence[int], budget: Budget) -> None:
    """Raise BudgetSpentError when not even counting the works of all searches can be paid."""
    if budget.of_today is None or sum(prices) <= budget.of_today:
        return
    if budget.max_credits is not None and budget.used + sum(prices) > budget.max_credits:
        enough = budget.used + sum(prices)
        raise BudgetSpentError(
            f"Counting the works of {_counted(len(prices), 'more search', 'more searches')} takes"
            f" {_counted(sum(prices), 'credit')}, this run may spend {budget.max_credits:,} and has spent"
            f" {budget.used:,}: {_FEWER_WORKS}, or raise max_credits (--max-credits) above {enough:,}"
        )
    raise BudgetSpentError(budget.until_reset)


def list_price(*, searches: bool) -> int:
    """Credits of a list page where no header tells, by the documentation of 2026."""
    return _SEARCH_PRICE if searches else _LIST_PRICE


def _credits(headers: Mapping[str, str], names: tuple[str, str], otherwise: int | None) -> int | None:
    direct, usd = (_number(headers.get(name)) for name in names)
    if direct is not None:
        return round(direct)
    return otherwise if usd is None else round(usd * _CREDITS_A_USD)


def _number(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def _next_midnight(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time(tzinfo=UTC))


def _counted(number: int, one: str, more: str = "") -> str:
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"
