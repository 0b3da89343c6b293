"""What a work is about and where it appeared: topics, concepts, keywords, headings, sources.

Each is written once as JSON with a gap for its score; a work only joins pieces. Ids are invented
and lie above the ranges in use. The order and the nesting of keys are those of the 2025-09 drop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from assets.sample import words
from assets.sample.text import zipf_pool
from assets.sample.topics import TOPICS, Topic

_SOURCES_A_TOPIC = 6
_SCORES = 1024
# Draws written in advance: a file hardly ever holds the same one twice within gzip's window.
_VARIANTS = 24


@dataclass(frozen=True, slots=True)
class Source:
    """A journal or a series of proceedings: its JSON object and its name."""

    json: str
    name: str
    is_open: bool
    raw_type: str


@dataclass(frozen=True, slots=True)
class Subjects:
    """The JSON values of a work's subject keys."""

    primary_topic: str
    topics: str
    keywords: str
    concepts: str


class Library:
    """All topics, concepts, sources and headings, and their draw for a work."""

    def __init__(self) -> None:
        random = Random(_SCORES)
        write = _SubjectWriter()
        self._subjects = [
            [write.subjects(topic, random) for _ in range(_VARIANTS)] for topic in range(len(TOPICS))
        ]
        self._sources = [_sources(number, topic) for number, topic in enumerate(TOPICS)]
        self._headings = _headings()

    def subjects(self, topic: int, random: Random) -> Subjects:
        """Return topics, concepts and keywords of a work on `topic`."""
        return random.choice(self._subjects[topic])

    def source(self, topic: int, random: Random) -> Source:
        """Return a journal or proceedings of the topic."""
        return random.choice(self._sources[topic])

    def headings(self, random: Random) -> str:
        """Return medical headings, each up to three times in a row, as the drops deliver them."""
        picked = random.randbytes(4 + random.getrandbits(2))
        return f"[{', '.join(self._headings[byte] for byte in picked)}]"


class _SubjectWriter:
    """Writes the subjects a work may have; keywords repeat the best concepts' scores."""

    def __init__(self) -> None:
        self._topics = [_topic_json(number, topic) for number, topic in enumerate(TOPICS)]
        self._neighbours = [_neighbours(topic) for topic in TOPICS]
        self._general = zipf_pool([_concept(name, 0) for name in words.phrases(words.CONCEPTS)], 0.5)
        self._special = [[_concept(_capital(term), 2) for term in topic.terms] for topic in TOPICS]
        self._scores = [f"{0.95 * 0.997**rank:.7f}" for rank in range(_SCORES)]

    def subjects(self, topic: int, random: Random) -> Subjects:
        """Return one draw of subjects."""
        others = random.sample(self._neighbours[topic], random.choice((1, 2)))
        topics = [
            f"{self._topics[number][0]}0.{9999 - 400 * place - random.randrange(256):04d}"
            f"{self._topics[number][1]}"
            for place, number in enumerate(dict.fromkeys((topic, *others)))
        ]
        special = random.sample(self._special[topic], len(self._special[topic]))
        general = random.choices(self._general, k=random.randint(4, 7))
        first, step = random.randrange(128), random.randrange(20, 52)
        scored = [
            (concept, self._scores[first + step * place])
            for place, concept in enumerate(dict.fromkeys((*special, *general)))
        ]
        keywords = scored[: random.randint(3, 6)]
        return Subjects(
            topics[0],
            f"[{', '.join(topics)}]",
            f"[{', '.join(f'{keyword}{score}}}' for (_, keyword), score in keywords)}]",
            f"[{', '.join(f'{concept}{score}}}' for (concept, _), score in scored)}]",
        )


def _capital(term: str) -> str:
    return term[0].upper() + term[1:]


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()).strip("-")


def _stable(name: str, modulus: int) -> int:
    """Return a number that belongs to a name in every process, unlike `hash`."""
    number = 0
    for byte in name.encode():
        number = (number * 257 + byte) % 2_147_483_647
    return number % modulus


