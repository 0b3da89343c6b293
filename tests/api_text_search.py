"""What `title_and_abstract.search.exact` of the OpenAlex API finds, worked out word by word.

It knows AND, OR, NOT, parentheses, quoted phrases, `*` and `?`, and refuses what the API refuses, and all
else that is not known of it. Text is parted into words by the main rules of Unicode; letters keep their
diacritics, words their endings.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from tests.delivered_works import Json

Finds = Callable[["Text"], bool]

_WORD = re.compile(r"\w+(?:(?:(?<=[^\W\d])['’.](?=[^\W\d])|(?<=\d)[.,](?=\d))\w+)*")
_TOKEN = re.compile(r'\(|\)|"[^"]*"|[^\s()"]+')
_WHOLE_PHRASE = re.compile(r'"[^"]*"')
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_MOST_ALTERNATIVES = 100


class Text:
    """Title and abstract of a work as the API indexes them."""

    def __init__(self, work: Json) -> None:
        places = {place: word for word, at in (work["abstract_inverted_index"] or {}).items() for place in at}
        abstract = " ".join(places[place] for place in sorted(places))
        self._fields = [_in_words(work["title"] or ""), _in_words(abstract)]

    def has(self, phrase: re.Pattern[str]) -> bool:
        """Whether a phrase is in one of the fields."""
        return any(phrase.search(field) for field in self._fields)


@lru_cache(10_000)
def _in_words(text: str) -> str:
    """Its words in lower case, each between blanks."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


@cache
def finder(value: str) -> Finds:
    """What a value finds: any of its parts between `|`; raises ValueError for what the API refuses."""
    values = value.split("|")
    if len(values) > _MOST_ALTERNATIVES:
        raise ValueError(f"at most {_MOST_ALTERNATIVES} values may be joined by |")
    found = [_whole_value(one) for one in values]
    return lambda text: any(finds(text) for finds in found)


def _whole_value(value: str) -> Finds:
    # The API cuts these off the end of a value, even off a word.
    value = re.sub(r"(and|not)$", "", value)
    if _WHOLE_PHRASE.fullmatch(value) and re.search(r"[*?]", value):
        return _wild_phrase(value[1:-1].split())
    if value.count('"') % 2 or re.search(r"\(\w*\*", value):
        raise ValueError(f"{value} has an open quote, or a * right behind a parenthesis")
    remaining = iter(_TOKEN.findall(value))
    finds = _either(remaining, closing=None)
    if next(remaining, None) is not None:
        raise ValueError(f"there is more after the last parenthesis of {value}")
    return finds


def _wild_phrase(words: list[str]) -> Finds:
    wild = [word for word in words if re.search(r"[*?]", word)]
    if len(words) < 2 or len(wild) > 2:
        raise ValueError("a phrase may have wildcards in two words of several")
    if len(wild) == 2 and not all(re.match(r"\w{4}", word) for word in wild if "*" in word):
        raise ValueError("two words with wildcards need four letters before each *")
    phrase = _phrase(words)
    return lambda text: text.has(phrase)


def _either(tokens: Iterator[str], closing: str | None) -> Finds:
    """A group up to its closing parenthesis; AND and OR must not be mixed: which goes first is not known."""
    wanted = [_operand(next(tokens, ")"), tokens)]
    unwanted: list[Finds] = []
    operators: set[str] = set()
    for token in tokens:
        if token == closing:
            break
        # Words side by side must all be found.
        operator = token if token in _OPERATORS else "AND"
        operand = _operand(next(tokens, ")") if token in _OPERATORS else token, tokens)
        (unwanted if operator == "NOT" else wanted).append(operand)
        operators.add("OR" if operator == "OR" else "AND")
    else:
        if closing:
            raise ValueError("a parenthesis is not closed")
    if len(operators) > 1:
        raise ValueError("AND and OR side by side need parentheses")
    together = any if operators == {"OR"} else all
    return lambda text: (
        together(finds(text) for finds in wanted) and not any(finds(text) for finds in unwanted)
    )


def _operand(token: str, tokens: Iterator[str]) -> Finds:
    if token == "(":
        return _either(tokens, ")")
    if token == ")" or token in _OPERATORS:
        raise ValueError("an operator or a parenthesis stands where a word should")
    words = token.strip('"').split()
    if token.startswith('"') and (not words or re.search(r"[*?]", token)):
        raise ValueError(f"{token} cannot stand among other words")
    phrase = _phrase(words)
    return lambda text: text.has(phrase)


def _phrase(words: list[str]) -> re.Pattern[str]:
    """Words that follow each other."""
    return re.compile(f" {' '.join(map(_pattern, words))} ")


def _pattern(word: str) -> str:
    if re.search(r"[^\w*?]", word):
        raise ValueError(f"{word} holds a character whose meaning is not known")
    if word[0] in "*?" or ("*" in word and ("?" in word or not re.match(r"\w{3}", word))):
        raise ValueError(f"{word} has a wildcard too near to its beginning")
    return word.lower().replace("*", "[^ ]*").replace("?", "[^ ]")
