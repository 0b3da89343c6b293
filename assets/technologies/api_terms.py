"""Terms of a query as the OpenAlex API can search for them.

Here belongs what one word or phrase becomes; operators belong to `assets.technologies.api_queries`.
What the API takes, as of 2026:

- `title_and_abstract.search.exact` looks for words as written. The same without `.exact` reduces words
  to stems, drops some such as "of", and refuses wildcards.
- `*` and `?` stand in a word or at its end; `*` wants three letters or digits ahead of it, and no word
  can have both.
- A quoted phrase with wildcards is understood only as a whole value, not among AND and OR. Two of its
  words may have one then, each `*` after four letters or digits.
- Text is parted into words by the rules of Unicode: `Shor's` and `802.11` stay whole.
"""

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from assets.technologies.api_tree import Phrase, Search, find_all, find_any, is_wild
from assets.technologies.expressions import Term

_MIN_STEM: Final = 3
"""Letters and digits before a `*`."""
_MIN_STEM_OF_TWO: Final = 4
"""The same in a phrase where another word has a wildcard, too."""
_MAX_WILD_WORDS: Final = 2
"""In a phrase."""
_MAX_PHRASE_LENGTH: Final = 80
"""Characters; of longer phrases the API takes three at once."""
_MAX_PHRASES: Final = 4
"""For one term, before its words are searched for one by one."""
_MAX_PARTINGS: Final = 16
"""Of a phrase into words; each number behind another doubles them."""

_UP_TO_WILDCARD = re.compile(r"[^*?$]*")
_SIGN = re.compile(r"[*?$]")


def search_of_term(term: Term) -> Search | None:
    """What finds every title and abstract a term is in; None where the API cannot look for it."""
    partings = list(islice(_partings(term.words), _MAX_PARTINGS + 1))
    found = [search for words in partings if (search := _search_of_words(words)) is not None]
    return find_any(found) if len(found) == len(partings) <= _MAX_PARTINGS else None


def _partings(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A phrase as the API may part it into words."""
    if len(words) < 2:
        yield words
        return
    first, second, *rest = words
    for others in _partings((second, *rest)):
        yield first, *others
    if second == "s" or (first[-1].isdigit() and second[0].isdigit()):
        yield from _partings((f"{first}?{second}", *rest))


def _search_of_words(words: tuple[str, ...]) -> Search | None:
    """The words as phrases, or else all those of them the API can look for, anywhere."""
    ways = [ways_to_write(word) for word in words]
    if len(words) == 1:
        return find_any(Phrase((way,)) for way in ways[0]) if ways[0] else None
    if all(ways):
        phrases = list(islice(map(Phrase, product(*map(_ways_in_phrase, words))), _MAX_PHRASES + 1))
        if len(phrases) <= _MAX_PHRASES and all(map(_is_taken, phrases)):
            return find_any(phrases)
    anywhere = [find_any(Phrase((way,)) for way in word) for word in ways if word]
    return find_all(anywhere) if anywhere else None


def ways_to_write(word: str) -> tuple[str, ...]:
    """Words of which one is wherever a word of a query is.

    Empty when the API cannot look for it: a wildcard is at its beginning or too near to it.
    """
    stem, signs = _stem(word), _SIGN.findall(word)
    if not signs:
        return (word,)
    if not stem:
        return ()
    if "*" not in signs and signs.count("$") <= 1:
        return _with_one_letter_or_none(word)
    if len(stem) < _MIN_STEM:
        return ()
    return (word,) if set(signs) == {"*"} else (f"{stem}*",)


def _with_one_letter_or_none(word: str) -> tuple[str, ...]:
    """A word without `*` and with one `$` at most."""
    if "$" not in word:
        return (word,)
    without, with_one = word.replace("$", ""), word.replace("$", "?")
    if not word.endswith("$"):
        return without, with_one
    # Plurals are what `$` is there for: they are found even if `?` at the end is taken for punctuation.
    return without, f"{without}s", with_one


def _ways_in_phrase(word: str) -> tuple[str, ...]:
    """The same for a word of a phrase: few, since each makes one more phrase."""
    stem = _stem(word)
    if word == f"{stem}$" and len(stem) >= _MIN_STEM_OF_TWO:
        return (f"{stem}*",)
    return ways_to_write(word)


def _is_taken(phrase: Phrase) -> bool:
    wild = [word for word in phrase.words if is_wild(word)]
    if len(str(phrase)) > _MAX_PHRASE_LENGTH or len(wild) > _MAX_WILD_WORDS:
        return False
    return len(wild) < _MAX_WILD_WORDS or all(
        len(_stem(word)) >= _MIN_STEM_OF_TWO for word in wild if "*" in word
    )


def _stem(word: str) -> str:
    """Its beginning up to the first wildcard."""
    found = _UP_TO_WILDCARD.match(word)
    return found[0] if found else ""
