"""Groups, certainty and partners: random works against brute force, and intervals against a bootstrap.

The bootstrap draws each paper a Poisson number of times and puts the sums that result where the models
keep theirs, so that what is tried is the SQL that readers' intervals come from.
"""

import random
import shutil
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from assets.pipeline import PROJECT, Pipeline
from tests.catalogues import Entries, write_catalogue
from tests.comparison import assert_mart
from tests.delivered_works import author, institution, work
from tests.derive import land
from tests.oracle import CRITICAL, TECHNOLOGY, UNKNOWN, OracleDrop, Record, Work
from tests.oracle_certainty import count_certainty
from tests.oracle_groups import count_groups, read_groups
from tests.pipelines import count_without_dagster, make_pipeline, with_options
from tests.warm_dbt import build_models

CATALOGUE: Entries = {"of-no-work": (None, ("T1",))}
STATED = "stated"
"""The technology of the works of one of two drops."""
YEARS = (2005, 2006, 2007, 2008, 2009, 2010, 2012)
"""All years of both bases, and one whose year before was not counted."""
COUNTRIES = ("CN", "CN", "US", "US", "US", "DE", "FR", "GB", "JP", "PK", UNKNOWN)
EU = "EU27"


def random_work(number: int, draw: random.Random) -> tuple[Record, Work]:
    """A work of one to five authors in one to three countries each, in the form of both sides."""
    authors = [
        set(draw.sample(COUNTRIES, draw.choice((1, 1, 1, 2, 3)))) - {UNKNOWN}
        for _ in range(draw.choice((1, 2, 2, 3, 5)))
    ]
    year = draw.choice(YEARS)
    record = work(
        number,
        publication_year=year,
        authorships=[
            author(*(institution(index, f"University of {code}", code) for index, code in enumerate(codes)))
            for codes in map(sorted, authors)
        ],
    )
    technologies = {TECHNOLOGY} if number % 3 else {TECHNOLOGY, CRITICAL, STATED}
    shares = [
        {code: Fraction(1, len(codes)) for code in codes} or {UNKNOWN: Fraction(1)} for codes in authors
    ]
    return record, Work(year, tuple(shares), frozenset(technologies))


@pytest.fixture(scope="module")
def works() -> list[tuple[Record, Work]]:
    draw = random.Random(27)
    return [random_work(number, draw) for number in range(1, 201)]


