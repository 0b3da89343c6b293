"""Simple-minded readers of Web of Science and Scopus exports, for the brute-force computation, and writers.

They know plain dictionaries and only the fields that decide a number. Every record is expected to be
whole: what is wrong with a file is for the pipeline's own readers to say, with which nothing is shared here.
"""

import csv
import html
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.oracle_records import Record

csv.field_size_limit(1 << 30)

WOS_FIELDS = ("UT", "DT", "PY", "EY", "EA", "DA", "DI", "TI", "AB", "DE", "TC")
"""What is kept of a Web of Science record as it stands, but for HTML entities in texts of several words."""
SCOPUS_FIELDS = ("EID", "Document Type", "Year", "DOI", "Title", "Abstract", "Author Keywords", "Cited by")
"""What is kept of a Scopus record, in the same way."""
_WITH_ENTITIES = ("AB", "DE", "Abstract", "Author Keywords")
"""Fields in which the semicolon of an entity would part a keyword in two."""

_SUFFIXES = ("Jr.", "Sr.", "II", "III", "IV")
"""What stands behind a comma in Scopus's old list of authors and is no author."""


def load_wos(drop: Path) -> list[Record]:
    """Every record of a Web of Science drop, tab-delimited or tagged; files in order of their names.

    Besides `WOS_FIELDS` each has `addresses`, a list of texts, and `authors`, a list of
    dictionaries with `name` and the `addresses` the record links the author to.
    """
    return [record for file in _files(drop) for record in _wos_records(_text(file))]


def load_scopus(drop: Path) -> list[Record]:
    """Every record of a Scopus CSV drop, in the form of `load_wos` with `SCOPUS_FIELDS`."""
    rows = (row for file in _files(drop) for row in csv.DictReader(io.StringIO(_text(file), newline="")))
    return [_scopus_record(row) for row in rows]


def _files(drop: Path) -> list[Path]:
    return sorted(file for ending in ("*.txt", "*.csv") for file in drop.rglob(ending))


def _text(file: Path) -> str:
    content = file.read_bytes()
    return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def _wos_records(text: str) -> Iterator[Record]:
    if text.startswith("FN "):
        yield from map(_wos_tagged, re.findall(r"^PT .*?^ER *$", text, flags=re.DOTALL | re.MULTILINE))
    else:
        lines = io.StringIO(text, newline="")
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield _wos_record(row, _entries(row["C1"]))


def _wos_tagged(text: str) -> Record:
    lines: dict[str, list[str]] = {}
    tag = ""
    for line in text.split("\n"):
        tag = line[:2].strip() or tag
        lines.setdefault(tag, []).append(line[3:].strip())
    lists = {tag: "; ".join(lines.get(tag, [])) for tag in ("AF", "AU", "CA")}
    fields = {tag: " ".join(lines.get(tag, [])) for tag in WOS_FIELDS}
    entries = [entry for line in lines.get("C1", []) for entry in _entries(line.removesuffix("."))]
    return _wos_record(fields | lists, entries)


def _entries(text: str) -> list[tuple[list[str], str]]:
    """The names in brackets, if any, and the address of each entry of C1."""
    found = re.findall(r"(?:\[([^\]]*)\])?([^;\[]+)", text)
    return [(_parts(names), address.strip()) for names, address in found if address.strip()]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _wos_record(row: dict[str, str], entries: list[tuple[list[str], str]]) -> Record:
    people = [name for name in _parts(row["AF"]) or _parts(row["AU"]) if name.strip("[]") != "Anonymous"]
    authors = [
        {"name": name, "addresses": [address for names, address in entries if name in names]}
        for name in people + _parts(row["CA"])
    ]
    addresses = list(dict.fromkeys(address for _, address in entries))
    return {**_kept(row, WOS_FIELDS), "addresses": addresses, "authors": authors}


def _kept(row: dict[str, str], names: Sequence[str]) -> dict[str, str]:
    texts = {name: row.get(name, "").strip() for name in names}
    return {name: html.unescape(text) if name in _WITH_ENTITIES else text for name, text in texts.items()}


def _scopus_record(row: dict[str, str]) -> Record:
    # Affiliations hold references such as &#x2013;, whose semicolons part nothing.
    affiliations = _split(html.unescape(row["Affiliations"]), "; ")
    items = _split(html.unescape(row["Authors with affiliations"]), "; ")
    names = _scopus_names(row["Authors"])
    authors = []
    for place, name in enumerate(names):
        own = items[place : place + 1] if len(items) == len(names) else items
        behind = [item[match.end() :] for item in own if (match := re.match(_name_pattern(name), item))]
        authors.append({"name": name, "addresses": _affiliations(behind[0], affiliations) if behind else []})
    linked = [address for author in authors for address in author["addresses"]]
    addresses = list(dict.fromkeys([*affiliations, *linked]))
    return {**_kept(row, SCOPUS_FIELDS), "addresses": addresses, "authors": authors}


