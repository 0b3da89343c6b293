"""What the figures show, read from the published marts.

Reads and selects; every number is computed in `dbt_project` or in the trends. Frames are small: one row a
year and partner, in the order they are drawn.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import duckdb
import pandas as pd

from assets.errors import CollaborationError

EU = "EU27"
View = Literal["countries", "eu27"]
_HALF = 0.5
_SOURCES = {"openalex": "OpenAlex", "wos": "Web of Science", "scopus": "Scopus"}
_WITH_ARTICLE = {EU, "AE", "BS", "CD", "CF", "CG", "DO", "GB", "GM", "MV", "NL", "PH", "US"}
_SUMMARIES = {"all": "all works", "critical": "critical technologies"}


@dataclass(frozen=True)
class Focus:
    """What a user wants figures of."""

    country: str
    """ISO code, or `EU27`."""
    technology: str = "critical"
    """`all`, `critical`, or one of the catalogue."""
    view: View = "countries"
    """Members of the European Union one by one, or `eu27`: the Union in their place."""
    other: str | None = None
    """Whose ranks of partners are shown; without it those of the largest partner."""


@dataclass(frozen=True)
class Subject:
    """What one set of figures is about, and what each of their captions says."""

    country: str
    technology: str
    technology_name: str
    view: View
    members: frozenset[str]
    """Countries that the European Union stands for in this view."""
    names: Mapping[str, str]
    """Country code to name."""
    years: tuple[int, ...]
    """Years with works, ascending."""
    partial: frozenset[int]
    """Those whose records are not all there: the vintage's own year and later, years far below others."""
    sources: tuple[str, ...]
    vintage: str
    synthetic: bool

    @property
    def last_full(self) -> int:
        """The last year whose records are all there."""
        full = [year for year in self.years if year not in self.partial]
        return full[-1] if full else self.years[-1]

    @property
    def name(self) -> str:
        """The subject within a sentence."""
        return self.within_sentence(self.country)

    def name_of(self, country: str) -> str:
        """A country's name, or its code where it has none."""
        return self.names.get(country, country)

    def within_sentence(self, country: str) -> str:
        """The name with the article that English gives some."""
        article = "the " if country in _WITH_ARTICLE else ""
        return f"{article}{self.name_of(country)}"

    def of(self, country: str) -> "Subject":
        """The same about another country."""
        return replace(self, country=country)


