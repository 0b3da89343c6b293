"""Pulling into the landing folder of a pipeline: its options, its locks, its progress.

How records are pulled belongs to `assets.pull.snapshot` and `assets.pull.api`.
"""

import os
from collections.abc import Callable
from datetime import date

from assets.errors import CollaborationError
from assets.leftovers import pulling_turn
from assets.pipeline import Pipeline
from assets.progress import ProgressTexts, duration
from assets.pull.api import ApiProgress, pull_api
from assets.pull.api_request import KEY_VARIABLE, ApiRequest, ApiSearch
from assets.pull.api_result import ApiPull
from assets.pull.asked import Asked, year_range
from assets.pull.snapshot import SnapshotPull, SnapshotRequest, pull_snapshot
from assets.pull.snapshot_fetch import PullProgress
from assets.pull.technology_searches import Wanted, wanted_of
from assets.staleness import YearRange
from assets.technologies.catalogue import Catalogue


def pull_new_partitions(
    pipeline: Pipeline, log: Callable[[str], None], *, since: date | None
) -> SnapshotPull:
    """Pull what is new in the OpenAlex snapshot into the landing folder; `log` gets progress now and then.

    Raises CollaborationError, see `assets.pull.snapshot.pull_snapshot`.
    """
    options = pipeline.options
    request = SnapshotRequest(
        location=options.snapshot_location,
        endpoint=options.snapshot_endpoint,
        format=options.snapshot_format,
        since=since,
    )
    texts = ProgressTexts(pipeline.show_progress, log)

    def report(progress: PullProgress) -> None:
        texts.show(
            f"Pulling the snapshot: {progress.files_done:,} of {progress.files:,} files, "
            f"{progress.records:,} records, {progress.rate / 1e6:,.1f} MB/s, "
            f"{duration(progress.seconds_left)} left"
        )

    with pulling_turn(pipeline, "pulling the OpenAlex snapshot"):
        return pull_snapshot(
            request, pipeline.landing, pipeline.store.pulls / "openalex-snapshot", report, pipeline.announce
        )


def pull_works(pipeline: Pipeline, log: Callable[[str], None], asked: Asked) -> ApiPull:
    """Pull the works asked for from the OpenAlex API into the landing folder; `log` as above.

    The key comes from the environment. Raises CollaborationError, see `assets.pull.api.pull_api`.
    """
    wanted = _wanted(pipeline, asked)
    request = ApiRequest(
        searches=wanted.searches,
        title=wanted.title,
        api_key=os.environ.get(KEY_VARIABLE) or None,
        base_url=pipeline.options.api_url,
        max_credits=asked.max_credits,
        name=asked.name,
    )
    texts = ProgressTexts(pipeline.show_progress, log)

    def report(progress: ApiProgress) -> None:
        texts.show(_told(progress))

    with pulling_turn(pipeline, "pulling from the OpenAlex API"):
        return pull_api(
            request, pipeline.landing, pipeline.store.pulls / "openalex-api", report, pipeline.announce
        )


def _wanted(pipeline: Pipeline, asked: Asked) -> Wanted:
    if asked.technologies is None:
        return Wanted((ApiSearch(asked.filter, asked.search),))
    options, counting = pipeline.options, pipeline.options.counting
    scope = YearRange(counting.start_year, counting.end_year)
    years = year_range(asked.years) if asked.years else scope
    if not (scope.start <= years.start and years.end <= scope.end):
        raise CollaborationError(
            f"The years {years} to pull are not all in scope, which is {scope}: set COLLAB_START_YEAR or"
            " COLLAB_END_YEAR, or ask for fewer years"
        )
    catalogue = Catalogue.load(options.catalogue, skip_bad=options.skip_bad_technologies)
    for problem in catalogue.problems:
        pipeline.announce(f"Left out: {problem}")
    return wanted_of(catalogue, asked.technologies, years)


def _told(progress: ApiProgress) -> str:
    if progress.counted < progress.searches:
        return f"Counting works: {progress.counted:,} of {progress.searches:,} searches"
    several = (
        f"{progress.searches_done:,} of {progress.searches:,} searches, " if progress.searches > 1 else ""
    )
    return (
        f"Pulling works: {several}{progress.works:,} of {progress.works_expected:,}, "
        f"{progress.works_per_second:,.0f} a second, {duration(progress.seconds_left)} left, "
        f"{progress.credits:,} credits spent"
    )
