"""The country part of an affiliation address, as a label that can be looked up.

Which label stands for which country is no matter of this module: the seed `country_names` says so, label by
label and source by source. Nothing is guessed here: an address that names no country gives whatever stands
last in it, a label the seed does not know.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_TRAILING: Final = " .,;"
_APOSTROPHES: Final = "\u2018\u2019\u201b\u02b9\u02bc"
_HYPHENS: Final = "\u2010\u2011\u2012\u2013"
_PLAIN: Final = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-"))
_LEFT_OUT: Final = ("Mn", "Cf")
"""Unicode categories of marks on a letter and of invisible characters."""
_TERRITORY: Final = re.compile(r"\b(AS|GU|MP|PR|VI)(?: [0-9][0-9-]*)? USA", re.ASCII)
"""Postal codes (USPS Publication 28) of the US territories that have an ISO 3166-1 code of their own."""


@lru_cache(maxsize=1 << 17)
def country_label(address: str) -> str:
    """What stands last in one address: after its last comma, in plain upper case; empty for an empty address.

    Periods, commas and semicolons at the end do not count; diacritics are taken off, typographic
    apostrophes and hyphens made plain, blanks collapsed. What ends in the word USA gives `USA`, whatever
    state, zip code or city precedes it without a comma; a US territory that reports as itself
    keeps its postal code: `San Juan, PR 00931 USA` gives `PR USA`.
    """
    text = address if address.isascii() else _plain(address)
    last = " ".join(text.upper().split()).rstrip(_TRAILING).rpartition(",")[2].strip()
    if not last.endswith(" USA"):
        return last
    territory = _TERRITORY.fullmatch(last)
    return f"{territory[1]} USA" if territory else "USA"


def _plain(text: str) -> str:
    # An acute accent on its own is an apostrophe to its writer, but decomposes into a blank with an accent.
    decomposed = unicodedata.normalize("NFKD", text.replace("\u00b4", "'")).translate(_PLAIN)
    return "".join(letter for letter in decomposed if unicodedata.category(letter) not in _LEFT_OUT)
