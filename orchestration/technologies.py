"""What the command `technologies` shows: the catalogue with what it found, and the report to read it by."""

from collections.abc import Iterator

from assets.pipeline import Pipeline
from assets.technologies.catalogue import Catalogue
from assets.technologies.match_report import active_record_files, match_report
from assets.technology_matches import records_by_technology

Row = tuple[str, ...]

COLUMNS = ("technology", "version", "records")


def catalogue_rows(pipeline: Pipeline) -> Iterator[Row]:
    """One row a technology of the catalogue, with the stored records of active drops that match it."""
    technologies = _catalogue(pipeline).technologies
    records = records_by_technology(pipeline.ledger, technologies)
    for technology in technologies:
        found = f"{records[technology.id]:,}" if technology.id in records else "not matched yet"
        yield technology.id, str(technology.version), found


def report_lines(pipeline: Pipeline, titles: int) -> Iterator[str]:
    """The report of matches with the most recent titles of each technology, as Markdown."""
    files = active_record_files(pipeline.store, pipeline.ledger)
    return match_report(files, _catalogue(pipeline).technologies, titles).lines()


def _catalogue(pipeline: Pipeline) -> Catalogue:
    options = pipeline.options
    return Catalogue.load(options.catalogue, skip_bad=options.skip_bad_technologies)
