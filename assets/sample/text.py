"""Titles and abstracts: sentences filled from patterns, and their inverted index as JSON.

The words come from `words` and `topics`; every other part of a record is made elsewhere. No
token holds a quotation mark, a backslash or a control character, so none needs escaping.
"""

import re
from collections.abc import Sequence
from itertools import chain
from random import Random
from typing import TypeVar

from assets.sample import words
from assets.sample.topics import TOPICS, Topic

POOL_SIZE = 256
# No pattern has more slots, so that many random bytes are always enough.
_MOST_PARTS = 8
# Coprime with the number of patterns, so that no sentence comes twice in an abstract.
_STRIDES = (1, 3, 7, 9, 11, 13, 17, 19)
_MOST_TOKENS = 2000
_PLACES = [str(place) for place in range(_MOST_TOKENS)]
_FURTHER_PLACES = [f", {place}" for place in range(_MOST_TOKENS)]
_SLOT = re.compile(r"\{(\w)\}([.,;:)]*)")

Tokens = tuple[str, ...]
# Literal tokens and the pool of phrases for the slot behind them.
Part = tuple[Tokens, tuple[Tokens, ...]]
Pattern = tuple[Part, ...]

_NOTHING: tuple[Tokens, ...] = ((),) * POOL_SIZE

T = TypeVar("T")


def zipf_pool(items: Sequence[T], exponent: float) -> tuple[T, ...]:
    """Return `POOL_SIZE` entries in which item r stands in proportion to 1 / r**exponent.

    A random byte then picks an item; every item stands there at least about once.
    """
    odds = [1 / rank**exponent for rank in range(1, len(items) + 1)]
    total, reached = sum(odds), 0.0
    pool: list[T] = []
    for item, share in zip(items, odds, strict=True):
        reached += share
        pool += [item] * (round(reached / total * POOL_SIZE) - len(pool))
    return tuple(pool)


def _numbers() -> dict[str, tuple[str, ...]]:
    random = Random(2005)
    units = ("%", " ms", " nm", " kHz", " MPa", "%", " K", " dB", "%", " h")
    measures = (f"{random.lognormvariate(2.5, 1.2):.3g}{random.choice(units)}" for _ in range(256))
    counts = (str(int(random.lognormvariate(5, 1.3)) + 3) for _ in range(256))
    return {"n": tuple(measures), "k": tuple(counts)}


def _with_article(adjective: str) -> str:
    vowel = adjective[0] in "aeio" or adjective.startswith("un")
    return f"{'an' if vowel else 'a'} {adjective}"


def _general_phrases() -> dict[str, tuple[str, ...]]:
    adjectives = tuple(words.ADJECTIVES.split())
    return {
        "a": adjectives,
        "b": tuple(_with_article(adjective) for adjective in adjectives),
        "q": words.phrases(words.QUANTITIES),
        "m": words.phrases(words.METHODS),
        "d": words.phrases(words.CONTEXTS),
        "c": words.phrases(words.CONDITIONS),
        "v": tuple(words.VERBS.split()),
        "i": tuple(words.INFINITIVES.split()),
    }


class Texts:
    """Writes titles and abstracts of a topic, given by its place in `TOPICS`."""

    def __init__(self) -> None:
        self._pools: dict[tuple[str, str], tuple[Tokens, ...]] = {}
        self._phrases = {
            letter: zipf_pool(phrases, 0.8) for letter, phrases in _general_phrases().items()
        } | _numbers()
        self._titles = [self._patterns(words.TITLES, topic) for topic in TOPICS]
        self._sentences = [self._patterns(words.SENTENCES, topic) for topic in TOPICS]

    def title(self, topic: int, random: Random) -> str:
        """Return a title, without a final stop."""
        text = " ".join(self._fill([random.choice(self._titles[topic])], random))
        return text[0].upper() + text[1:]

    def inverted_index(self, topic: int, sentences: int, random: Random) -> str:
        """Return the inverted index of an abstract as a JSON object: token to positions."""
        patterns = self._sentences[topic]
        draw = random.getrandbits(16)
        start, stride = draw >> 3, _STRIDES[draw & 7]
        chosen = [patterns[(start + turn * stride) % len(patterns)] for turn in range(sentences)]
        index: dict[str, str] = {}
        for token, place, further in zip(self._fill(chosen, random), _PLACES, _FURTHER_PLACES, strict=False):
            if token in index:
                index[token] += further
            else:
                index[token] = place
        entries = '], "'.join([f'{token}": [{places}' for token, places in index.items()])
        return f'{{"{entries}]}}'

    @staticmethod
    def _fill(patterns: Sequence[Pattern], random: Random) -> list[str]:
        tokens: list[str] = []
        draws = random.randbytes(_MOST_PARTS * len(patterns))
        for (literal, pool), draw in zip(chain.from_iterable(patterns), draws, strict=False):
            tokens += literal
            tokens += pool[draw]
        return tokens

    def _patterns(self, table: str, topic: Topic) -> list[Pattern]:
        return [self._pattern(line, topic) for line in words.lines(table)]

    def _pattern(self, line: str, topic: Topic) -> Pattern:
        parts: list[Part] = []
        literal: list[str] = []
        for token in line.split():
            slot = _SLOT.fullmatch(token)
            if slot is None:
                literal.append(token)
            else:
                parts.append((tuple(literal), self._pool(slot[1], slot[2], topic)))
                literal = []
        return (*parts, (tuple(literal), _NOTHING)) if literal else tuple(parts)

    def _pool(self, letter: str, mark: str, topic: Topic) -> tuple[Tokens, ...]:
        """Return the phrases of a slot as tokens, its punctuation on the last of them."""
        key = (topic.name if letter == "t" else letter, mark)
        if key not in self._pools:
            phrases = zipf_pool(topic.terms, 0.6) if letter == "t" else self._phrases[letter]
            split = {phrase: tuple(f"{phrase}{mark}".split()) for phrase in set(phrases)}
            self._pools[key] = tuple(split[phrase] for phrase in phrases)
        return self._pools[key]
