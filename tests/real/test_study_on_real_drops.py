"""The marts of the study, made from all real drops, equal brute force, and say where they cannot tell."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from assets.pipeline import Pipeline
from assets.trends.fit import fit_trends
from tests.arrivals import study_of
from tests.comparison import Rows, Value, assert_mart, differences, read_mart
from tests.oracle import OracleDrop, OracleResult
from tests.oracle_claims import Finding, Scorecard, Statement
from tests.oracle_study import STUDY_MARTS, Study
from tests.pipelines import count_without_dagster, make_pipeline

FEWEST_YEARS = 8
CANNOT_BE_TOLD = "cannot be told"


@pytest.fixture(scope="module")
def study(drops: Sequence[OracleDrop], expected: OracleResult, together: Pipeline) -> Study:
    return study_of(expected, drops, together.options)


@pytest.fixture(scope="module")
def scorecard(study: Study) -> Scorecard:
    return Scorecard(study)


@pytest.fixture(scope="module")
def build_file(together: Pipeline) -> Path:
    return together.store.build_file


@pytest.mark.parametrize("mart", STUDY_MARTS)
def test_every_row_is_as_the_brute_force_computation_says(build_file: Path, study: Study, mart: str) -> None:
    expected = study.rows(mart)
    assert len(expected) > 50
    assert_mart(build_file, mart, expected, "all drops together")


def test_the_real_works_hold_what_the_measures_differ_in(study: Study) -> None:
    cutoffs = study.rows("high_impact_cutoffs").values()
    assert {row["source"] for row in cutoffs} == {"openalex"}
    assert any(row["works_of_other_sources"] for row in cutoffs)
    assert any(row["tied_share"] is None for row in cutoffs)
    assert any(row["tied_share"] not in (None, 1) for row in cutoffs)
    leaders = study.rows("technology_leaders").values()
    assert {row["concentration"] for row in leaders} == {None, "low", "medium"}
    pairs = study.rows("pair_certainty")
    assert {row["is_small"] for row in pairs.values()} == {True, False}
    assert any(not row["weight"] for row in pairs.values())
    main = {tuple(key): row.weight for key, row in study.result.pair_collaboration.items()}
    others = {key[0] for key, row in study.rows("reading_pairs").items() if row["weight"] != main[key[1:]]}
    # No work in scope has more than 100 authors; that reading is left to random works.
    assert {"known_authors", "by_affiliation", "n_squared"} <= others


def test_no_number_is_nan_or_infinite(build_file: Path) -> None:
    with duckdb.connect(str(build_file), read_only=True) as connection:
        columns: defaultdict[str, list[str]] = defaultdict(list)
        for mart, column in connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'marts' and data_type = 'DOUBLE'"
        ).fetchall():
            columns[mart].append(column)
        odd = {
            mart: rows
            for mart, names in columns.items()
            if (rows := connection.execute(odd_rows(mart, names)).fetchall())
        }
    assert columns.keys() >= {"partner_ranking", "intensity_change", "reading_pairs", "claims", "robustness"}
    assert not odd


def odd_rows(mart: str, columns: Sequence[str]) -> str:
    conditions = " or ".join(f'not isfinite("{column}")' for column in columns)
    return f"select * from marts.{mart} where {conditions} limit 5"


SUMS = {
    "outputs, world shares and numbers of members add up over the members of a group": """
        select unnest([
            own.output - sums.output, own.world_share - sums.world_share, own.members - sums.members,
            own.output - sums.solo_output - own.inside_weight - own.international_weight
        ]) as difference
        from marts.group_output as own
        full join (
            select year, technology, group_set, group_name, sum(output) as output,
                sum(solo_output) as solo_output, sum(world_share) as world_share, count(*) as members
            from marts.country_output inner join seeds.country_groups using (country)
            group by all
        ) as sums using (year, technology, group_set, group_name)
    """,
    "China, which is in no group, and the groups of stance are the whole world": """
        select sum(world_share) - 1 as difference
        from (
            select year, technology, world_share from marts.group_output where group_set = 'stance_china'
            union all
            select year, technology, world_share from marts.country_output where country = 'CN'
        )
        group by year, technology
    """,
    "EU-27 and the countries outside of it are the whole world": """
        select sum(world_share) - 1 as difference
        from (
            select year, technology, world_share from marts.group_output where group_set = 'eu27'
            union all
            select year, technology, world_share
            from marts.country_output anti join eu27 using (country)
            where country != 'ZZ'
        )
        group by year, technology
    """,
    "the weight of a country with a group adds up over the members": """
        select own.weight - sums.weight as difference
        from marts.group_collaboration as own
        full join (
            select year, technology, pairs.country, group_set, group_name, sum(weight) as weight
            from pairs inner join seeds.country_groups as members on pairs.partner = members.country
            group by all
        ) as sums using (year, technology, country, group_set, group_name)
    """,
    "EU-27 as a partner has the weight and the intensity of the group": """
        select unnest([own.weight - groups.weight, own.intensity - groups.intensity]) as difference
        from (select * from marts.partner_ranking where view = 'eu27' and partner = 'EU27') as own
        full join (
            select * from marts.group_collaboration anti join eu27 using (country)
            where group_set = 'eu27' and country != 'ZZ'
        ) as groups using (year, technology, country)
    """,
    "the partners of a country have all of its weight with known countries": """
        select sum(share_of_international) - 1 as difference
        from marts.partner_ranking
        group by year, technology, view, country
        having sum(weight) > 0
    """,
    "all countries together have a tenth of the works as high impact": """
        select sum(high_impact_output) - any_value(works) / 10 as difference
        from marts.high_impact inner join marts.high_impact_cutoffs using (year, technology)
        where tied_share is not null
        group by year, technology
    """,
}
"""What should be nothing: the marts held against each other, as they are held against brute force above."""
WITH = """
    with eu27 as (select country from seeds.country_groups where group_set = 'eu27'),
    pairs as (
        select year, technology, country_a as country, country_b as partner, weight
        from marts.pair_collaboration
        union all
        select year, technology, country_b, country_a, weight from marts.pair_collaboration
    )
