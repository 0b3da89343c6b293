"""What a person asks the OpenAlex API for, as they write it, checked for what goes together.

Turning it into searches belongs to `assets.pull.technology_searches` and `assets.pull.into_landing`.
"""

import re
from dataclasses import dataclass

from assets.errors import CollaborationError
from assets.pull.api_request import ApiSearch
from assets.staleness import YearRange

_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?", re.ASCII)


@dataclass(frozen=True)
class Asked:
    """Works of technologies, or those of a filter and a search.

    Raises CollaborationError when nothing chooses works or both ways do.
    """

    filter: str | None = None
    """In the API's notation."""
    search: str | None = None
    technologies: str | None = None
    """Ids separated by commas, or `all`."""
    years: str | None = None
    """Of publication, as `2005-2024` or `2020`, with technologies only; None means all years in scope."""
    max_credits: int | None = None
    name: str | None = None
    """Of the drop."""

    def __post_init__(self) -> None:
        if self.technologies is None:
            ApiSearch(self.filter, self.search)
            if self.years is not None:
                raise CollaborationError(
                    "Years go with technologies (--years with --technologies); a filter says its own, as"
                    " publication_year:2005-2024"
                )
        elif self.filter is not None or self.search is not None:
            raise CollaborationError(
                "The queries of the technologies say which works to pull: leave filter and search out"
                " (--filter, --search), or leave technologies out (--technologies)"
            )
        elif self.years is not None:
            year_range(self.years)


def year_range(text: str) -> YearRange:
    """`2005-2024` or `2020`; raises CollaborationError when it is neither."""
    match = _YEARS.fullmatch(text.strip())
    years = None if match is None else YearRange(int(match[1]), int(match[2] or match[1]))
    if years is None or years.start > years.end:
        raise CollaborationError(
            f"The years {text!r} are no year and no range of years: write 2020, or 2005-2024"
        )
    return years
