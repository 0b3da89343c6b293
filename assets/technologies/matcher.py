"""A scan over a work's text that answers the queries of all technologies.

The distinct terms of the whole catalogue are found in one scan (`assets.technologies.term_scan`); what an
expression means is decided in `assets.technologies.evaluation`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa

from assets.technologies.catalogue import Technology
from assets.technologies.evaluation import Compiler, Predicate, Words, Work, triggers
from assets.technologies.expressions import Expression, terms
from assets.technologies.term_scan import TermScan
from assets.technologies.text import BOUNDARY, folded

How = Literal["query", "title", "topic"]
"""By the query over title, abstract and keywords; by the query over the title as if there was nothing else;
by a topic. A query with NOT may hold for the title alone and not for the work, so `title` says nothing of
whether the work belongs to the technology."""

_QUERY: Final = "query"
TITLE: Final = "title"
_TOPIC: Final = "topic"
_COLUMNS: Final = ("title", "abstract", "keywords", "topics")

MATCH_SCHEMA: Final = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("technology", pa.string(), nullable=False),
        pa.field("how", pa.string(), nullable=False),
    ]
)
"""One row for each way a technology finds a work; `row` is the 0-based row of the work."""


@dataclass(frozen=True)
class Match:
    """A technology that finds a work, and how."""

    technology: str
    """Id."""
    how: How


def query_terms(technologies: Iterable[Technology]) -> list[Words]:
    """The terms of the queries of some technologies, each once, as a `Matcher` scans for them."""
    queries = [item.expression for item in technologies if item.expression is not None]
    return list(dict.fromkeys(term.words for query in queries for term in terms(query)))


class Matcher:
    """The compiled queries of some technologies.

    It cannot be moved to another process, which makes its own, and one thread may use it at a time.
    """

    def __init__(self, technologies: Sequence[Technology], cache: Path | None = None) -> None:
        """`cache` is a folder for compiled terms, see `TermScan`."""
        queries = [(item.id, item.expression) for item in technologies if item.expression is not None]
        self._query_ids = [id_ for id_, _ in queries]
        words = query_terms(technologies)
        self._scan = TermScan(words, cache)
        numbers = {term: number for number, term in enumerate(words)}
        self._triggers = _Triggers(numbers, [expression for _, expression in queries])
        self._by_topic: dict[str, list[str]] = defaultdict(list)
        for technology in technologies:
            for topic in dict.fromkeys(technology.topics):
                self._by_topic[topic].append(technology.id)

    def matches(
        self,
        title: str | None,
        abstract: str | None,
        keywords: Sequence[str] = (),
        topics: Sequence[str] = (),
    ) -> list[Match]:
        """The technologies of one work, each once a way; by query, then by title, then by topic."""
        (text,) = folded([(title, abstract, *keywords)])
        return [Match(id_, how) for id_, how in self._found(text, topics)]

    def match_batch(self, works: pa.RecordBatch) -> pa.RecordBatch:
        """Matches of a batch of the record store (title, abstract, keywords, topics): `MATCH_SCHEMA`."""
        *fields, topics = (works.column(name).to_pylist() for name in _COLUMNS)
        texts = folded(
            (title, abstract, *(keywords or ())) for title, abstract, keywords in zip(*fields, strict=True)
        )
        rows: list[int] = []
        found: list[tuple[str, How]] = []
        for row, (text, of_work) in enumerate(zip(texts, topics, strict=True)):
            of_row = self._found(text, of_work or ())
            found += of_row
            rows += [row] * len(of_row)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(rows, pa.int64()),
                pa.array([id_ for id_, _ in found], pa.string()),
                pa.array([how for _, how in found], pa.string()),
            ],
            schema=MATCH_SCHEMA,
        )

    def _found(self, text: bytes, topics: Sequence[str]) -> list[tuple[str, How]]:
        work = Work(text, self._scan(text))
        by_query = self._holding(work)
        found: list[tuple[str, How]] = [(id_, _QUERY) for id_ in by_query]
        # A query without NOT that holds for the title holds for the work.
        if by_query or work.barred:
            title = text[: text.index(BOUNDARY)]
            found += [(id_, TITLE) for id_ in self._holding(Work(title, self._scan(title)))]
        if topics:
            found += [(id_, _TOPIC) for id_ in self._of_topics(topics)]
        return found

    def _holding(self, work: Work) -> list[str]:
        """The technologies whose queries hold."""
        matched: set[int] = set()
        for number in self._triggers.numbers & work.found:
            for query, holds in self._triggers[number]:
                if query not in matched and holds(work):
                    matched.add(query)
        return [self._query_ids[query] for query in sorted(matched)]

    def _of_topics(self, topics: Sequence[str]) -> list[str]:
        if not self._by_topic:
            return []
        return list(dict.fromkeys(id_ for topic in topics for id_ in self._by_topic.get(topic, ())))


class _Triggers(dict[int, list[tuple[int, Predicate]]]):
    """Numbers of terms to the queries, by their places, that may match then, and what decides.

    Few of the thousands of conditions are ever asked, so those of a term are compiled when it is met first.
    """

    def __init__(self, numbers: Mapping[Words, int], queries: Sequence[Expression]) -> None:
        self._compiler = Compiler(numbers)
        self._conditions: dict[int, list[tuple[int, Expression]]] = defaultdict(list)
        for query, expression in enumerate(queries):
            for words, condition in triggers(expression):
                self._conditions[numbers[words]].append((query, condition))
        self.numbers = frozenset(self._conditions)

    def __missing__(self, number: int) -> list[tuple[int, Predicate]]:
        conditions = self._conditions.pop(number)
        self[number] = [(query, self._compiler.predicate(condition)) for query, condition in conditions]
        return self[number]
