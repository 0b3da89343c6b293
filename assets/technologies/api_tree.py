"""Boolean searches of the OpenAlex API: their tree, how they are written and how they are divided.

What a query becomes is `assets.technologies.api_queries`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from assets.errors import CollaborationError

_WILDCARD = re.compile(r"[*?]")


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other, or one word; `*` stands for any letters, `?` for one."""

    words: tuple[str, ...]

    @property
    def stands_alone(self) -> bool:
        """Whether the API understands it as a whole value only, not among AND and OR."""
        return len(self.words) > 1 and any(map(is_wild, self.words))

    def __str__(self) -> str:
        return self.words[0] if len(self.words) == 1 else f'"{" ".join(self.words)}"'


@dataclass(frozen=True)
class AllOf:
    """Two or more parts that must all be found, none of them an `AllOf`."""

    parts: "tuple[Search, ...]"


@dataclass(frozen=True)
class AnyOf:
    """Two or more parts of which one must be found, none of them an `AnyOf`."""

    parts: "tuple[Search, ...]"


Search: TypeAlias = Phrase | AllOf | AnyOf


def is_wild(word: str) -> bool:
    """Whether a word has a wildcard."""
    return _WILDCARD.search(word) is not None


def find_all(parts: Iterable[Search]) -> Search:
    """The conjunction of one or more searches."""
    flat = _flat(parts, AllOf)
    return flat[0] if len(flat) == 1 else AllOf(flat)


def find_any(parts: Iterable[Search]) -> Search:
    """The disjunction of one or more searches."""
    flat = _flat(parts, AnyOf)
    return flat[0] if len(flat) == 1 else AnyOf(flat)


def find_words(words: Iterable[str]) -> Search:
    """All of one or more words, anywhere."""
    return find_all(Phrase((word,)) for word in words)


def alternatives(search: Search) -> tuple[Search, ...]:
    """Searches of which one must find a work."""
    return search.parts if isinstance(search, AnyOf) else (search,)


def notation(search: Search) -> str:
    """The search as a part of a larger one; a phrase that stands alone becomes its words."""
    match search:
        case Phrase(words):
            return notation(find_words(words)) if search.stands_alone else str(search)
        case AllOf(parts):
            return in_parentheses(" AND ".join(map(notation, parts)))
        case AnyOf(parts):
            return in_parentheses(" OR ".join(map(notation, parts)))


def in_parentheses(text: str) -> str:
    """Grouped; the API has refused a `*` in a word right behind a parenthesis, hence the blank."""
    return f"( {text})"


def pieces(search: Search, fits: Callable[[Search], bool]) -> Iterator[Search]:
    """Searches that fit; together they find what this one finds, or more where nothing else fits.

    Raises:
        CollaborationError: A word does not fit by itself.
    """
    if fits(search):
        yield search
    else:
        for part in _divided(search):
            yield from pieces(part, fits)


def _divided(search: Search) -> tuple[Search, ...]:
    match search:
        case Phrase(words):
            raise CollaborationError(
                f"a word of {max(map(len, words)):,} letters is too long for it: shorten it with `*`"
            )
        case AnyOf(parts):
            middle = len(parts) // 2
            return find_any(parts[:middle]), find_any(parts[middle:])
        case AllOf(parts):
            longest = _longest(part for part in parts if isinstance(part, AnyOf))
            if longest is None:
                dropped = _longest(parts)
                return (find_all(part for part in parts if part != dropped),)
            halves = _divided(longest)
            return tuple(find_all(half if part == longest else part for part in parts) for half in halves)


def _longest(searches: Iterable[Search]) -> Search | None:
    return max(searches, key=lambda search: len(notation(search)), default=None)


def _flat(parts: Iterable[Search], kind: type[AllOf] | type[AnyOf]) -> tuple[Search, ...]:
    """Parts with those of nested searches of the same kind, each once."""
    found: dict[Search, None] = {}
    for part in parts:
        match part:
            case AllOf(nested) | AnyOf(nested) if isinstance(part, kind):
                found.update(dict.fromkeys(nested))
            case _:
                found[part] = None
    return tuple(found)
