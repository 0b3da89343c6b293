"""Pulling into the landing folder of a pipeline: its options, its locks, its progress.

How records are pulled belongs to `assets.pull.snapshot` and `assets.pull.api`.
"""

import os
from collections.abc import Callable
from datetime import date
from typing import TypedDict, Unpack

from assets.pipeline import Pipeline
from assets.progress import ProgressTexts, duration
from assets.pull.api import ApiProgress, ApiPull, pull_api
from assets.pull.api_request import KEY_VARIABLE, ApiRequest
from assets.pull.snapshot import SnapshotPull, SnapshotRequest, pull_snapshot
from assets.pull.snapshot_fetch import PullProgress


class Asked(TypedDict):
    """What a person asks of the API, see `ApiRequest`."""

    filter: str | None
    search: str | None
    max_credits: int | None
    name: str | None


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

    with pipeline.store.pulling("pulling the OpenAlex snapshot", pipeline.announce):
        return pull_snapshot(
            request, pipeline.landing, pipeline.store.pulls / "openalex-snapshot", report, pipeline.announce
        )


def pull_works(pipeline: Pipeline, log: Callable[[str], None], **asked: Unpack[Asked]) -> ApiPull:
    """Pull the works that match from the OpenAlex API into the landing folder; `log` as above.

    The key comes from the environment. Raises CollaborationError, see `assets.pull.api.pull_api`.
    """
    request = ApiRequest(
        api_key=os.environ.get(KEY_VARIABLE) or None, base_url=pipeline.options.api_url, **asked
    )
    texts = ProgressTexts(pipeline.show_progress, log)

    def report(progress: ApiProgress) -> None:
        texts.show(
            f"Pulling works: {progress.works:,} of {progress.works_expected:,}, "
            f"{progress.works_per_second:,.0f} a second, {duration(progress.seconds_left)} left, "
            f"{progress.credits:,} credits spent"
        )

    with pipeline.store.pulling("pulling from the OpenAlex API", pipeline.announce):
        return pull_api(
            request, pipeline.landing, pipeline.store.pulls / "openalex-api", report, pipeline.announce
        )
