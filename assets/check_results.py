"""What the checks look at: the reconciliation of each year, its quality, the balance of each drop.

Reads rows dbt has computed and holds them against thresholds; it computes no number of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.build import connect


@dataclass(frozen=True)
class Finding:
    """What one check found for one year."""

    passed: bool
    description: str
    values: Mapping[str, float | int | str]
    """Expected, observed and difference, whether it passed or not."""


@dataclass(frozen=True)
class Thresholds:
    """From where on a year is remarkable; see `assets.pipeline.Options`."""

    unknown_share: float
    year_jump: float
    linked_share: float
    abstract_share: float


def identity_findings(build_file: Path, number: int, years: Sequence[int]) -> dict[int, Finding]:
    """Year to what identity `number` of METHOD section 3 gives, over all technologies.

    The technology that is farthest off stands for all. A year without works has nothing to add up.
    """
    with connect(build_file) as connection:
        rows = connection.execute(
            "select year, technology, expected, actual, difference, passed from marts.reconciliation"
            " where identity like ? and list_contains(?, year)"
            " order by year, passed desc, abs(difference)",
            [f"{number} %", list(years)],
        ).fetchall()
    worst = {row[0]: row for row in rows}
    return {year: _identity_finding(worst.get(year)) for year in years}


def presence_findings(build_file: Path, years: Sequence[int]) -> dict[int, Finding]:
    """Year to whether the marts hold as many works of it as the ledger says there are."""
    quality = _quality(build_file)
    findings = {}
    for year in years:
        row = quality.get(year, _Quality(0, 0, None, None))
        passed = row.works == row.works_expected
        findings[year] = Finding(
            passed,
            "the marts hold the works of the ledger" if passed else _absence(row),
            {
                "expected": row.works_expected,
                "observed": row.works,
                "difference": row.works - row.works_expected,
            },
        )
    return findings


def unknown_findings(build_file: Path, years: Sequence[int], thresholds: Thresholds) -> dict[int, Finding]:
    """Year to whether the share of the unknown country is unremarkable."""
    quality = _quality(build_file)
    findings = {}
    for year in years:
        share = quality[year].unknown_share if year in quality else None
        passed = share is None or share <= thresholds.unknown_share
        findings[year] = Finding(
            passed,
            "no works" if share is None else f"{share:.1%} of output has no known country",
            {
                "expected": f"at most {thresholds.unknown_share:.1%}",
                "observed": 0.0 if share is None else share,
                "difference": 0.0 if share is None else share - thresholds.unknown_share,
            },
        )
    return findings


def jump_findings(build_file: Path, years: Sequence[int], thresholds: Thresholds) -> dict[int, Finding]:
    """Year to whether its works are in line with the years before and after."""
    quality = _quality(build_file)
    limit = thresholds.year_jump
    findings = {}
    for year in years:
        ratio = quality[year].neighbour_ratio if year in quality else None
        passed = ratio is None or 1 / limit <= ratio <= limit
        findings[year] = Finding(
            passed,
            "no neighbours" if ratio is None else f"{ratio:.2f} times the mean of its neighbours",
            {
                "expected": f"between {1 / limit:.2f} and {limit:.2f}",
                "observed": 1.0 if ratio is None else ratio,
                "difference": 0.0 if ratio is None else ratio - 1,
            },
        )
    return findings


def linked_findings(build_file: Path, years: Sequence[int], thresholds: Thresholds) -> dict[int, Finding]:
    """Year to whether enough of its authors are linked to an address of their own, in every source.

    The source with the smallest share stands for all. A year without a source that gives addresses has
    nothing to link.
    """
    return _share_findings(build_file, years, _LINKED, thresholds.linked_share)


def abstract_findings(build_file: Path, years: Sequence[int], thresholds: Thresholds) -> dict[int, Finding]:
    """Year to whether enough of its works have an abstract, in every source.

    The source with the smallest share stands for all.
    """
    return _share_findings(build_file, years, _ABSTRACTS, thresholds.abstract_share)


def balance_findings(build_file: Path) -> dict[str, Finding]:
    """Drop id to whether the outcomes of its records add up to the records it holds."""
    with connect(build_file) as connection:
        rows = connection.execute(
            "select coalesce(d.drop_id, b.drop_id), coalesce(d.records, 0), coalesce(b.records, 0)"
            " from control.active_drops d full join"
            " (select drop_id, sum(records)::bigint as records from marts.record_balance group by all) b"
            " using (drop_id)"
        ).fetchall()
    return {
        drop_id: Finding(
            expected == observed,
            f"{observed:,} of {expected:,} records have an outcome",
            {"expected": expected, "observed": observed, "difference": observed - expected},
        )
        for drop_id, expected, observed in rows
    }


@dataclass(frozen=True)
class _Quality:
    works_expected: int
    works: int
    unknown_share: float | None
    neighbour_ratio: float | None


def _quality(build_file: Path) -> dict[int, _Quality]:
    with connect(build_file) as connection:
        rows = connection.execute(
            "select year, works_expected, works, unknown_share, neighbour_ratio from marts.year_quality"
        ).fetchall()
    return {year: _Quality(*values) for year, *values in rows}


def _identity_finding(row: tuple[int, str, float, float, float, bool] | None) -> Finding:
    if row is None:
        return Finding(True, "no works", {"expected": 0.0, "observed": 0.0, "difference": 0.0})
    _, technology, expected, actual, difference, passed = row
    return Finding(
        bool(passed),
        f"expected {expected:,.6f}, found {actual:,.6f} (technology {technology})",
        {
            "expected": expected,
            "observed": actual,
            "difference": difference,
            "technology": technology,
        },
    )


@dataclass(frozen=True)
class _Coverage:
    """Where the share of each year and source stands, and what it is the share of."""

    mart: str
    column: str
    what: str
    without: str
    """Said of a year that has nothing to cover."""


_LINKED = _Coverage(
    "address_link_coverage",
    "linked_share",
    "of the authors of {source} records with addresses are linked to one of their own",
    "no addresses",
)
_ABSTRACTS = _Coverage(
    "abstract_coverage",
    "abstract_share",
    "of the works of {source} have an abstract to find technologies by",
    "no works",
)


def _share_findings(
    build_file: Path, years: Sequence[int], coverage: _Coverage, least: float
) -> dict[int, Finding]:
    """Year to whether the smallest share of its sources is large enough."""
    with connect(build_file) as connection:
        rows = connection.execute(
            f"select year, source, {coverage.column} as share from marts.{coverage.mart}"
            " where share is not null and list_contains(?, year)"
            " order by year, share desc, source desc",
            [list(years)],
        ).fetchall()
    lowest = {year: (source, share) for year, source, share in rows}
    return {year: _share_finding(lowest.get(year), coverage, least) for year in years}


def _share_finding(lowest: tuple[str, float] | None, coverage: _Coverage, least: float) -> Finding:
    wanted = f"at least {least:.1%}"
    if lowest is None:
        return Finding(True, coverage.without, {"expected": wanted, "observed": 1.0, "difference": 0.0})
    source, share = lowest
    return Finding(
        share >= least,
        f"{share:.1%} {coverage.what.format(source=source)}",
        {"expected": wanted, "observed": share, "difference": share - least, "source": source},
    )


def _absence(row: _Quality) -> str:
    if not row.works:
        return f"the year is missing: the ledger has {row.works_expected:,} works"
    if not row.works_expected:
        return f"the year should not be there: the marts hold {row.works:,} works"
    return f"the ledger has {row.works_expected:,} works, the marts {row.works:,}"
