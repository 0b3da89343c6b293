"""Made-up Web of Science records, and every format they can be exported in."""

import csv
import io
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import xlwt  # type: ignore[import-untyped]

from assets import web_of_science
from assets.file_content import Meter
from assets.quarantine import Rejected
from assets.records import DeliveredRecord
from assets.text_content import HEAD_BYTES

TAGS = (
    *("PT", "AU", "AF", "GP", "CA", "TI", "SO", "LA", "DT", "DE", "AB", "C1", "RP", "CR", "NR", "TC", "Z9"),
    *("PU", "PY", "DI", "EA", "GA", "DA", "UT"),
)
LONG_NAMES = {
    "PT": "Publication Type",
    "AU": "Authors",
    "AF": "Author Full Names",
    "GP": "Book Group Authors",
    "CA": "Group Authors",
    "TI": "Article Title",
    "SO": "Source Title",
    "LA": "Language",
    "DT": "Document Type",
    "DE": "Author Keywords",
    "AB": "Abstract",
    "C1": "Addresses",
    "RP": "Reprint Addresses",
    "CR": "Cited References",
    "NR": "Cited Reference Count",
    "TC": "Times Cited, WoS Core",
    "Z9": "Times Cited, All Databases",
    "PU": "Publisher",
    "PY": "Publication Year",
    "DI": "DOI",
    "EA": "Early Access Date",
    "GA": "IDS Number",
    "DA": "Date of Export",
    "UT": "UT (Unique WOS ID)",
}
BIBTEX_NAMES = {
    "AF": "Author",
    "TI": "Title",
    "LA": "Language",
    "DT": "Type",
    "DE": "Keywords",
    "AB": "Abstract",
    "NR": "Number-of-Cited-References",
    "TC": "Times-Cited",
    "PU": "Publisher",
    "PY": "Year",
    "DI": "DOI",
    "EA": "Early-Access-Date",
    "GA": "Doc-Delivery-Number",
    "DA": "DA",
    "UT": "Unique-ID",
}
REPRINT = "Univ Nowhere, Nowhere, Atlantis"


@dataclass(frozen=True)
class WosRecord:
    """What Web of Science knows of a made-up paper."""

    number: int = 1
    authors: tuple[str, ...] = ("Sand, Ada", "Reed, Bo")
    short_authors: tuple[str, ...] = ("Sand, A", "Reed, B")
    groups: tuple[str, ...] = ()
    addresses: tuple[tuple[tuple[str, ...], str], ...] = (
        (("Sand, Ada", "Reed, Bo"), "Tbilisi State Univ, Tbilisi, Georgia"),
        (("Reed, Bo",), "Georgia Inst Technol, Atlanta, GA 30332 USA"),
    )
    """Each with the names in its brackets."""
    title: str = "On coupling"
    abstract: str = "Systems couple, and they decouple."
    keywords: tuple[str, ...] = ("coupling", "systems")
    types: tuple[str, ...] = ("Article",)
    doi: str = "10.1234/Coupling"
    year: str = "2019"
    early_access: str = ""
    exported: str = "2024-05-31"
    cited: str = "7"
    cited_everywhere: str = ""

    @property
    def ut(self) -> str:
        return f"WOS:{self.number:015d}"

    @property
    def fields(self) -> dict[str, str]:
        """Every field as a tab-delimited export has it."""
        return {
            "PT": "J",
            "AU": "; ".join(self.short_authors),
            "AF": "; ".join(self.authors),
            "GP": "IEEE",
            "CA": "; ".join(self.groups),
            "TI": self.title,
            "SO": "JOURNAL OF MADE-UP RESULTS",
            "LA": "English",
            "DT": "; ".join(self.types),
            "DE": "; ".join(self.keywords),
            "AB": self.abstract,
            "C1": "; ".join(f"{_bracket(names)}{address}" for names, address in self.addresses),
            "RP": f"Sand, A (corresponding author), {REPRINT}.",
            "CR": "Reed B, 2001, J MADE UP, V1, P1; [Anonymous], 2002, NOTHING",
            "NR": "2",
            "TC": self.cited,
            "Z9": self.cited_everywhere,
            "PU": "NOBODY",
            "PY": self.year,
            "DI": self.doi,
            "EA": self.early_access,
            "GA": "AB1CD",
            "DA": self.exported,
            "UT": self.ut,
        }


def numbered(*records: WosRecord) -> list[WosRecord]:
    """The records with numbers from 1 on."""
    return [replace(record, number=number) for number, record in enumerate(records, start=1)]


def tab(
    records: Sequence[WosRecord],
    *,
    tags: Sequence[str] = TAGS,
    row_end: str = "\r\n",
    header_end: str = "\r\n",
) -> str:
    """A tab-delimited export; `row_end` is a tab and a line end in some."""
    rows = ["\t".join(record.fields[tag] for tag in tags) + row_end for record in records]
    return "".join(["\t".join(tags) + header_end, *rows])


