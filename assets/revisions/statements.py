"""The SQL that holds the numbers of two attached files against each other.

What is compared, and the statements that do it; running them, and reading what they found, is
`assets.revisions.comparison`. Names in a statement are those of `MARTS`; what a user names is a parameter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

BEFORE: Final = "before_file"
AFTER: Final = "after_file"
"""The names the files are attached by."""

ROUNDING: Final = 1e-9
"""Numbers that differ by a smaller part are the same: sums of the same papers in another order differ in
their last bits."""


@dataclass(frozen=True)
class Measure:
    """A column of a mart, and the bounds of its 95% interval in the mart of its certainty, if it has one."""

    name: str
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True)
class Mart:
    """A mart whose numbers are compared."""

    name: str
    parties: tuple[str, ...]
    """What a number is of, beside year and technology: a country, or both of a pair."""
    measures: tuple[Measure, ...]
    certainty: str
    """The mart with the intervals."""
    certainty_parties: tuple[str, ...]
    certainty_view: str = ""
    """Of its views the one that these numbers are of, where it has several."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name a number."""
        return ("year", "technology", *self.parties)

    @property
    def certainty_keys(self) -> tuple[str, ...]:
        """The columns of the mart with the intervals that name it in the same order."""
        return ("year", "technology", *self.certainty_parties)


MARTS: Final = (
    Mart(
        "country_output",
        ("country",),
        (
            Measure("output", "output_low", "output_high"),
            Measure("papers"),
            Measure("world_share", "share_low", "share_high"),
        ),
        "country_certainty",
        ("country",),
    ),
    Mart(
        "pair_collaboration",
        ("country_a", "country_b"),
        (
            Measure("weight", "weight_low", "weight_high"),
            Measure("intensity", "intensity_low", "intensity_high"),
        ),
        "pair_certainty",
        ("party_a", "party_b"),
        "countries",
    ),
)

TABLES: Final = """
    create temp table unchanged (year integer, technology varchar, numbers bigint);
    create temp table changed (
        year integer, technology varchar, measure varchar, country varchar, partner varchar,
        value_before double, low double, high double, value_after double, large_after boolean, kind varchar
    )
"""

CELLS: Final = """
    with counts as (
        select year, technology, kind, count(*) as numbers,
            count(*) filter (kind = 'appeared' and large_after) as appeared_large,
            count(*) filter (kind = 'vanished' and low is not null) as vanished_large
        from changed group by all
        union all
        select year, technology, 'same', numbers, 0, 0 from unchanged
    )
    select
        year, technology,
        coalesce(sum(numbers) filter (kind = 'same'), 0)::bigint,
        coalesce(sum(numbers) filter (kind = 'within'), 0)::bigint,
        coalesce(sum(numbers) filter (kind = 'beyond'), 0)::bigint,
        coalesce(sum(numbers) filter (kind = 'unbounded'), 0)::bigint,
        coalesce(sum(numbers) filter (kind = 'appeared'), 0)::bigint,
        coalesce(sum(numbers) filter (kind = 'vanished'), 0)::bigint,
        sum(appeared_large)::bigint,
        sum(vanished_large)::bigint
    from counts group by year, technology order by year, technology
"""
"""A row a year and technology: in the order of `assets.revisions.comparison.Counts`."""

MOVES: Final = """
    with moves as (
        select *, coalesce(value_after, 0) as reached
        from changed where kind = 'beyond' or kind = 'vanished' and low is not null
    )
    select
        year, technology, measure, country, partner, value_before, low, high, value_after,
        -- A bound on the value itself is no measure of how far it moved.
        case
            when reached > value_before then (reached - value_before) / nullif(high - value_before, 0)
            else (value_before - reached) / nullif(value_before - low, 0)
        end as reach
    from moves
    order by reach desc nulls first, abs(reached - value_before) desc,
        year, technology, measure, country, partner
    limit $1
"""
"""The moves that went farthest: in the order of `assets.revisions.comparison.Move`."""


