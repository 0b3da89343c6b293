"""The searches of the OpenAlex API that bring the works of a technology, and more.

Whole filters belong here: what is searched for, in which years, and how much fits into one address.
The searches themselves are made by `assets.technologies.api_queries`, requests by `assets.pull`.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote_plus

from assets.errors import CollaborationError
from assets.staleness import YearRange
from assets.technologies.api_queries import search_of
from assets.technologies.api_tree import Phrase, Search, alternatives, in_parentheses, notation, pieces
from assets.technologies.catalogue import Technology
from assets.technologies.expressions import Expression

MAX_FILTER_BYTES: Final = 3_300
"""Of a filter as it stands, percent-encoded, in an address. The API takes addresses of 4,094 bytes;
the rest of them is for the fields asked for and the cursor, whose length the API chooses."""
_MAX_ALTERNATIVES: Final = 100
"""Of one filter."""
_FIELD: Final = "title_and_abstract.search.exact"


def searches(technology: Technology, years: YearRange) -> list[str]:
    """Filters of the API that together bring the works of a technology in some years, and more.

    A work may come with several of them. All works that match come, but for what no search reaches:

    - works that match by a keyword alone: the API does not search keywords for words;
    - words the API sees otherwise than `assets.technologies.text` does. It keeps diacritics (write `?` for
      such a letter to find both), does not part words at an apostrophe, an underscore or a full stop
      without a blank, and does not join index numbers set with tags.

    Raises:
        CollaborationError: The API cannot search for a term by which alone works may match.
    """
    try:
        texts = [] if technology.expression is None else list(_text_filters(technology.expression))
    except CollaborationError as error:
        raise CollaborationError(
            f"The query of {technology.id} cannot be put to the OpenAlex API: {error}; change the query, or"
            " pull the snapshot instead"
        ) from error
    return [f"publication_year:{years},{wanted}" for wanted in (*texts, *_topic_filters(technology.topics))]


class _TextFilter:
    """A filter being filled with searches of which one must find something."""

    def __init__(self) -> None:
        self._combined: list[str] = []
        self._alone: list[str] = []
        self._size = len(quote_plus(f"publication_year:0000-0000,{_FIELD}:{in_parentheses('')}"))

    def takes(self, search: Search) -> bool:
        """Whether there is room for one more."""
        # The combined ones are one alternative.
        alternatives_then = 1 + len(self._alone) + 1
        return self._size + _size(search) <= MAX_FILTER_BYTES and alternatives_then <= _MAX_ALTERNATIVES

    def add(self, search: Search) -> None:
        self._size += _size(search)
        (self._alone if _stands_alone(search) else self._combined).append(_text(search))

    def __str__(self) -> str:
        # The API cuts "and" and "not" off the end of a value, even off a word: a parenthesis is behind it.
        combined = [in_parentheses(" OR ".join(self._combined))] if self._combined else []
        return f"{_FIELD}:{'|'.join((*combined, *self._alone))}"


def _text_filters(expression: Expression) -> Iterator[str]:
    filling: _TextFilter | None = None
    for alternative in alternatives(search_of(expression)):
        for search in pieces(alternative, _TextFilter().takes):
            if filling is not None and not filling.takes(search):
                yield str(filling)
                filling = None
            filling = filling or _TextFilter()
            filling.add(search)
    if filling is not None:
        yield str(filling)


def _topic_filters(topics: tuple[str, ...]) -> Iterator[str]:
    for start in range(0, len(topics), _MAX_ALTERNATIVES):
        yield f"topics.id:{'|'.join(topics[start : start + _MAX_ALTERNATIVES])}"


def _stands_alone(search: Search) -> bool:
    return isinstance(search, Phrase) and search.stands_alone


def _text(search: Search) -> str:
    return str(search) if isinstance(search, Phrase) else notation(search)


def _size(search: Search) -> int:
    """Bytes of a search in an address and of what parts it from the next."""
    return len(quote_plus(_text(search) + ("|" if _stands_alone(search) else " OR ")))
