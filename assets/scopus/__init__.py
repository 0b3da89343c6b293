"""Scopus: recognising and reading its exports.

What is read of a record is in `record`, who works where in `authors`, the two exports in `csv_export` and
`bibtex`, telling them by their content in `recognition`.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from assets.file_content import Meter
from assets.quarantine import Rejected
from assets.records import DeliveredRecord
from assets.scopus.csv_export import read_csv
from assets.scopus.recognition import BIBTEX, CSV, recognise
from assets.scopus.record import SOURCE

__all__ = ["READERS", "SOURCE", "recognise"]


def _read_bibtex(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    # The library takes a while to import; a look at the landing folder mostly does without.
    from assets.scopus.bibtex import read_bibtex

    return read_bibtex(path, meter)


READERS: Final[Mapping[str, Callable[[Path, Meter], Iterator[DeliveredRecord | Rejected]]]] = {
    CSV: read_csv,
    BIBTEX: _read_bibtex,
}
"""The reader of each format."""