"""


@pytest.mark.parametrize("query", SUMS.values(), ids=SUMS.keys())
def test_sums_are_exact(build_file: Path, query: str) -> None:
    with duckdb.connect(str(build_file), read_only=True) as connection:
        differences = [row[0] for row in connection.execute(WITH + query).fetchall()]
    assert len(differences) >= 100
    # None where one side has a row that the other lacks.
    assert None not in differences
    assert max(map(abs, differences)) < 1e-9


def test_trends_are_fitted_only_where_there_are_enough_large_years(
    build_file: Path, study: Study, tmp_path: Path
) -> None:
    years: Counter[object] = Counter()
    large: Counter[object] = Counter()
    for (_, *series), row in study.rows("partner_ranking").items():
        years[tuple(series)] += bool(row["weight"])
        large[tuple(series)] += not row["is_small"]
    # Many series would be long enough if small numbers did for a trend.
    assert sum(number >= FEWEST_YEARS for number in years.values()) > 50
    assert max(large.values()) < FEWEST_YEARS
    assert fit_trends(build_file, tmp_path).series == 0
    for table in ("trends", "trend_classes"):
        assert pq.read_table(tmp_path / f"{table}.parquet").num_rows == 0


def test_no_statement_of_the_scorecard_is_told_and_each_says_why(
    build_file: Path, scorecard: Scorecard
) -> None:
    claims = read_mart(build_file, "claims")
    expected = {
        (statement.claim,): outcome(scorecard, statement, finding)
        for statement, finding in scorecard.main_findings()
    }
    assert_outcomes(claims, expected)
    assert {row["verdict"] for row in claims.values()} == {CANNOT_BE_TOLD}
    assert {row["reason"] for row in expected.values()} == {
        "years are missing",
        "nothing to measure it by",
        "small numbers",
    }


def test_no_statement_is_told_under_any_other_reading(build_file: Path, scorecard: Scorecard) -> None:
    robustness = read_mart(build_file, "robustness")
    expected = {
        (statement.claim, reading): outcome(scorecard, statement, finding)
        for statement, reading, finding in scorecard.readings_of_partners()
    }
    assert_outcomes(robustness, expected)
    assert {row["verdict"] for row in robustness.values()} == {CANNOT_BE_TOLD}


def test_every_query_of_the_scorecard_finds_the_value_of_its_row(build_file: Path) -> None:
    with duckdb.connect(str(build_file), read_only=True) as connection:
        rows = connection.execute("select claim, query, found from marts.claims").fetchall()
        values = {claim: connection.execute(query).fetchone() for claim, query, _ in rows}
    found = {claim: row and row[0] for claim, row in values.items()}
    assert found == {claim: pytest.approx(value) for claim, _, value in rows}


def test_no_statement_is_told_with_the_technologies_of_the_project_either(
    together: Pipeline, tmp_path: Path
) -> None:
    shutil.copytree(together.store.root, tmp_path / "store", symlinks=True)
    pipeline = make_pipeline(tmp_path, together.landing)
    count_without_dagster(pipeline, study=True)
    build_file = pipeline.store.build_file
    # Of nanoscale materials, which the catalogue of brute force lacks, among others.
    technologies = {key[1] for key in read_mart(build_file, "year_totals")}
    assert "nanoscale-materials-and-manufacturing" in technologies
    verdicts = Counter(
        row["verdict"] for mart in ("claims", "robustness") for row in read_mart(build_file, mart).values()
    )
    assert verdicts.keys() == {CANNOT_BE_TOLD}


def outcome(scorecard: Scorecard, statement: Statement, finding: Finding) -> Mapping[str, Value]:
    return {"found": finding.found, "reason": scorecard.reason(statement, finding)}


def assert_outcomes(actual: Rows, expected: Mapping[Any, Mapping[str, Value]]) -> None:
    """The rows have these values and reasons."""
    chosen = {key: {name: row[name] for name in ("found", "reason")} for key, row in actual.items()}
    found = list(differences("found", chosen, expected))
    assert not found, "\n".join(map(str, found))
