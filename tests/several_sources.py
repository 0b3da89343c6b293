"""Made-up drops of three sources that describe the same works, as real files would.

Here belong the records and the story of drops; how they are written is `tests.derive`, what should be
counted `tests.oracle`. Every case is a handful of records under a few DOIs of its own, with ids that are
distinct in each source, and publication years of its own, so that a difference names its case.
"""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from tests.arrivals import Arrival
from tests.catalogues import Entries
from tests.oracle import OPENALEX, SCOPUS, WOS, OracleDrop, Record

FIRST_YEAR = 1901
YEARS_A_CASE = 2
RECORDS_A_SOURCE = 3

PLACES: dict[str, Sequence[str]] = {
    WOS: (
        "Georgia Inst Technol, Sch Mat, Atlanta, GA 30332 USA",
        "Tbilisi State Univ, Tbilisi, Georgia",
        "Univ Edinburgh, Edinburgh, Midlothian, Scotland",
        "Queens Univ Belfast, Belfast, Antrim, North Ireland",
        "Natl Taiwan Univ, Taipei, Taiwan",
        "Univ Hong Kong, Hong Kong, Peoples R China",
        "Koc Univ, Istanbul, Turkiye",
        "Univ Namibia, Windhoek, Namibia",
        "Univ Nowhere, Port Royal, Atlantis",
    ),
    SCOPUS: (
        "Georgia Institute of Technology, Atlanta, GA 30332, United States",
        "Tbilisi State University, Tbilisi, Georgia",
        "Department of Physics, University of Edinburgh, Edinburgh, United Kingdom",
        "University of Edinburgh, Edinburgh, United Kingdom",
        "National Taiwan University, Taipei, Taiwan",
        "The University of Hong Kong, Pokfulam, Hong Kong",
        "Koç University, Istanbul, Turkey",
        "University of Namibia, Windhoek, Namibia",
        "University of Nowhere, Port Royal, Atlantis",
    ),
}
"""Addresses, of which the last names no country."""
CODES = ("US", "GE", "GB", "TW", "CN", "HK", "TR", "NA", "XX", None)

TITLES = (
    # Equal but for how they are written.
    (
        "Coupling of research systems",
        "<i>Coupling</i> of Research Systems.",
        "Coupling of r\u00e9search systems",
    ),
    # One of three is another work's, then all of them are.
    ("A new method for glaciers", "Entirely other words about vaccines", "A new method for glaciers"),
    ("Ice cores of the north", "Vaccines for tropical frogs", "Lasers without any mirrors"),
    # The second shares half its words with the first and half with the third, which share none.
    ("Melting polar glaciers today", "Melting polar vaccines tomorrow", "Dangerous vaccines tomorrow maybe"),
    # Alike, or too short to tell.
    ("Measuring quantum walks on graphs", "Measuring quantum walks on lattices", "Quantum walks"),
    ("Editorial", "Preface", ""),
)
"""The titles of one work, for OpenAlex, Web of Science and Scopus."""

TEXTS = (
    "Lasers cut an ice core",
    "Lasers with mirrors melt polar glaciers",
    "Vaccines; robots &amp; frogs",
    "Melting of any of the polar glaciers",
    "Melting of many of the old polar glaciers",
    "Quantum walks on lattices",
    "Ice. Core questions of vaccination",
    "We walked on ice",
)
"""Abstracts and keywords: what the technologies of `CATALOGUE` are found in, or just not."""
TOPICS = ("T10001", "T10002", "T10003")

CATALOGUE: Entries = {
    "ice-cores": ('"ice core$" OR melt* NEAR/3 glacier$', ()),
    "lasers": ("laser$ NOT mirror$", ("T10001", "T10003")),
    "quantum-walks": ('TI="quantum walk*" OR AK=(vaccin* OR lattice$)', ()),
    "robots": (None, ("T10002",)),
}
"""The drops of the story state two of these technologies, and another one."""
EDITED_CATALOGUE: Entries = {
    "frogs": ("frog$ OR vaccin*", ()),
    "ice-cores": CATALOGUE["ice-cores"],
    "lasers": ("laser$ NOT mirror$ OR melt*", ("T10003",)),
    "robots": ("robot$", ()),
}
"""The same with one technology more, one less, and two that mean something else."""

