"""Keeping the matches: every active drop version against every technology of the catalogue, once.

Only what is missing is matched, from the stored text: a new drop against all technologies, every drop against
a query that changed. How text is matched is `assets.technologies`; what a match counts is written in SQL.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.ledger_facts import CatalogueEntry, DropVersion, MatchedCatalogue, StoredMatches
from assets.pipeline import Pipeline
from assets.progress import Progress
from assets.store import Store
from assets.technologies.catalogue import Catalogue, Technology
from assets.technologies.matching import MatchingPass, MatchSummary


@dataclass(frozen=True)
class VersionMatches:
    """A drop version that was matched, and what came of it."""

    version: DropVersion
    technologies: int
    """How many it was matched against."""
    summary: MatchSummary


@dataclass(frozen=True)
class MatchUpdate:
    """What it took to bring the matches up to date."""

    versions: tuple[VersionMatches, ...]
    technologies: tuple[Technology, ...]
    records: Mapping[str, int]
    """By each of these technologies, see `records_by_technology`."""
    problems: tuple[str, ...]
    """Technologies left out because their files cannot be used, one message each."""


def update_matches(pipeline: Pipeline, on_progress: Callable[[DropVersion, Progress], None]) -> MatchUpdate:
    """Match what is not matched yet. The caller holds the store's writer lock.

    Breaking off loses at most the drop version at hand.

    Raises:
        CollaborationError: A technology cannot be used and the options do not say to go on without, or
            stored records cannot be read.
    """
    # An edit while the catalogue is read must count as not yet applied.
    stamp = pipeline.catalogue_stamp()
    catalogue = _load(pipeline)
    ledger = pipeline.ledger
    wanted = {technology.id for technology in catalogue.technologies}
    ledger.forget_matches({item.technology for item in ledger.matches()} - wanted)
    done = [
        _match(
            pipeline,
            MatchingPass(technologies, pipeline.options.workers, pipeline.store.work / "terms"),
            technologies,
            found,
            on_progress,
        )
        for technologies, found in _missing(pipeline, catalogue.technologies).items()
    ]
    _remove_unused_files(pipeline.store, ledger.matches())
    ledger.record_catalogue(
        MatchedCatalogue(stamp, tuple(map(_entry, catalogue.technologies)), catalogue.problems)
    )
    return MatchUpdate(
        tuple(version for group in done for version in group),
        catalogue.technologies,
        records_by_technology(ledger, catalogue.technologies),
        catalogue.problems,
    )


def unmatched_versions(pipeline: Pipeline) -> list[DropVersion]:
    """Active drop versions that lack matches by the catalogue recorded last."""
    ledger = pipeline.ledger
    entries = ledger.catalogue().entries
    matched = {(item.drop_version, item.technology, item.digest) for item in ledger.matches()}
    return [
        version
        for version in ledger.active_versions()
        if not entries
        or any((version.drop_version, entry.technology, entry.digest) not in matched for entry in entries)
    ]


def records_by_technology(ledger: Ledger, technologies: Iterable[Technology]) -> dict[str, int]:
    """Technology id to the stored records of active drops that match its query.

    A technology that some active drop is not matched against yet, by the query it has now, is left out.
    """
    works = {(item.drop_version, item.technology, item.digest): item.works for item in ledger.matches()}
    active = [version.drop_version for version in ledger.active_versions()]
    records = {}
    for technology in technologies:
        matches = [(version, technology.id, technology.digest) for version in active]
        if all(match in works for match in matches):
            records[technology.id] = sum(works[match] for match in matches)
    return records


def _load(pipeline: Pipeline) -> Catalogue:
    options = pipeline.options
    try:
        return Catalogue.load(options.catalogue, skip_bad=options.skip_bad_technologies)
    except CollaborationError as error:
        raise CollaborationError(
            f"{error}\nCOLLAB_BAD_TECHNOLOGIES=skip goes on without them; they have no works then."
        ) from error


def _missing(
    pipeline: Pipeline, technologies: Sequence[Technology]
) -> dict[tuple[Technology, ...], list[DropVersion]]:
    """Technologies to the active drop versions that lack matches by just these."""
    digests = {(item.drop_version, item.technology): item.digest for item in pipeline.ledger.matches()}
    missing: dict[tuple[Technology, ...], list[DropVersion]] = defaultdict(list)
    for version in pipeline.ledger.active_versions():
        lacking = tuple(
            technology
            for technology in technologies
            if digests.get((version.drop_version, technology.id)) != technology.digest
        )
        if lacking:
            missing[lacking].append(version)
    return missing


def _match(
    pipeline: Pipeline,
    matching: MatchingPass,
    technologies: Sequence[Technology],
    versions: Iterable[DropVersion],
    on_progress: Callable[[DropVersion, Progress], None],
) -> list[VersionMatches]:
    done = []
    for version in versions:
        file = f"{version.drop_version}/{_file_name(technologies)}"
        destination = pipeline.store.matches / file
        destination.parent.mkdir(parents=True, exist_ok=True)

        def report(progress: Progress, version: DropVersion = version) -> None:
            on_progress(version, progress)

        summary = matching.match_version(pipeline.store.records / version.drop_version, destination, report)
        pipeline.ledger.record_matches(
            StoredMatches(
                version.drop_version,
                item.id,
                item.digest,
                file if item.id in summary.technologies else "",
                summary.matches_by_technology[item.id],
            )
            for item in technologies
        )
        done.append(VersionMatches(version, len(technologies), summary))
    return done


def _file_name(technologies: Iterable[Technology]) -> str:
    """The same for the same queries: a pass that was broken off leaves nothing beside its repetition."""
    queries = "\n".join(sorted(f"{technology.id} {technology.digest}" for technology in technologies))
    return f"{hashlib.blake2b(queries.encode(), digest_size=8).hexdigest()}.parquet"


def _remove_unused_files(store: Store, matches: Iterable[StoredMatches]) -> None:
    """Files without rows, or of which every technology has newer matches or is in the catalogue no more."""
    used = {store.matches / item.file for item in matches if item.file}
    for path in store.matches.glob("*/*/*.parquet"):
        if path not in used:
            path.unlink()


def _entry(technology: Technology) -> CatalogueEntry:
    return CatalogueEntry(
        technology.id, technology.name, technology.category, technology.version, technology.digest
    )
