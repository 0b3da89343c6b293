"""The matching pass: stored records of drop versions against technologies, without reading raw files.

One version is divided into tasks, in parallel processes when it is large, all or nothing. What a task
does is in `assets.technologies.match_task`; which versions are to be matched against which
technologies is decided elsewhere.
"""

import pickle
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Final

import pyarrow as pa

from assets.atomic_files import staged_file
from assets.errors import CollaborationError
from assets.progress import Progress, Report
from assets.record_store import record_files
from assets.task_processes import balanced, run_in_processes
from assets.technologies.catalogue import Technology
from assets.technologies.match_files import join_match_files
from assets.technologies.match_task import (
    MatchTask,
    RecordFile,
    TaskSummary,
    lost_records,
    match_files,
    match_with,
    record_file,
    version_name,
)
from assets.technologies.matcher import Matcher, query_terms
from assets.technologies.term_scan import TermScan

SMALL_TEXT_BYTES: Final = 16 << 20
"""Up to this size of titles and abstracts a version is matched sooner than processes have started."""


@dataclass(frozen=True)
class MatchSummary:
    """What came of matching a drop version."""

    works: int
    """Records looked at."""
    works_matched: int
    """Those that belong to a technology."""
    matches_by_technology: dict[str, int]
    """Works matched; every technology of the pass, in its order, 0 too."""
    technologies: frozenset[str]
    """Those with a row in the file, be it of works that only their titles match."""
    seconds: float


class MatchingPass:
    """Matches one drop version after the other against the same technologies.

    The terms of the queries are compiled here, unless an earlier pass left them in `cache`; each process
    takes them from there.
    """

    def __init__(self, technologies: Sequence[Technology], workers: int, cache: Path) -> None:
        """`cache` is a folder that can be lost, see `TermScan`."""
        self._technologies = tuple(technologies)
        self._workers = max(workers, 1)
        self._cache = cache

    def match_version(
        self, version_dir: Path, destination: Path, on_progress: Callable[[Progress], None]
    ) -> MatchSummary:
        """Match all stored records under a version's directory into one file, `MATCH_FILE_SCHEMA`.

        The file replaces `destination` whole or not at all; without a match it has no rows. Rows of a
        batch of records are in the order of the records; how batches follow each other depends on the
        number of workers. `on_progress` is called in this process about twice a second and at the end.

        Raises:
            CollaborationError: The records cannot be read, the matches not be written, or a worker died.
        """
        started = monotonic()
        files = _record_files(version_dir)
        total = sum(file.records for file in files)

        def report(records: int, done: int) -> None:
            on_progress(Progress(records, done, total, monotonic() - started))

        try:
            with staged_file(destination) as staging:
                summaries = self._match(files, staging, report)
        except (OSError, pa.ArrowException) as error:
            raise CollaborationError(
                f"Drop version {version_name(version_dir)!r}: its matches cannot be written to "
                f"{destination}: {error}. None of them was recorded; make room or mend the permissions, "
                "then run again."
            ) from error
        report(total, total)
        return self._total(summaries, monotonic() - started)

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(self._technologies, self._cache)

    def _match(self, files: Sequence[RecordFile], staging: Path, report: Report) -> list[TaskSummary]:
        if sum(file.text_bytes for file in files) <= SMALL_TEXT_BYTES:
            return [match_with(self._matcher, files, staging, report)]
        # Here, or each process would compile them.
        TermScan(query_terms(self._technologies), self._cache)
        with _parts_directory(staging) as directory:
            pickled = pickle.dumps(self._technologies)
            groups = balanced(files, lambda file: file.text_bytes, self._workers)
            tasks = [
                MatchTask(group, directory / f"part-{number:05d}.parquet", pickled, self._cache)
                for number, group in enumerate(groups)
            ]
            summaries = run_in_processes(match_files, tasks, report)
            join_match_files([task.destination for task in tasks], staging)
        return summaries

    def _total(self, summaries: Sequence[TaskSummary], seconds: float) -> MatchSummary:
        matches: Counter[str] = Counter()
        for summary in summaries:
            matches.update(summary.matches_by_technology)
        return MatchSummary(
            works=sum(summary.works for summary in summaries),
            works_matched=sum(summary.works_matched for summary in summaries),
            matches_by_technology={item.id: matches[item.id] for item in self._technologies},
            technologies=frozenset().union(*(summary.technologies for summary in summaries)),
            seconds=seconds,
        )


def _record_files(version_dir: Path) -> list[RecordFile]:
    if not version_dir.is_dir():
        raise lost_records(version_dir, f"in {version_dir} are gone")
    return [record_file(version_dir, path) for _, path in record_files(version_dir)]


@contextmanager
def _parts_directory(staging: Path) -> Iterator[Path]:
    """A directory for what is joined later, beside it; what a killed pass left there is removed."""
    directory = staging.with_name(f"{staging.name}-parts")
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
