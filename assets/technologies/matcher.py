"""A scan over a work's text that answers the queries of all technologies.

The distinct terms of the whole catalogue are compiled into two multi-pattern databases: those a match
cannot do without, and all others. A scan reports each term that occurs, once; the second is made only
for a work in which the first leaves something open. What an expression means is decided in
`assets.technologies.evaluation`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import hyperscan
import pyarrow as pa

from assets.technologies.catalogue import Technology
from assets.technologies.evaluation import Compiler, Predicate, Words, Work
from assets.technologies.expressions import Expression, canonical
from assets.technologies.patterns import term_pattern
from assets.technologies.text import folded

How = Literal["query", "topic"]

_QUERY: Final = "query"
_TOPIC: Final = "topic"

MATCH_SCHEMA: Final = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("technology", pa.string(), nullable=False),
        pa.field("how", pa.string(), nullable=False),
    ]
)
"""One row for each way a work belongs to a technology; `row` is the 0-based row of the work."""


@dataclass(frozen=True)
class Match:
    """A technology a work belongs to, and why."""

    technology: str
    """Id."""
    how: How


_Trigger: TypeAlias = tuple[int, Predicate | None]
"""A query that matches when a term occurs, by its index, and on what condition."""


class Matcher:
    """The compiled queries of some technologies.

    It holds memory outside Python that cannot be moved to another process: when it is pickled, the
    receiving process compiles its own. One thread may use it at a time.
    """

    def __init__(self, technologies: Sequence[Technology]) -> None:
        self._technologies = tuple(technologies)
        ids_by_query: dict[Expression, list[str]] = defaultdict(list)
        for technology in technologies:
            if technology.expression is not None:
                ids_by_query[canonical(technology.expression)].append(technology.id)
        self._query_ids = list(ids_by_query.values())
        compiler = Compiler()
        self._triggers: dict[int, list[_Trigger]] = defaultdict(list)
        for query, expression in enumerate(ids_by_query):
            for number, condition in compiler.triggers(expression):
                self._triggers[number].append((query, condition))
        self._find_triggers = _Scan(compiler.numbers, lambda number: number in self._triggers)
        self._find_rest = _Scan(compiler.numbers, lambda number: number not in self._triggers)
        self._by_topic: dict[str, list[str]] = defaultdict(list)
        for technology in technologies:
            for topic in dict.fromkeys(technology.topics):
                self._by_topic[topic].append(technology.id)

    def __reduce__(self) -> tuple[type["Matcher"], tuple[tuple[Technology, ...]]]:
        return Matcher, (self._technologies,)

    def matches(
        self,
        title: str | None,
        abstract: str | None,
        keywords: Sequence[str] = (),
        topics: Sequence[str] = (),
    ) -> list[Match]:
        """The technologies of one work, each once a way; by query before by topic."""
        by_query = [Match(id_, _QUERY) for id_ in self._by_query(title, abstract, keywords)]
        return by_query + [Match(id_, _TOPIC) for id_ in self._of_topics(topics)]

    def match_batch(self, works: pa.RecordBatch) -> pa.RecordBatch:
        """Matches of a batch of the record store (title, abstract, keywords, topics): `MATCH_SCHEMA`."""
        columns = [works.column(name).to_pylist() for name in ("title", "abstract", "keywords", "topics")]
        rows: list[int] = []
        found: list[str] = []
        hows: list[str] = []
        for row, (title, abstract, keywords, topics) in enumerate(zip(*columns, strict=True)):
            by_query = self._by_query(title, abstract, keywords or ())
            by_topic = self._of_topics(topics or ())
            if by_query or by_topic:
                found += by_query + by_topic
                hows += [_QUERY] * len(by_query) + [_TOPIC] * len(by_topic)
                rows += [row] * (len(by_query) + len(by_topic))
        return pa.RecordBatch.from_arrays(
            [pa.array(rows, pa.int64()), pa.array(found, pa.string()), pa.array(hows, pa.string())],
            schema=MATCH_SCHEMA,
        )

    def _by_query(self, title: str | None, abstract: str | None, keywords: Sequence[str]) -> list[str]:
        text = folded((title, abstract, *keywords))
        triggers = self._find_triggers(text)
        matched: set[int] = set()
        work: Work | None = None
        for number in triggers:
            for query, condition in self._triggers[number]:
                if query in matched:
                    continue
                if condition is not None:
                    work = work or Work(text, triggers + self._find_rest(text))
                    if not condition(work):
                        continue
                matched.add(query)
        return [id_ for query in sorted(matched) for id_ in self._query_ids[query]]

    def _of_topics(self, topics: Sequence[str]) -> list[str]:
        if not self._by_topic:
            return []
        return list(dict.fromkeys(id_ for topic in topics for id_ in self._by_topic.get(topic, ())))


class _Scan:
    """Tells which of some terms, by their numbers, occur in a text."""

    def __init__(self, numbers: Mapping[Words, int], belongs: Callable[[int], bool]) -> None:
        numbers = {words: number for words, number in numbers.items() if belongs(number)}
        self._database = _compiled(numbers) if numbers else None

    def __call__(self, text: bytes) -> list[int]:
        hits: list[int] = []
        if self._database is not None:
            self._database.scan(text, match_event_handler=_note, context=hits)
        return hits


def _note(number: int, _start: int, _end: int, _flags: int, hits: Any) -> None:
    hits.append(number)


def _compiled(numbers: Mapping[Words, int]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[term_pattern(words) for words in numbers],
        ids=list(numbers.values()),
        elements=len(numbers),
        flags=[hyperscan.HS_FLAG_SINGLEMATCH] * len(numbers),
    )
    return database
