"""Made-up records, written as Scopus writes them: CSV and BibTeX, before and after 2023."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assets.file_content import Meter
from assets.quarantine import Rejected
from assets.records import DeliveredRecord, Record
from assets.scopus import READERS

MONASH = "Dept. of Physics, Monash University, Melbourne, VIC, Australia"
TBILISI = "Institute of Physics, Tbilisi, Georgia"
TURKU = "University of Turku, Turku, Finland"
OLD_HEADER = (
    "Authors,Title,Year,Source title,Volume,Art. No.,Cited by,DOI,Link,Affiliations,"
    "Authors with affiliations,Abstract,Author Keywords,Index Keywords,Correspondence Address,"
    "Document Type,Source,EID"
)
NEW_HEADER = (
    "Authors,Author full names,Author(s) ID,Title,Year,Source title,Volume,Art. No.,Cited by,DOI,Link,"
    "Affiliations,Authors with affiliations,Abstract,Author Keywords,Index Keywords,Correspondence Address,"
    "Document Type,Publication Stage,Open Access,Source,EID"
)


@dataclass(frozen=True)
class Author:
    last: str
    initials: str
    first: str
    affiliations: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        return f"{self.last} {self.initials}"


FIRST = Author("Van den Berg", "A.B.", "Anna B.", (MONASH, TURKU))
SECOND = Author("Gelashvili", "N.", "Nino", (TBILISI,))
THIRD = Author("Oy", "J.-P.", "Jean-Paul", (TURKU,))


@dataclass(frozen=True)
class Work:
    number: int = 1
    authors: tuple[Author, ...] = (FIRST, SECOND, THIRD)
    title: str = "Coupling & decoupling: 5% of “all” systems"
    year: str = "2017"
    cited_by: int = 3
    doi: str = "10.1234/Coupling.1"
    abstract: str = "We say “so”, and so on. © 2017"
    keywords: tuple[str, ...] = ("Coupling", "Decoupling")
    document_type: str = "Article"

    @property
    def eid(self) -> str:
        return f"2-s2.0-850000000{self.number:02d}"

    @property
    def link(self) -> str:
        doi = self.doi.replace("/", "%2f")
        return f"https://www.scopus.com/inward/record.uri?eid={self.eid}&doi={doi}&partnerID=40&md5=00ff{self.number}"

    @property
    def affiliations(self) -> str:
        return "; ".join(dict.fromkeys(place for author in self.authors for place in author.affiliations))


def old_csv(works: Iterable[Work]) -> str:
    return _csv(OLD_HEADER, [old_row(work) for work in works])


def new_csv(works: Iterable[Work]) -> str:
    return _csv(NEW_HEADER, [new_row(work) for work in works], quoting=csv.QUOTE_ALL)


def old_row(work: Work) -> dict[str, str]:
    names = [(f"{a.last}, {a.initials}", a.affiliations) for a in work.authors]
    return {
        **_cells(work),
        "Authors": ", ".join(author.short for author in work.authors) or "[No author name available]",
        "Authors with affiliations": "; ".join(", ".join([name, *places]) for name, places in names),
        "Cited by": str(work.cited_by or ""),
    }


def new_row(work: Work) -> dict[str, str]:
    return {
        **_cells(work),
        "Authors": "; ".join(author.short for author in work.authors) or "[No author name available]",
        "Author full names": "; ".join(f"{a.last}, {a.first} (57000000001)" for a in work.authors),
        "Authors with affiliations": "; ".join(", ".join([a.short, *a.affiliations]) for a in work.authors),
        "Cited by": str(work.cited_by),
        "Publication Stage": "Final",
    }


def _cells(work: Work) -> dict[str, str]:
    return {
        "Title": work.title,
        "Year": work.year,
        "Source title": "Journal of Coupling",
        "DOI": work.doi,
        "Link": work.link,
        "Affiliations": work.affiliations,
        "Abstract": work.abstract or "[No abstract available]",
        "Author Keywords": "; ".join(work.keywords),
        "Index Keywords": "Physics; Coupled systems",
        "Correspondence Address": "Oy, J.-P.; Elsewhere, Lima, Peru; email: oy@example.org",
        "Document Type": work.document_type,
        "Source": "Scopus",
        "EID": work.eid,
    }


def _csv(header: str, rows: Iterable[dict[str, str]], quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header.split(","), restval="", lineterminator="\n", quoting=quoting)  # type: ignore[arg-type]
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def old_bibtex(works: Iterable[Work]) -> str:
    """With LaTeX escapes, as some versions wrote it."""
    return "".join(
        f"@ARTICLE{{{work.authors[0].last if work.authors else 'NoAuthor'}{work.year},\n"
        f"author={{{' and '.join(f'{a.last}, {a.initials}' for a in work.authors)}}},\n"
        f"title={{{_escaped(work.title)}}},\n"
        f"journal={{Journal of Coupling}},\n"
        f"year={{{work.year}}},\n"
        f"doi={{{work.doi}}},\n"
        f"note={{cited By {work.cited_by}}},\n"
        f"url={{{_escaped(work.link)}}},\n"
        f"affiliation={{{_escaped(work.affiliations)}}},\n"
        f"abstract={{{_escaped(work.abstract or '[No abstract available]')}}},\n"
        f"author_keywords={{{';  '.join(work.keywords)}}},\n"
        f"document_type={{{work.document_type}}},\n"
        "source={Scopus},\n}\n\n"
        for work in works
    )


def new_bibtex(works: Iterable[Work]) -> str:
    return "Scopus\nEXPORT DATE: 02 July 2024\n\n" + "".join(
        f"@ARTICLE{{{work.authors[0].last if work.authors else 'NoAuthor'}{work.year},\n"
        f"\tauthor = {{{' and '.join(f'{a.last}, {a.first}' for a in work.authors)}}},\n"
        f"\ttitle = {{{work.title}}},\n"
        f"\tyear = {{{work.year}}},\n"
        f"\tjournal = {{Journal of Coupling}},\n"
        f"\tdoi = {{{work.doi}}},\n"
        f"\turl = {{{work.link}}},\n"
        f"\taffiliations = {{{work.affiliations}}},\n"
        f"\tabstract = {{{work.abstract}}},\n"
        f"\tauthor_keywords = {{{'; '.join(work.keywords)}}},\n"
        "\tcorrespondence_address = {J.-P. Oy; Elsewhere, Lima, Peru; email: oy@example.org},\n"
        f"\ttype = {{{work.document_type}}},\n"
        "\tpublication_stage = {Final},\n"
        "\tsource = {Scopus},\n"
        f"\tnote = {{Cited by: {work.cited_by}; All Open Access, Gold Open Access}}\n}}\n\n"
        for work in works
    )


def _escaped(text: str) -> str:
    for character in "&%_$#":
        text = text.replace(character, f"\\{character}")
    return text


def outcomes(
    path: Path, content: str | bytes, format_: str = "scopus-csv"
) -> list[DeliveredRecord | Rejected]:
    """What the reader makes of a file of that content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8-sig"))
    return list(READERS[format_](path, Meter()))


def records(path: Path, content: str | bytes, format_: str = "scopus-csv") -> list[Record]:
    """The same where nothing may be rejected."""
    found = outcomes(path, content, format_)
    assert not [outcome for outcome in found if isinstance(outcome, Rejected)], found
    return [outcome.record for outcome in found if isinstance(outcome, DeliveredRecord)]
