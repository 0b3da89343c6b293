"""Partitions: drops, which come as they are delivered, and publication years, which are fixed."""

import dagster as dg

from assets.pipeline import Pipeline
from assets.staleness import YearRange

drop_partitions = dg.DynamicPartitionsDefinition(name="drops")

RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"


def year_partitions(pipeline: Pipeline) -> dg.StaticPartitionsDefinition:
    """The years in scope, and those counted before the scope was narrowed, which have to be emptied.

    Static, not time windows: automation on time windows would request only the newest year even when
    an old one changed.
    """
    counted = pipeline.ledger.year_builds().keys()
    first = min([pipeline.options.start_year, *counted])
    last = max([pipeline.options.end_year, *counted])
    return dg.StaticPartitionsDefinition([str(year) for year in range(first, last + 1)])


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
