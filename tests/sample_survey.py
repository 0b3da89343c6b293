"""What the tests of the sample generator ask of a generated drop, gathered in one pass.

The counting is written from METHOD alone and shares nothing with the generator or the pipeline;
floats are enough here, exact fractions are `tests.oracle`.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from typing import Any

import msgspec
from isal import isal_zlib

from assets.sample.countries import CODES

FOLDED = {"HK": "CN", "MO": "CN"}
YEARS = range(2005, 2025)


class Institution(msgspec.Struct):
    country_code: str | None


class Authorship(msgspec.Struct):
    institutions: list[Institution]
    countries: list[str]


class Work(msgspec.Struct):
    id: str
    doi: str | None
    publication_year: int
    type: str | None
    is_retracted: bool
    is_paratext: bool
    is_xpac: bool
    authorships: list[Authorship]
    updated_date: str

    @property
    def in_scope(self) -> bool:
        flagged = self.is_retracted or self.is_paratext or self.is_xpac
        in_range = self.publication_year in YEARS
        return self.type in {"article", "review"} and in_range and not flagged and bool(self.authorships)


@dataclass
class Counted:
    """METHOD section 2 for every year, `ZZ` included, and what else the tests ask about."""

    works: Counter[int] = field(default_factory=Counter)
    output: defaultdict[tuple[int, str], float] = field(default_factory=lambda: defaultdict(float))
    weight: defaultdict[tuple[int, str, str], float] = field(default_factory=lambda: defaultdict(float))
    basis: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    sizes: list[int] = field(default_factory=list)

    def add(self, work: Work) -> None:
        year, size = work.publication_year, len(work.authorships)
        self.works[year] += 1
        self.sizes.append(size)
        teams = [self._countries(authorship) for authorship in work.authorships]
        totals: defaultdict[str, float] = defaultdict(float)
        own: defaultdict[tuple[str, str], float] = defaultdict(float)
        for countries in teams:
            share = 1 / len(countries)
            for country in countries:
                totals[country] += share
                self.output[year, country] += share / size
                for other in countries - {country}:
                    own[country, other] += share * share
        if size > 1:
            pairs = size * (size - 1)
            for country, total in totals.items():
                for other in totals.keys() - {country}:
                    product = total * totals[other] - own[country, other]
                    self.weight[year, country, other] += product / pairs

    def _countries(self, authorship: Authorship) -> set[str]:
        codes = {place.country_code for place in authorship.institutions if place.country_code}
        self.codes.update(codes)
        basis = "institution" if codes else "string"
        countries = {FOLDED.get(code, code) for code in codes or authorship.countries}
        if not codes and len(countries) != 1:
            basis, countries = "none", {"ZZ"}
        self.basis[basis] += 1
        self.basis["two countries"] += len(countries) > 1
        return countries

    def intensity(self, year: int, partner: str) -> float:
        product = self.output[year, "CN"] * self.output[year, partner]
        return self.weight[year, "CN", partner] / sqrt(product) if product else 0.0

    def mean_intensity(self, partner: str, first: int, last: int) -> float:
        years = range(first, last + 1)
        return sum(self.intensity(year, partner) for year in years) / len(years)

    def partners(self, year: int) -> dict[str, float]:
        """China's weights with known countries."""
        return {code: self.weight[year, "CN", code] for code in CODES if code != "CN"}

    def partner_share(self, year: int, partner: str) -> float:
        partners = self.partners(year)
        return partners[partner] / sum(partners.values())

    def world_share(self, year: int, country: str) -> float:
        return self.output[year, country] / sum(self.output[year, code] for code in CODES)


@dataclass(frozen=True)
class FileSeen:
    """One file of a drop: its address in a manifest, what the manifest should say, its days."""

    url: str
    meta: dict[str, int]
    days: set[str]


@dataclass
class Survey:
    """A drop as it is on disk; `words` counts the tokens of the first abstracts."""

    files: list[FileSeen] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    counted: Counted = field(default_factory=Counted)
    abstracts: int = 0
    with_blockchain: int = 0
    words: Counter[str] = field(default_factory=Counter)


class Abstract(msgspec.Struct):
    abstract_inverted_index: dict[str, list[int]] | None


_ABSTRACTS_READ = 2000


def files_of(drop: Path) -> list[Path]:
    return sorted(drop.rglob("*.gz"))


def lines_of(file: Path) -> list[bytes]:
    return isal_zlib.decompress(file.read_bytes(), 31).removesuffix(b"\n").split(b"\n")


def survey(drop: Path) -> Survey:
    seen = Survey()
    decode = msgspec.json.Decoder(Work).decode
    for file in files_of(drop):
        lines = lines_of(file)
        works = [decode(line) for line in lines]
        url = f"s3://openalex/data/jsonl/works/{file.parent.name}/{file.name}"
        meta = {"content_length": file.stat().st_size, "record_count": len(lines)}
        seen.files.append(FileSeen(url, meta, {work.updated_date[:10] for work in works}))
        seen.works += works
        for work in works:
            if work.in_scope:
                seen.counted.add(work)
        _survey_abstracts(seen, lines)
    return seen


def _survey_abstracts(seen: Survey, lines: Sequence[bytes]) -> None:
    seen.abstracts += sum(b'"abstract_inverted_index": {' in line for line in lines)
    seen.with_blockchain += sum(b'"blockchain": [' in line for line in lines)
    if seen.abstracts <= _ABSTRACTS_READ:
        for line in lines:
            index = msgspec.json.decode(line, type=Abstract).abstract_inverted_index or {}
            seen.words.update({token: len(places) for token, places in index.items()})


def key_paths(value: Any, path: str = "") -> set[str]:
    """The names of all keys with the keys above them, `[]` for an array; not an abstract's words."""
    if isinstance(value, list):
        return set().union(*(key_paths(item, f"{path}[]") for item in value))
    if not isinstance(value, dict) or path.endswith(".abstract_inverted_index"):
        return set()
    names = {f"{path}.{key}" for key in value}
    return names.union(*(key_paths(item, f"{path}.{key}") for key, item in value.items()))