def _topic_json(number: int, topic: Topic) -> tuple[str, str]:
    field = topic.field
    subfield = field.subfields[number % len(field.subfields)]
    code = 10 + _stable(field.name, 80)
    before = f'{{"id": "https://openalex.org/T{90_001 + number}", "display_name": "{topic.name}", "score": '
    after = (
        f', "subfield": {{"id": "https://openalex.org/subfields/{code}{number % 7:02d}", '
        f'"display_name": "{subfield}"}}, '
        f'"field": {{"id": "https://openalex.org/fields/{code}", "display_name": "{field.name}"}}, '
        f'"domain": {{"id": "https://openalex.org/domains/{1 + len(field.domain) % 4}", '
        f'"display_name": "{field.domain}"}}}}'
    )
    return before, after


def _neighbours(topic: Topic) -> list[int]:
    """Return the numbers of the topics of the same field."""
    return [number for number, other in enumerate(TOPICS) if other.field.name == topic.field.name]


def _concept(name: str, level: int) -> tuple[str, str]:
    """Return a concept and the keyword of the same name, each up to its score."""
    number = 9_000_000_000 + _stable(name, 900_000_000)
    concept = (
        f'{{"id": "https://openalex.org/C{number}", '
        f'"wikidata": "https://www.wikidata.org/wiki/Q{number + 90_000_000_000}", '
        f'"display_name": "{name}", "level": {level}, "score": '
    )
    keyword = f'{{"id": "https://openalex.org/keywords/{_slug(name)}", "display_name": "{name}", "score": '
    return concept, keyword


def _sources(number: int, topic: Topic) -> list[Source]:
    patterns = [pattern.strip() for pattern in words.phrases(words.JOURNALS)]
    sources = []
    for turn in range(_SOURCES_A_TOPIC):
        pattern = patterns[(number + turn * 3) % len(patterns)]
        name = pattern.format(_capital(topic.terms[turn % len(topic.terms)]).title())
        sources.append(_source(number * _SOURCES_A_TOPIC + turn, name))
    return sources


def _source(number: int, name: str) -> Source:
    is_open = number % 5 == 0
    is_series = name.startswith("Proceedings")
    issn = f"{9000 + number // 1000:04d}-{number % 1000:03d}X"
    host = f"https://openalex.org/P{9_900_000_000 + number % 23}"
    publisher = f"Synthetic Press {number % 23 + 1}"
    flag = "true" if is_open else "false"
    type_ = "conference" if is_series else "journal"
    json = (
        f'{{"id": "https://openalex.org/S{9_900_000_000 + number}", "display_name": "{name}", '
        f'"issn_l": "{issn}", "issn": ["{issn}"], "is_oa": {flag}, "is_in_doaj": {flag}, '
        f'"is_core": true, "host_organization": "{host}", '
        f'"host_organization_name": "{publisher}", "host_organization_lineage": ["{host}"], '
        f'"host_organization_lineage_names": ["{publisher}"], "type": "{type_}"}}'
    )
    raw_type = "proceedings-article" if is_series else "journal-article"
    return Source(json, name, is_open, raw_type)


def _headings() -> Sequence[str]:
    qualifiers = words.QUALIFIERS.split()
    entries = []
    for place, name in enumerate(words.phrases(words.HEADINGS)):
        qualifier = qualifiers[place % len(qualifiers)]
        named = place % 3 == 0
        ui, title = (f'"Q{900_000 + place}"', f'"{qualifier}"') if named else ("null", "null")
        entry = (
            f'{{"descriptor_ui": "D{900_000 + place}", "descriptor_name": "{name}", '
            f'"qualifier_ui": {ui}, "qualifier_name": {title}, '
            f'"is_major_topic": {"true" if place % 4 == 0 else "false"}}}'
        )
        entries.append(", ".join([entry] * (1 + place % 3)))
    return zipf_pool(entries, 0.7)
