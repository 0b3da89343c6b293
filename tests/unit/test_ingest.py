"""Ingesting a drop: read once, not at all when it is known, whole or not at all."""

import json
import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import assets.ingest
from assets.drop_scan import Scan, scan
from assets.drop_settings import Mode
from assets.drops import DropState
from assets.errors import CollaborationError
from assets.ingest import Action, Ingestion, ingest, withdraw
from assets.landing import inspect_landing, inspect_one, ready_drops
from assets.ledger_facts import VersionState
from assets.pipeline import Options, Pipeline
from assets.reading import read_drop
from assets.record_store import complete_ids_file
from assets.store import open_store
from tests.delivered_works import lines, stored_rows, work
from tests.derive import write_drop

DAY = date(2026, 3, 2)
A = [work(number, publication_year=2010 + number % 3) for number in range(1, 5)]
B = [*A[1:], work(9)]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    (tmp_path / "landing").mkdir()
    return Pipeline(
        store=open_store(tmp_path / "store"),
        landing=tmp_path / "landing",
        options=Options(start_year=2005, end_year=2026, quiet_seconds=0),
    )


def _deliver(pipeline: Pipeline, records: list[dict[str, object]], name: str = "drop") -> Path:
    """Put a drop in place of what lies there; other files, whatever is in them."""
    shutil.rmtree(pipeline.landing / name, ignore_errors=True)
    return write_drop(pipeline.landing / name, records, date=DAY, files=2)


def _touch(drop: Path, seconds: float) -> None:
    for file in drop.rglob("*"):
        os.utime(file, (seconds, seconds))


def _take_in(pipeline: Pipeline, *, again: bool = False, name: str = "drop") -> Ingestion:
    return ingest(pipeline, inspect_one(pipeline, name), lambda _: None, again=again)


def _state(pipeline: Pipeline, name: str = "drop") -> DropState:
    return {drop.drop_id: drop.state for drop in inspect_landing(pipeline)}[name]


def _active_works(pipeline: Pipeline) -> set[str]:
    active = pipeline.ledger.active_versions()
    rows = [row for item in active for row in stored_rows(pipeline.store.records / item.drop_version)]
    return {row["work_id"] for row in rows}


def test_a_ready_drop_is_read_and_counts(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    assert [drop.drop_id for drop in ready_drops(pipeline)] == ["drop"]
    taken = _take_in(pipeline)
    assert taken.action is Action.READ
    (version,) = pipeline.ledger.active_versions()
    assert version == replace(taken.version, recorded_at=version.recorded_at)
    assert (version.records, version.accepted, version.source) == (4, 4, "openalex")
    assert version.stated_date == DAY
    assert version.records_by_year == {"2010": 1, "2011": 2, "2012": 1}
    assert _active_works(pipeline) == {"W1", "W2", "W3", "W4"}
    assert _state(pipeline) is DropState.INGESTED


def test_a_drop_taken_in_is_not_even_opened_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deliver(pipeline, A)
    _take_in(pipeline)
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("a file was opened"))
    assert ready_drops(pipeline) == []