HELD_ON = date(2024, 6, 15)
"""The day of a complete set of OpenAlex: some versions are of that day, some of the next."""

_WOS_TYPES = ("Article", "Review", "Article; Early Access", "Book Chapter; Proceedings Paper")
_SCOPUS_TYPES = ("Article", "Conference Paper", "Article in Press", "Review")


@dataclass
class _Made:
    """One record before it is written in its source's way."""

    case: int
    number: int
    """Of the record in its source."""
    doi: str
    title: str
    year: int
    is_retracted: bool
    is_other_type: bool
    has_authors: bool
    abstract: str
    keywords: Sequence[str]
    topics: Sequence[str]
    cited: int


def made_up(source: str, case: int, seed: int) -> list[Record]:
    """The records of a case in one source; another seed gives other versions of the same records."""
    random = Random(f"{source} {case} {seed}")
    return [
        WRITERS[source](
            _record(source, case, number, random, Random(f"text {source} {case} {number} {seed}")), random
        )
        for number in range(RECORDS_A_SOURCE)
    ]


def _record(source: str, case: int, number: int, random: Random, of_text: Random) -> _Made:
    doi = random.choice([f"10.5555/case.{case}.a"] * 3 + [f"10.5555/case.{case}.b"] * 2 + [""])
    titles = TITLES[case % len(TITLES)]
    return _Made(
        case=case,
        number=number,
        doi=doi,
        title=titles[(OPENALEX, WOS, SCOPUS).index(source) if random.random() < 0.7 else random.randrange(3)],
        year=FIRST_YEAR + case * YEARS_A_CASE + random.randrange(YEARS_A_CASE),
        is_retracted=random.random() < 0.06,
        is_other_type=random.random() < 0.06,
        has_authors=random.random() > 0.05,
        abstract=of_text.choice(["", *TEXTS]),
        keywords=of_text.sample([text for text in TEXTS if ";" not in text], of_text.choice((0, 0, 1, 2))),
        topics=of_text.sample(TOPICS, of_text.choice((0, 0, 0, 1, 2))),
        cited=of_text.choice((0, 0, 1, 2, 3)),
    )


def _openalex(made: _Made, random: Random) -> Record:
    authors = [
        {
            "institutions": [
                {"id": None, "display_name": "A place", "country_code": random.choice(CODES)}
                for _ in range(random.randrange(3))
            ],
            "countries": random.sample(("US", "HK", "CN", "XX"), random.randrange(3)),
        }
        for _ in range(random.randint(1, 4))
    ]
    month, day, hour = random.randint(1, 6), random.randint(15, 16), random.randrange(10)
    return {
        "id": f"https://openalex.org/W{made.case}0{made.number}",
        "doi": f"https://doi.org/{made.doi.upper()}" if made.doi else None,
        "title": made.title or None,
        "publication_year": made.year,
        "type": "letter" if made.is_other_type else random.choice(("article", "review")),
        "is_retracted": made.is_retracted,
        "is_paratext": random.random() < 0.04,
        "authorships": authors if made.has_authors else [],
        "updated_date": f"2024-0{month}-{day}T0{hour}:00:00.000000",
        "abstract_inverted_index": _index(made.abstract) or None,
        "keywords": [{"display_name": name} for name in made.keywords],
        "topics": [{"id": f"https://openalex.org/{topic}"} for topic in made.topics],
        "cited_by_count": made.cited if made.number else None,
    }


def _index(text: str) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for position, word in enumerate(text.split()):
        index.setdefault(word, []).append(position)
    return index


