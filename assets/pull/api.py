"""Pulling works from the OpenAlex API into a drop: estimate, page through, complete, lay down.

The request is `assets.pull.api_request`, one HTTP exchange `api_client`, money `api_cost`, what is kept
between runs `api_pages`, the drop `api_drop`. Nothing here locks: one pull at a time in a landing
folder is the caller's part.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Final

from assets.errors import CollaborationError
from assets.pull.api_client import ApiClient, ApiError
from assets.pull.api_cost import BudgetSpentError, CostEstimate
from assets.pull.api_drop import Landed, Landing, Tally
from assets.pull.api_pages import Pages, look
from assets.pull.api_request import LISTED_AUTHORS, PER_PAGE, ApiRequest

Announce = Callable[[str], None]

_ASKS_FOR_REPEATS: Final = 2
_CURSOR_REFUSED: Final = frozenset({400, 403, 404, 410, 422})


@dataclass(frozen=True)
class ApiProgress:
    """How far a pull has come."""

    works: int
    """Distinct works kept."""
    works_expected: int
    """As the API counts them."""
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


@dataclass(frozen=True)
class ApiPull:
    """What came of a pull."""

    drop: Path | None
    """The folder laid down; None when no work matches."""
    tally: Tally
    expected: int
    """Works that match, as of the last page."""
    repeated_pages: int
    """Pages the server sent again in place of the next, each asked for once more."""
    credits: int
    """Spent on pages, over all runs that took part."""


def estimate_api_pull(request: ApiRequest, client: ApiClient) -> CostEstimate:
    """What pulling all of it would cost; costs itself as much as one page.

    Raises ApiError when the API cannot be used, BudgetSpentError when not even this can be paid.
    """
    return CostEstimate(client.count(request.wanted), 0, client.page_price)


def pull_api(  # noqa: PLR0913 - each argument is one decision of the caller
    request: ApiRequest,
    landing: Path,
    state: Path,
    on_progress: Callable[[ApiProgress], None],
    announce: Announce,
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
        return _result(landing, landed, announce)
    with client or ApiClient(request, announce) as connected:
        pull = _Pull(request, connected, Pages(target.staging), on_progress, announce)
        try:
            if not pull.run():
                announce(f"No work matches {request.described}: there is no drop")
                return ApiPull(None, Tally(), 0, 0, connected.budget.used)
        except (ApiError, BudgetSpentError) as error:
            raise _with_what_is_kept(error, pull.pages) from error
        return _result(landing, target.land(pull.pages, today()), announce)


class _Pull:
    """One run: everything between the first request and the last."""

    def __init__(
        self,
        request: ApiRequest,
        client: ApiClient,
        pages: Pages,
        on_progress: Callable[[ApiProgress], None],
        announce: Announce,
    ) -> None:
        self.pages = pages
        self._request = request
        self._client = client
        self._on_progress = on_progress
        self._announce = announce
        self._works_before = pages.works
        self._began = monotonic()

    def run(self) -> bool:
        """Keep all pages and complete records; False when no work matches."""
        if self.pages.cursor is not None:
            if not self._is_worth_it():
                return False
            self._page_through()
        self._complete()
        return True

    def _is_worth_it(self) -> bool:
        whole = estimate_api_pull(self._request, self._client)
        kept = self.pages.works
        if whole.works == 0 and not kept:
            return False
        left = CostEstimate(whole.works, min(kept, whole.works), whole.credits_a_call)
        self._announce(left.sentence(self._client.budget))
        left.check(self._client.budget)
        if self.pages.heads:
            self._announce(f"Going on after page {len(self.pages.heads):,}, which an earlier run kept")
        return True

    def _page_through(self) -> None:
        resumed = bool(self.pages.heads)
        while (cursor := self.pages.cursor) is not None:
            try:
                self._keep_next(cursor)
            except ApiError as error:
                if not resumed or error.status not in _CURSOR_REFUSED:
                    raise
                self._start_again(error)
            resumed = False
            self._report(0, 0)

    def _start_again(self, error: ApiError) -> None:
        """A filter the API refuses was found by the estimate, so this is about the cursor."""
        self._announce(
            f"The API does not go on after page {len(self.pages.heads):,} any more (HTTP {error.status}):"
            " starting again with page 1"
        )
        shutil.rmtree(self.pages.folder)
        self.pages = Pages(self.pages.folder)
        self._works_before = 0
        whole = CostEstimate(estimate_api_pull(self._request, self._client).works, 0, self._client.page_price)
        self._announce(whole.sentence(self._client.budget))
        whole.check(self._client.budget)

    def _keep_next(self, cursor: str) -> None:
        page = self._client.page(self._request.wanted, cursor)
        repeats = 0
        spent = page.credits
        while self.pages.has(page.records) and repeats < _ASKS_FOR_REPEATS:
            repeats += 1
            page = self._client.page(self._request.wanted, cursor)
            spent += page.credits
        if self.pages.has_cursor(page.next_cursor) or page.next_cursor == cursor:
            raise ApiError(
                f"The OpenAlex API leads from page {len(self.pages.heads) + 1:,} back to an earlier one,"
                f" asked {repeats + 1} times: run the same again later"
            )
        self.pages.keep(cursor, page.costing(spent), repeats)

    def _complete(self) -> None:
        """Fetch the works that lists may cut one by one, where that has not been done."""
        cut = self.pages.cut_works
        missing = [work_id for work_id in cut if not self.pages.has_complete(work_id)]
        done = len(cut) - len(missing)
        for number, work_id in enumerate(missing, 1):
            before = self._client.budget.used
            record = self._client.single(work_id)
            # A work merged into another one comes back under the other's id.
            gone = record is None or look(record).work_id != work_id
            self.pages.keep_complete(work_id, b"" if gone or record is None else record)
            if number == 1:
                self._announce_completion(len(missing), self._client.budget.used - before)
            self._report(done + number, len(cut))

    def _announce_completion(self, works: int, price: int) -> None:
        cost = f"{price} credits each, {works * price:,} in all" if price else "which costs no credits"
        self._announce(
            f"Lists name {LISTED_AUTHORS} authors at most: {works:,} works are fetched again on their own,"
            f" {cost}"
        )

    def _report(self, completed: int, to_complete: int) -> None:
        pages = self.pages
        self._on_progress(
            ApiProgress(
                works=pages.works,
                works_expected=pages.heads[-1].count if pages.heads else 0,
                works_before=self._works_before,
                pages=len(pages.heads),
                completed=completed,
                to_complete=to_complete,
                credits=self._client.budget.used,
                seconds=monotonic() - self._began,
            )
        )


def _with_what_is_kept(error: CollaborationError, pages: Pages) -> CollaborationError:
    if not pages.heads:
        return error
    kept = (
        f"{error}. {len(pages.heads):,} page{'s' if len(pages.heads) > 1 else ''} ({pages.works:,} works) are"
        f" kept in {str(pages.folder)!r}; the same again goes on from there"
    )
    return ApiError(kept, error.status) if isinstance(error, ApiError) else BudgetSpentError(kept)


def _result(landing: Path, landed: Landed, announce: Announce) -> ApiPull:
    tally = landed.tally
    announce(f"Drop {landed.name!r}: {tally.works:,} works{_particulars(landed)}")
    if tally.works != landed.expected:
        announce(
            f"OpenAlex counts {landed.expected:,} works, {tally.works:,} were delivered: works change while"
            " they are pulled; pull again to be sure"
        )
    if tally.still_cut:
        announce(
            f"{tally.still_cut:,} works may lack authors: OpenAlex did not give all of them on their own,"
            " either"
        )
    return ApiPull(landing / landed.name, tally, landed.expected, landed.repeated_pages, landed.credits)


def _particulars(landed: Landed) -> str:
    tally = landed.tally
    counted = {
        "fetched again for all their authors": tally.completed,
        "further versions of works that changed meanwhile": tally.versions,
        "records left out as exact repeats": tally.exact_repeats,
        "records left out for the complete one": tally.replaced,
        f"pages of {PER_PAGE} sent twice and asked for again": landed.repeated_pages,
    }
    return "".join(f", {count:,} {what}" for what, count in counted.items() if count)
