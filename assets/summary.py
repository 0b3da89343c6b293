"""What is published, in short: by year, and what the state of the pipeline is.

Reads the published marts and the ledger; computes no number of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass

from assets.build import connect
from assets.store import Store


@dataclass(frozen=True)
class YearSummary:
    """One year of the published marts, technology `all`."""

    year: int
    works: int
    countries: int
    pairs: int
    identities_passed: int
    identities: int


def published_years(store: Store, years: Collection[int] | None = None) -> list[YearSummary]:
    """The published years in ascending order; only `years` if given."""
    if not store.warehouse_file.exists():
        return []
    with connect(store.warehouse_file) as connection:
        rows = connection.execute(
            "select year, works,"
            " (select count(*) from marts.country_output c"
            "  where c.year = t.year and c.technology = 'all' and c.country != 'ZZ'),"
            " (select count(*) from marts.pair_collaboration p"
            "  where p.year = t.year and p.technology = 'all'"
            "  and p.country_a != 'ZZ' and p.country_b != 'ZZ'),"
            " (select count(*) filter (passed) from marts.reconciliation r where r.year = t.year),"
            " (select count(*) from marts.reconciliation r where r.year = t.year)"
            " from marts.year_totals t where technology = 'all' order by year"
        ).fetchall()
    summaries = [YearSummary(*row) for row in rows]
    return [item for item in summaries if years is None or item.year in years]


OUTCOMES = ("current", "merged", "superseded", "retired", "out_of_scope", "rejected")
"""What can become of a record."""


@dataclass(frozen=True)
class DropBalance:
    """What became of the records of one drop."""

    drop_id: str
    records: dict[str, int]
    """By outcome."""


def drop_balances(store: Store) -> list[DropBalance]:
    """The published balance of each drop, by drop."""
    if not store.warehouse_file.exists():
        return []
    with connect(store.warehouse_file) as connection:
        rows = connection.execute(
            "select drop_id, outcome, sum(records)::bigint from marts.record_balance"
            " group by all order by all"
        ).fetchall()
    balances: dict[str, dict[str, int]] = {}
    for drop_id, outcome, records in rows:
        balances.setdefault(drop_id, {})[outcome] = records
    return [DropBalance(drop_id, records) for drop_id, records in balances.items()]
