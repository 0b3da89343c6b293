"""What the report is about: names, years, technologies, vintage, and how far the records can be trusted.

Small tables that are loaded with the page or with its data page; measures are in `pieces`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb

from assets.errors import CollaborationError
from assets.figures.data import EU, partial_years
from assets.report.pieces import Technology, columns, rounded

_SUMMARIES: Final = {"critical": "All critical technologies", "all": "All research"}

_NEEDED: Final = frozenset(
    {
        "partner_ranking", "trends", "trend_classes", "country_certainty", "group_collaboration",
        "country_groups", "year_totals", "technology_size", "technologies", "year_quality",
        "abstract_coverage", "address_link_coverage", "record_balance", "reconciliation", "vintage",
        "top_papers", "top_paper_records",
    }
)  # fmt: skip

_QUALITY: Final = {
    "years": """
        select quality.year, totals.works, totals.works_international, critical.works as works_critical,
            quality.unknown_share, quality.neighbour_ratio
        from marts.year_quality as quality
        inner join marts.year_totals as totals
            on totals.year = quality.year and totals.technology = 'all'
        left join marts.year_totals as critical
            on critical.year = quality.year and critical.technology = 'critical'
        order by quality.year desc
    """,
    "abstracts": """
        select year, source, works, works_with_abstract, abstract_share
        from marts.abstract_coverage order by year desc, source
    """,
    "links": """
        select year, source, works, works_with_addresses, authors_with_addresses, linked_authors, linked_share
        from marts.address_link_coverage order by year desc, source
    """,
    "balance": """
        select drop_id, source, outcome, reason, records
        from marts.record_balance order by drop_id, outcome, reason
    """,
    "reconciliation": """
        select identity, count(*) as checks, count(*) filter (not passed) as failed,
            max(abs(difference)) as largest_difference
        from marts.reconciliation group by identity order by identity
    """,
    "sizes": """
        select coalesce(names.name, sizes.technology) as technology, names.category,
            sum(sizes.works) as works, min(sizes.year) as first_year, max(sizes.year) as last_year
        from marts.technology_size as sizes
        left join marts.technologies as names on names.technology = sizes.technology
        where sizes.technology not in ('all', 'critical')
        group by all order by works desc, technology
    """,
}

_MOST_INTERNATIONAL: Final = """
    select country
    from marts.partner_ranking
    where technology = 'all' and view = 'countries'
    group by country
    order by sum(weight) desc, country
    limit 1
"""

_CLAIMS: Final = """
    select claim, statement, measure, technology, query, comparison, expected, tolerance, reach,
        found, low, high, verdict, reason
    from marts.claims order by claim
"""


def require_marts(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The published marts.

    Raises:
        CollaborationError: One that the report shows is missing.
    """
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts'"
    ).fetchall()
    published = frozenset(name for (name,) in found)
    missing = sorted(_NEEDED - published)
    if missing:
        raise CollaborationError(
            f"No report: the published file lacks {', '.join(missing)}. "
            "It was published by an older version of this project; run the pipeline again."
        )
    return published


def read_technologies(connection: duckdb.DuckDBPyConnection) -> list[Technology]:
    """The two summaries, then every technology that has works, by name."""
    found = connection.execute(
        """
        select distinct totals.technology, coalesce(names.name, totals.technology) as shown_name
        from marts.year_totals as totals
        left join marts.technologies as names on names.technology = totals.technology
        where totals.technology not in ('all', 'critical')
        order by lower(shown_name), totals.technology
        """
    ).fetchall()
    return [
        Technology(number, technology, name)
        for number, (technology, name) in enumerate([*_SUMMARIES.items(), *found])
    ]


def read_site(
    connection: duckdb.DuckDBPyConnection,
    names: Mapping[str, str],
    focal_country: str,
    technologies: Sequence[Technology],
    partners: Mapping[int, Sequence[str]],
) -> dict[str, Any]:
    """What every page needs.

    Args:
        connection: A published file.
        names: Country code to name.
        focal_country: The country shown first; where it has no partner in any year, the one with the largest
            international weight takes its place.
        technologies: Of the report.
        partners: Number of a technology to the countries that have partners in it.
    """
    works = dict(
        connection.execute(
            "select year, works from marts.year_totals where technology = 'all' order by year"
        ).fetchall()
    )
    vintage, published, synthetic, drops = connection.execute(
        "select vintage, published_at, synthetic, drops from marts.vintage"
    ).fetchall()[0]
    groups = connection.execute(
        "select group_set, group_name, list(country order by country) from marts.country_groups"
        " group by all order by all"
    ).fetchall()
    sources = connection.execute(
        "select distinct source from marts.record_balance where outcome = 'current' order by source"
    ).fetchall()
    shown = sorted({country for countries in partners.values() for country in countries} | set(names))
    return {
        "vintage": {
            "name": vintage,
            "published": published.date().isoformat(),
            "synthetic": synthetic,
            "drops": drops,
        },
        "sources": [source for (source,) in sources],
        "focal": _shown_first(connection, focal_country, partners),
        "names": {code: "EU-27" if code == EU else names.get(code, code) for code in shown},
        "technologies": [{"id": item.id, "name": item.name} for item in technologies],
        "partners": partners,
        "years": list(works),
        "partial": sorted(partial_years(works, published.year)),
        "groups": [{"set": item, "name": name, "members": members} for item, name, members in groups],
    }


def _shown_first(
    connection: duckdb.DuckDBPyConnection, focal_country: str, partners: Mapping[int, Sequence[str]]
) -> str:
    if any(focal_country in countries for countries in partners.values()):
        return focal_country
    found = connection.execute(_MOST_INTERNATIONAL).fetchone()
    return str(found[0]) if found else focal_country


def read_quality(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Tables of the data page, by name, stored by column."""
    return {name: _columns(connection, query) for name, query in _QUALITY.items()}


def read_claims(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The scorecard, stored by column."""
    return _columns(connection, _CLAIMS)


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    return columns(rounded(connection.execute(query).to_arrow_table()))
