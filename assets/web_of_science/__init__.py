"""Web of Science exports: recognising and reading the formats they come in.

What the fields of a record mean is in `record`, which authors its addresses are linked to in `addresses`,
what the fields are called in `columns`; `delimited`, `tagged`, `excel` and `bibtex` find the fields of each
record in a file.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from assets.file_content import Meter
from assets.quarantine import Rejected
from assets.records import DeliveredRecord
from assets.web_of_science.delimited import read_delimited
from assets.web_of_science.excel import read_excel
from assets.web_of_science.recognition import BIBTEX, EXCEL, TAB, TAGGED, recognise
from assets.web_of_science.record import SOURCE
from assets.web_of_science.tagged import read_tagged

__all__ = ["READERS", "SOURCE", "recognise"]


def _read_bibtex(path: Path, meter: Meter) -> Iterator[DeliveredRecord | Rejected]:
    # The library takes a while to import; a look at the landing folder mostly does without.
    from assets.web_of_science.bibtex import read_bibtex

    return read_bibtex(path, meter)


READERS: Final[Mapping[str, Callable[[Path, Meter], Iterator[DeliveredRecord | Rejected]]]] = {
    TAB: read_delimited,
    TAGGED: read_tagged,
    EXCEL: read_excel,
    BIBTEX: _read_bibtex,
}
"""The reader of each format."""