def _split(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _scopus_names(text: str) -> list[str]:
    """`A B., C D.` before 2023, `A B.; C D.` since."""
    names: list[str] = []
    for part in _split(text, ";" if ";" in text else ", "):
        if part in _SUFFIXES:
            names[-1] += f", {part}"
        elif part != "[No author name available]":
            names.append(part)
    return names


def _name_pattern(name: str) -> str:
    """Matches the name at the start of an item, with or without a comma between its parts."""
    return r"[\s,]+".join(map(re.escape, re.split(r"[\s,]+", name))) + r"(?=,|$),?\s*"


def _affiliations(text: str, known: list[str]) -> list[str]:
    """Take the record's affiliations off the end one by one; what none of them is stays in one piece."""
    found: list[str] = []
    while text:
        ends = [address for address in known if f", {text}".endswith(f", {address}")]
        longest = max(ends, key=len, default=text)
        found.insert(0, longest)
        text = text[: len(text) - len(longest)].rstrip(", ")
    return found


def write_wos(folder: Path, number: int, records: Sequence[Record]) -> None:
    """Write made-up records as one export: tab-delimited, or tagged where the number is odd.

    They have the form of `load_wos`. An author without a comma in the name is a group, and stands after
    the others; a record without authors is anonymous. Each has a reprint address in Peru.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if number % 2:
        text = "FN Clarivate Analytics Web of Science\nVR 1.0\n" + "".join(map(_tagged, records)) + "EF"
        (folder / f"savedrecs-{number}.txt").write_text(text, encoding="utf-8-sig")
    else:
        with (folder / f"savedrecs-{number}.txt").open("w", encoding="utf-8-sig", newline="") as file:
            # A trailing tab, as exports before 2022 have it.
            file.write("\t".join(_WOS_HEADER) + "\t\r\n")
            file.writelines("\t".join(_wos_row(record).values()) + "\t\r\n" for record in records)


_WOS_HEADER = (
    *("PT", "AU", "AF", "CA", "TI", "SO", "LA", "DT", "DE", "AB", "C1", "RP", "CR", "TC"),
    *("PD", "PY", "EY", "DI", "EA", "UT", "DA"),
)


def _wos_row(record: Record) -> dict[str, str]:
    people = [author["name"] for author in record["authors"] if "," in author["name"]] or ["[Anonymous]"]
    groups = [author["name"] for author in record["authors"] if "," not in author["name"]]
    stated = {name: record[name] for name in WOS_FIELDS} | {
        "PT": "J",
        "AU": "; ".join(re.sub(r"(, \w)\w*$", r"\1", name) for name in people),
        "AF": "; ".join(people),
        "CA": "; ".join(groups),
        "C1": "; ".join(_linked_addresses(record)),
        "SO": "A JOURNAL",
        "RP": "Nobody, N (corresponding author), Univ Elsewhere, Lima, Peru.",
    }
    return {name: stated.get(name, "") for name in _WOS_HEADER}


def _linked_addresses(record: Record) -> list[str]:
    lines = []
    for address in record["addresses"]:
        names = [author["name"] for author in record["authors"] if address in author["addresses"]]
        lines.append(f"[{'; '.join(names)}] {address}" if names else address)
    return lines


def _tagged(record: Record) -> str:
    row = _wos_row(record)
    lines = {name: [text] for name, text in row.items() if text}
    lines |= {name: row[name].split("; ") for name in ("AU", "AF", "CA") if row[name]}
    lines |= {"C1": [f"{line}." for line in _linked_addresses(record)]} if record["addresses"] else {}
    return "".join(f"{name} " + "\n   ".join(own) + "\n" for name, own in lines.items()) + "ER\n\n"


def write_scopus(folder: Path, number: int, records: Sequence[Record]) -> None:
    """Write made-up records, in the form of `load_scopus`, as one CSV export with the columns before 2023."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"scopus-{number}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = [_scopus_row(record) for record in records]
        writer = csv.DictWriter(file, _SCOPUS_HEADER, restval="")
        writer.writeheader()
        writer.writerows(rows)


_SCOPUS_HEADER = (
    *("Authors", "Title", "Year", "Source title", "Cited by", "DOI", "Link", "Affiliations"),
    *("Authors with affiliations", "Abstract", "Author Keywords", "Correspondence Address"),
    *("Document Type", "Source", "EID"),
)


def _scopus_row(record: Record) -> dict[str, str]:
    names = [author["name"] for author in record["authors"]] or ["[No author name available]"]
    items = [
        ", ".join([author["name"].replace(" ", ", ", 1), *author["addresses"]])
        for author in record["authors"]
    ]
    return {name: record[name] for name in SCOPUS_FIELDS} | {
        "Authors": ", ".join(names),
        "Affiliations": "; ".join(record["addresses"]),
        "Authors with affiliations": "; ".join(items),
        "Correspondence Address": "Nobody, N.; Univ Elsewhere, Lima, Peru",
        "Source": "Scopus",
    }
