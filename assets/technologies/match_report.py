"""A report on which stored works each technology matches, for people who read titles and mend queries.

Here belong the scan over record files, the numbers made of it and the report's text. It looks at records as
delivered, before scope and before works of several sources are merged: what the marts count is counted in
SQL, from matches that are kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.record_store import record_files
from assets.store import Store
from assets.technologies.catalogue import Technology
from assets.technologies.expressions import Expression, Not, Or
from assets.technologies.matcher import Matcher

_BATCH_ROWS: Final = 1_000
_MEMORY: Final = "512MB"
"""Of the scratch database; what is more lies on disk."""
_YEARS_TOGETHER: Final = 5
_OVERLAPS: Final = 20
_ALTERNATIVES: Final = 8
"""Alternatives shown of a query."""
_SHOWN_CHARACTERS: Final = 60
_TEXT_COLUMNS: Final = ("title", "abstract", "keywords", "topics")
_VERSION_COLUMNS: Final = (
    "source",
    "work_id",
    "publication_year",
    "updated_date",
    "content_hash",
    "title",
)

_TABLES: Final = """
create table versions (
    version bigint, source varchar, work_id varchar, publication_year integer, updated_date timestamp,
    content_hash bigint, title varchar
);
create table hits (version bigint, alternative integer, how varchar);
create table alternatives (alternative integer, technology varchar, shown varchar);
"""
_RESULTS: Final = f"""
create table works as
select * from versions
qualify row_number() over (
    partition by source, work_id order by updated_date desc nulls last, content_hash desc, version
) = 1;
create table found as
select works.*, technology, how, shown
from hits inner join works using (version) inner join alternatives using (alternative)
where how in ('query', 'topic');
create table matches as select distinct version, technology, publication_year from found;
create view sizes as
select technology,
    count(distinct version) as works,
    count(distinct version) filter (how = 'query') as by_query,
    count(distinct version) filter (how = 'topic') as by_topic
from found group by technology;
create view periods as
select technology, publication_year // {_YEARS_TOGETHER} * {_YEARS_TOGETHER} as first_year, count(*) as works
from matches group by all;
create view reasons as
select technology, shown, count(distinct version) as works from found group by all;
create view recent as
select technology, publication_year, title, source, work_id, list(distinct shown order by shown) as shown,
    row_number() over (
        partition by technology
        order by publication_year desc nulls last, updated_date desc nulls last, source, work_id
    ) as place
from found
group by technology, publication_year, title, source, work_id, updated_date;
"""


@dataclass(frozen=True)
class MatchedTitle:
    """One work, as the report lists it."""

    publication_year: int | None
    title: str
    source: str
    work_id: str
    found_by: tuple[str, ...] = ()
    """The alternatives of the query that hold for it, shortened; `topic` for one of the topics."""


@dataclass(frozen=True)
class TechnologyMatches:
    """The works of one technology; one found by query and by topic is counted in both."""

    technology: Technology
    works: int
    by_query: int
    by_topic: int
    by_years: tuple[tuple[int | None, int], ...]
    """First of five years, and works; None is no year. Ascending, years without works left out."""
    by_alternative: tuple[tuple[str, int], ...]
    """Alternatives of the query that found most, shortened, and works."""
    recent: tuple[MatchedTitle, ...]
    """By year, then by the record's own date, latest first."""


@dataclass(frozen=True)
class Overlap:
    """Two technologies and the works in both."""

    one: str
    other: str
    works: int


