"""From where an author works to shares of reporting countries, by brute force (method, section 1).

Codes and names of countries come from the project's seeds; which address names which country in them is
found here, apart from the pipeline.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from tests.oracle_counting import UNKNOWN, Shares
from tests.oracle_records import OPENALEX, Author, Delivered

TERRITORIES = ("AS", "GU", "MP", "PR", "VI")
"""Postal codes before USA of what reports as itself."""


@dataclass(frozen=True)
class Countries:
    """The seeds that tell countries."""

    reporting: Mapping[str, str]
    """Reporting country by code."""
    names: Mapping[tuple[str, str], str]
    """Code by source and label of an address."""

    def of_addresses(self, source: str, addresses: Iterable[str]) -> set[str]:
        """The distinct reporting countries of some addresses; empty when none names one."""
        codes = {self.names.get((source, country_label(address)), "") for address in addresses}
        return {self.reporting[code] for code in codes if code in self.reporting}


@cache
def read_countries(seeds: Path) -> Countries:
    """The seeds `countries` and `country_names`."""
    names = {(row["source"], row["name"]): row["code"] for row in _rows(seeds / "country_names.csv")}
    return Countries({row["code"]: row["reporting_code"] for row in _rows(seeds / "countries.csv")}, names)


@cache
def read_scope_types(seeds: Path) -> frozenset[tuple[str, str]]:
    """Source and document type of what is in scope, from the seed `document_types`."""
    return frozenset((row["source"], row["document_type"]) for row in _rows(seeds / "document_types.csv"))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def shares_of_authors(record: Delivered, countries: Countries, *, use_links: bool) -> tuple[Shares, ...]:
    """Each author's shares; without links every author has the countries of the whole record."""
    if record.source == OPENALEX:
        return tuple(equal_shares(openalex_countries(author, countries)) for author in record.authors)
    links = [author.addresses if use_links else () for author in record.authors]
    return tuple(
        equal_shares(countries.of_addresses(record.source, own or record.addresses)) for own in links
    )


def openalex_countries(author: Author, countries: Countries) -> set[str]:
    """Codes from raw strings stand in only where no institution has any, unknown codes included."""
    codes = author.codes or author.strings
    known = {countries.reporting[code] for code in codes if code in countries.reporting}
    return known if author.codes or len(known) == 1 else set()


def equal_shares(countries: Iterable[str]) -> Shares:
    """An author of these distinct countries; of the unknown one where there are none."""
    distinct = sorted(set(countries)) or [UNKNOWN]
    return {country: Fraction(1, len(distinct)) for country in distinct}


def country_label(address: str) -> str:
    """The last part of an address in capitals without accents; `USA` whatever state stands before it."""
    letters = unicodedata.normalize("NFKD", address)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).upper()
    last = " ".join(plain.strip(" .,;").rsplit(",", 1)[-1].replace("\u2019", "'").split())
    if last.split(" ")[-1] != "USA":
        return last
    territory = re.fullmatch(rf"({'|'.join(TERRITORIES)})( [\d-]+)? USA", last)
    return f"{territory[1]} USA" if territory else "USA"
