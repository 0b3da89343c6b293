"""What the fields of a Web of Science record are called in each format.

Which fields are read and what they mean belongs to `assets.web_of_science.record`; here is only how a
header, a tag or a BibTeX field is told to be one of them.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "PT": ("Publication Type",),
    "AU": ("Authors",),
    "AF": ("Author Full Names", "Author Full Name"),
    "BA": ("Book Authors",),
    "BE": ("Book Editors",),
    "GP": ("Book Group Authors",),
    "CA": ("Group Authors", "Group Author"),
    "TI": ("Article Title",),
    "SO": ("Source Title",),
    "LA": ("Language",),
    "DT": ("Document Type",),
    "DE": ("Author Keywords",),
    "ID": ("Keywords Plus",),
    "AB": ("Abstract",),
    "C1": ("Addresses",),
    "RP": ("Reprint Addresses", "Reprint Address"),
    "NR": ("Cited Reference Count",),
    "TC": ("Times Cited, WoS Core",),
    "Z9": ("Times Cited, All Databases",),
    "PU": ("Publisher",),
    "PY": ("Publication Year",),
    "DI": ("DOI",),
    "EA": ("Early Access Date",),
    "EY": ("Early Access Year",),
    "GA": ("IDS Number",),
    "DA": ("Date of Export",),
    "UT": ("UT (Unique WOS ID)", "UT (Unique ID)", "Accession Number"),
}
"""By tag: the names in the header of an Excel export. Tab-delimited exports have the tags themselves."""

_BIBTEX: Final[dict[str, str]] = {
    "author": "AF",
    "title": "TI",
    "language": "LA",
    "type": "DT",
    "keywords": "DE",
    "abstract": "AB",
    "affiliation": "C1",
    "numberofcitedreferences": "NR",
    "timescited": "TC",
    "publisher": "PU",
    "year": "PY",
    "doi": "DI",
    "earlyaccessdate": "EA",
    "docdeliverynumber": "GA",
    "da": "DA",
    "uniqueid": "UT",
}
"""By BibTeX field, without hyphens and blanks, which differ by vintage."""

_TAGS: Final = {name.casefold(): tag for tag, names in _NAMES.items() for name in (tag, *names)}
_SEPARATORS: Final = str.maketrans("", "", "-_ ")
_SURE_SIGNS: Final = 5
"""So many tags, of which PT or UT is one, make a header; other tables share two or three names."""


@lru_cache(maxsize=1 << 10)
def tag_of(name: str) -> str:
    """The tag of a column, empty when none is known for its name."""
    return _TAGS.get(name.strip().strip('"').strip().casefold(), "")


def tags_of(header: Iterable[str]) -> list[str]:
    """The tag of each column, empty for a column that none is known for."""
    return [tag_of(name) for name in header]


def is_header(tags: Iterable[str]) -> bool:
    """Whether columns with these tags are those of a Web of Science export."""
    known = set(tags) - {""}
    return len(known) >= _SURE_SIGNS and not known.isdisjoint(("PT", "UT"))


def bibtex_tag(name: str) -> str:
    """The tag of a BibTeX field, empty when none is known for it."""
    return _BIBTEX.get(name.translate(_SEPARATORS).casefold(), "")
