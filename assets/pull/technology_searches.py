"""The searches of the OpenAlex API for technologies of the catalogue, by their ids.

What one technology becomes is decided by `assets.technologies.api_searches`; here they are chosen and
united.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from assets.errors import CollaborationError
from assets.pull.api_request import ApiSearch
from assets.staleness import YearRange
from assets.technologies.api_searches import searches
from assets.technologies.catalogue import Catalogue, Technology

ALL: Final = "all"
_NEAR_ONES: Final = 3


@dataclass(frozen=True)
class Wanted:
    """Searches, and what they are for."""

    searches: tuple[ApiSearch, ...]
    title: str | None = None
    """None where a single search says it itself."""


def wanted_of(catalogue: Catalogue, technologies: str, years: YearRange) -> Wanted:
    """Searches that together bring the works of technologies in some years, and more; each once.

    Args:
        catalogue: Where they are.
        technologies: Ids separated by commas, or `all`.
        years: Of publication.

    Raises:
        CollaborationError: A technology is unknown, or the API cannot search for its query.
    """
    chosen = _chosen(catalogue.technologies, technologies)
    filters = dict.fromkeys(wanted for technology in chosen for wanted in searches(technology, years))
    whole = technologies.strip() == ALL
    named = f"all {len(chosen)} technologies" if whole else ", ".join(one.id for one in chosen)
    return Wanted(tuple(ApiSearch(filter=wanted) for wanted in filters), f"{named}, {years}")


def _chosen(technologies: Sequence[Technology], text: str) -> list[Technology]:
    """In the order of the catalogue, so that the same ones are the same request."""
    named = {part.strip() for part in text.split(",")} - {""}
    if named == {ALL}:
        return list(technologies)
    unknown = sorted(named - {technology.id for technology in technologies})
    if unknown or not named:
        raise CollaborationError(_refusal(unknown, [technology.id for technology in technologies]))
    return [technology for technology in technologies if technology.id in named]


def _refusal(unknown: Sequence[str], ids: Sequence[str]) -> str:
    if not unknown:
        return f"No technology is named: give ids of the catalogue separated by commas, or {ALL}"
    if ALL in unknown:
        return f"{ALL} stands for every technology of the catalogue: name no other beside it"
    told = "; ".join(f"no technology has the id {one!r}{_near(one, ids)}" for one in unknown)
    return f"{told[0].upper()}{told[1:]}. Give ids of the catalogue separated by commas, or {ALL}"


def _near(text: str, ids: Sequence[str]) -> str:
    """Those that hold what was written, and those written nearly so."""
    written = "-".join(text.lower().split())
    holding = [one for one in ids if written in one]
    near = list(dict.fromkeys((*holding, *get_close_matches(written, ids, _NEAR_ONES))))[:_NEAR_ONES]
    return f" (near it: {', '.join(near)})" if near else ""