@pytest.fixture(scope="module")
def counted(works: Sequence[tuple[Record, Work]], tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    folder = tmp_path_factory.mktemp("groups")
    pipeline = with_options(make_pipeline(folder), catalogue=write_catalogue(folder / "catalogue", CATALOGUE))
    for name, technology in (("others", None), ("stated", STATED)):
        records = [record for record, work in works if (STATED in work.technologies) == bool(technology)]
        land(pipeline.landing, OracleDrop(name, None, records, technology=technology))
    count_without_dagster(pipeline, study=True)
    with duckdb.connect(str(pipeline.store.build_file)) as connection:
        # So that the file alone is the whole of it, and can be copied.
        connection.execute("checkpoint")
    return pipeline


def assert_rows(file: Path, mart: str, expected: Mapping[Any, Mapping[str, Any]]) -> None:
    assert len(expected) > 50
    assert_mart(file, mart, expected, "random works")


def test_groups_are_counted_as_the_brute_force_computation_says(
    counted: Pipeline, works: Sequence[tuple[Record, Work]]
) -> None:
    expected = count_groups((work for _, work in works), read_groups(PROJECT / "seeds"))
    for mart in ("group_output", "group_collaboration"):
        rows = {key: vars(row) for key, row in getattr(expected, mart).items()}
        assert_rows(counted.store.build_file, mart, rows)


def test_certainty_and_ranks_are_as_the_brute_force_computation_says(
    counted: Pipeline, works: Sequence[tuple[Record, Work]]
) -> None:
    members = read_groups(PROJECT / "seeds")["eu27", EU]
    expected = count_certainty((work for _, work in works), members)
    for mart in ("country_certainty", "pair_certainty", "partner_ranking"):
        assert_rows(counted.store.build_file, mart, getattr(expected, mart))


def test_a_group_of_stance_and_the_rest_add_up_to_the_known_world(counted: Pipeline) -> None:
    sums = """
        select max(abs(total - 1)) from (
            select sum(world_share) as total from (
                select year, technology, world_share from marts.group_output where group_set = 'stance_china'
                union all
                select year, technology, world_share from marts.country_output where country = 'CN'
            ) group by year, technology
        )
    """
    with duckdb.connect(str(counted.store.build_file), read_only=True) as connection:
        (difference,) = connection.execute(sums).fetchone() or (None,)
    assert difference == pytest.approx(0, abs=1e-9)


# Parties of the population of the bootstrap, in alphabetical order as pairs are.
PARTIES = ("AU", "CN", "US", UNKNOWN)
PAIRS = [(a, b) for index, a in enumerate(PARTIES) for b in PARTIES[index + 1 :]]
PARTY_SUMS = (
    "papers",
    "output",
    "output_square",
    "output_unknown_product",
    "known_weight",
    "known_weight_square",
    "unknown_weight",
)
PAIR_SUMS = (
    "papers",
    "weight",
    "weight_square",
    "weight_output_a",
    "weight_output_b",
    "output_product",
    "weight_known_weight_a",
    "weight_known_weight_b",
)
REPLICATES = 2000
TRUTH = "truth"
Numbers = NDArray[np.float64]


def population(draw: np.random.Generator) -> Numbers:
    """Authors by paper and party; the pairs have from just above 25 to some hundreds of effective papers."""
    kinds = {
        "CN US": 60,
        "AU CN US": 20,
        "AU CN": 18,
        "AU US": 250,
        "CN": 300,
        "US": 200,
        "AU": 100,
        f"CN {UNKNOWN}": 60,
    }
    papers = [
        [draw.geometric(0.4) if party in kind.split() else 0 for party in PARTIES]
        for kind, count in kinds.items()
        for _ in range(count)
    ]
    return np.array(papers, float)


def paper_sums(authors: Numbers) -> dict[str, Numbers]:
    """What each paper adds to each column of the tables of sums, by party and by pair."""
    total = authors.sum(axis=1)
    output = {party: authors[:, index] / total for index, party in enumerate(PARTIES)}
    weight = {
        (a, b): authors[:, PARTIES.index(a)]
        * authors[:, PARTIES.index(b)]
        / np.maximum(total * (total - 1), 1)
        for a in PARTIES
        for b in PARTIES
        if a != b
    }
    known = {
        party: np.sum([w for (a, b), w in weight.items() if a == party and b != UNKNOWN], axis=0)
        for party in PARTIES
    }
    columns = {}
    for party, r in output.items():
        x, z = known[party], output[UNKNOWN]
        unknown = weight.get((party, UNKNOWN), np.zeros(len(authors)))
        columns[party] = np.column_stack([r > 0, r, r * r, r * z, x, x * x, unknown])
    for a, b in PAIRS:
        c, r_a, r_b = weight[a, b], output[a], output[b]
        sums = [r_a * r_b > 0, c, c * c, c * r_a, c * r_b, r_a * r_b, c * known[a], c * known[b]]
        columns[f"{a} {b}"] = np.column_stack(sums)
    return columns


def bootstrap(file: Path, columns: Mapping[str, Numbers], draw: np.random.Generator) -> None:
    """Replicates as technologies of 2005 and 2006, and the population itself as the technology `truth`."""
    papers = len(next(iter(columns.values())))
    counts = draw.poisson(1, (2 * REPLICATES, papers)).astype(float)
    counts = np.vstack([counts, np.ones((2, papers))])
    number = np.repeat(np.arange(REPLICATES + 1), 2)
    names = np.where(number < REPLICATES, np.char.add("replicate ", number.astype(str)), TRUTH)
    cells = {"year": np.tile([2005, 2006], REPLICATES + 1), "technology": names}
    with duckdb.connect(str(file)) as connection:
        connection.execute("delete from control.refresh_cells")
        insert(connection, "control.refresh_cells", cells)
        insert(connection, "marts.year_totals", {**cells, "works": counts.sum(axis=1)})
        for key, added in columns.items():
            parties = key.split()
            of_pair = len(parties) == 2
            keys = dict(zip(("party_a", "party_b") if of_pair else ("party",), parties, strict=True))
            sums = dict(zip(PAIR_SUMS if of_pair else PARTY_SUMS, (counts @ added).T, strict=True))
            table = f"intermediate.{'int_pair_sums' if of_pair else 'int_party_sums'}"
            insert(connection, table, {**cells, **keys, **sums}, "where papers > 0")


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, object], which: str = ""
) -> None:
    rows = pd.DataFrame(columns)
    connection.register("rows", rows)
    connection.execute(f"insert into {table} by name select * from rows {which}")
    connection.unregister("rows")


@pytest.fixture(scope="module")
def bootstrapped(counted: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build file with a bootstrap beside what was counted."""
    pipeline = make_pipeline(tmp_path_factory.mktemp("bootstrap"))
    file = pipeline.store.build_file
    shutil.copy(counted.store.build_file, file)
    draw = np.random.default_rng(1)
    bootstrap(file, paper_sums(population(draw)), draw)
    build_models(pipeline, "--select", "int_pair_certainty", "country_certainty", "partner_ranking")
    return file


@pytest.mark.parametrize(
    ("mart", "keys", "measures"),
    [
        ("country_certainty", ["country"], {"output": "output", "share": "share"}),
        ("pair_certainty", ["view", "party_a", "party_b"], {"weight": "weight", "intensity": "intensity"}),
        (
            "partner_ranking",
            ["view", "country", "partner"],
            {"share_of_international": "share", "index_weight": "index_weight"},
        ),
    ],
)
def test_intervals_hold_the_true_value_in_93_to_97_of_100_replicates(
    bootstrapped: Path, mart: str, keys: Sequence[str], measures: Mapping[str, str]
) -> None:
    names = ", ".join(keys)
    held = ", ".join(
        f"avg(case when truth.{name} between own.{bounds}_low and own.{bounds}_high then 1 else 0 end)"
        for name, bounds in measures.items()
    )
    query = f"""
        select {names}, min(truth.effective_number), {held}
        from (select * from marts.{mart} where technology like 'replicate %') as own
        inner join (select * from marts.{mart} where technology = '{TRUTH}') as truth using (year, {names})
        where year = 2006 and truth.effective_number >= 25 and '{UNKNOWN}' not in ({names})
        group by {names}
    """
    with duckdb.connect(str(bootstrapped), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    numbers = [row[len(keys)] for row in rows]
    assert len(numbers) >= len(PARTIES) - 1
    assert mart == "country_certainty" or min(numbers) < 35
    outside = [row for row in rows if not all(0.93 <= share <= 0.97 for share in row[len(keys) + 1 :])]
    assert not outside
