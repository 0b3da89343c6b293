"""Pulling works from the OpenAlex API into a drop: estimate, page through, complete, lay down.

The request is `assets.pull.api_request`, one HTTP exchange `api_client`, money `api_cost`, what is kept
between runs `api_kept`, the drop `api_drop`, what is said of it at the end `api_result`. Nothing here
locks: one pull at a time in a landing folder is the caller's part.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Final

from assets.errors import CollaborationError
from assets.pull.api_client import ApiClient, ApiError
from assets.pull.api_cost import BudgetSpentError, CostEstimate, SearchEstimate, check_counting
from assets.pull.api_drop import Landing
from assets.pull.api_kept import Kept
from assets.pull.api_pages import Pages, look
from assets.pull.api_request import LISTED_AUTHORS, ApiRequest
from assets.pull.api_result import ApiPull, nothing_matches, result

_ASKS_FOR_REPEATS: Final = 2
_CURSOR_REFUSED: Final = frozenset({400, 403, 404, 410, 422})


@dataclass(frozen=True)
class ApiProgress:
    """How far a pull has come."""

    searches: int
    counted: int
    """Searches whose works the API has counted; all of them once pages are asked for."""
    searches_done: int
    """Searches at their ends."""
    works: int
    """Kept, those of several searches counted with each."""
    works_expected: int
    """As the API counts them, likewise."""
    works_before: int
    """Of `works`, those an earlier run kept."""
    pages: int
    completed: int
    """Works fetched again on their own, for all their authors."""
    to_complete: int
    """Works to fetch again; known when all pages are there, 0 before."""
    credits: int
    """Spent by this run."""
    seconds: float
    """Since this run began."""

    @property
    def works_per_second(self) -> float:
        """New works a second of this run; 0 before the first."""
        return (self.works - self.works_before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """For the pages, at the rate so far; None while there is none."""
        rate = self.works_per_second
        return max(self.works_expected - self.works, 0) / rate if rate > 0 else None


def estimate_api_pull(
    request: ApiRequest,
    client: ApiClient,
    kept: Kept,
    on_counted: Callable[[int], None] = lambda _: None,
) -> CostEstimate:
    """What is still to be paid for all of it; costs itself as much as one page of each search.

    Searches whose works were counted by an earlier run are not counted again, except for the one to go
    on with: from the answer it is known what may be spent. `on_counted` gets how many are counted.

    Raises ApiError when the API cannot be used, BudgetSpentError when not even this can be paid.
    """
    counts = kept.counts()
    listed = [pages.cursor is None for pages in kept.searches]
    ask = [number for number, count in enumerate(counts) if count is None]
    if (following := listed.index(False)) not in ask:
        ask.insert(0, following)
    for position, number in enumerate(ask):
        check_counting(
            [client.page_price(request.searches[other]) for other in ask[position:]], client.budget
        )
        counts[number] = client.count(request.searches[number])
        on_counted(len(counts) - len(ask) + position + 1)
    return CostEstimate(
        tuple(
            SearchEstimate(count or 0, pages.delivered, client.page_price(search), is_listed)
            for count, pages, search, is_listed in zip(
                counts, kept.searches, request.searches, listed, strict=True
            )
        )
    )


def pull_api(  # noqa: PLR0913 - each argument is one decision of the caller
    request: ApiRequest,
    landing: Path,
    state: Path,
    on_progress: Callable[[ApiProgress], None],
    announce: Callable[[str], None],
    *,
    client: ApiClient | None = None,
    today: Callable[[], date] = lambda: datetime.now(UTC).date(),
) -> ApiPull:
    """Pull all works that match into one drop in the landing folder.

    Goes on where an earlier run of the same request stopped, killed or not. `state` is a folder that
    lives as long as the store; a small file is in it while a drop is put in place.

    Raises:
        BudgetSpentError: The credits do not suffice, before anything is pulled or on the way.
        ApiError: The API refuses the request or fails for long.
        CollaborationError: Something cannot be written.
    """
    target = Landing(request, landing, state)
    if (landed := target.finish()) is not None:
        announce(f"The last pull had only to be put in place: drop {landed.name!r}")
        return result(landing, landed, announce)
    kept = Kept(target.staging, len(request.searches))
    with client or ApiClient(request, announce) as connected:
        try:
            if not _Pull(request, connected, kept, on_progress, announce).run():
                return nothing_matches(request, connected.budget.used, announce)
        except (ApiError, BudgetSpentError) as error:
            raise _with_what_is_kept(error, kept) from error
        return result(landing, target.land(kept, today()), announce)


class _Pull:
    """One run: everything between the first request and the last."""

    def __init__(
        self,
        request: ApiRequest,
        client: ApiClient,
        kept: Kept,
        on_progress: Callable[[ApiProgress], None],
        announce: Callable[[str], None],
    ) -> None:
        self._kept = kept
        self._request = request
        self._client = client
        self._on_progress = on_progress
        self._announce = announce
        self._counts = [count or 0 for count in kept.counts()]
        self._works_before = kept.delivered
        self._began = monotonic()

    def run(self) -> bool:
        """Keep all pages and complete records; False when no work matches."""
        if not self._kept.listed:
            if not self._is_worth_it():
                return False
            for number, pages in enumerate(self._kept.searches):
                if pages.cursor is not None:
                    self._page_through(number)
        self._complete()
        return True

    def _is_worth_it(self) -> bool:
        estimate = self._estimate()
        if estimate.works == 0 and not self._kept.pages:
            return False
        self._agree_to(estimate)
        return True

    def _estimate(self) -> CostEstimate:
        estimate = estimate_api_pull(
            self._request, self._client, self._kept, lambda counted: self._report(counted=counted)
        )
        self._counts = [search.works for search in estimate.searches]
        return estimate

    def _agree_to(self, estimate: CostEstimate) -> None:
        self._announce(estimate.sentence(self._client.budget))
        estimate.check(self._client.budget)
        self._kept.keep_counts(self._counts)

    def _page_through(self, number: int) -> None:
        pages = self._kept.searches[number]
        resumed = bool(pages.heads)
        if resumed:
            self._announce(
                f"Going on{self._with_search(number)} after page {len(pages.heads):,},"
                " which an earlier run kept"
            )
        while (cursor := pages.cursor) is not None:
            try:
                self._keep_next(number, pages, cursor)
            except ApiError as error:
                if not resumed or error.status not in _CURSOR_REFUSED:
                    raise
                self._start_again(number, error)
                pages = self._kept.searches[number]
            resumed = False
            self._report()

    def _start_again(self, number: int, error: ApiError) -> None:
        """A filter the API refuses was found by the estimate, so this is about the cursor."""
        pages = self._kept.searches[number]
        self._announce(
            f"The API does not go on{self._with_search(number)} after page {len(pages.heads):,} any more"
            f" (HTTP {error.status}): starting again with page 1"
        )
        self._works_before -= pages.delivered
        self._kept.forget(number)
        self._agree_to(self._estimate())

    def _with_search(self, number: int) -> str:
        searches = len(self._request.searches)
        return f" with search {number + 1:,} of {searches:,}" if searches > 1 else ""

    def _keep_next(self, number: int, pages: Pages, cursor: str) -> None:
        search = self._request.searches[number]
        page = self._client.page(search, cursor)
        repeats = 0
        spent = page.credits
        while pages.has(page.records) and repeats < _ASKS_FOR_REPEATS:
            repeats += 1
            page = self._client.page(search, cursor)
            spent += page.credits
        if pages.has_cursor(page.next_cursor) or page.next_cursor == cursor:
            raise ApiError(
                f"The OpenAlex API leads{self._with_search(number)} from page {len(pages.heads) + 1:,}"
                f" back to an earlier one, asked {repeats + 1} times: run the same again later"
            )
        pages.keep(cursor, page.costing(spent), repeats)
        self._counts[number] = page.count

    def _complete(self) -> None:
        """Fetch the works that lists may cut one by one, where that has not been done."""
        cut = self._kept.cut
        missing = [number for number in cut if not self._kept.has_complete(number)]
        done = len(cut) - len(missing)
        for position, number in enumerate(missing, 1):
            before = self._client.budget.used
            record = self._client.single(f"W{number}")
            # A work merged into another one comes back under the other's id.
            gone = record is None or look(record).work_id != f"W{number}"
            self._kept.keep_complete(number, b"" if gone or record is None else record)
            if position == 1:
                self._announce_completion(len(missing), self._client.budget.used - before)
            self._report(done + position, len(cut))

    def _announce_completion(self, works: int, price: int) -> None:
        cost = f"{price} credits each, {works * price:,} in all" if price else "which costs no credits"
        self._announce(
            f"Lists name {LISTED_AUTHORS} authors at most: {works:,} works are fetched again on their own,"
            f" {cost}"
        )

    def _report(self, completed: int = 0, to_complete: int = 0, counted: int | None = None) -> None:
        kept = self._kept
        self._on_progress(
            ApiProgress(
                searches=len(kept.searches),
                counted=len(kept.searches) if counted is None else counted,
                searches_done=sum(pages.cursor is None for pages in kept.searches),
                works=kept.delivered,
                works_expected=sum(self._counts),
                works_before=self._works_before,
                pages=kept.pages,
                completed=completed,
                to_complete=to_complete,
                credits=self._client.budget.used,
                seconds=monotonic() - self._began,
            )
        )


def _with_what_is_kept(error: CollaborationError, kept: Kept) -> CollaborationError:
    if not kept.pages:
        return error
    told = (
        f"{error}. {kept.pages:,} page{'s' if kept.pages > 1 else ''} ({kept.delivered:,} works) are"
        f" kept in {str(kept.folder)!r}; the same again goes on from there"
    )
    return ApiError(told, error.status) if isinstance(error, ApiError) else BudgetSpentError(told)
