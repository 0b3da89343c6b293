"""What is asked of the OpenAlex API: the searches for the works wanted, the fields of them, who asks.

Sending requests belongs to `assets.pull.api_client`, what they cost to `assets.pull.api_cost`.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Final

import msgspec

from assets.drop_scan import can_be_key
from assets.errors import CollaborationError
from assets.openalex.work import Work
from assets.pull.origin import PUBLIC_API

KEY_VARIABLE: Final = "COLLAB_OPENALEX_API_KEY"
"""Where users put their key; whoever makes a request reads it."""
PER_PAGE: Final = 100
"""The most works a list page holds, by the API's documentation of 2026."""
LISTED_AUTHORS: Final = 100
"""Lists cut the authors of a work here; the single-work endpoint does not."""

# Plain abstracts are no field of the API: it refuses to select one.
FIELDS: Final = tuple(f.encode_name for f in msgspec.structs.fields(Work) if f.encode_name != "abstract")
"""The fields of a work that are read, and no more: what is not sent need not be waited for."""


_SEARCHES_WORDS = re.compile(r"\.search(?:\.\w+)*:")


@dataclass(frozen=True)
class ApiSearch:
    """Works that are listed together, chosen at least by a filter or a search.

    Raises CollaborationError when nothing chooses.
    """

    filter: str | None = None
    """In the API's own notation, such as `publication_year:2023,authorships.countries:au`."""
    search: str | None = None
    """Words to search titles, abstracts and full texts for; such pages cost more than filtered ones."""

    def __post_init__(self) -> None:
        if not self.filter and not self.search:
            raise CollaborationError(
                "Nothing says which works to pull from the OpenAlex API: name technologies, or give a filter"
                " or a search; for all works pull the snapshot, which is free"
            )

    @property
    def parameters(self) -> dict[str, str]:
        """The query parameters that choose works."""
        asked = {"filter": self.filter, "search": self.search}
        return {name: value for name, value in asked.items() if value}

    @property
    def described(self) -> str:
        """What is wanted, on one line."""
        return ", ".join(f"{name} {json.dumps(value)}" for name, value in self.parameters.items())

    @property
    def looks_for_words(self) -> bool:
        """Whether its pages have the price of a search: by a parameter or by a part of the filter."""
        return bool(self.search) or _SEARCHES_WORDS.search(self.filter or "") is not None


@dataclass(frozen=True)
class ApiRequest:
    """The works wanted, all that any of some searches lists, and who asks.

    Raises CollaborationError when it cannot be meant.
    """

    searches: tuple[ApiSearch, ...]
    """One or more, asked one after the other."""
    title: str | None = None
    """What they are for, on one line; None where a single search says it itself."""
    api_key: str | None = field(default=None, repr=False)
    """Sent with each request, never written down; None asks within the little that goes without."""
    base_url: str = PUBLIC_API
    max_credits: int | None = None
    """Credits one run may spend, prepaid ones included; None keeps to what is left of the free day."""
    name: str | None = None
    """Of the drop; None makes one of the day and the request."""

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("https://", "http://")):
            raise CollaborationError(f"The API's address {self.base_url!r} must begin with https://")
        if self.max_credits is not None and self.max_credits < 1:
            raise CollaborationError(f"A pull cannot do with {self.max_credits} credits: allow at least 1")
        _check_key(self.api_key)
        _check_name(self.name)

    @property
    def digest(self) -> str:
        """Of all that decides which records come back and how they are paged; 12 hexadecimal digits."""
        wanted = [[search.filter or "", search.search or ""] for search in self.searches]
        asked = [self.base_url.rstrip("/"), wanted, PER_PAGE, *FIELDS]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:12]

    @property
    def described(self) -> str:
        """What is wanted, on one line."""
        return self.title or "; ".join(search.described for search in self.searches)

    def without_key(self, text: str) -> str:
        """The text with the key blotted out: a server may repeat what it was sent."""
        return text.replace(self.api_key, "***") if self.api_key else text


def _check_key(key: str | None) -> None:
    # The HTTP library would name the key in its complaint.
    if key is not None and not (key and key.isascii() and key.isprintable() and " " not in key):
        raise CollaborationError(
            f"The OpenAlex API key is empty or holds blanks or other characters no key has: copy it"
            f" into {KEY_VARIABLE} again, without quotes or line ends"
        )


def _check_name(name: str | None) -> None:
    if name is None:
        return
    if not name or "/" in name or name.startswith((".", "_")) or not can_be_key(name):
        raise CollaborationError(
            f"A drop cannot be named {name!r}: choose a name without slashes, commas, '...' and control"
            " characters that begins with neither '.' nor '_'"
        )
