"""One work as a line of JSON, with the keys and spacing of the 2025-09 drop.

The pieces come from `authors`, `subjects`, `text` and `details`; here they are joined, in the
order of the drop. Lines are written by hand: encoding a record of dictionaries costs several
times what joining prepared strings does. `relevance_score`, which the real drop has from a
search, is left out.
"""

from random import Random

from assets.sample import details
from assets.sample.authors import Authors, Authorships
from assets.sample.details import Locations, flag
from assets.sample.subjects import Library
from assets.sample.text import Texts
from assets.sample.topics import TOPICS
from assets.sample.works import Work, work_id

_CRITICAL_SHARE = 0.6
_DAYS_A_MONTH = 28
_WITHOUT_REFERENCES = 0.15
_RELATED = 10
_MOST_REFERENCES = 160
# Lists of works are cut from one long list: every id is as long as this one.
_LINK = '"https://openalex.org/W9000000000", '
_TAPE_BITS = 14
_FEWEST_SENTENCES = 6
_MORE_SENTENCES = 13


class Records:
    """Writes records; all drawing is from the `Random` given with each work."""

    def __init__(self, works: int) -> None:
        self._tape = _tape(works)
        self._authors = Authors()
        self._library = Library()
        self._texts = Texts()
        self._topics = (
            [number for number, topic in enumerate(TOPICS) if not topic.critical],
            [number for number, topic in enumerate(TOPICS) if topic.critical],
        )

    def line(self, work: Work, updated: str, random: Random) -> str:
        """Return a record and its line feed; `updated` is the date of its file, YYYY-MM-DD."""
        bits = random.getrandbits(192)
        topic = random.choice(self._topics[random.random() < _CRITICAL_SHARE])
        source = self._library.source(topic, random)
        places = details.locations(work, source, bits)
        cited = details.citations(work, random)
        has_pdf = places.is_open and bits >> 40 & 1 == 1
        return "".join(
            (
                _identity(work, self._texts.title(topic, random), bits >> 8),
                _access(work, places),
                _contributors(self._authors.authorships(work.team, random)),
                _measures(work, cited, has_pdf, bits >> 41),
                self._subjects(topic, bits >> 80, random),
                _content(work, places, has_pdf, bits >> 90),
                self._links(work, random),
                f'"abstract_inverted_index": {self._abstract(work, topic, random)}, '
                f'"counts_by_year": {details.citation_years(work, cited)}, '
                f'"updated_date": "{details.stamp(updated, bits >> 120)}", '
                '"created_date": "2025-10-10T00:00:00"}\n',
            )
        )

    def _subjects(self, topic: int, bits: int, random: Random) -> str:
        subjects = self._library.subjects(topic, random)
        mesh = self._library.headings(random) if bits & 3 == 0 else "[]"
        return (
            f'"primary_topic": {subjects.primary_topic}, "topics": {subjects.topics}, '
            f'"keywords": {subjects.keywords}, "concepts": {subjects.concepts}, "mesh": {mesh}, '
        )

    def _links(self, work: Work, random: Random) -> str:
        """Return the works it refers to and is related to, all of the same drop."""
        count = 0
        if random.random() > _WITHOUT_REFERENCES:
            longer = 2.0 if work.type == "review" else 1.0
            count = min(int(random.expovariate(1 / 26) * longer) + 1, _MOST_REFERENCES)
        return (
            f'"referenced_works_count": {count}, "referenced_works": {self._some(count, random)}, '
            f'"related_works": {self._some(_RELATED, random)}, '
        )

    def _some(self, count: int, random: Random) -> str:
        if not count:
            return "[]"
        start = random.getrandbits(_TAPE_BITS) * len(_LINK)
        return f"[{self._tape[start : start + count * len(_LINK) - len(', ')]}]"

    def _abstract(self, work: Work, topic: int, random: Random) -> str:
        if not work.has_abstract:
            return "null"
        sentences = _FEWEST_SENTENCES + int(random.random() * _MORE_SENTENCES)
        return self._texts.inverted_index(topic, sentences, random)


def _tape(works: int) -> str:
    """Return the links to cut from: works of the drop in random order, some more than once."""
    random = Random(works)
    size = (1 << _TAPE_BITS) + _MOST_REFERENCES
    return "".join(f'"https://openalex.org/W{work_id(random.randrange(works))}", ' for _ in range(size))


def _identity(work: Work, title: str, bits: int) -> str:
    url = f"https://openalex.org/W{work_id(work.number)}"
    doi = f'"https://doi.org/{details.doi(work)}"' if work.has_doi else "null"
    ids = f'"openalex": "{url}", "doi": {doi}' if work.has_doi else f'"openalex": "{url}"'
    month, day = 1 + (bits & 255) % 12, 1 + (bits >> 8 & 255) % _DAYS_A_MONTH
    return (
        f'{{"id": "{url}", "doi": {doi}, "title": "{title}", "display_name": "{title}", '
        f'"publication_year": {work.year}, '
        f'"publication_date": "{work.year}-{month:02d}-{day:02d}", '
        f'"ids": {{{ids}}}, "language": "en", '
    )


def _access(work: Work, places: Locations) -> str:
    type_ = f'"{work.type}"' if work.type else "null"
    indexed = '["crossref"]' if work.has_doi else "[]"
    return (
        f'"primary_location": {places.primary}, "type": {type_}, "indexed_in": {indexed}, '
        f'"open_access": {places.open_access}, '
    )


def _contributors(authorships: Authorships) -> str:
    return (
        f'"authorships": {authorships.json}, "institutions": [], '
        f'"countries_distinct_count": {authorships.countries}, '
        f'"institutions_distinct_count": {authorships.institutions}, '
        f'"corresponding_author_ids": {authorships.corresponding_author_ids}, '
        f'"corresponding_institution_ids": {authorships.corresponding_institution_ids}, '
    )


def _measures(work: Work, cited: int, has_pdf: bool, bits: int) -> str:
    page = 1 + (bits >> 24 & 1023)
    return (
        f'"apc_list": {details.charge(bits >> 34)}, "apc_paid": null, '
        f'"fwci": {cited * 0.1731:.4f}, "has_fulltext": {flag(has_pdf)}, '
        f"{details.percentiles(cited, bits)}"
        f'"biblio": {{"volume": "{1 + abs(work.year - 1980)}", "issue": "{1 + bits % 12}", '
        f'"first_page": "{page}", "last_page": "{page + 9}"}}, '
        f'"is_retracted": {flag(work.is_retracted)}, "is_paratext": {flag(work.is_paratext)}, '
        f'"is_xpac": {flag(work.is_xpac)}, '
    )


def _content(work: Work, places: Locations, has_pdf: bool, bits: int) -> str:
    url = f"https://content.openalex.org/works/W{work_id(work.number)}.pdf"
    content = f'{{"pdf": "{url}"}}' if has_pdf else "null"
    return (
        f'"locations_count": {places.count}, "locations": {places.every}, '
        f'"best_oa_location": {places.best_open}, '
        f'"sustainable_development_goals": {details.goals(bits)}, "awards": [], "funders": [], '
        f'"has_content": {{"pdf": {flag(has_pdf)}, "grobid_xml": false}}, '
        f'"content_urls": {content}, '
    )
