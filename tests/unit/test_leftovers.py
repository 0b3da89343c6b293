"""What killed processes leave is found, cleaned up and told; what anybody still uses stays."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.ledger_facts import StoredMatches
from assets.leftovers import (
    clean,
    find_leftovers,
    find_pull_leftovers,
    pulling_turn,
    size,
    unknown_records,
    writing_turn,
)
from assets.pipeline import Pipeline
from assets.record_store import drop_folder
from tests.delivered_works import work
from tests.ledgers import deliver, settled_pipeline

_NEW_VERSION = "0123456789abcdef-r1"
_DEAD = 4_194_305
"""No process has so high a number."""


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return settled_pipeline(tmp_path)


def _put(path: Path, content: bytes = b"half") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _found(pipeline: Pipeline) -> dict[str, str]:
    root = pipeline.store.root
    return {item.path.relative_to(root).as_posix(): item.what for item in find_leftovers(pipeline)}


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def _cleaned(pipeline: Pipeline) -> list[str]:
    told: list[str] = []
    with writing_turn(pipeline, "a run", told.append):
        pass
    return told


def test_a_store_nobody_was_killed_in_has_no_leftovers(pipeline: Pipeline) -> None:
    before = _files(pipeline.store.root)
    assert find_leftovers(pipeline) == []
    assert _cleaned(pipeline) == []
    assert _files(pipeline.store.root) == before


# Each place a process may be killed in

_BASE = drop_folder("base")
_PLACES = [
    f"records/{_BASE}/.{_NEW_VERSION}.partial/year=2019/part-00000.parquet",
    f"records/{_BASE}/{_NEW_VERSION}/year=2019/part-00000.parquet",
    f"records/{_BASE}/{_NEW_VERSION}-2/.complete_ids.parquet.partial",
    f"quarantine/{_BASE}/{_NEW_VERSION}.jsonl",
    f"quarantine/{_BASE}/.{_NEW_VERSION}.jsonl.partial",
    f"matches/{_BASE}/{_NEW_VERSION}/0123456789abcdef.parquet",
    f"matches/{_BASE}/{_NEW_VERSION}/.0123456789abcdef.parquet.partial",
    f"matches/{_BASE}/{_NEW_VERSION}/.0123456789abcdef.parquet.partial-parts/part-00000.parquet",
    "vintages/.next/warehouse/collaboration.duckdb",
    "vintages/.retired-2026-01-01T000000Z-12345678/vintage.json",
    f".published-{_DEAD}",
    f".store.json-{_DEAD}",
    "work/dry-run-x1y2z3/store/ledger.sqlite",
    "work/.empty_records.parquet.partial",
    "work/terms/.0123.hsdb.partial",
    "work/dbt/yearly_models-1a2b3c4-5d6e7f8/run_results.json",
    "work/duckdb_temp/duckdb_temp_storage_DEFAULT-0.tmp",
]


@pytest.mark.parametrize("place", _PLACES)
def test_what_a_killed_process_leaves_is_cleaned_up_and_told(pipeline: Pipeline, place: str) -> None:
    before = _files(pipeline.store.root)
    _put(pipeline.store.root / place)
    (leftover,) = find_leftovers(pipeline)
    assert (pipeline.store.root / place).is_relative_to(leftover.path)
    assert leftover.bytes == 4
    (told,) = _cleaned(pipeline)
    name = leftover.path.relative_to(pipeline.store.root)
    assert told == f"Cleaned up {name}: {leftover.what}, 4 bytes."
    assert _files(pipeline.store.root) == before
    assert not leftover.path.exists()


def test_all_of_them_at_once_are_told_one_by_one(pipeline: Pipeline) -> None:
    for place in _PLACES:
        _put(pipeline.store.root / place)
    assert len(_cleaned(pipeline)) == len(_PLACES)
    assert _cleaned(pipeline) == []


def test_of_a_dry_run_the_records_it_links_to_stay(pipeline: Pipeline) -> None:
    (version,) = pipeline.ledger.versions()
    records = pipeline.store.records / version.drop_version
    before = _files(records)
    link = pipeline.store.work / "dry-run-abc" / "store" / "records" / version.drop_version
    link.parent.mkdir(parents=True)
    link.symlink_to(records)
    (leftover,) = find_leftovers(pipeline)
    assert leftover.bytes < 1000
    _cleaned(pipeline)
    assert _files(records) == before != set()


# What stays


@pytest.mark.parametrize(
    "place",
    [
        "work/build.duckdb.wal",
        "work/dbt/manifest.json",
        "work/dbt/run/model.sql",
        "work/dbt/compiled-project-abc/model.sql",
        "work/headless.log",
        "work/terms/0123.hsdb",
        "records/notes.txt",
        f"records/{_BASE}/my-notes/page.txt",
        f"records/{_BASE}/.hidden-by-me",
        f"quarantine/{_BASE}/remarks.jsonl",
        f"matches/{_BASE}/0123456789abcdef-r1/mine.parquet",
        "vintages/2026-03-02T100000Z-01234567/vintage.json",
        "pulls/.note.partial",
    ],
)
def test_what_is_no_leftover_of_a_writer_stays(pipeline: Pipeline, place: str) -> None:
    kept = pipeline.store.root / place
    if not kept.exists():
        _put(kept)
    assert _found(pipeline) == {}
    assert _cleaned(pipeline) == []
    assert kept.exists()


def test_what_the_ledger_knows_stays(pipeline: Pipeline) -> None:
    (version,) = pipeline.ledger.versions()
    file = f"{version.drop_version}/0123456789abcdef.parquet"
    _put(pipeline.store.matches / file)
    pipeline.ledger.record_matches([StoredMatches(version.drop_version, "radar", "digest", file, 3)])
    _put(pipeline.store.quarantine / f"{version.drop_version}.jsonl")
    assert _found(pipeline) == {}


def test_records_whose_drop_is_gone_are_never_removed(pipeline: Pipeline) -> None:
    gone = pipeline.store.records / drop_folder("gone") / _NEW_VERSION
    _put(gone / "year=2019" / "part-00000.parquet")
    assert _found(pipeline) == {}
    assert unknown_records(pipeline) == [gone]
    deliver(pipeline.landing / "gone", work(9))
    assert unknown_records(pipeline) == []
    assert list(_found(pipeline)) == [f"records/{drop_folder('gone')}/{_NEW_VERSION}"]


def test_a_lost_ledger_does_not_cost_records_that_cannot_be_read_again(pipeline: Pipeline) -> None:
    (version,) = pipeline.ledger.versions()
    shutil.rmtree(pipeline.landing / "base")
    pipeline.store.ledger_file.unlink()
    anew = Pipeline(pipeline.store, pipeline.landing, pipeline.options, pipeline.project)
    assert find_leftovers(anew) == []
    assert unknown_records(anew) == [pipeline.store.records / version.drop_version]


def test_the_first_file_of_a_store_another_process_is_making_stays(pipeline: Pipeline) -> None:
    _put(pipeline.store.root / f".store.json-{os.getpid()}")
    assert _found(pipeline) == {}


@pytest.fixture
def dbt_left_behind(pipeline: Pipeline) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has the build file open, as dbt has when who started it was killed."""
    command = "import sys; file = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", command, str(pipeline.store.build_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_what_a_dbt_that_is_still_at_work_uses_stays_until_it_ends(
    pipeline: Pipeline, dbt_left_behind: subprocess.Popen[bytes]
) -> None:
    _put(pipeline.store.work / "dbt" / "yearly_models-1a2b3c4-5d6e7f8" / "run_results.json")
    _put(pipeline.store.work / "duckdb_temp" / "duckdb_temp_storage_DEFAULT-0.tmp")
    assert _found(pipeline) == {}
    dbt_left_behind.kill()
    dbt_left_behind.wait()
    assert len(_found(pipeline)) == 2


# Turns


def test_only_the_step_that_takes_the_lock_cleans_up(pipeline: Pipeline) -> None:
    told: list[str] = []
    with writing_turn(pipeline, "a run", told.append):
        half_done = _put(pipeline.store.vintages / ".next" / "vintage.json")
        with writing_turn(pipeline, "a step of it", told.append):
            assert half_done.exists()
    assert told == []


def test_what_cannot_be_removed_is_told_and_holds_up_nobody(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(pipeline.store.work / ".empty_ids.parquet.partial")
    kept = _put(pipeline.store.work / "dry-run-x" / "file").parent

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("assets.leftovers.shutil.rmtree", refuse)
    first, second = _cleaned(pipeline)
    assert first.startswith("Cleaned up work/.empty_ids.parquet.partial")
    assert second == (
        "work/dry-run-x (a dry run that did not finish) cannot be removed: Permission denied. "
        "Remove it by hand."
    )
    assert kept.exists()


# Pulls


def test_a_pull_cleans_up_after_the_one_before_and_keeps_what_it_goes_on_from(pipeline: Pipeline) -> None:
    told: list[str] = []
    pulls = pipeline.store.pulls
    for name in (".openalex-api-1.json.partial", "openalex-snapshot/ids/.abc.parquet.partial"):
        _put(pulls / name)
    kept = [_put(pulls / "openalex-snapshot" / name) for name in ("next.json", "ids/abc.parquet")]
    kept.append(_put(pipeline.landing / ".pull-openalex-api-1" / "search-0001" / "page-00001.jsonl.gz"))
    assert len(find_pull_leftovers(pipeline.store)) == 2
    object.__setattr__(pipeline, "announce", told.append)
    with pulling_turn(pipeline, "a pull"):
        pass
    assert [line.split(":")[0] for line in told] == [
        "Cleaned up pulls/.openalex-api-1.json.partial",
        "Cleaned up pulls/openalex-snapshot/ids/.abc.parquet.partial",
    ]
    assert all(path.exists() for path in kept)


def test_a_run_leaves_alone_what_a_pull_is_writing(pipeline: Pipeline) -> None:
    half_done = _put(pipeline.store.pulls / "openalex-snapshot" / ".pulled.json.partial")
    assert _cleaned(pipeline) == []
    assert half_done.exists()


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (2_000_000, "2.0 MB"), (3.2e9, "3.2 GB")],
)
def test_sizes_are_told_as_people_read_them(number: int, text: str) -> None:
    assert size(number) == text


def test_cleaning_up_nothing_tells_nothing(pipeline: Pipeline) -> None:
    clean([], pipeline.store.root, lambda _: pytest.fail("told something"))
