"""New drops made from real records, for what the real drops do not hold.

Here belong reading a drop back as plain dictionaries, writing one in OpenAlex's layouts (exports of other
sources are left to `tests.naive_exports`), and derivations: pure functions of records and a seed that
return the records of a drop to come. They leave their input alone and keep the shape of what they were
given. What the numbers should be afterwards is `tests.oracle`'s to say; records without a real model are
`tests.strategies`' and `tests.several_sources`'.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from tests.naive_exports import load_scopus, load_wos, write_scopus, write_wos
from tests.oracle import OPENALEX, SCOPUS, WOS, OracleDrop, Record

Layout = Literal["2023", "2026"]
Derivation = Callable[[Sequence[Record], int], list[Record]]
"""Records and a seed in, the records of a new drop out."""

UNKNOWN_CODE = "XX"
"""A well-formed code that no country has."""

UNSTATED_PARTITION = date(2023, 1, 1)
"""The partition of a drop that states no date."""


def load_drop(path: Path) -> list[Record]:
    """Every record of an OpenAlex drop, files in order of their paths, records in file order."""
    files = sorted(path.rglob("*.gz")) + sorted(path.rglob("*.jsonl"))
    return [msgspec.json.decode(line) for file in files for line in _lines(file)]


def _lines(file: Path) -> Iterator[bytes]:
    content = file.read_bytes()
    if file.suffix == ".gz":
        content = gzip.decompress(content)
    return (line for line in content.split(b"\n") if line.strip())


def write_drop(
    path: Path,
    records: Sequence[Record],
    *,
    date: date,
    layout: Layout = "2026",
    files: int = 1,
) -> Path:
    """Write the records as a complete drop at `path`, spread evenly over `files` files in order.

    Only the 2026 layout states `date` in its manifest; in both it names the partition. Returns
    `path`. The bytes depend on nothing but the arguments.
    """
    works = path / ("jsonl/works" if layout == "2026" else "data/works")
    bucket = "s3://openalex/data/" + ("jsonl/works" if layout == "2026" else "works")
    partition = works / f"updated_date={date:%Y-%m-%d}"
    partition.mkdir(parents=True)
    digits = 4 if layout == "2026" else 3
    entries: list[Record] = []
    for number, part in enumerate(_chunks(records, files)):
        name = f"part_{number:0{digits}}.gz"
        text = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in part)
        content = gzip.compress(text.encode(), mtime=0)
        (partition / name).write_bytes(content)
        url = f"{bucket}/{partition.name}/{name}"
        meta = {"content_length": len(content), "record_count": len(part)}
        entries.append({"url": url, "meta": meta})
    _write_manifest(works, entries, date, layout)
    return path


def load_export(path: Path, source: str) -> list[Record]:
    """Every record of a drop of that source."""
    return {OPENALEX: load_drop, WOS: load_wos, SCOPUS: load_scopus}[source](path)


def land(landing: Path, drop: OracleDrop, *, files: int = 1) -> Path:
    """Write a drop of the oracle's into a landing folder, with a `drop.toml` where its files say too little.

    OpenAlex drops without a date are in the 2023 layout. A Web of Science drop of several files has
    both formats, tab-delimited and tagged, by turns.
    """
    path = landing / drop.drop_id
    if drop.source == OPENALEX:
        stated = drop.stated_date or UNSTATED_PARTITION
        layout: Layout = "2026" if drop.stated_date else "2023"
        write_drop(path, drop.records, date=stated, layout=layout, files=files)
    else:
        write = write_wos if drop.source == WOS else write_scopus
        for number, part in enumerate(_chunks(drop.records, files)):
            write(path, number, part)
    settings = _settings(drop)
    if settings:
        (path / "drop.toml").write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))
    if drop.complete_ids is not None:
        ids = pa.table({"work_id": pa.array(sorted(drop.complete_ids), pa.string())})
        pq.write_table(ids, path / "complete_ids.parquet")
    return path


def _settings(drop: OracleDrop) -> dict[str, str]:
    """The lines of the `drop.toml`; an OpenAlex manifest states the date already."""
    settings = {}
    if drop.technology is not None:
        settings["technology"] = json.dumps(drop.technology)
    if drop.mode == "snapshot":
        settings["mode"] = '"snapshot"'
    if drop.stated_date is not None and (drop.source != OPENALEX or settings):
        settings["received"] = f"{drop.stated_date:%Y-%m-%d}"
    return settings


def _chunks(records: Sequence[Record], count: int) -> Iterator[Sequence[Record]]:
    edges = [len(records) * number // count for number in range(count + 1)]
    return (records[start:end] for start, end in pairwise(edges))


def _write_manifest(works: Path, entries: list[Record], stated: date, layout: Layout) -> None:
    sums = {key: sum(entry["meta"][key] for entry in entries) for key in ("record_count", "content_length")}
    if layout == "2026":
        head = {"date": f"{stated:%Y-%m-%d}", "format": "jsonl", "entity": "works"}
        (works / "manifest.json").write_text(json.dumps({**head, **sums, "files": entries}))
    else:
        (works / "manifest").write_text(json.dumps({"entries": entries, "meta": sums}))


def sample(records: Sequence[Record], seed: int, count: int) -> list[Record]:
    """`count` of the records, or all where there are fewer, in their order."""
    chosen = Random(seed).sample(range(len(records)), min(count, len(records)))
    return [deepcopy(records[index]) for index in sorted(chosen)]


def published_in(records: Sequence[Record], *years: int) -> list[Record]:
    """The records of these publication years, in their order."""
    return [deepcopy(record) for record in records if record["publication_year"] in years]


def restamped(records: Sequence[Record], seed: int, *, days: int = 30) -> list[Record]:
    """The same content with a date `days` (and up to an hour) later, or earlier if negative."""
    random = Random(seed)
    derived = deepcopy(list(records))
    for record in derived:
        moment = datetime.fromisoformat(record["updated_date"])
        shift = timedelta(days=days, seconds=random.randrange(3600))
        record["updated_date"] = (moment + shift).isoformat(timespec="microseconds")
    return derived


def with_other_countries(records: Sequence[Record], seed: int) -> list[Record]:
    """Newer versions in which the institutions of each work swap countries and some lose theirs."""
    random = Random(seed)
    pool = sorted({code for record in records for code in _codes(record)}) or ["US"]
    derived = restamped(records, seed)
    for record in derived:
        for institution in _institutions(record):
            institution["country_code"] = random.choice([*pool, None])
    return derived


def moved_to_year(records: Sequence[Record], seed: int, *, year: int) -> list[Record]:
    """Newer versions published in `year`."""
    derived = restamped(records, seed)
    for record in derived:
        record["publication_year"] = year
    return derived


def retracted(records: Sequence[Record], seed: int) -> list[Record]:
    """Newer versions that are retracted."""
    derived = restamped(records, seed)
    for record in derived:
        record["is_retracted"] = True
    return derived


def emptied_year(records: Sequence[Record], seed: int, *, year: int, into: int | None = None) -> list[Record]:
    """Newer versions of all works of `year`: all retracted, or moved to the year `into`."""
    leaving = published_in(records, year)
    return retracted(leaving, seed) if into is None else moved_to_year(leaving, seed, year=into)


def folded(records: Sequence[Record], seed: int) -> list[Record]:
    """Newer versions with codes that fold, stay, are unknown or are absent.

    Institution codes become HK, MO, CN, TW or an unknown code, and some are taken away so that
    `countries` decides: one code, two codes that fold into one country, two that do not, an
    unknown one beside a known one, or none.
    """
    random = Random(seed)
    strings: tuple[list[str], ...] = (
        *([], ["HK"], [UNKNOWN_CODE], ["US", UNKNOWN_CODE]),
        *(["HK", "CN"], ["MO", "HK"], ["HK", "TW"], ["CN", "US"]),
    )
    derived = restamped(records, seed)
    for record in derived:
        for author in record["authorships"]:
            from_strings = random.random() < 0.4
            for institution in author["institutions"]:
                code = random.choice(["HK", "MO", "CN", "TW", "US", UNKNOWN_CODE])
                institution["country_code"] = None if from_strings else code
            author["countries"] = list(random.choice(strings))
    return derived


def with_several_countries(records: Sequence[Record], seed: int) -> list[Record]:
    """Newer versions in which every author works in one to three countries."""
    random = Random(seed)
    derived = restamped(records, seed)
    for record in derived:
        for author in record["authorships"]:
            codes = random.sample(["US", "CN", "DE", "AU", "NA"], random.randint(1, 3))
            author["institutions"] = [_institution(code) for code in codes]
    return derived


def with_one_author(records: Sequence[Record], seed: int) -> list[Record]:
    """Newer versions of the works that have authors, with only one of them left."""
    random = Random(seed)
    derived = restamped([record for record in records if record["authorships"]], seed)
    for record in derived:
        record["authorships"] = [random.choice(record["authorships"])]
    return derived


def tied_exactly(records: Sequence[Record], seed: int) -> list[Record]:
    """The same versions once more, in another order: nothing tells them from the first ones."""
    derived = deepcopy(list(records))
    Random(seed).shuffle(derived)
    return derived


def tied_with_other_content(records: Sequence[Record], seed: int) -> list[Record]:
    """Other content under the same date: a changed country for each work, some in another year."""
    random = Random(seed)
    derived = with_other_countries(records, seed)
    for record, original in zip(derived, records, strict=True):
        record["updated_date"] = original["updated_date"]
        record["title"] = f"{original['title']} [revised]"
        if random.random() < 0.3 and record["publication_year"] is not None:
            record["publication_year"] += 1
    return derived


def repeated_within(records: Sequence[Record], seed: int) -> list[Record]:
    """One drop that holds each work three times: as it was, the same once more, and newer."""
    derived = [*deepcopy(list(records)), *deepcopy(list(records))]
    derived += with_other_countries(records, seed)
    Random(seed).shuffle(derived)
    return derived


def older_versions(records: Sequence[Record], seed: int) -> list[Record]:
    """Versions from a year before with other countries: they change nothing when they come late."""
    return restamped(with_other_countries(records, seed), seed, days=-365)


def _institutions(record: Record) -> Iterator[Record]:
    return (each for author in record["authorships"] for each in author["institutions"])


def _codes(record: Record) -> set[str]:
    return {code for each in _institutions(record) if (code := each["country_code"])}


def _institution(code: str) -> Record:
    name = f"University of {code}"
    return {"id": None, "display_name": name, "country_code": code}


DERIVATIONS: dict[str, Derivation] = {
    "newer, same content": restamped,
    "newer, other countries": with_other_countries,
    "retracted": retracted,
    "folded": folded,
    "several countries an author": with_several_countries,
    "one author": with_one_author,
    "tied exactly": tied_exactly,
    "tied with other content": tied_with_other_content,
    "repeated within the drop": repeated_within,
    "older": older_versions,
}
"""The derivations that need nothing but records and a seed, for tests that go through them all."""
