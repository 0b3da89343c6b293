"""What is fuzzed: for each kind of file its whole specimens, the damage that suits it, and what must hold.

A target runs in a process of its own, see `tests.fuzz_process`. It raises for what must not happen, and
says in a word what became of a file.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.drop_files import DropFile
from assets.drops import DropState, Inspection, fingerprint, inspect
from assets.errors import CollaborationError
from assets.formats import FORMATS
from assets.reading import ReadSummary, read_drop
from assets.record_store import complete_ids_file, keep_complete_ids
from assets.technologies.catalogue import read_technology
from assets.technologies.matcher import Matcher
from assets.technologies.query_language import parse
from tests import mutations
from tests.delivered_works import lines, stored_rows, work
from tests.mutations import Mutate, damage


@dataclass(frozen=True)
class Target:
    """One kind of file."""

    name: str
    specimens: Sequence[bytes]
    special: Sequence[Mutate]
    hold: Callable[[Path, bytes, Random], str]
    """Puts the damaged file into an empty folder, reads it, and says what became of it."""

    def case(self, number: int, seed: int) -> tuple[Random, bytes]:
        """The damaged file of that number, always the same, and the generator for what follows."""
        random = Random(f"{self.name} {seed} {number}")
        return random, damage(random, random.choice(self.specimens), self.special)


def format_target(name: str, specimens: Sequence[bytes]) -> Target:
    """A format of records: a drop of one such file."""
    return Target(name, specimens, _SPECIAL.get(name, ()), partial(_hold_records, name))


def _hold_records(format_: str, folder: Path, content: bytes, random: Random) -> str:
    root = folder / "drop"
    root.mkdir()
    (root / "part").write_bytes(content)
    drop = _inspected(root)
    if drop.state is DropState.READY:
        return _hold_balance(folder, drop.root, drop.files, drop.stated_format)
    # With the format stated, the reader meets what the recogniser would not let pass.
    stated = drop.files if random.random() < 0.5 else ()
    return _hold_balance(folder, root, stated, format_) if stated else drop.state.value


def _inspected(root: Path) -> Inspection:
    drop = inspect(root, quiet_seconds=0, now=4e9)
    assert drop.state is not DropState.INGESTED
    assert bool(drop.reason) == (drop.state is not DropState.READY), drop
    if drop.state is DropState.READY:
        assert len(fingerprint(drop)) == 64
    return drop


def _hold_balance(folder: Path, root: Path, files: Sequence[DropFile], stated_format: str | None) -> str:
    """Reads a drop; each record is stored or in quarantine, none is both, none is lost."""
    destination, quarantine = folder / "store" / "version", folder / "quarantine.jsonl"
    try:
        summary = read_drop(
            drop_id="drop",
            root=root,
            files=files,
            destination=destination,
            quarantine_file=quarantine,
            workers=1,
            on_progress=lambda _: None,
            stated_format=stated_format,
        )
    except CollaborationError:
        assert not destination.exists()
        return "refused"
    rows = stored_rows(destination)
    rejects = (
        [json.loads(line) for line in quarantine.read_bytes().splitlines()] if quarantine.exists() else []
    )
    _assert_balance(summary, [row["publication_year"] for row in rows], rejects)
    listed = sum(file.listed_records or 0 for file in files)
    assert summary.records >= listed, (summary, listed)
    for row in rows:
        places = [len(row["institutions"])] * len(row["author_institutions"])
        assert len(row["author_countries"]) == len(row["author_basis"]) == len(places), row
        assert all(0 <= place < places[0] for author in row["author_institutions"] for place in author), row
        assert row["work_id"], row
    return "mixed" if rows and rejects else "accepted" if rows else "rejected" if rejects else "empty"


def _assert_balance(summary: ReadSummary, years: list[int | None], rejects: list[dict[str, object]]) -> None:
    rejected = [(entry["records"], entry["reason"], entry["detail"]) for entry in rejects]
    assert summary.records == summary.accepted + summary.rejected, summary
    assert summary.accepted == len(years) == sum(summary.records_by_year.values()), (summary, len(years))
    assert summary.rejected == sum(summary.rejected_by_reason.values()), summary
    assert summary.rejected == sum(int(str(records)) for records, _, _ in rejected), (summary, rejected)
    assert {str(reason) for _, reason, _ in rejected} == set(summary.rejected_by_reason), (summary, rejected)
    assert all(detail for _, _, detail in rejected), rejected
    assert {year: years.count(year) for year in set(years)} == summary.records_by_year, summary


_TEN = lines(work(number) for number in range(1, 11))


def _hold_beside_works(name: str, folder: Path, content: bytes, random: Random) -> str:
    """A file that says something about the works beside it."""
    root = folder / "drop"
    (root / "updated_date=2024-01-01").mkdir(parents=True)
    (root / "updated_date=2024-01-01" / "part_000").write_bytes(_TEN)
    (root / name).write_bytes(content)
    drop = _inspected(root)
    if drop.state is not DropState.READY:
        return drop.state.value
    return _hold_balance(folder, root, drop.files, drop.stated_format)


def _hold_complete_ids(folder: Path, content: bytes, random: Random) -> str:
    """An id set is refused, or what is kept of it can be counted from."""
    delivered, version = folder / "delivered.parquet", folder / "version"
    version.mkdir()
    delivered.write_bytes(content)
    try:
        keep_complete_ids(delivered, version)
    except CollaborationError:
        assert not complete_ids_file(version).exists()
        return "refused"
    query = "select count(distinct work_id) from read_parquet(?)"
    with duckdb.connect() as connection:
        connection.execute(query, [str(complete_ids_file(version))]).fetchall()
    return "accepted"


def _hold_technology(folder: Path, content: bytes, random: Random) -> str:
    """A technology is refused, or it can be searched for."""
    path = folder / "tool.toml"
    path.write_bytes(content)
    try:
        technology = read_technology(path)
    except CollaborationError:
        return "refused"
    matcher = Matcher([technology])
    for title in (*technology.should_match, *technology.should_not_match):
        matcher.matches(title, "An abstract of a few words", ["3D"], ["T1"])
    return "accepted"


def _hold_query(folder: Path, content: bytes, random: Random) -> str:
    query = content.decode("utf-8", "surrogateescape")
    try:
        parse(query)
    except CollaborationError:
        return "refused"
    names = ("name", "category", "means", "does_not_mean")
    toml = 'id = "tool"\nversion = 1\n' + "".join(f'{name} = "T"\n' for name in names) + "query = "
    usable = query.encode("utf-8", "replace").decode()
    return _hold_technology(folder, (toml + json.dumps(usable)).encode(), random)


_SETTINGS = (
    b'source = "openalex"\nformat = "openalex-jsonl"\nreceived = 2024-03-02\nmode = "delta"\n',
    b'mode = "snapshot"\nreceived = 2024-03-02\n',
    b'technology = "Quantum sensors"\n',
)


def _manifests() -> list[bytes]:
    meta = {"content_length": len(_TEN), "record_count": 10}
    url = "s3://openalex/data/works/updated_date=2024-01-01/part_000"
    entries = [{"url": url, "meta": meta}]
    new = {"date": "2024-01-02", "entity": "works", "files": entries, "meta": meta}
    beside = {"entries": [{"url": "updated_date=2024-01-01/part_000", "meta": meta}]}
    return [json.dumps(document).encode() for document in ({"entries": entries}, new, beside)]


def _id_sets(folder: Path) -> list[bytes]:
    table = pa.table({"work_id": pa.array([f"W{number}" for number in range(1, 3000)])})
    packings: tuple[dict[str, Any], ...] = (
        {},
        {"compression": "none"},
        {"use_dictionary": False, "row_group_size": 500},
    )
    for number, packing in enumerate(packings):
        pq.write_table(table, folder / f"{number}.parquet", **packing)
    return [(folder / f"{number}.parquet").read_bytes() for number in range(len(packings))]


def other_targets(folder: Path, technologies: Sequence[bytes], queries: Sequence[bytes]) -> dict[str, Target]:
    """The kinds of files that hold no records, by name."""
    of_json = (mutations.change_json, mutations.change_json)
    return {
        target.name: target
        for target in (
            Target("drop.toml", _SETTINGS, (), partial(_hold_beside_works, "drop.toml")),
            Target("manifest", _manifests(), of_json, partial(_hold_beside_works, "manifest")),
            Target("complete_ids", _id_sets(folder), (mutations.flip_bytes,), _hold_complete_ids),
            Target("technology", technologies, (mutations.insert_token,), _hold_technology),
            Target("query", queries, (mutations.insert_token, mutations.cut_out), _hold_query),
        )
    }


_SPECIAL: dict[str, Sequence[Mutate]] = {
    "openalex-jsonl": (mutations.change_json, mutations.change_json, mutations.pack),
    "openalex-array": (mutations.change_json, mutations.pack),
    "openalex-page": (mutations.change_json, mutations.pack),
    "openalex-parquet": (mutations.flip_bytes,),
    "wos-tab": (partial(mutations.change_columns, b"\t"), partial(mutations.change_columns, b",")),
    "wos-excel": (mutations.change_archive, mutations.flip_bytes),
    "scopus-csv": (partial(mutations.change_columns, b","),),
}
assert set(_SPECIAL) <= set(FORMATS)
