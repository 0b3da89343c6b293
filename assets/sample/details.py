"""The small parts of a record: where it can be read, how often it is cited, goals and charges.

Each function writes one stretch of JSON from a work and its drawn bits. How the stretches follow
each other is `record`.
"""

from dataclasses import dataclass
from random import Random

from assets.sample.subjects import Source
from assets.sample.works import Work

# The registered test prefix: these DOIs resolve to nothing.
_DOI_PREFIX = "10.5555"
_LAST_CITED_YEAR = 2025
_MOST_CITED_YEARS = 10
_MOST_CITATIONS = 20_000

_GOALS = (
    ("7", "Affordable and clean energy"), ("9", "Industry, innovation and infrastructure"),
    ("3", "Good health and well-being"), ("13", "Climate action"), ("4", "Quality Education"),
    ("11", "Sustainable cities and communities"), ("2", "Zero hunger"), ("15", "Life in Land"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Locations:
    """Where a work can be read: values of `primary_location`, `locations` and what follows."""

    primary: str
    every: str
    count: int
    best_open: str
    open_access: str
    is_open: bool


def flag(value: bool) -> str:
    """Return a JSON boolean."""
    return "true" if value else "false"


def doi(work: Work) -> str:
    """Return a DOI under the test prefix, different for every work."""
    return f"{_DOI_PREFIX}/synthetic.{work.year}.{work.number:07d}"


def locations(work: Work, source: Source, bits: int) -> Locations:
    """Return the locations of a work: its journal, and for some a repository beside it."""
    in_repository = bits & 7 < 3 or not work.has_doi
    copies = 1 + (bits >> 3 & 7 == 0) if in_repository else 0
    handles = [f"{work.number * 13 + copy}" for copy in range(copies)]
    places = [_published(work, source)] if work.has_doi else []
    places += [_deposited(handle) for handle in handles]
    is_open = bool(places) and (source.is_open or in_repository)
    best = places[0] if source.is_open or not work.has_doi else places[-1]
    status = "gold" if source.is_open else "green" if in_repository else "closed"
    where = _handle_url(handles[0]) if handles else f"https://doi.org/{doi(work)}"
    return Locations(
        places[0],
        f"[{', '.join(places)}]",
        len(places),
        best if is_open else "null",
        f'{{"is_oa": {flag(is_open)}, "oa_status": "{status}", '
        f'"oa_url": {_quoted(where) if is_open else "null"}, '
        f'"any_repository_has_fulltext": {flag(in_repository)}}}',
        is_open,
    )


def _quoted(text: str) -> str:
    return f'"{text}"'


def _handle_url(handle: str) -> str:
    return f"https://repository.example.org/handle/10955/{handle}"


def _published(work: Work, source: Source) -> str:
    name = doi(work)
    license_ = '"cc-by"' if source.is_open else "null"
    license_id = '"https://openalex.org/licenses/cc-by"' if source.is_open else "null"
    pdf = f'"https://journals.example.org/{name}.pdf"' if source.is_open else "null"
    return (
        f'{{"id": "doi:{name}", "is_oa": {flag(source.is_open)}, '
        f'"landing_page_url": "https://doi.org/{name}", "pdf_url": {pdf}, '
        f'"source": {source.json}, "license": {license_}, "license_id": {license_id}, '
        '"version": "publishedVersion", "is_accepted": true, "is_published": true, '
        f'"raw_source_name": "{source.name}", "raw_type": "{source.raw_type}"}}'
    )


def _deposited(handle: str) -> str:
    return (
        f'{{"id": "pmh:oai:repository.example.org:10955/{handle}", "is_oa": true, '
        f'"landing_page_url": "{_handle_url(handle)}", '
        f'"pdf_url": "https://repository.example.org/bitstream/10955/{handle}/1/fulltext.pdf", '
        '"source": null, "license": null, "license_id": null, "version": "submittedVersion", '
        '"is_accepted": false, "is_published": false, '
        '"raw_source_name": "Synthetic Institutional Repository", "raw_type": "text"}'
    )


def citations(work: Work, random: Random) -> int:
    """Return how often a work is cited: heavy-tailed, more for older works."""
    age = max(_LAST_CITED_YEAR - work.year, 1)
    return min(int(age * 0.5 * ((1 - random.random()) ** -0.8 - 0.9)), _MOST_CITATIONS)


def citation_years(work: Work, cited: int) -> str:
    """Return `counts_by_year`, latest year first."""
    age = _LAST_CITED_YEAR - work.year
    years = max(min(age, _MOST_CITED_YEARS, cited), 0)
    yearly = cited // (age + 1)
    counts = [
        f'{{"year": {_LAST_CITED_YEAR - back}, "cited_by_count": {yearly * (20 - back) // 20 + 1}}}'
        for back in range(years)
    ]
    return f"[{', '.join(counts)}]"


def percentiles(cited: int, bits: int) -> str:
    """Return the keys from `cited_by_count` to `cited_by_percentile_year`."""
    place = (bits & 0xFFFFFF) / 0x1000000
    low = int(place * 95)
    return (
        f'"cited_by_count": {cited}, "citation_normalized_percentile": {{"value": {place:.8f}, '
        f'"is_in_top_1_percent": {flag(place > 0.99)}, '
        f'"is_in_top_10_percent": {flag(place > 0.9)}}}, '
        f'"cited_by_percentile_year": {{"min": {low}, "max": {low + 4}}}, '
    )


def charge(bits: int) -> str:
    """Return `apc_list`: a publication charge for a quarter of the works."""
    if bits & 3:
        return "null"
    amount = 900 + (bits >> 2 & 31) * 50
    return f'{{"value": {amount}, "currency": "USD", "value_usd": {amount}}}'


def goals(bits: int) -> str:
    """Return `sustainable_development_goals`: one for two thirds of the works."""
    if bits & 3 == 0:
        return "[]"
    number, name = _GOALS[bits >> 2 & 7]
    return (
        f'[{{"score": 0.{40 + (bits >> 5 & 31)}, '
        f'"id": "https://metadata.un.org/sdg/{number}", "display_name": "{name}"}}]'
    )


def stamp(date: str, bits: int) -> str:
    """Return a time of the day `date` (YYYY-MM-DD), to the microsecond."""
    seconds = bits % 86_400
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{date}T{hours:02d}:{minutes:02d}:{seconds % 60:02d}.{bits >> 20 & 0x7FFFF:06d}"