@dataclass(frozen=True)
class MatchReport:
    """What a catalogue matches among stored records. A work is a source and its id, once."""

    works: int
    matched: int
    """In at least one technology."""
    technologies: tuple[TechnologyMatches, ...]
    overlaps: tuple[Overlap, ...]
    """Pairs that share most works, most first."""
    unmatched: tuple[MatchedTitle, ...]
    """The most recent works of no technology."""

    def lines(self) -> Iterator[str]:
        """The report as Markdown, line by line."""
        yield "# Matches of the technologies"
        yield ""
        yield (
            f"Works (source and id), as delivered, before scope and before merging sources: {self.works:,}; "
            f"in at least one technology: {self.matched:,} ({_percent(self.matched, self.works)})"
        )
        yield from ("", "| technology | works | share |", "|---|---:|---:|")
        for matches in self.technologies:
            share = _percent(matches.works, self.works)
            yield f"| {matches.technology.name} | {matches.works:,} | {share} |"
        for matches in self.technologies:
            yield from self._technology_lines(matches)
        yield from _section("Technologies that share most works")
        for overlap in self.overlaps:
            yield f"- {overlap.works:,}: {overlap.one}, {overlap.other}"
        none = self.works - self.matched
        yield from _section("In no technology")
        yield f"Works: {none:,} ({_percent(none, self.works)} of all)"
        yield from _title_lines(self.unmatched)

    def _technology_lines(self, matches: TechnologyMatches) -> Iterator[str]:
        technology = matches.technology
        yield from _section(technology.name)
        yield f"`{technology.id}`, version {technology.version}"
        yield ""
        yield (
            f"Works: {matches.works:,} ({_percent(matches.works, self.works)} of all); "
            f"by query {matches.by_query:,}, by topic {matches.by_topic:,}"
        )
        if matches.works:
            yield ""
            yield ", ".join(f"{_years(first)}: {works:,}" for first, works in matches.by_years)
            yield ""
            yield f"Mostly by {'; '.join(f'{shown} ({works:,})' for shown, works in matches.by_alternative)}"
        yield from _title_lines(matches.recent)


def active_record_files(store: Store, ledger: Ledger) -> list[Path]:
    """The record files of every drop version that counts now."""
    folders = [store.records / version.drop_version for version in ledger.active_versions()]
    return [path for folder in folders for _, path in record_files(folder)]


def match_report(records: Iterable[Path], technologies: Sequence[Technology], titles: int) -> MatchReport:
    """Match record files and report on it, with so many recent titles of each technology.

    Of several versions of a work the one with the latest date of its own counts. Memory does not grow with
    the records: what is found lies in a scratch database in the folder for temporary files.

    Raises:
        CollaborationError: A file cannot be read, or there is no room for the scratch database.
    """
    parts = [(technology.id, *part) for technology in technologies for part in _parts(technology)]
    matcher = Matcher([replace(part, id=str(number)) for number, (_, part, _) in enumerate(parts)])
    named = {
        "alternative": list(range(len(parts))),
        "technology": [id_ for id_, _, _ in parts],
        "shown": [shown for _, _, shown in parts],
    }
    try:
        with _scratch_database() as connection:
            connection.execute(_TABLES)
            _insert(connection, "alternatives", pa.table(named))
            _match_files(connection, records, matcher)
            connection.execute(_RESULTS)
            return _report(connection, technologies, titles)
    except (OSError, duckdb.Error) as error:
        raise CollaborationError(
            f"The report of matches cannot be made in {gettempdir()}: {error}. Make room there, or name "
            "another folder for temporary files with TMPDIR, then run again."
        ) from error


@contextmanager
def _scratch_database() -> Iterator[duckdb.DuckDBPyConnection]:
    with (
        TemporaryDirectory(prefix="match-report-") as folder,
        duckdb.connect(f"{folder}/matches.duckdb", config={"memory_limit": _MEMORY}) as connection,
    ):
        yield connection


def _parts(technology: Technology) -> Iterator[tuple[Technology, str]]:
    """What a technology is found by, each as one of its own, and how it is shown; together they are it."""
    if technology.expression is not None:
        for alternative in _alternatives(technology.expression):
            yield replace(technology, expression=alternative, topics=()), _shown(alternative)
    if technology.topics:
        yield replace(technology, expression=None), "topic"