def saved_again(
    records: Sequence[WosRecord], delimiter: str, *, quoting: int = csv.QUOTE_MINIMAL, names: bool = False
) -> str:
    """An export as a spreadsheet or a script writes it after having read it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")  # type: ignore[arg-type]
    writer.writerow([LONG_NAMES[tag] for tag in TAGS] if names else TAGS)
    writer.writerows([record.fields[tag] for tag in TAGS] for record in records)
    return text.getvalue()


def tagged(records: Sequence[WosRecord], *, leave_out: Sequence[str] = ()) -> str:
    """A plain text export."""
    pieces = ["FN Clarivate Analytics Web of Science\nVR 1.0\n"]
    for record in records:
        for tag, value in record.fields.items():
            if value and tag not in leave_out:
                pieces.append(f"{tag} " + "\n   ".join(_lines(record, tag, value)) + "\n")
        pieces.append("ER\n\n")
    return "".join([*pieces, "EF"])


def bibtex(records: Sequence[WosRecord], *, leave_out: Sequence[str] = ()) -> str:
    """A BibTeX export."""
    return "\n".join(_entry(record, leave_out) for record in records)


def xlsx(path: Path, records: Sequence[WosRecord]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for row, cells in enumerate(_table(records), start=1):
        for column, cell in enumerate(cells, start=1):
            sheet.cell(row, column, cell)
    book.save(path)
    return path


def xls(path: Path, records: Sequence[WosRecord]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("savedrecs")
    for row, cells in enumerate(_table(records)):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(str(path))
    return path


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def every_format(folder: Path, records: Sequence[WosRecord]) -> dict[str, Path]:
    """The records in each format and encoding, by name of the format."""
    texts = {
        "wos-tab": tab(records),
        "wos-tab trailing": tab(records, row_end="\t\r\n"),
        "wos-tab quoted": saved_again(records, "\t", quoting=csv.QUOTE_ALL),
        "wos-tab comma": saved_again(records, ",", names=True),
        "wos-tab semicolon": saved_again(records, ";"),
        "wos-tagged": tagged(records),
        "wos-bibtex": bibtex(records),
    }
    paths = {
        name: written(folder / f"{number}.dat", text) for number, (name, text) in enumerate(texts.items())
    }
    for encoding in ("utf-8-sig", "utf-16-le", "utf-16-be"):
        for name in ("wos-tab", "wos-tagged", "wos-bibtex"):
            marked = texts[name] if encoding == "utf-8-sig" else f"\ufeff{texts[name]}"
            paths[f"{name} {encoding}"] = written(folder / f"{name}-{encoding}.csv", marked, encoding)
    paths["wos-excel xlsx"] = xlsx(folder / "book", records)
    paths["wos-excel xls"] = xls(folder / "old-book", records)
    return paths


def recognised(path: Path) -> str | None:
    return web_of_science.recognise(path.read_bytes()[:HEAD_BYTES], path)


def read(path: Path) -> list[DeliveredRecord | Rejected]:
    """What a file gives, read as what it is recognised as."""
    name = recognised(path)
    assert name is not None
    return list(web_of_science.READERS[name](path, Meter()))


def accepted(outcomes: Sequence[DeliveredRecord | Rejected]) -> list[DeliveredRecord]:
    """All outcomes, none of which may be a reject."""
    rejects = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
    assert rejects == []
    return [outcome for outcome in outcomes if isinstance(outcome, DeliveredRecord)]


def rejects(outcomes: Sequence[DeliveredRecord | Rejected]) -> list[Rejected]:
    return [outcome for outcome in outcomes if isinstance(outcome, Rejected)]


def only(write: Callable[[list[WosRecord]], str], folder: Path, record: WosRecord) -> DeliveredRecord:
    """The one record that an export of one record gives."""
    (delivered,) = accepted(read(written(folder / "export.txt", write([record]))))
    return delivered


def _bracket(names: Sequence[str]) -> str:
    return f"[{'; '.join(names)}] " if names else ""


def _table(records: Sequence[WosRecord]) -> list[list[str | int]]:
    """Numbers as numbers, as Excel has them."""
    rows = [
        [int(value) if tag in ("PY", "TC", "NR") and value else value for tag, value in record.fields.items()]
        for record in records
    ]
    return [[LONG_NAMES[tag] for tag in TAGS], *rows]


def _lines(record: WosRecord, tag: str, value: str) -> list[str]:
    if tag == "C1":
        return [f"{_bracket(names)}{address}." for names, address in record.addresses]
    if tag in ("AU", "AF", "CR"):
        return value.split("; ")
    return textwrap.wrap(value, 76, break_long_words=False, break_on_hyphens=False) or [""]


def _entry(record: WosRecord, leave_out: Sequence[str]) -> str:
    lines = [f"@article{{ {record.ut},"]
    fields = {**record.fields, "AF": "; ".join([*record.authors, *record.groups])}
    for tag, name in BIBTEX_NAMES.items():
        value = fields[tag]
        if value and tag not in leave_out:
            value = " and ".join(_names(record)) if tag == "AF" else value
            wrapped = "\n   ".join(textwrap.wrap(_latex(value), 76, break_on_hyphens=False)) or value
            lines.append(f"{name} = {{{wrapped}}},")
    if "C1" not in leave_out:
        addresses = [f"Sand, A (Corresponding Author), {REPRINT}."] + [
            "; ".join(names) + (", " if names else "") + f"{address}." for names, address in record.addresses
        ]
        lines.append("Affiliation = {" + "\n   ".join(map(_latex, addresses)) + "},")
    return "\n".join([*lines, "}", ""])


def _names(record: WosRecord) -> list[str]:
    """Authors and groups in one list, with braces where a name holds what joins them."""
    return [*record.authors, *(f"{{{name}}}" if " and " in name else name for name in record.groups)]


def _latex(text: str) -> str:
    for character in "&%_$#":
        text = text.replace(character, f"\\{character}")
    return text
