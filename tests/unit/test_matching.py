"""The matching pass: the same matches in one process and in several, all of them or nothing."""

import errno
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.errors import CollaborationError
from assets.progress import Progress
from assets.record_columns import RECORD_SCHEMA
from assets.record_writer import RecordWriter
from assets.records import DeliveredRecord, Record
from assets.technologies import match_files, match_task, matching
from assets.technologies.catalogue import Technology
from assets.technologies.match_files import MATCH_FILE_SCHEMA
from assets.technologies.matcher import Matcher
from assets.technologies.matching import MatchingPass, MatchSummary
from assets.technologies.query_language import parse

WORDS = ("quantum dot laser", "a laser in a cavity", "deep learning", "paddy soils", "Quantum-dot learning")


def technology(id_: str, query: str | None, *topics: str) -> Technology:
    expression = None if query is None else parse(query).expression
    return Technology(id_, id_, "", 1, "", "", query, expression, topics)


TECHNOLOGIES = (
    technology("dots", '"quantum dot"', "T7"),
    technology("lasers", "laser NOT cavity"),
    technology("learning", "AB=learning OR AK=learning"),
    technology("nothing", "flogiston"),
    technology("soils", None, "T3"),
    technology("titles", "paddy NOT learning"),
)


def record(number: int) -> Record:
    """Records whose texts, keywords and topics differ, in a few years."""
    return Record(
        source="openalex",
        work_id=f"W{number}",
        doi=None,
        title=None if number % 11 == 0 else WORDS[number % 5],
        abstract=None if number % 3 else WORDS[number % 4],
        publication_year=None if number % 13 == 0 else 2015 + number % 5,
        document_types=[],
        is_retracted=False,
        is_paratext=False,
        is_xpac=False,
        is_authors_truncated=False,
        keywords=["machine learning"] if number % 17 == 0 else [],
        topics=[f"T{number % 9}"],
        author_countries=[],
        author_basis=[],
        institutions=[],
        author_institutions=[],
        cited_by_count=None,
    )


def store(version_dir: Path, records: int, tasks: int = 1) -> Path:
    """A stored drop version as reading leaves it, each year in as many files as there are tasks."""
    version_dir.mkdir(parents=True)
    for task in range(tasks):
        with RecordWriter(version_dir, task_number=task, buffer_bytes=1 << 20) as writer:
            for number in range(task, records, tasks):
                delivered = DeliveredRecord(number, None, record(number))
                writer.add(f"part {number % 2}.gz", delivered)
    return version_dir


@pytest.fixture
def version(tmp_path: Path) -> Path:
    return store(tmp_path / "records" / "drop-1234" / "abcd-r1", records=300, tasks=2)


