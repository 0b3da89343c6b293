"""High impact, leaders, why intensities moved, other readings: random works against brute force.

The technologies are those that drops state: the record of a work comes with a drop for each of its own.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.pipeline import PROJECT, Pipeline
from tests.catalogues import Entries, write_catalogue
from tests.comparison import assert_mart
from tests.delivered_works import author, institution, work
from tests.derive import land
from tests.oracle import (
    CRITICAL,
    OPENALEX,
    TECHNOLOGY,
    UNKNOWN,
    Counts,
    OracleDrop,
    Record,
    Work,
    count_works,
    work_id,
)
from tests.oracle_changes import intensity_change, intensity_mix_change
from tests.oracle_groups import read_groups
from tests.oracle_impact import (
    EU,
    CitedWork,
    Institution,
    cells_of,
    high_impact,
    high_impact_cutoffs,
    impacts,
    institution_ranking,
    pair_high_impact,
    technology_leaders,
)
from tests.oracle_papers import top_papers
from tests.oracle_readings import AffiliatedWork, reading_pairs
from tests.pipelines import count_without_dagster, make_pipeline, with_options

CATALOGUE: Entries = {"of-no-work": (None, ("T1",))}
TECHNOLOGIES = ("drones", "lasers", "radar")
YEARS = (2005, 2006, 2018, 2019, 2020, 2021, 2022)
"""The last is the year of the drops and not complete; 2017 is a year of the window without a work."""
WINDOW = range(2017, 2022)
_CODES = 2 * ("CN", "US", "DE", "FR", "HK", "CN", "BR")
INSTITUTIONS: Mapping[str, str | None] = {
    **{
        f"I{number}": code for number, code in enumerate(("CN", "US", "DE", "FR", "HK", "CN", "US", "BR") * 2)
    },
    "I80": "US",
    "I90": None,
    "I91": "XX",
}
"""Country code as delivered; Hong Kong reports as China, and XX is no country."""
REPORTING = {"HK": "CN", "XX": None}
LARGE_TEAMS = (100, 101, 120)
"""Authors of some works, of which one reading leaves out the larger ones."""


def reporting(institution_id: str) -> str | None:
    code = INSTITUTIONS[institution_id]
    return REPORTING.get(code, code) if code else None


def described(institution_id: str | None) -> Institution:
    if institution_id is None:
        return Institution(None, "A place", None)
    return Institution(institution_id, f"University {institution_id}", reporting(institution_id))


def random_work(number: int, draw: random.Random) -> tuple[Record, CitedWork]:
    """A work of one to five authors with up to three institutions, in the form of both sides."""
    authors = [
        tuple(draw.sample([*INSTITUTIONS, None], draw.choice((0, 1, 1, 1, 2, 3))))
        for _ in range(LARGE_TEAMS[number % 3] if number % 100 < 3 else draw.choice((1, 2, 2, 3, 5)))
    ]
    year = draw.choice(YEARS)
    cited = (
        draw.choice((None, 0, 0, 1, 1, 2, 2, 3, 4, 5, 8, 13))
        if year != 2019
        else draw.choice((0,) * 25 + (1,))
    )
    record = work(
        number,
        publication_year=year,
        cited_by_count=cited,
        authorships=[author(*map(delivered, own)) for own in authors],
    )
    own = frozenset(draw.sample(TECHNOLOGIES, draw.choice((0, 1, 1, 2, 3))))
    technologies = own | ({TECHNOLOGY, CRITICAL} if own else {TECHNOLOGY})
    institutions = tuple(tuple(map(described, own)) for own in authors)
    return record, CitedWork(Work(year, tuple(map(shares, authors)), technologies), cited, institutions)


def delivered(institution_id: str | None) -> Record:
    """An institution as OpenAlex delivers it; one without an id has a name and no country."""
    if institution_id is None:
        return institution(0, "A place", None) | {"id": None}
    return institution(int(institution_id[1:]), f"University {institution_id}", INSTITUTIONS[institution_id])


def shares(institutions: Sequence[str | None]) -> Mapping[str, Fraction]:
    """Equal shares of the distinct reporting countries, or of the unknown one."""
    known = {code for each in institutions if each and (code := reporting(each))}
    return {code: Fraction(1, len(known)) for code in known} or {UNKNOWN: Fraction(1)}


@pytest.fixture(scope="module")
def works() -> list[tuple[Record, CitedWork]]:
    draw = random.Random(5)
    return [random_work(number, draw) for number in range(1, 501)]


@pytest.fixture(scope="module")
def cited(works: Sequence[tuple[Record, CitedWork]]) -> list[CitedWork]:
    return [each for _, each in works]


@pytest.fixture(scope="module")
def counts(cited: Sequence[CitedWork]) -> Counts:
    return count_works(each.work for each in cited)


@pytest.fixture(scope="module")
def build_file(works: Sequence[tuple[Record, CitedWork]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("impact")
    pipeline: Pipeline = with_options(
        make_pipeline(folder), catalogue=write_catalogue(folder / "catalogue", CATALOGUE)
    )
    for technology in (None, *TECHNOLOGIES):
        own = [
            record
            for record, each in works
            if (
                technology in each.work.technologies if technology else CRITICAL not in each.work.technologies
            )
        ]
        drop_id = technology or "of no technology"
        land(pipeline.landing, OracleDrop(drop_id, date(2022, 6, 1), own, technology=technology))
    count_without_dagster(pipeline, study=True)
    return pipeline.store.build_file


def assert_rows(file: Path, mart: str, expected: Mapping[Any, Mapping[str, Any]]) -> None:
    """The mart has exactly these rows."""
    assert len(expected) >= len(YEARS) * len(TECHNOLOGIES)
    assert_mart(file, mart, expected, "random works")


def test_high_impact_is_as_the_brute_force_computation_says(
    build_file: Path, cited: Sequence[CitedWork]
) -> None:
    assert_rows(build_file, "high_impact_cutoffs", high_impact_cutoffs(cited))
    assert_rows(build_file, "high_impact", high_impact(cited))
    assert_rows(build_file, "pair_high_impact", pair_high_impact(cited))


def test_the_random_works_hold_every_case(cited: Sequence[CitedWork]) -> None:
    found = {cell: [impact for _, impact in impacts(own)] for cell, own in cells_of(cited).items()}
    values = {cell: [value for value in own if value is not None] for cell, own in found.items()}
    assert {year for (year, _), own in values.items() if not own} == {2019}
    assert all(sum(own) == Fraction(len(own), 10) for own in values.values())
    assert any(0 < value < 1 for own in values.values() for value in own)
    assert {len(each.work.authors) for each in cited} == {1, 2, 3, 5, *LARGE_TEAMS}


def test_the_papers_that_give_most_are_those_the_brute_force_computation_finds(
    build_file: Path, works: Sequence[tuple[Record, CitedWork]]
) -> None:
    expected = top_papers({(OPENALEX, work_id(record)): each for record, each in works})
    assert_rows(build_file, "top_papers", expected)
    # Citations and ids decide, too.
    cited = {work_id(record): each.cited for record, each in works}
    places = [
        (key[:-1], row["weight"], cited[str(row["work_id"])])
        for key, row in sorted(expected.items(), key=lambda item: str(item[0]))
    ]
    neighbours = [(a, b) for a, b in pairwise(places) if a[:2] == b[:2]]
    assert any(a[2] == b[2] for a, b in neighbours)
    assert any(a[2] != b[2] and None not in (a[2], b[2]) for a, b in neighbours)
    assert any(b[2] is None for a, b in neighbours if a[2] is not None)


def test_institutions_and_leaders_are_as_the_brute_force_computation_says(
    build_file: Path, cited: Sequence[CitedWork]
) -> None:
    assert_rows(build_file, "institution_ranking", institution_ranking(cited, WINDOW))
    members = read_groups(PROJECT / "seeds")["eu27", EU]
    assert_rows(build_file, "technology_leaders", technology_leaders(cited, WINDOW, members))


def test_changes_are_split_as_the_brute_force_computation_says(
    build_file: Path, cited: Sequence[CitedWork], counts: Counts
) -> None:
    assert_rows(build_file, "intensity_change", intensity_change(counts))
    mix = intensity_mix_change((each.work for each in cited), counts)
    assert_rows(build_file, "intensity_mix_change", mix)


def test_other_readings_are_as_the_brute_force_computation_says(
    build_file: Path, cited: Sequence[CitedWork], counts: Counts
) -> None:
    works = [
        AffiliatedWork(
            each.work, tuple([one.country for one in own if one.country] for own in each.institutions)
        )
        for each in cited
    ]
    # Drops state all technologies, so that searching titles alone finds the same works.
    by_title = {
        (year, a, b): row
        for (year, technology, a, b), row in counts.pair_collaboration.items()
        if technology == CRITICAL
    }
    expected = reading_pairs(works, counts, by_title)
    assert_rows(build_file, "reading_pairs", expected)
    # Each reading says something else than the main one.
    for reading in ("small_teams", "known_authors", "by_affiliation", "n_squared"):
        assert any(
            row["weight"] != counts.pair_collaboration[key[1:]].weight
            for key, row in expected.items()
            if key[0] == reading
        )


def test_the_parts_of_a_change_of_intensity_add_up(build_file: Path) -> None:
    sums = """
        select
            max(abs(change - within - shift)),
            max(abs(intensity - preference * openness)),
            max(abs(base_intensity - base_preference * base_openness))
        from marts.intensity_mix_change
    """
    with duckdb.connect(str(build_file), read_only=True) as connection:
        found = connection.execute(sums).fetchone()
    assert found == pytest.approx((0, 0, 0), abs=1e-12)
