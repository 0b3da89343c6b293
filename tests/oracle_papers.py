"""The papers behind a pair's weight that give most to it, by brute force and in exact fractions.

Written from the definitions alone, for works given as plain values; see `tests.oracle_counting`.
"""

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations

from tests.oracle_counting import UNKNOWN, country_totals, ordered_weights
from tests.oracle_identity import WorkKey
from tests.oracle_impact import CitedWork, Rows

PLACES = 5


def top_papers(works: Mapping[WorkKey, CitedWork]) -> Rows:
    """The mart `top_papers`."""
    behind: dict[tuple[object, ...], list[tuple[Fraction, int, WorkKey]]] = {}
    for key, each in works.items():
        weights = ordered_weights(each.work.authors)
        for pair in combinations(sorted(country_totals(each.work.authors).keys() - {UNKNOWN}), 2):
            for technology in each.work.technologies:
                given = (
                    -weights.get(pair, Fraction(0)),
                    -(-1 if each.cited is None else each.cited),
                    key,
                )
                behind.setdefault((each.work.year, technology, *pair), []).append(given)
    return {
        (*number, rank): {"source": source, "work_id": work_id, "weight": -weight}
        for number, papers in behind.items()
        for rank, (weight, _, (source, work_id)) in enumerate(sorted(papers)[:PLACES], start=1)
    }