def test_a_drop_delivered_again_unchanged_is_not_read(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _touch(_deliver(pipeline, A), 1_700_000_000)
    first = _take_in(pipeline)
    _touch(_deliver(pipeline, A), 1_750_000_000)
    assert _state(pipeline) is DropState.READY
    monkeypatch.setattr(assets.ingest, "read_drop", lambda **_: pytest.fail("the drop was read"))
    again = _take_in(pipeline)
    assert (again.action, again.version.drop_version) == (Action.UNCHANGED, first.version.drop_version)
    assert len(pipeline.ledger.versions()) == 1
    assert _state(pipeline) is DropState.INGESTED


def test_other_content_under_the_same_name_takes_the_place_of_the_earlier(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    _take_in(pipeline)
    _deliver(pipeline, B)
    assert _take_in(pipeline).action is Action.READ
    assert [item.state for item in pipeline.ledger.versions()] == [VersionState.REPLACED, VersionState.ACTIVE]
    assert _active_works(pipeline) == {"W2", "W3", "W4", "W9"}


def test_the_earlier_content_delivered_again_counts_again_without_being_read(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content in (A, B):
        _deliver(pipeline, content)
        _take_in(pipeline)
    _deliver(pipeline, A)
    monkeypatch.setattr(assets.ingest, "read_drop", lambda **_: pytest.fail("the drop was read"))
    restored = _take_in(pipeline)
    assert (restored.action, restored.version.state) == (Action.RESTORED, VersionState.ACTIVE)
    assert [item.state for item in pipeline.ledger.versions()] == [VersionState.ACTIVE, VersionState.REPLACED]
    assert _active_works(pipeline) == {"W1", "W2", "W3", "W4"}
    assert _state(pipeline) is DropState.INGESTED


def test_other_settings_of_the_same_files_are_another_version(pipeline: Pipeline) -> None:
    drop = _deliver(pipeline, A)
    _take_in(pipeline)
    (drop / "drop.toml").write_text("received = 2020-01-31\nsynthetic = true\n")
    _take_in(pipeline)
    (version,) = pipeline.ledger.active_versions()
    assert (version.stated_date, version.synthetic) == (date(2020, 1, 31), True)


def test_reading_again_is_another_version_of_the_same_content(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    first = _take_in(pipeline).version
    second = _take_in(pipeline, again=True)
    third = _take_in(pipeline, again=True)
    assert second.action is Action.READ
    assert [item.drop_version for item in pipeline.ledger.active_versions()] == [third.version.drop_version]
    names = {first.drop_version, second.version.drop_version, third.version.drop_version}
    assert len(names) == 3
    assert len({item.fingerprint for item in pipeline.ledger.versions()}) == 1
    assert all((pipeline.store.records / name).is_dir() for name in names)


def test_a_withdrawn_drop_no_longer_counts_but_stays_stored(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    stored = pipeline.store.records / _take_in(pipeline).version.drop_version
    assert withdraw(pipeline, "drop").drop_id == "drop"
    assert pipeline.ledger.active_versions() == []
    assert stored.is_dir()
    (drop,) = inspect_landing(pipeline)
    assert (drop.state, drop.reason) == (DropState.INGESTED, "withdrawn: its records do not count")


def test_a_withdrawn_drop_delivered_again_unchanged_stays_withdrawn(pipeline: Pipeline) -> None:
    _touch(_deliver(pipeline, A), 1_700_000_000)
    _take_in(pipeline)
    withdraw(pipeline, "drop")
    _touch(_deliver(pipeline, A), 1_750_000_000)
    assert _take_in(pipeline).action is Action.UNCHANGED
    assert pipeline.ledger.active_versions() == []


def test_a_withdrawn_drop_comes_back_when_it_is_read_again(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    _take_in(pipeline)
    withdraw(pipeline, "drop")
    _take_in(pipeline, again=True)
    assert len(pipeline.ledger.active_versions()) == 1


def test_content_withdrawn_once_counts_again_when_it_replaces_what_counts_now(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    _take_in(pipeline)
    withdraw(pipeline, "drop")
    _deliver(pipeline, B)
    _take_in(pipeline)
    _deliver(pipeline, A)
    assert _take_in(pipeline).action is Action.RESTORED
    assert _active_works(pipeline) == {"W1", "W2", "W3", "W4"}


def test_only_what_counts_can_be_withdrawn(pipeline: Pipeline) -> None:
    with pytest.raises(CollaborationError, match=r"No drop 'drop' counts now\. Those that do: none\."):
        withdraw(pipeline, "drop")
    _deliver(pipeline, A)
    _take_in(pipeline)
    with pytest.raises(CollaborationError, match=r"No drop 'dorp' counts now\. Those that do: drop\."):
        withdraw(pipeline, "dorp")


def _spoil(pipeline: Pipeline, good: int, bad: int) -> Path:
    """A drop of one file with so many good records, and bad ones of two kinds."""
    drop = pipeline.landing / "drop"
    drop.mkdir(exist_ok=True)
    broken = b"".join(b"{no json %d\n" % number if number % 2 else b"[]\n" for number in range(bad))
    (drop / "works.jsonl").write_bytes(lines(work(number) for number in range(1, good + 1)) + broken)
    return drop


def test_up_to_one_record_in_a_hundred_may_be_unreadable(pipeline: Pipeline) -> None:
    _spoil(pipeline, good=198, bad=2)
    taken = _take_in(pipeline)
    assert taken.action is Action.READ
    assert (taken.version.records, taken.version.accepted, taken.version.rejected) == (200, 198, 2)


def test_a_drop_with_too_many_unreadable_records_is_rejected_whole(pipeline: Pipeline) -> None:
    _spoil(pipeline, good=197, bad=3)
    taken = _take_in(pipeline)
    version = taken.version
    assert (taken.action, version.state) == (Action.REJECTED, VersionState.REJECTED)
    quarantine = pipeline.store.quarantine / f"{version.drop_version}.jsonl"
    assert version.reason == (
        "3 of 200 records could not be read (not_a_work 2, invalid_json 1), more than the 1.0% allowed; "
        f"see {quarantine}"
    )
    assert pipeline.ledger.active_versions() == []
    assert not (pipeline.store.records / version.drop_version).exists()
    entries = [json.loads(line) for line in quarantine.read_text().splitlines()]
    assert [(entry["file"], entry["position"]) for entry in entries] == [
        ("works.jsonl", 198),
        ("works.jsonl", 199),
        ("works.jsonl", 200),
    ]
    assert version.accepted + version.rejected == version.records == 200


def test_a_rejected_drop_is_shown_with_its_reason_and_not_read_again(pipeline: Pipeline) -> None:
    _spoil(pipeline, good=1, bad=1)
    _take_in(pipeline)
    (drop,) = inspect_landing(pipeline)
    assert drop.state is DropState.REJECTED
    assert drop.reason.startswith("1 of 2 records could not be read")


def test_the_earlier_version_of_a_rejected_drop_goes_on_counting(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    _take_in(pipeline)
    shutil.rmtree(pipeline.landing / "drop")
    _spoil(pipeline, good=1, bad=1)
    assert _take_in(pipeline).action is Action.REJECTED
    assert _active_works(pipeline) == {"W1", "W2", "W3", "W4"}
    shutil.rmtree(pipeline.landing / "drop")
    _deliver(pipeline, A)
    assert _take_in(pipeline).action is Action.UNCHANGED
    assert _state(pipeline) is DropState.INGESTED


def test_a_rejected_drop_counts_when_it_is_read_again_under_a_wider_limit(pipeline: Pipeline) -> None:
    _spoil(pipeline, good=3, bad=1)
    _take_in(pipeline)
    wider = replace(pipeline, options=replace(pipeline.options, max_reject_share=0.25))
    assert _take_in(wider, again=True).action is Action.READ
    assert len(pipeline.ledger.active_versions()) == 1


def test_a_drop_that_changes_while_it_is_read_is_not_recorded(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = _spoil(pipeline, good=3, bad=0)

    def read_late(**arguments: object) -> object:
        with (drop / "works.jsonl").open("ab") as file:
            file.write(lines([work(77)]))
        return read_drop(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(assets.ingest, "read_drop", read_late)
    with pytest.raises(CollaborationError, match=r"'drop' changed while it was read: 'works\.jsonl'"):
        _take_in(pipeline)
    assert pipeline.ledger.versions() == []
    assert list(pipeline.store.records.rglob("*.parquet")) == []
    monkeypatch.undo()
    assert _take_in(pipeline).version.records == 4


def test_what_a_killed_reading_left_behind_is_cleared_away(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    name = _take_in(pipeline).version.drop_version
    fresh = replace(pipeline, store=open_store(pipeline.store.root.parent / "other"))
    (fresh.store.records / name / "year=2010").mkdir(parents=True)
    (fresh.store.records / name / "year=2010" / "part-00009.parquet").touch()
    assert _take_in(fresh).version.drop_version == name
    assert _active_works(fresh) == {"W1", "W2", "W3", "W4"}


def test_a_drop_that_is_not_there_is_named_with_those_that_are(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    with pytest.raises(CollaborationError, match=r"no drop 'dorp' in .*landing\. It holds: drop\."):
        inspect_one(pipeline, "dorp")


def test_only_a_ready_drop_is_taken_in(pipeline: Pipeline) -> None:
    _deliver(pipeline, A)
    waiting = replace(inspect_one(pipeline, "drop"), state=DropState.WAITING)
    with pytest.raises(ValueError, match="waiting, not ready"):
        ingest(pipeline, waiting, lambda _: None)


def test_a_drop_is_judged_without_a_look_into_the_others(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run over 500 drops looked into each of the 500 for each of them."""
    _deliver(pipeline, A)
    for number in range(5):
        (pipeline.landing / f"other-{number}").mkdir()
    looked_into: list[str] = []

    def noted(root: Path) -> Scan:
        looked_into.append(root.name)
        return scan(root)

    monkeypatch.setattr("assets.drops.scan", noted)

    drop = inspect_one(pipeline, "drop")

    assert drop.state is DropState.READY
    assert looked_into == ["drop"]


def _deliver_snapshot(pipeline: Pipeline, ids: pa.Table) -> None:
    drop = _deliver(pipeline, A)
    (drop / "drop.toml").write_text('mode = "snapshot"\nreceived = 2026-03-02\n')
    pq.write_table(ids, drop / "complete_ids.parquet")


def test_a_complete_set_of_ids_is_kept_beside_the_records(pipeline: Pipeline) -> None:
    ids = pa.table({"work_id": ["W1", "W7"]})
    _deliver_snapshot(pipeline, ids)
    version = _take_in(pipeline).version
    assert (version.mode, version.records) == (Mode.SNAPSHOT, 4)
    assert pq.read_table(complete_ids_file(pipeline.store.records / version.drop_version)) == ids


def test_another_set_of_ids_with_the_same_records_is_another_version(pipeline: Pipeline) -> None:
    versions = []
    for ids in (["W1", "W7"], ["W1"]):
        _deliver_snapshot(pipeline, pa.table({"work_id": ids}))
        versions.append(_take_in(pipeline).version.drop_version)
    assert versions[0] != versions[1]


def test_a_set_that_holds_no_ids_is_refused(pipeline: Pipeline) -> None:
    _deliver_snapshot(pipeline, pa.table({"id": [1, 2]}))
    with pytest.raises(CollaborationError, match=r"no set of work ids.*one text column work_id"):
        _take_in(pipeline)
    assert pipeline.ledger.versions() == []
