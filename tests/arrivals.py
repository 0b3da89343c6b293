"""Drops that arrive one after the other, and what should be counted after each arrival.

Here belongs what can happen to a landing folder, and the story of derived drops that tests go through.
How a drop is derived is `tests.derive`, what follows from it `tests.oracle`.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, cycle
from pathlib import Path

from assets.ingest import withdraw
from assets.openalex.work import converted
from assets.pipeline import PROJECT, Options, Pipeline
from assets.quarantine import Reason, Rejected
from assets.records import content_hash
from assets.technologies.catalogue import Catalogue
from tests.derive import (
    emptied_year,
    folded,
    land,
    moved_to_year,
    older_versions,
    published_in,
    repeated_within,
    restamped,
    retracted,
    sample,
    tied_exactly,
    tied_with_other_content,
    with_one_author,
    with_other_countries,
    with_several_countries,
)
from tests.oracle import OracleDrop, OracleResult, Record, compute
from tests.oracle_study import Study
from tests.pipelines import count_without_dagster, make_pipeline

RETRACTED_YEAR = 2009
"""All works of this year are retracted by the second arrival of the story."""
LEFT_YEAR = 2012
"""All works of this year move to the next one with the second arrival of the story."""

_UNREADABLE: Record = {"id": None, "publication_year": 2019, "authorships": []}


def expected_of(drops: Sequence[OracleDrop], options: Options) -> OracleResult:
    """What these drops should lead to when they are the ones that count."""
    return compute(
        drops,
        start_year=options.start_year,
        end_year=options.counting.end_year,
        seeds=PROJECT / "seeds",
        content_hash=stored_hash,
        source_preference=options.source_preference,
        use_address_links=options.use_address_links,
        technologies=Catalogue.load(options.catalogue).technologies,
    )


def study_of(result: OracleResult, drops: Iterable[OracleDrop], options: Options) -> Study:
    """The study over what these drops lead to."""
    stated_dates = [drop.stated_date for drop in drops]
    return Study(result, PROJECT / "seeds", stated_dates, options.source_preference)


def stored_hash(record: Record) -> int:
    """The hash the record store gives an OpenAlex record, which decides between versions of equal dates."""
    delivered = converted(1, record)
    assert not isinstance(delivered, Rejected), delivered.detail
    return content_hash(delivered.record)


@dataclass(frozen=True)
class Arrival:
    """What happens between two countings."""

    name: str
    drops: Sequence[OracleDrop]
    """Delivered to the landing folder, in place of those of the same name."""
    withdrawn: Sequence[str] = ()
    """Drops counted before that are to count no more."""


def arrive(pipeline: Pipeline, arrival: Arrival, *, study: bool = False) -> list[int]:
    """Let it happen, and count, with the marts of the study if asked; gives the years counted."""
    for drop in arrival.drops:
        shutil.rmtree(pipeline.landing / drop.drop_id, ignore_errors=True)
        unreadable = [_UNREADABLE] * drop.rejected.get(Reason.MISSING_ID, 0)
        delivered = replace(drop, records=[*drop.records, *unreadable])
        land(pipeline.landing, delivered, files=1 + len(drop.records) % 3)
    with pipeline.store.writing("withdrawing", pipeline.announce):
        for drop_id in arrival.withdrawn:
            withdraw(pipeline, drop_id)
    return count_without_dagster(pipeline, study=study)


def count_at_once(pipeline: Pipeline, active: Iterable[OracleDrop], folder: Path) -> Pipeline:
    """Another store in `folder`, in which the drops that count now have been counted in one go."""
    fresh = replace(make_pipeline(folder), options=pipeline.options)
    for drop in active:
        shutil.copytree(pipeline.landing / drop.drop_id, fresh.landing / drop.drop_id)
    count_without_dagster(fresh)
    return fresh


def with_active_drops(arrivals: Iterable[Arrival]) -> Iterator[tuple[Arrival, list[OracleDrop]]]:
    """Each arrival with the drops that count after it."""
    active: dict[str, OracleDrop] = {}
    for arrival in arrivals:
        active |= {drop.drop_id: drop for drop in arrival.drops}
        active = {name: drop for name, drop in active.items() if name not in arrival.withdrawn}
        yield arrival, list(active.values())


def story(base: Sequence[OracleDrop]) -> list[Arrival]:
    """Derived drops after the base ones, with everything that can happen to a work."""
    records = [record for drop in base for record in drop.records]
    few = len(records) // 20
    newer = OracleDrop("newer", date(2026, 3, 1), _newer(records, few))
    # What would move into an emptied year or stay in it is left alone until the years have been counted.
    emptied = {year for left in (RETRACTED_YEAR, LEFT_YEAR) for year in (left - 1, left)}
    lasting = [record for record in records if record["publication_year"] not in emptied]
    return [
        Arrival("base drops", base),
        Arrival("newer versions, moved and emptied years", [newer, _moves(records, few)]),
        Arrival("other authors", _authors(lasting, few)),
        Arrival("ties, repeated and older versions", _ties(lasting, few)),
        Arrival(
            "one drop delivered again with other content, two withdrawn",
            [replace(newer, records=restamped(sample(records, 12, few), 12, days=60))],
            ["authors", "tied-b"],
        ),
        Arrival("its first content again", [newer]),
    ]


def _newer(records: Sequence[Record], few: int) -> list[Record]:
    return [
        *restamped(sample(records, 1, few), 1),
        *with_other_countries(sample(records, 2, 2 * few), 2),
    ]


def _moves(records: Sequence[Record], few: int) -> OracleDrop:
    moved = [
        *moved_to_year(sample(published_in(records, 2018), 3, few), 3, year=2019),
        *moved_to_year(sample(published_in(records, 2016, 2017), 4, few), 4, year=1999),
        *moved_to_year(sample(records, 5, few), 5, year=2021),
        # A day after all other newer versions, so that nothing stays behind.
        *restamped(emptied_year(records, 6, year=RETRACTED_YEAR), 6, days=1),
        *restamped(emptied_year(records, 7, year=LEFT_YEAR, into=LEFT_YEAR + 1), 7, days=1),
    ]
    return OracleDrop("moves", None, moved)


def _authors(records: Sequence[Record], few: int) -> list[OracleDrop]:
    changed = [
        *folded(sample(records, 8, 3 * few), 8),
        *with_several_countries(sample(records, 9, 2 * few), 9),
    ]
    fewer = [
        *with_one_author(sample(records, 10, few), 10),
        *retracted(sample(records, 11, few), 11),
        *_with_two_reasons(sample(records, 19, 2 * few), 19),
    ]
    # Dates of their own, so that neither drop is wholly behind the ones before.
    return [
        OracleDrop("authors", date(2026, 4, 1), restamped(changed, 8, days=5), {Reason.MISSING_ID: 2}),
        OracleDrop("fewer-authors", date(2026, 4, 2), fewer),
    ]


def _with_two_reasons(records: Sequence[Record], seed: int) -> list[Record]:
    """Newer versions that are out of scope for two reasons, of which the first is counted."""
    reasons: Sequence[Record] = (
        {"type": "letter"},
        {"publication_year": None},
        {"is_retracted": True},
        {"is_paratext": True},
        {"is_xpac": True},
        {"authorships": []},
    )
    pairs = cycle(combinations(reasons, 2))
    newer = restamped(records, seed)
    return [{**record, **one, **other} for record, (one, other) in zip(newer, pairs, strict=False)]


def _ties(records: Sequence[Record], few: int) -> list[OracleDrop]:
    """Two drops of one stated date that disagree, and one without a date that says it all again."""
    disputed = sample(records, 13, 2 * few)
    return [
        OracleDrop("tied-a", date(2026, 5, 1), tied_with_other_content(disputed, 14)),
        OracleDrop("tied-b", date(2026, 5, 1), tied_with_other_content(disputed, 15)),
        OracleDrop("again", None, tied_exactly(sample(records, 16, few), 16)),
        OracleDrop("repeated", date(2026, 5, 2), repeated_within(sample(records, 17, few), 17)),
        OracleDrop("late", date(2026, 5, 3), older_versions(sample(records, 18, 2 * few), 18)),
    ]