def connect(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """A reader of the published file."""
    return duckdb.connect(str(warehouse), read_only=True)


def read_subject(connection: duckdb.DuckDBPyConnection, focus: Focus, names: Mapping[str, str]) -> Subject:
    """What the figures of a country and a technology are about.

    Args:
        connection: A published file.
        focus: What is wanted.
        names: Country code to name, as the seed `countries` has them.

    Raises:
        CollaborationError: A country or the technology is unknown or has no place in the view, or nothing
            is published.
    """
    view: View = "eu27" if focus.country == EU else focus.view
    members = _members(connection) if view == "eu27" else frozenset()
    for country in filter(None, (focus.country, focus.other)):
        _check(country, names, members)
    works = dict(
        connection.execute(
            "select year, works from marts.year_totals where technology = 'all' order by year"
        ).fetchall()
    )
    if not works:
        raise CollaborationError("No figures: the published file holds no work; run the pipeline first.")
    (vintage, published, synthetic) = connection.execute(
        "select vintage, year(published_at), synthetic from marts.vintage"
    ).fetchall()[0]
    sources = connection.execute(
        "select distinct source from marts.record_balance where outcome = 'current' order by source"
    ).fetchall()
    return Subject(
        country=focus.country,
        technology=focus.technology,
        technology_name=_technology_name(connection, focus.technology),
        view=view,
        members=members,
        names={**names, EU: "EU-27"},
        years=tuple(works),
        partial=partial_years(works, published),
        sources=tuple(_SOURCES.get(source, source) for (source,) in sources),
        vintage=vintage,
        synthetic=synthetic,
    )


def partial_years(works: Mapping[int, int], published: int) -> frozenset[int]:
    """Years whose records are not all there yet.

    The year of publication and later ones; then, from the end, years with less than half of the works of
    the year before; then single years with less than half of the works of either neighbour.
    """
    partial = {year for year in works if year >= published}
    full = sorted(set(works) - partial)
    while len(full) > 1 and works[full[-1]] < _HALF * works[full[-2]]:
        partial.add(full.pop())
    for before, year, after in zip(full, full[1:], full[2:], strict=False):
        if works[year] < _HALF * min(works[before], works[after]):
            partial.add(year)
    return frozenset(partial)


def read_partners(connection: duckdb.DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    """All partners of the subject: one row a year and partner.

    Columns: year, partner, weight, weight_low, weight_high, intensity, intensity_low, intensity_high,
    is_small, rank_weight, rank_intensity_stable, rank_weight_stable, index_intensity (100 = base year)
    with its bounds _low and _high,
    trend_weight, trend_intensity (null where none was fitted), trend_class (of the intensity).
    """
    return connection.execute(
        """
        select ranking.year, ranking.partner,
            ranking.weight, ranking.weight_low, ranking.weight_high,
            ranking.intensity, ranking.intensity_low, ranking.intensity_high,
            ranking.is_small, ranking.rank_weight, ranking.rank_weight_stable,
            ranking.rank_intensity_stable, ranking.index_intensity,
            ranking.index_intensity_low, ranking.index_intensity_high,
            of_weight.trend as trend_weight, of_intensity.trend as trend_intensity, classes.trend_class
        from marts.partner_ranking as ranking
        left join marts.trends as of_weight
            on of_weight.measure = 'weight' and of_weight.year = ranking.year
            and of_weight.technology = $1 and of_weight.view = $2
            and of_weight.country = $3 and of_weight.partner = ranking.partner
        left join marts.trends as of_intensity
            on of_intensity.measure = 'intensity' and of_intensity.year = ranking.year
            and of_intensity.technology = $1 and of_intensity.view = $2
            and of_intensity.country = $3 and of_intensity.partner = ranking.partner
        left join marts.trend_classes as classes
            on classes.measure = 'intensity' and classes.technology = $1 and classes.view = $2
            and classes.country = $3 and classes.partner = ranking.partner
        where ranking.technology = $1 and ranking.view = $2 and ranking.country = $3
        order by ranking.partner, ranking.year
        """,
        [subject.technology, subject.view, subject.country],
    ).df()


def read_groups(
    connection: duckdb.DuckDBPyConnection, subject: Subject, group_set: str, years: Sequence[int]
) -> pd.DataFrame:
    """The subject with each group of a set: year, group_name, papers, weight, intensity, share.

    `share` is of the weight with all groups of the set in that year.
    """
    return connection.execute(
        """
        select year, group_name, papers, weight, intensity,
            weight / nullif(sum(weight) over (partition by year), 0) as share
        from marts.group_collaboration
        where technology = $1 and country = $2 and group_set = $3 and year in (select unnest($4::integer[]))
        order by year, group_name
        """,
        [subject.technology, subject.country, group_set, list(years)],
    ).df()


def read_pairs(connection: duckdb.DuckDBPyConnection, subject: Subject, shown: int) -> pd.DataFrame:
    """Intensity of all pairs among the countries with the largest weight, in the last full year.

    Columns: country, partner, intensity, is_small, place and partner_place (1 = largest weight with all its
    partners); both directions of a pair.
    """
    return connection.execute(
        """
        with pairs as (
            select country, partner, weight, intensity, is_small from marts.partner_ranking
            where technology = $1 and view = $2 and year = $3
        ),
        places as (
            select country, row_number() over (order by sum(weight) desc, country) as place
            from pairs group by country
        )
        select pairs.country, pairs.partner, pairs.intensity, pairs.is_small,
            places.place, partners.place as partner_place
        from pairs
        inner join places using (country)
        inner join places as partners on pairs.partner = partners.country
        where places.place <= $4 and partners.place <= $4
        order by places.place, partners.place
        """,
        [subject.technology, subject.view, subject.last_full, shown],
    ).df()


def read_technologies(
    connection: duckdb.DuckDBPyConnection, subject: Subject, partners: Sequence[str], shown: int
) -> pd.DataFrame:
    """The subject with some partners in the technologies with most works over all full years.

    Columns: technology_name, place (1 = most works), year, partner, intensity, intensity_low,
    intensity_high, is_small, trend.
    """
    return connection.execute(
        """
        with sizes as (
            select size.technology, technologies.name as technology_name,
                row_number() over (order by sum(size.works) desc, size.technology) as place
            from marts.technology_size as size
            inner join marts.technologies as technologies using (technology)
            group by size.technology, technologies.name
        )
        select sizes.technology_name, sizes.place, ranking.year, ranking.partner,
            ranking.intensity, ranking.intensity_low, ranking.intensity_high, ranking.is_small, trends.trend
        from marts.partner_ranking as ranking
        inner join sizes on sizes.technology = ranking.technology and sizes.place <= $4
        left join marts.trends as trends
            on trends.measure = 'intensity' and trends.technology = ranking.technology
            and trends.view = $1 and trends.country = $2
            and trends.partner = ranking.partner and trends.year = ranking.year
        where ranking.view = $1 and ranking.country = $2
            and ranking.partner in (select unnest($3::varchar[]))
        order by sizes.place, ranking.partner, ranking.year
        """,
        [subject.view, subject.country, list(partners), shown],
    ).df()


def _check(country: str, names: Mapping[str, str], members: Set[str]) -> None:
    if country not in names and country != EU:
        raise CollaborationError(
            f"No figures: {country!r} is no code of the seed countries; "
            f"name an ISO 3166-1 alpha-2 code such as CN, or {EU}."
        )
    if country in members:
        raise CollaborationError(
            f"No figures: in the view eu27 the European Union stands for {country!r}; "
            f"name {EU}, or take the view countries."
        )


def _members(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    rows = connection.execute("select country from marts.country_groups where group_set = 'eu27'").fetchall()
    return frozenset(country for (country,) in rows)


def _technology_name(connection: duckdb.DuckDBPyConnection, technology: str) -> str:
    if technology in _SUMMARIES:
        return _SUMMARIES[technology]
    found = connection.execute(
        "select name from marts.technologies where technology = $1", [technology]
    ).fetchone()
    if found is None:
        raise CollaborationError(
            f"No figures: {technology!r} is no technology of the published file; name one of the table "
            "technologies, or all, or critical."
        )
    return str(found[0])
