"""What the command `technologies` shows: the catalogue with what it found, and the report to read it by."""

from collections import Counter
from collections.abc import Iterator

from assets.pipeline import Pipeline
from assets.technologies.catalogue import Catalogue
from assets.technologies.match_report import active_record_files, match_report

Row = tuple[str, ...]

COLUMNS = ("technology", "version", "records")


def catalogue_rows(pipeline: Pipeline) -> Iterator[Row]:
    """One row a technology of the catalogue, with the stored records of active drops that match it."""
    ledger = pipeline.ledger
    active = {version.drop_version for version in ledger.active_versions()}
    records: Counter[str] = Counter()
    digests = {}
    for item in ledger.matches():
        if item.drop_version in active:
            records[item.technology] += item.works
            digests[item.technology] = item.digest
    for technology in _catalogue(pipeline).technologies:
        matched = digests.get(technology.id) == technology.digest
        found = f"{records[technology.id]:,}" if matched else "not matched yet"
        yield technology.id, str(technology.version), found


def report_lines(pipeline: Pipeline, titles: int) -> Iterator[str]:
    """The report of matches with the most recent titles of each technology, as Markdown."""
    files = active_record_files(pipeline.store, pipeline.ledger)
    return match_report(files, _catalogue(pipeline).technologies, titles).lines()


def _catalogue(pipeline: Pipeline) -> Catalogue:
    options = pipeline.options
    return Catalogue.load(options.catalogue, skip_bad=options.skip_bad_technologies)
