"""Random OpenAlex-shaped works for hypothesis, small enough to shrink to a readable case.

Here belong strategies for records and drops. They favour what goes wrong: versions of the same
work, ties, countries that fold, unknown and missing codes, works out of scope.
"""

from datetime import date
from fractions import Fraction
from typing import TypeVar

from hypothesis import strategies as st

from tests.catalogues import Entries
from tests.oracle import UNKNOWN, OracleDrop, Record, Shares

YEARS = (2018, 2019, 2020, 2021)
"""The publication years that occur, beside a missing one."""
WORK_IDS = tuple(f"https://openalex.org/W{number}" for number in range(1, 13))
CODES = ("AU", "CN", "DE", "HK", "MO", "NA", "TW", "US", "XX")
"""The country codes that occur; XX is no country."""
UPDATED = (
    "2023-01-01T00:00:00.000000",
    "2023-06-30T23:59:59.999999",
    "2024-02-29T12:00:00.000001",
)
STATED = (date(2024, 3, 1), date(2025, 9, 1))
TYPES = ("article", "journal-article", "review", "proceedings-article", "conference-paper")
OTHER_TYPES = ("preprint", "letter", "book-chapter", None)
CATALOGUE: Entries = {
    "other-titles": ("TI=another NOT AK=systems", ("T1", "T2")),
    "systems": ("system$ NEAR/1 coupl*", ()),
    "topical": (None, ("T1",)),
}
"""Technologies in the words and topics that occur."""
STATED_TECHNOLOGIES = {"drop-b": "systems", "drop-c": "stated alone"}


_T = TypeVar("_T")


def _mostly(usual: st.SearchStrategy[_T], rare: st.SearchStrategy[_T]) -> st.SearchStrategy[_T]:
    return st.integers(0, 11).flatmap(lambda die: rare if die == 11 else usual)


def institutions() -> st.SearchStrategy[Record]:
    """An author's institution, now and then without a country."""
    return st.builds(
        lambda code: {
            "id": f"https://openalex.org/I{CODES.index(code)}" if code else None,
            "display_name": f"University of {code}",
            "country_code": code,
        },
        st.sampled_from((*CODES, None)),
    )


def authorships() -> st.SearchStrategy[Record]:
    """An author with up to three institutions; `countries` may be absent, as before 2023-08."""
    return st.fixed_dictionaries(
        {
            "author": st.builds(
                lambda number: {
                    "id": f"https://openalex.org/A{number}",
                    "display_name": f"Author {number}",
                },
                st.integers(1, 5),
            ),
            "institutions": st.lists(institutions(), max_size=3),
        },
        optional={"countries": st.lists(st.sampled_from(CODES), max_size=3)},
    )


def _named(name: str) -> Record:
    return {"display_name": name}


def _topic(number: str) -> Record:
    return {"id": f"https://openalex.org/{number}"}


def works() -> st.SearchStrategy[Record]:
    """A version of one of a few works; most are in scope where the range holds all of `YEARS`."""
    flag = _mostly(st.sampled_from((False, None)), st.just(True))
    return st.fixed_dictionaries(
        {
            "id": st.sampled_from(WORK_IDS),
            "doi": st.sampled_from((None, "", "https://doi.org/10.1/a", "https://doi.org/10.1/B")),
            "title": st.sampled_from(("One title", "Another title", None)),
            "publication_year": _mostly(st.sampled_from(YEARS), st.none()),
            "type": _mostly(st.sampled_from(TYPES), st.sampled_from(OTHER_TYPES)),
            "authorships": _mostly(st.lists(authorships(), min_size=1, max_size=6), st.just([])),
            "cited_by_count": st.integers(0, 3),
        },
        optional={
            "abstract_inverted_index": st.sampled_from((None, {}, {"systems": [0, 2], "couple": [1]})),
            "keywords": st.lists(st.sampled_from(("Systems", "Coupled systems")).map(_named), max_size=2),
            "topics": st.lists(st.sampled_from(("T1", "T2", "T3")).map(_topic), max_size=2),
            "updated_date": st.sampled_from((*UPDATED, None)),
            "is_retracted": flag,
            "is_paratext": flag,
            "is_xpac": flag,
        },
    )


@st.composite
def drops(draw: st.DrawFn) -> list[OracleDrop]:
    """One to three drops in order of arrival, each with at least two records.

    All draw from the same few records, so that the same version often comes twice, within a
    drop and across drops. Some drops state no date.
    """
    pool = draw(st.lists(works(), min_size=4, max_size=14))
    chosen = st.lists(st.sampled_from(range(len(pool))), min_size=2, max_size=10, unique=True)
    repeats = st.lists(st.sampled_from(pool), max_size=2)
    names = draw(st.permutations(("drop-a", "drop-b", "drop-c")))[: draw(st.integers(1, 3))]
    stated = st.sampled_from((None, *STATED))
    return [
        OracleDrop(
            name,
            draw(stated),
            [*(pool[index] for index in draw(chosen)), *draw(repeats)],
            technology=STATED_TECHNOLOGIES.get(name),
        )
        for name in names
    ]


def author_shares() -> st.SearchStrategy[Shares]:
    """One author's equal shares of up to three countries, or of the unknown one."""
    known = st.lists(st.sampled_from(("AU", "CN", "DE", "US")), max_size=3, unique=True)
    return known.map(
        lambda codes: {code: Fraction(1, len(codes)) for code in codes} or {UNKNOWN: Fraction(1)}
    )
