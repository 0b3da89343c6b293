"""The papers behind a published number: what each gives to a country's output or to a pair's weight.

SQL counts, here is only asked and read. What is shown of it to people is said in `orchestration`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import duckdb

from assets.build import connect
from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.question import Question, checked
from assets.record_store import record_files, year_folder
from assets.staleness import build_state
from assets.store import Store
from assets.vintages import published

_TOLERANCE: Final = 1e-9

# A technology is a condition on works, so that every count below is over the same papers.
_OF_TECHNOLOGY: Final = """
    ($technology = 'all' or exists (
        select 1 from ledger.work_technologies as technologies
        where technologies.year = given.year
            and technologies.source = given.source
            and technologies.work_id = given.work_id
            and ($technology = 'critical' or technologies.technology = $technology)))
"""

_PAIR_CONTRIBUTIONS: Final = f"""
    select given.source, given.work_id, given.weight as contribution
    from intermediate.int_work_pairs as given
    where given.year = $year
        and given.country_a = least($country, $partner)
        and given.country_b = greatest($country, $partner)
        and {_OF_TECHNOLOGY}
"""

_COUNTRY_CONTRIBUTIONS: Final = f"""
    select given.source, given.work_id, given.output as contribution
    from intermediate.int_work_countries as given
    where given.year = $year and given.country = $country and {_OF_TECHNOLOGY}
"""

_GIVEN: Final = """
    create temp table given as
    select
        contributions.source, contributions.work_id, contributions.contribution,
        outcomes.doi, outcomes.drop_version, outcomes.file, outcomes.position,
        cast(null as varchar) as title, cast(null as integer) as citations
    from ({contributions}) as contributions
    left join ledger.work_outcomes as outcomes
        on contributions.source = outcomes.source
            and contributions.work_id = outcomes.work_id
            and outcomes.outcome = 'current'
"""

_RECORDS: Final = """
    update given set title = stored.title, citations = stored.cited_by_count
    from read_parquet($files, hive_partitioning = false) as stored
    where given.drop_version = $drop_version
        and given.file = stored.file and given.position = stored.position
"""

# The order of the mart `top_papers`. Equal contributions differ in their last bits when they are sums of
# thirds.
_RANKED: Final = """
    create temp table ranked as
    select
        *,
        row_number() over (
            order by round(contribution, 12) desc, coalesce(citations, -1) desc, source, work_id
        ) as place
    from given
"""

_TOTALS: Final = """
    select
        count(*), coalesce(sum(contribution), 0), coalesce(sum(contribution) filter (place > $limit), 0)
    from ranked
"""

_SHOWN: Final = """
    select
        contribution, source, work_id, title, doi, citations,
        (select any_value(countries.authors) from intermediate.int_work_countries as countries
         where countries.year = $year and countries.source = ranked.source
            and countries.work_id = ranked.work_id) as authors,
        (select list(technologies.technology order by technologies.technology)
         from ledger.work_technologies as technologies
         where technologies.year = $year and technologies.source = ranked.source
            and technologies.work_id = ranked.work_id) as technologies
    from ranked
    where place <= $limit
    order by place
"""


@dataclass(frozen=True)
class Paper:
    """A work and what it gives to the number."""

    contribution: float
    source: str
    work_id: str
    title: str | None
    doi: str | None
    link: str | None
    """Where a browser finds it; None where only the source's own site knows."""
    citations: int | None
    """As the source counts them; None where it does not tell."""
    authors: int
    technologies: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """The papers behind a number, by contribution, and whether they add up to it."""

    question: Question
    vintage: str
    synthetic: bool
    published: float
    """The number as published; 0 where no paper gave it a row."""
    published_papers: int
    total: float
    """Sum of the contributions of all papers, shown or not."""
    papers: int
    shown: tuple[Paper, ...]
    rest: float
    """Sum of those that are not shown."""
    agrees: bool
    disagreement: str
    """Why the sum is not the published number, where it is not."""


