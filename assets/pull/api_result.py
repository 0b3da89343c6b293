"""What came of a pull from the OpenAlex API, as a value and in words."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assets.pull.api_drop import Landed
from assets.pull.api_merge import Tally
from assets.pull.api_request import PER_PAGE, ApiRequest


@dataclass(frozen=True)
class ApiPull:
    """What came of a pull."""

    drop: Path | None
    """The folder laid down; None when no work matches."""
    tally: Tally
    expected: int
    """Works that match, as of the last page of each search, those of several counted with each."""
    repeated_pages: int
    """Pages the server sent again in place of the next, each asked for once more."""
    credits: int
    """Spent on pages, over all runs that took part."""


def nothing_matches(request: ApiRequest, spent: int, announce: Callable[[str], None]) -> ApiPull:
    """The result without a drop; `spent` are the credits it took to know."""
    announce(f"No work matches {request.described}: there is no drop")
    return ApiPull(None, Tally(0, 0, 0, 0, 0, 0, 0), 0, 0, spent)


def result(landing: Path, landed: Landed, announce: Callable[[str], None]) -> ApiPull:
    """The result of a drop that is in place, announced."""
    tally = landed.tally
    announce(f"Drop {landed.name!r}: {tally.works:,} works{_particulars(landed)}")
    if landed.listed != landed.expected:
        announce(
            f"OpenAlex counts {landed.expected:,} works, {landed.listed:,} were delivered: works change while"
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