def _alternatives(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case Or(parts):
            return parts
        case Not(wanted, unwanted):
            return tuple(Not(part, unwanted) for part in _alternatives(wanted))
    return (expression,)


def _shown(alternative: Expression) -> str:
    wanted = alternative.wanted if isinstance(alternative, Not) else alternative
    text = str(wanted).replace('TS="', '"')
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _match_files(connection: duckdb.DuckDBPyConnection, records: Iterable[Path], matcher: Matcher) -> None:
    version = 0
    for path in records:
        for batch in _batches(path):
            numbers = pa.array(range(version, version + batch.num_rows), pa.int64())
            columns = [batch.column(name) for name in _VERSION_COLUMNS]
            _insert(
                connection, "versions", pa.table([numbers, *columns], names=["version", *_VERSION_COLUMNS])
            )
            hits = matcher.match_batch(batch)
            found = [numbers.take(hits.column("row")), hits.column("technology"), hits.column("how")]
            _insert(connection, "hits", pa.table(found, names=["version", "alternative", "how"]))
            version += batch.num_rows


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    columns = list(dict.fromkeys((*_VERSION_COLUMNS, *_TEXT_COLUMNS)))
    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH_ROWS, columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise CollaborationError(
            f"Stored records cannot be read: {path}: {error}. Read the drop again with `reread`."
        ) from error


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    connection.execute(f"insert into {table} by name select * from incoming")
    connection.unregister("incoming")


def _report(
    connection: duckdb.DuckDBPyConnection, technologies: Sequence[Technology], titles: int
) -> MatchReport:
    works, matched = connection.execute(
        "select (select count(*) from works), (select count(distinct version) from matches)"
    ).fetchall()[0]
    overlaps = connection.execute(
        "select one.technology, other.technology, count(*) as works"
        " from matches one join matches other using (version)"
        " where one.technology < other.technology group by all order by works desc, 1, 2 limit ?",
        [_OVERLAPS],
    ).fetchall()
    unmatched = connection.execute(
        "select publication_year, title, source, work_id from works anti join matches using (version)"
        " order by publication_year desc nulls last, updated_date desc nulls last, source, work_id limit ?",
        [titles],
    ).fetchall()
    return MatchReport(
        works,
        matched,
        tuple(_technology(connection, technology, titles) for technology in technologies),
        tuple(Overlap(*row) for row in overlaps),
        tuple(_title(*row) for row in unmatched),
    )


def _technology(
    connection: duckdb.DuckDBPyConnection, technology: Technology, titles: int
) -> TechnologyMatches:
    def rows(query: str, *more: int) -> list[tuple[Any, ...]]:
        return connection.execute(query, [technology.id, *more]).fetchall()

    sizes = rows("select works, by_query, by_topic from sizes where technology = ?")
    works, by_query, by_topic = sizes[0] if sizes else (0, 0, 0)
    by_years = rows("select first_year, works from periods where technology = ? order by all")
    by_alternative = rows(
        "select shown, works from reasons where technology = ? order by works desc, shown limit ?",
        _ALTERNATIVES,
    )
    recent = rows(
        "select publication_year, title, source, work_id, shown from recent"
        " where technology = ? and place <= ? order by place",
        titles,
    )
    return TechnologyMatches(
        technology=technology,
        works=works,
        by_query=by_query,
        by_topic=by_topic,
        by_years=tuple((first, found) for first, found in by_years),
        by_alternative=tuple((shown, found) for shown, found in by_alternative),
        recent=tuple(_title(*row) for row in recent),
    )


def _title(
    year: int | None, title: str | None, source: str, work_id: str, shown: Sequence[str] = ()
) -> MatchedTitle:
    return MatchedTitle(year, _one_line(title or "(no title)"), source, work_id, tuple(shown))


def _one_line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _section(name: str) -> tuple[str, ...]:
    return "", f"## {name}", ""


def _title_lines(titles: Sequence[MatchedTitle]) -> Iterator[str]:
    if titles:
        yield ""
    for one in titles:
        found_by = f" [{'; '.join(one.found_by)}]" if one.found_by else ""
        yield f"- {one.publication_year or 'no year'}: {one.title} ({one.source} {one.work_id}){found_by}"


def _years(first: int | None) -> str:
    return "no year" if first is None else f"{first}-{first + _YEARS_TOGETHER - 1}"


def _percent(works: int, of: int) -> str:
    return f"{works / of:.1%}" if of else "0.0%"