def explain(
    store: Store,
    ledger: Ledger,
    question: Question,
    limit: int,
    announce: Callable[[str], None] = print,
) -> Explanation:
    """The `limit` papers that give most to a published number, and the sum of all of them.

    Opens files only to read them, and waits in line while they are written. The number is read from the
    published file, the papers from the build.

    Raises:
        CollaborationError: Nothing is published yet, or the question names a country,
            year or technology there is none of.
    """
    if not store.warehouse_file.exists() or not store.build_file.exists():
        raise CollaborationError(f"Nothing is published in {store.root} yet: run it first.")
    with store.reading(announce), _build(store) as connection:
        question = checked(question, connection)
        published, published_papers, vintage, synthetic = _published(store, question)
        _rank(connection, store, question)
        papers, total, rest = connection.execute(_TOTALS, {"limit": limit}).fetchall()[0]
        shown = _read_shown(connection, question, limit)
    agrees = papers == published_papers and abs(total - published) <= _TOLERANCE * max(1, abs(published))
    return Explanation(
        question=question,
        vintage=vintage,
        synthetic=synthetic,
        published=published,
        published_papers=published_papers,
        total=total,
        papers=papers,
        shown=shown,
        rest=rest,
        agrees=agrees,
        disagreement="" if agrees else _disagreement(store, ledger, question),
    )


@contextmanager
def _build(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        with connect(store.build_file) as connection:
            yield connection
    except duckdb.IOException as error:
        # A person may have opened it to write, past the store's lock.
        raise CollaborationError(
            f"{store.build_file} cannot be read now: {error}. Close what has it open, then try again."
        ) from error
    except duckdb.CatalogException as error:
        raise CollaborationError(
            f"{store.build_file} is not complete, a run was broken off: {error}. Run it, then ask again."
        ) from error


def _published(store: Store, question: Question) -> tuple[float, int, str, bool]:
    """The number, its papers, and the vintage both are of."""
    condition = "country = $country"
    if question.partner is not None:
        condition = "country_a = least($country, $partner) and country_b = greatest($country, $partner)"
    with connect(store.warehouse_file) as connection:
        vintage, synthetic = connection.execute("select vintage, synthetic from marts.vintage").fetchall()[0]
        rows = connection.execute(
            f"select {question.measure}, papers from marts.{question.mart}"
            f" where year = $year and technology = $technology and {condition}",
            _parameters(question),
        ).fetchall()
    number, papers = rows[0] if rows else (0.0, 0)
    return number, papers, vintage, synthetic


def _rank(connection: duckdb.DuckDBPyConnection, store: Store, question: Question) -> None:
    """Put all papers in order, with what their records say."""
    contributions = _COUNTRY_CONTRIBUTIONS if question.partner is None else _PAIR_CONTRIBUTIONS
    connection.execute(_GIVEN.format(contributions=contributions), _parameters(question))
    versions = connection.execute("select distinct drop_version from given where file is not null").fetchall()
    for (version,) in versions:
        folder = year_folder(question.year)
        files = [str(path) for year, path in record_files(store.records / version) if year == folder]
        if files:
            connection.execute(_RECORDS, {"files": files, "drop_version": version})
    connection.execute(_RANKED)


def _read_shown(connection: duckdb.DuckDBPyConnection, question: Question, limit: int) -> tuple[Paper, ...]:
    rows = connection.execute(_SHOWN, {"year": question.year, "limit": limit}).fetchall()
    return tuple(
        Paper(
            contribution=contribution,
            source=source,
            work_id=work_id,
            title=title,
            doi=doi,
            link=_link(source, work_id, doi),
            citations=citations,
            authors=authors,
            technologies=tuple(names or ()),
        )
        for contribution, source, work_id, title, doi, citations, authors, names in rows
    )


def _link(source: str, work_id: str, doi: str | None) -> str | None:
    if doi:
        return f"https://doi.org/{doi}"
    return f"https://openalex.org/{work_id}" if source == "openalex" else None


def _parameters(question: Question) -> dict[str, object]:
    partner = {} if question.partner is None else {"partner": question.partner}
    return {
        "country": question.country,
        "year": question.year,
        "technology": question.technology,
        **partner,
    }


def _disagreement(store: Store, ledger: Ledger, question: Question) -> str:
    vintage = published(store)
    if vintage is None or vintage.state != build_state(ledger):
        return "Records or rules changed since that vintage was published. Run it, then ask again."
    return f"That should not be. Count the year again: backfill --years {question.year}."
