"""Random works are counted as the brute-force computation says, in whatever order they arrive.

A pass of the pipeline takes seconds, so a hundred small cases go through it at once: each has works and
publication years of its own, so that a year that is counted wrongly names its case.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import Phase, given, settings

from assets.pipeline import Pipeline
from tests.arrivals import Arrival, arrive, count_at_once, expected_of, with_active_drops
from tests.catalogues import write_catalogue
from tests.comparison import assert_reconciled, assert_same_marts, oracle_differences
from tests.oracle import OracleDrop, Record, work_id
from tests.pipelines import make_pipeline, with_options
from tests.strategies import CATALOGUE, YEARS, drops

CASES = 120
FIRST_YEAR = 1600
# Every case has its years; the very first and the very last of them are out of scope.
SCOPE = {"start_year": FIRST_YEAR + 1, "end_year": FIRST_YEAR + CASES * len(YEARS) - 2}

Case = list[OracleDrop]
"""Drops in order of arrival."""


def test_random_works_are_counted_as_the_brute_force_computation_says(tmp_path: Path) -> None:
    cases = random_cases()
    catalogue = write_catalogue(tmp_path / "catalogue", CATALOGUE)
    pipeline = with_options(make_pipeline(tmp_path / "one after the other"), **SCOPE, catalogue=catalogue)
    active: Sequence[OracleDrop] = []
    for arrival, active in with_active_drops(arrivals_of(cases)):
        arrive(pipeline, arrival)
        assert_counted(pipeline, active, cases)
    at_once = count_at_once(pipeline, active, tmp_path / "at once")
    assert_same_marts(pipeline.store.build_file, at_once.store.build_file)


def random_cases() -> list[Case]:
    cases: list[Case] = []

    # Drawn only: what a case leads to is seen when all of them have been counted.
    @settings(max_examples=CASES, phases=[Phase.generate], database=None, deadline=None)
    @given(drops())
    def draw(case: Case) -> None:
        cases.append(case)

    draw()
    return cases


def arrivals_of(cases: Iterable[Case]) -> list[Arrival]:
    """The first drops of all cases, then the second ones, then the third; in the end some first ones change.

    Drops of one name and date become one. Names stay in their order, which decides the last ties.
    """
    merged: defaultdict[int, dict[str, OracleDrop]] = defaultdict(dict)
    for number, case in enumerate(cases):
        for place, drop in enumerate(case):
            name = f"{drop.drop_id}-{place}-{drop.stated_date}"
            before = merged[place].get(name, replace(drop, drop_id=name, records=[]))
            records = [*before.records, *(apart(record, number) for record in drop.records)]
            merged[place][name] = replace(before, records=records)
    arrivals = [Arrival(f"arrival {place}", list(drops.values())) for place, drops in sorted(merged.items())]
    again = [replace(drop, records=drop.records[::2]) for name, drop in merged[0].items() if "drop-a" in name]
    withdrawn = [name for name in merged[0] if "drop-b" in name]
    return [*arrivals, Arrival("with other content, and withdrawn", again, withdrawn)]


def apart(record: Record, case: int) -> Record:
    """The record with an id and a publication year that no other case has."""
    year = record["publication_year"]
    return {
        **record,
        "id": f"https://openalex.org/W{case + 1}0{work_id(record)[1:]:0>2}",
        "publication_year": None if year is None else year - YEARS[0] + first_year(case),
    }


def first_year(case: int) -> int:
    return FIRST_YEAR + case * len(YEARS)


def assert_counted(pipeline: Pipeline, active: Sequence[OracleDrop], cases: Sequence[Case]) -> None:
    found = oracle_differences(pipeline.store.build_file, expected_of(active, pipeline.options))
    years = [year for difference in found if isinstance(year := difference.key[0], int)]
    case = cases[(years[0] - FIRST_YEAR) // len(YEARS)] if years else None
    assert not found, "\n".join([*map(str, found[:10]), f"The case of {years[:1]}: {case}"])
    assert_reconciled(pipeline.store.build_file)