def _wos(made: _Made, random: Random) -> Record:
    kind = "Letter" if made.is_other_type else random.choice(_WOS_TYPES)
    places = _places(WOS, random)
    people = [_author(f"Name{number}, Given", places, random) for number in range(random.randint(1, 4))]
    groups = [_author("A Consortium", [], random)] if random.random() < 0.1 else []
    is_early = random.random() < 0.1
    return {
        "UT": f"WOS:{made.case:06}{made.number:03}",
        "DT": f"{kind}; Retracted Publication" if made.is_retracted else kind,
        "PY": "" if is_early else str(made.year),
        "EY": "",
        "EA": f"JAN {made.year}" if is_early else "",
        "DA": f"2024-0{random.randint(1, 6)}-15",
        "DI": made.doi,
        "TI": made.title,
        "AB": html.unescape(made.abstract),
        "DE": "; ".join(made.keywords),
        "TC": str(made.cited) if made.number else "",
        "addresses": places,
        "authors": [*people, *groups] if made.has_authors else [],
    }


def _scopus(made: _Made, random: Random) -> Record:
    kind = "Editorial" if made.is_other_type else random.choice(_SCOPUS_TYPES)
    places = _places(SCOPUS, random)
    people = [_author(f"Name{number} G.", places, random) for number in range(random.randint(1, 4))]
    return {
        "EID": f"2-s2.0-{made.case:08}{made.number}",
        "Document Type": "Retracted" if made.is_retracted else kind,
        "Year": str(made.year),
        "DOI": made.doi,
        "Title": made.title,
        "Abstract": html.unescape(made.abstract) or ("", "[No abstract available]")[made.number % 2],
        "Author Keywords": "; ".join(made.keywords),
        "Cited by": str(made.cited or ""),
        "addresses": places,
        "authors": people if made.has_authors else [],
    }


WRITERS: dict[str, Callable[[_Made, Random], Record]] = {OPENALEX: _openalex, WOS: _wos, SCOPUS: _scopus}


def _places(source: str, random: Random) -> list[str]:
    return random.sample(PLACES[source], random.choice((0, 1, 1, 2, 3)))


def _author(name: str, places: Sequence[str], random: Random) -> Record:
    """An author at up to two of the places, in their order, often at none."""
    own = random.sample(places, min(len(places), random.choice((0, 1, 1, 2))))
    return {"name": name, "addresses": [place for place in places if place in own]}


def made_up_drop(name: str, source: str, cases: int, seed: int, **stated: object) -> OracleDrop:
    """A drop with most of the records of every case in one source."""
    random = Random(f"{name} {seed}")
    records = [record for case in range(cases) for record in made_up(source, case, seed)]
    drop = OracleDrop(name, None, [record for record in records if random.random() < 0.8], source=source)
    return replace(drop, **stated)  # type: ignore[arg-type]


def story(cases: int) -> list[Arrival]:
    """Drops of three sources with everything that can happen between them."""

    def drop(name: str, source: str, seed: int, day: date | None, **stated: object) -> OracleDrop:
        return made_up_drop(name, source, cases, seed, stated_date=day, **stated)

    scopus = drop("scopus", SCOPUS, 1, date(2024, 2, 1), technology="ice cores")
    half = drop("openalex-held", OPENALEX, 3, HELD_ON, mode="snapshot")
    held = {str(record["id"]).rsplit("/", 1)[-1] for record in half.records[: len(half.records) // 2]}
    return [
        Arrival("one source", [drop("wos", WOS, 1, None, technology="robots")]),
        Arrival("a less preferred source", [scopus]),
        Arrival("the preferred source", [drop("openalex", OPENALEX, 1, date(2024, 6, 1))]),
        Arrival(
            "newer versions with other DOIs and titles, retractions",
            [
                drop("wos-later", WOS, 2, date(2024, 6, 20), technology="ice cores"),
                drop("openalex-later", OPENALEX, 2, None, technology="lasers"),
            ],
        ),
        Arrival(
            "complete sets of two sources",
            [
                replace(half, complete_ids=frozenset(held)),
                drop("scopus-all", SCOPUS, 3, date(2024, 8, 1), mode="snapshot"),
            ],
        ),
        Arrival("what was gone comes back", [drop("openalex-back", OPENALEX, 4, date(2024, 7, 2))]),
        Arrival(
            "drops withdrawn and one delivered again with other content",
            [replace(scopus, records=scopus.records[::2], stated_date=date(2024, 9, 1))],
            ["wos-later", "openalex-held"],
        ),
    ]