def side_by_side(mart: Mart, measures: Sequence[Measure], after: str) -> str:
    """A table with the rows of both files; `stands` is true where no number differs."""
    keys = ", ".join(mart.keys)
    names = [measure.name for measure in measures]
    columns = ", ".join(f"cast({name} as double) as {name}" for name in names)
    rows = [
        f"select {keys}, {columns} from {file}.marts.{mart.name}"
        " where $technology is null or technology = $technology"
        for file in (BEFORE, after)
    ]
    values = ", ".join(f"a.{name} as {name}_before, b.{name} as {name}_after" for name in names)
    unmoved = " and ".join(f"({_same(name)} or {_unknown(name)})" for name in names)
    return f"""
        create or replace temp table side_by_side as
        with both_files as (
            select {keys}, {values} from ({rows[0]}) as a full join ({rows[1]}) as b using ({keys})
        )
        select *, coalesce({unmoved}, false) as stands from both_files
    """


def count_unchanged(measures: Sequence[Measure]) -> str:
    """A statement that counts the numbers that are the same in both files."""
    numbers = " + ".join(f"count(*) filter ({_same(measure.name)})" for measure in measures)
    return f"insert into unchanged select year, technology, {numbers} from side_by_side group by all"


def with_intervals(
    mart: Mart, measures: Sequence[Measure], after: str, *, sure_before: bool, sure_after: bool
) -> str:
    """A table with the rows that differ, their intervals of before, and whether they have one after.

    A small number, whose interval is too sure of itself, has none.
    """
    columns, joins = ["found.*"], []
    for measure in measures:
        low, high = (
            f"case when not a.is_small then a.{bound} end" if bound and sure_before else "null"
            for bound in (measure.low, measure.high)
        )
        large = f"coalesce(not b.is_small and b.{measure.low} is not null, false)"
        columns += [
            f"cast({low} as double) as {measure.name}_low",
            f"cast({high} as double) as {measure.name}_high",
            f"{large if measure.low and sure_after else 'false'} as {measure.name}_large_after",
        ]
    for name, file, sure in (("a", BEFORE, sure_before), ("b", after, sure_after)):
        if sure:
            pairs = zip(mart.keys, mart.certainty_keys, strict=True)
            on = " and ".join(f"found.{ours} = {name}.{theirs}" for ours, theirs in pairs)
            view = f" and {name}.view = '{mart.certainty_view}'" if mart.certainty_view else ""
            joins.append(f"left join {file}.marts.{mart.certainty} as {name} on {on}{view}")
    return f"""
        create or replace temp table differing as
        select {", ".join(columns)} from side_by_side as found {" ".join(joins)} where not stands
    """


def add_changed(mart: Mart, measure: Measure) -> str:
    """A statement that adds the numbers of one measure that are not the same, and says what each did."""
    name = measure.name
    partner = mart.parties[1] if len(mart.parties) > 1 else "null"
    before, after, low, high = (f"{name}_{part}" for part in ("before", "after", "low", "high"))
    return f"""
        insert into changed
        select
            year, technology, '{name}', {mart.parties[0]}, {partner}, {before}, {low}, {high}, {after},
            {name}_large_after,
            case
                when {before} is null then 'appeared'
                when {after} is null then 'vanished'
                when {low} is null or {high} is null then 'unbounded'
                when {after} between {low} and {high} then 'within'
                else 'beyond'
            end
        from differing
        where not coalesce({_same(name)} or {_unknown(name)}, false)
    """


def _same(name: str) -> str:
    """True where a number stands in both files and is the same; null where it is missing in one."""
    return f"abs({name}_after - {name}_before) <= {ROUNDING} * greatest({name}_after, {name}_before)"


def _unknown(name: str) -> str:
    return f"({name}_before is null and {name}_after is null)"
