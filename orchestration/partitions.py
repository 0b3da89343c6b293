"""Partitions: drops, which come as they are delivered, and years, which come with the calendar."""

from datetime import UTC, datetime

import dagster as dg

from assets.pipeline import Pipeline
from assets.staleness import YearRange

drop_partitions = dg.DynamicPartitionsDefinition(name="drops")

RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"


def year_partitions(pipeline: Pipeline) -> dg.TimeWindowPartitionsDefinition:
    """The years in scope, and those counted before the scope was narrowed, which have to be emptied.

    Time windows, since these follow the clock: a server or daemon that lives into January knows the new
    year, where other partitions are fixed when it loads the definitions. Dagster's automation conditions
    would request only the newest window even when an old one changed; the sensors here request runs
    themselves.
    """
    counted = pipeline.ledger.year_builds().keys()
    scope = pipeline.options.counting
    first = min([scope.start_year, *counted])
    last = max([scope.end_year, *counted])
    now = datetime.now(UTC).year
    return dg.TimeWindowPartitionsDefinition(
        cron_schedule="0 0 1 1 *",
        fmt="%Y",
        start=datetime(first, 1, 1),
        # Windows end where the next year starts; those beyond the current year's have to be asked for.
        end=None if pipeline.options.end_year is None else datetime(last + 1, 1, 1),
        end_offset=max(1, last - now + 1),
    )


def range_tags(start: str, end: str) -> dict[str, str]:
    """The run tags that make one run cover a contiguous range of partitions."""
    return {RANGE_START_TAG: start, RANGE_END_TAG: end}


def year_tags(years: YearRange) -> dict[str, str]:
    """The run tags for a range of years."""
    return range_tags(str(years.start), str(years.end))


def drop_ranges(known: list[str], wanted: set[str]) -> list[list[str]]:
    """The fewest contiguous runs of `known` (in Dagster's order) that cover exactly `wanted`."""
    ranges: list[list[str]] = []
    previous_wanted = False
    for key in known:
        if key in wanted:
            if previous_wanted:
                ranges[-1].append(key)
            else:
                ranges.append([key])
        previous_wanted = key in wanted
    return ranges
