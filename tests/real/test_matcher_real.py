"""On every title, abstract and keyword of the real OpenAlex drops the matcher answers as the rules do."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.file_content import Meter
from assets.openalex import JSONL, READERS
from assets.records import DeliveredRecord, Record
from assets.technologies.catalogue import Technology
from assets.technologies.matcher import Matcher
from assets.technologies.query_language import parse
from tests.naive_matcher import holds, segments_of

_QUERIES = {
    "phrases": '("deep-learning" OR "neural network$") NOT review',
    "near": "(cell$ OR tissue) NEAR/3 (growth OR *genesis)",
    "near chain": "patient$ NEAR/5 treat* NEAR/9 effect*",
    "fields": "TI=model* AND AB=(result* NEAR/5 show*) NOT AK=medicine",
    "wildcards": "behavio$r OR wom?n OR hyper*ic",
    "diacritics": "Muller OR naive OR Sao",
    "common": '(with NEAR/2 was) AND "not"',
}


@pytest.fixture(scope="module")
def records(real_landing: Path) -> list[Record]:
    files = sorted(real_landing.glob("openalex-*/**/*.gz"))
    return [record for path in files for record in _records(path)]


def _records(path: Path) -> Iterator[Record]:
    for delivered in READERS[JSONL](path, Meter()):
        assert isinstance(delivered, DeliveredRecord)
        yield delivered.record


def test_every_real_text_is_matched_as_the_rules_say(records: list[Record]) -> None:
    expressions = {name: parse(query).expression for name, query in _QUERIES.items()}
    matcher = Matcher(
        [
            Technology(name, name, "", 1, "", "", _QUERIES[name], expression)
            for name, expression in expressions.items()
        ]
    )
    matched: Counter[tuple[str, str]] = Counter()
    for record in records:
        text = (record.title, record.abstract, record.keywords)
        matches = matcher.matches(*text)
        for how, segments in (
            ("query", segments_of(*text)),
            ("title", segments_of(record.title, None, ())),
        ):
            found = {match.technology for match in matches if match.how == how}
            assert found == {name for name, meant in expressions.items() if holds(meant, segments)}
            matched.update((how, name) for name in found)
    assert {name for how, name in matched if how == "query"} == _QUERIES.keys()
    assert {"near", "wildcards"} <= {name for how, name in matched if how == "title"}
