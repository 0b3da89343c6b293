"""What is asked of `assets.explain`: a published number, by the names people use for it.

Checks names against what is counted and suggests near ones; answering is `assets.explain`.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import duckdb

from assets.errors import CollaborationError
from assets.staleness import contiguous_ranges

_SUGGESTIONS: Final = 5
_LIKENESS: Final = 0.7


@dataclass(frozen=True)
class Question:
    """A number that is published: the output of `country`, or its weight with `partner`."""

    country: str
    partner: str | None
    year: int
    technology: str = "all"

    @property
    def mart(self) -> str:
        return "country_output" if self.partner is None else "pair_collaboration"

    @property
    def measure(self) -> str:
        """The column of the mart."""
        return "output" if self.partner is None else "weight"


def checked(question: Question, connection: duckdb.DuckDBPyConnection) -> Question:
    """The question with its countries as they are stored.

    Args:
        question: As asked.
        connection: To the build file.

    Raises:
        CollaborationError: There is no such country, year or technology; names near ones.
    """
    countries = connection.execute("select code, name, reporting_code, iso3 from seeds.countries").fetchall()
    country = _country(question.country, countries)
    partner = None if question.partner is None else _country(question.partner, countries)
    if country == partner:
        raise CollaborationError(
            f"{country} is no partner of its own. Name another country, or none for its output."
        )
    years = connection.execute("select distinct year from marts.year_totals order by year").fetchall()
    _require_year(question.year, [year for (year,) in years])
    _require_technology(
        question.technology, connection.execute("select technology, name from marts.technologies").fetchall()
    )
    return replace(question, country=country, partner=partner)


def _country(asked: str, countries: Sequence[tuple[str, str, str, str | None]]) -> str:
    code = asked.strip().upper()
    if code == "ZZ":
        return code
    names = {code: name for code, name, _, _ in countries}
    reporting = {code: reporting for code, _, reporting, _ in countries}
    if reporting.get(code) == code:
        return code
    if code in reporting:
        counted = reporting[code]
        raise CollaborationError(
            f"{code} ({names[code]}) is counted as {counted} ({names[counted]}): ask for {counted}."
        )
    words = [(word, counted) for _, name, counted, iso3 in countries for word in (name, iso3) if word]
    near = [f"{own} ({names[own]})" for own in _near(asked, words)]
    raise CollaborationError(
        f"There is no country {asked!r}. {_meant(near)}Name two letters, such as CN or US."
    )


def _require_year(year: int, years: Sequence[int]) -> None:
    if year not in years:
        ranges = ", ".join(map(str, contiguous_ranges(years))) or "no year"
        raise CollaborationError(f"No work of {year} is counted. There are works of {ranges}.")


def _require_technology(asked: str, technologies: Sequence[tuple[str, str]]) -> None:
    known = {"all", "critical", *(technology for technology, _ in technologies)}
    if asked in known:
        return
    words = [(technology, technology) for technology in known] + [(name, own) for own, name in technologies]
    raise CollaborationError(
        f"There is no technology {asked!r}. {_meant(_near(asked, words))}"
        "The mart technologies lists them; `all` and `critical` are more."
    )


def _near(asked: str, words: Iterable[tuple[str, str]]) -> list[str]:
    """Of (word, what it stands for) what stands for the words nearest to the one asked for."""
    wanted = asked.strip().casefold()
    meanings: dict[str, str] = {word.casefold(): meaning for word, meaning in words}
    if wanted in meanings:
        return [meanings[wanted]]
    within = [word for word in sorted(meanings) if len(wanted) > 2 and wanted in word]
    alike = difflib.get_close_matches(wanted, meanings, n=_SUGGESTIONS, cutoff=_LIKENESS)
    return list(dict.fromkeys(meanings[word] for word in [*alike, *within]))[:_SUGGESTIONS]


def _meant(near: Sequence[str]) -> str:
    return f"Near it: {', '.join(near)}. " if near else ""