@pytest.fixture
def in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every version counts as large."""
    monkeypatch.setattr(matching, "SMALL_TEXT_BYTES", -1)


def match(
    version_dir: Path, destination: Path, technologies: Sequence[Technology] = TECHNOLOGIES, workers: int = 2
) -> MatchSummary:
    matching_pass = MatchingPass(technologies, workers, version_dir.parent / "terms")
    return matching_pass.match_version(version_dir, destination, lambda progress: None)


def rows(path: Path) -> list[tuple[Any, ...]]:
    return sorted(tuple(row.values()) for row in pq.read_table(path).to_pylist())


def expected(records: int) -> list[tuple[Any, ...]]:
    matcher = Matcher(TECHNOLOGIES)
    found = []
    for number in range(records):
        one = record(number)
        for match_ in matcher.matches(one.title, one.abstract, one.keywords, one.topics):
            found.append((f"part {number % 2}.gz", number, match_.technology, match_.how))
    return sorted(found)


def left_behind(tmp_path: Path) -> list[str]:
    """What is where matches go, hidden names included."""
    folder = tmp_path / "matches"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# --- what is found ---


def test_every_record_has_the_matches_the_matcher_finds(version: Path, tmp_path: Path) -> None:
    destination = tmp_path / "matches" / "found.parquet"
    summary = match(version, destination)
    found = rows(destination)
    assert found == expected(300)
    assert {how for *_, how in found} == {"query", "title", "topic"}
    assert pq.read_schema(destination).equals(MATCH_FILE_SCHEMA)
    assert left_behind(tmp_path) == ["found.parquet"]
    assert summary.works == 300


def belongings(records: int) -> set[tuple[Any, ...]]:
    """Works and technologies they belong to."""
    return {row[:3] for row in expected(records) if row[3] != "title"}


def test_a_summary_counts_a_work_once_a_technology_and_none_for_its_title_alone(
    version: Path, tmp_path: Path
) -> None:
    summary = match(version, tmp_path / "found.parquet")
    works = belongings(300)
    assert len(works) < len([row for row in expected(300) if row[3] != "title"])
    assert {row[:3] for row in expected(300)} - works
    counted = Counter(technology for *_, technology in works)
    assert summary.matches_by_technology == {item.id: counted[item.id] for item in TECHNOLOGIES}
    assert summary.matches_by_technology["nothing"] == 0
    assert summary.works_matched == len({(file, position) for file, position, _ in works})


def test_a_summary_names_the_technologies_of_the_file_those_of_titles_alone_among_them(
    tmp_path: Path,
) -> None:
    version_dir = store(tmp_path / "version", records=300)
    only_titles = technology(
        "only titles", 'TI="deep learning" NOT AB=(quantum OR laser OR learning OR paddy)'
    )
    summary = match(version_dir, tmp_path / "found.parquet", [*TECHNOLOGIES, only_titles])
    found = {row[2]: set[str]() for row in rows(tmp_path / "found.parquet")}
    for _, _, name, how in rows(tmp_path / "found.parquet"):
        found[name].add(how)
    assert (
        summary.technologies
        == found.keys()
        == {"dots", "lasers", "learning", "soils", "titles", "only titles"}
    )
    assert summary.matches_by_technology["nothing"] == 0


def test_rows_of_a_batch_are_in_the_order_of_its_records(tmp_path: Path) -> None:
    version_dir = store(tmp_path / "version", records=300)
    match(version_dir, tmp_path / "found.parquet")
    stored = pa.concat_tables(pq.read_table(path) for path in sorted(version_dir.glob("year=*/*.parquet")))
    order = {position: place for place, position in enumerate(stored.column("position").to_pylist())}
    places = [
        order[position] for position in pq.read_table(tmp_path / "found.parquet")["position"].to_pylist()
    ]
    assert places == sorted(places)


@pytest.mark.usefixtures("in_processes")
@pytest.mark.parametrize("workers", [0, 3])
def test_processes_find_the_same(version: Path, tmp_path: Path, workers: int) -> None:
    destination = tmp_path / "matches" / "found.parquet"
    summary = match(version, destination, workers=workers)
    assert rows(destination) == expected(300)
    assert pq.read_schema(destination).equals(MATCH_FILE_SCHEMA)
    assert left_behind(tmp_path) == ["found.parquet"]
    assert (summary.works, summary.works_matched) == (300, len({row[:2] for row in belongings(300)}))


def test_many_batches_and_row_groups_hold_the_same(
    version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_task, "_BATCH_ROWS", 7)
    monkeypatch.setattr(match_files, "_ROW_GROUP_ROWS", 10)
    destination = tmp_path / "found.parquet"
    match(version, destination)
    assert rows(destination) == expected(300)
    assert pq.read_metadata(destination).num_row_groups > 5


@pytest.mark.parametrize("technologies", [TECHNOLOGIES[3:4], ()])
def test_no_match_gives_a_file_without_rows(
    version: Path, tmp_path: Path, technologies: Sequence[Technology]
) -> None:
    summary = match(version, tmp_path / "found.parquet", technologies)
    assert pq.read_table(tmp_path / "found.parquet").equals(MATCH_FILE_SCHEMA.empty_table())
    assert (summary.works, summary.works_matched) == (300, 0)
    assert summary.matches_by_technology == {item.id: 0 for item in technologies}


@pytest.mark.parametrize("small", [-1, 1])
def test_a_version_without_records_gives_a_file_without_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(matching, "SMALL_TEXT_BYTES", small)
    (tmp_path / "version").mkdir()
    summary = match(tmp_path / "version", tmp_path / "found.parquet")
    assert pq.read_table(tmp_path / "found.parquet").equals(MATCH_FILE_SCHEMA.empty_table())
    assert summary.works == 0


def test_queries_are_made_ready_once_for_all_small_versions(
    version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[int] = []

    class Counted(Matcher):
        def __init__(self, technologies: Sequence[Technology], cache: Path | None = None) -> None:
            prepared.append(len(technologies))
            super().__init__(technologies, cache)

    monkeypatch.setattr(matching, "Matcher", Counted)
    matching_pass = MatchingPass(TECHNOLOGIES, workers=2, cache=tmp_path / "terms")
    other = store(tmp_path / "other", records=20)
    matching_pass.match_version(version, tmp_path / "first.parquet", lambda progress: None)
    matching_pass.match_version(other, tmp_path / "second.parquet", lambda progress: None)
    assert prepared == [len(TECHNOLOGIES)]
    assert rows(tmp_path / "second.parquet") == expected(20)


@pytest.mark.parametrize("small", [-1, 1 << 20], ids=["processes", "alone"])
def test_the_next_pass_finds_the_terms_compiled(
    version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(matching, "SMALL_TEXT_BYTES", small)
    match(version, tmp_path / "first.parquet")
    (compiled,) = (version.parent / "terms").iterdir()
    written = compiled.stat().st_mtime_ns
    match(version, tmp_path / "second.parquet")
    assert compiled.stat().st_mtime_ns == written
    assert rows(tmp_path / "second.parquet") == expected(300)


def test_progress_goes_from_some_records_to_all(
    version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_task, "_BATCH_ROWS", 100)
    monkeypatch.setattr(match_task, "REPORT_SECONDS", 0.0)
    shown: list[Progress] = []
    matching_pass = MatchingPass(TECHNOLOGIES, workers=1, cache=tmp_path / "terms")
    matching_pass.match_version(version, tmp_path / "found.parquet", shown.append)
    assert [progress.records for progress in shown] == sorted(progress.records for progress in shown)
    assert 0 < shown[0].records < 300
    assert (shown[-1].records, shown[-1].done, shown[-1].total) == (300, 300, 300)
    assert shown[-1].seconds_left == 0.0


# --- what goes wrong ---


def damaged(version: Path, content: Callable[[bytes], bytes]) -> None:
    path = sorted(version.glob("year=2016/*.parquet"))[0]
    path.write_bytes(content(path.read_bytes()))


@pytest.mark.parametrize(
    "content",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:4] + bytes(len(whole) // 2) + whole[4 + len(whole) // 2 :],
    ],
    ids=["empty", "cut off", "zeros inside"],
)
@pytest.mark.parametrize("small", [-1, 1 << 20], ids=["processes", "alone"])
def test_stored_records_that_cannot_be_read_are_a_clear_error(
    version: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    small: int,
    content: Callable[[bytes], bytes],
) -> None:
    monkeypatch.setattr(matching, "SMALL_TEXT_BYTES", small)
    damaged(version, content)
    message = (
        r"^Drop version 'drop-1234/abcd-r1': its stored records in 'year=2016/part-00000\.parquet' cannot be "
        r"read: .+\. None of its matches was recorded; read the drop again \(`python -m orchestration reread"
    )
    with pytest.raises(CollaborationError, match=message):
        match(version, tmp_path / "matches" / "found.parquet")
    assert left_behind(tmp_path) == []


def test_stored_records_without_a_column_are_a_clear_error(version: Path, tmp_path: Path) -> None:
    path = sorted(version.glob("year=2016/*.parquet"))[0]
    pq.write_table(RECORD_SCHEMA.empty_table().drop(["abstract"]), path)
    with pytest.raises(CollaborationError, match=r"cannot be read: there is no column abstract\."):
        match(version, tmp_path / "found.parquet")


def test_a_version_that_is_gone_is_a_clear_error(tmp_path: Path) -> None:
    message = r"^Drop version 'drop-1/ab-r1': its stored records in .*ab-r1 are gone\. .* read the drop again"
    with pytest.raises(CollaborationError, match=message):
        match(tmp_path / "drop-1" / "ab-r1", tmp_path / "matches" / "found.parquet")
    assert left_behind(tmp_path) == []


def test_a_full_disk_is_a_clear_error_and_leaves_what_was_there(
    version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(writer: object, matches: pa.RecordBatch) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    destination = tmp_path / "matches" / "found.parquet"
    match(version, destination)
    before = destination.read_bytes()
    monkeypatch.setattr(match_files.MatchWriter, "add", no_room)
    with pytest.raises(
        CollaborationError, match=r"'drop-1234/abcd-r1': its matches .* No space left .* make"
    ):
        match(version, destination)
    assert destination.read_bytes() == before
    assert left_behind(tmp_path) == ["found.parquet"]


@pytest.mark.usefixtures("in_processes")
def test_a_process_that_dies_is_a_clear_error(
    version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(progress: Progress) -> None:
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)

    monkeypatch.setattr("assets.task_processes.REPORT_SECONDS", 0.0)
    message = (
        r"^Drop version 'drop-1234/abcd-r1': a process that matched \d+ of its stored files "
        r"\(from 'year=.*' on\) was ended by signal SIGKILL; nothing of it was recorded"
    )
    matching_pass = MatchingPass(TECHNOLOGIES, workers=2, cache=tmp_path / "terms")
    with pytest.raises(CollaborationError, match=message):
        matching_pass.match_version(version, tmp_path / "matches" / "found.parquet", kill)
    assert left_behind(tmp_path) == []
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("in_processes")
def test_what_a_killed_pass_left_is_cleared_by_the_next(version: Path, tmp_path: Path) -> None:
    parts = tmp_path / "matches" / ".found.parquet.partial-parts"
    parts.mkdir(parents=True)
    (parts / "part-00009.parquet").write_text("half a file")
    match(version, tmp_path / "matches" / "found.parquet", workers=1)
    assert rows(tmp_path / "matches" / "found.parquet") == expected(300)
    assert left_behind(tmp_path) == ["found.parquet"]
