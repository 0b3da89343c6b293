"""Invented institutions and the affiliations authors have with them, as JSON.

Ids lie above the ranges in use (institutions from I4900000000), so they never meet real ones.
Who works where on which work is `authors`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assets.sample.countries import CODES, COUNTRIES, FOLDED_COUNTRIES, Country
from assets.sample.names import NAMES
from assets.sample.text import zipf_pool

_FIRST_INSTITUTION = 4_900_000_000
_STEP = 7919
_FOLDED_ENTRIES = (12, 2)
_BRANCH_KIND = 5

_KINDS = (
    ("{} Metropolitan Research University", "education"),
    ("{} Institute of Applied Technology", "facility"),
    ("{} State University of Science", "education"),
    ("{} Centre for Advanced Materials", "facility"),
    ("{} University Teaching Hospital", "healthcare"),
    ("National Laboratory for Applied Physics, {}", "government"),
    ("{} Polytechnic Academy", "education"),
    ("{} Systems Research Company", "company"),
)
_DEPARTMENTS = (
    "Department of Engineering", "School of Information Science", "Faculty of Natural Sciences",
    "Key Laboratory of Applied Research", "Institute of Physics", "College of Chemistry",
    "Department of Computing", "Division of Life Sciences",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Institution:
    """An invented institution: its JSON object, the addresses authors write, and their names."""

    number: int
    code: str
    url: str
    json: str
    addresses: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Affiliation:
    """What an authorship says of places: its JSON before and after the author's raw name."""

    before: str
    after: str
    countries: tuple[str, ...]
    institutions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """An institution with its plain affiliations, made once, one for each address."""

    institution: Institution
    plain: tuple[Affiliation, ...]


def quoted(items: Sequence[str]) -> str:
    """Return the JSON array of strings that need no escaping."""
    return '["' + '", "'.join(items) + '"]' if items else "[]"


def affiliation(
    institutions: Sequence[Institution], codes: Sequence[str], addresses: Sequence[str]
) -> Affiliation:
    """Write an affiliation; the first address belongs to the first institution, and so on.

    Addresses beyond the institutions are linked to none. Empty codes are left out.
    """
    urls = tuple(institution.url for institution in institutions)
    countries = tuple(sorted({code for code in codes if code}))
    objects = ", ".join(institution.json for institution in institutions)
    before = f'"institutions": [{objects}], "countries": {quoted(countries)}, "is_corresponding": '
    return Affiliation(before, _addressed(urls, addresses), countries, urls)


def _addressed(urls: Sequence[str], addresses: Sequence[str]) -> str:
    linked = ", ".join(
        f'{{"raw_affiliation_string": "{address}", "institution_ids": {quoted(urls[place : place + 1])}}}'
        for place, address in enumerate(addresses)
    )
    return f'"raw_affiliation_strings": {quoted(addresses)}, "affiliations": [{linked}]}}'


def _home(made: Institution) -> Home:
    plain = affiliation([made], [made.code], [])
    afters = (_addressed([made.url], [address]) for address in made.addresses)
    return Home(made, tuple(replace(plain, after=after) for after in afters))


def homes_of_countries() -> list[tuple[Home, ...]]:
    """Return, for each country of `CODES`, a pool of its institutions for a random byte.

    China's pool holds some institutions that OpenAlex files under HK and MO.
    """
    builder = _Builder()
    pools = [zipf_pool(builder.homes(country), 0.6) for country in COUNTRIES]
    china = CODES.index("CN")
    for country, entries in zip(FOLDED_COUNTRIES, _FOLDED_ENTRIES, strict=True):
        folded = builder.homes(country)[:entries]
        pools[china] = (*pools[china][: -len(folded)], *folded)
    return [tuple(pool[place * 37 % len(pool)] for place in range(len(pool))) for pool in pools]


def home_without_country() -> Home:
    """Return an institution whose `country_code` is null."""
    return _Builder(9000).homes(Country("", "", "", "english", 0, 0, ("Global",)))[0]


class _Builder:
    """Numbers institutions while it makes them."""

    def __init__(self, first: int = 0) -> None:
        self._number = first

    def homes(self, country: Country) -> list[Home]:
        """Return the institutions of a country, one of each kind in each city."""
        homes: list[Home] = []
        for kind in range(len(_KINDS)):
            for city in country.cities:
                parent = homes[0].institution.url if kind == _BRANCH_KIND else ""
                made = self._institution(country, city, kind, parent)
                homes.append(_home(made))
        return homes

    def _institution(self, country: Country, city: str, kind: int, parent: str) -> Institution:
        pattern, type_ = _KINDS[kind]
        number = self._number
        self._number += 1
        name = pattern.format(city)
        url = f"https://openalex.org/I{_FIRST_INSTITUTION + number * _STEP}"
        code = f'"{country.code}"' if country.code else "null"
        lineage = quoted([url, parent] if parent else [url])
        json = (
            f'{{"id": "{url}", "display_name": "{name}", '
            f'"ror": "https://ror.org/0{number * _STEP:08x}", "country_code": {code}, '
            f'"type": "{type_}", "lineage": {lineage}}}'
        )
        addresses = tuple(
            f"{_DEPARTMENTS[(number + turn) % len(_DEPARTMENTS)]}, {name}, {city}, {country.name}"
            for turn in (0, 3, 5, 6)
        )
        return Institution(number, country.code, url, json, addresses, NAMES[country.names])
