"""Each warning and alarm is given where it should be, with what to do next; a sound store has none."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.health import counts, deliveries, results, turns
from assets.health.findings import Code, Finding, Level
from assets.health.look import Look
from assets.ledger_facts import CheckState
from assets.pipeline import Pipeline
from assets.record_store import drop_folder
from assets.staleness import build_state
from orchestration import doctor
from tests.delivered_works import work
from tests.ledgers import content, count_all, decide, deliver, resolve
from tests.sound_stores import NO_PROCESS, OLD, finding_of, looked_at, publish_truly

pytest_plugins = ("tests.sound_store_fixtures",)

_CHECKS = [*doctor._OF_THE_STORE, *doctor._OF_THE_LEDGER]


def test_a_sound_store_has_no_finding(pipeline: Pipeline) -> None:
    with looked_at(pipeline) as look:
        assert not look.ledger_problem
        found = [finding for check in _CHECKS for finding in check(look)]
    bad = [f for f in found if f.level is not Level.OK and f.code is not Code.DISK_LOW]
    assert bad == []
    assert all(finding.what.endswith((".", ")")) for finding in found)


def test_looking_changes_nothing(pipeline: Pipeline) -> None:
    def everything() -> dict[str, tuple[int, int]]:
        root = pipeline.store.root
        return {str(p): (p.lstat().st_mtime_ns, p.lstat().st_size) for p in (root, *root.rglob("*"))}

    before = everything()
    with looked_at(pipeline) as look:
        for check in _CHECKS:
            check(look)
    assert everything() == before


# Each finding: what brings it about, and the check that gives it


def _leave_lock(file: Path, purpose: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"process {NO_PROCESS} ({purpose})")


def _writer_died(pipeline: Pipeline) -> None:
    _leave_lock(pipeline.store.lock_file, "headless run")


def _pull_died(pipeline: Pipeline) -> None:
    _leave_lock(pipeline.store.pull_lock_file, "pulling")


def _pull_unfinished(pipeline: Pipeline) -> None:
    page = pipeline.landing / ".pull-openalex-api-1" / "page"
    page.parent.mkdir()
    page.touch()
    for path in (page, page.parent):
        os.utime(path, (OLD, OLD))


def _leftovers(pipeline: Pipeline) -> None:
    (pipeline.store.work / "dry-run-x").mkdir()


def _records_unknown(pipeline: Pipeline) -> None:
    (pipeline.store.records / drop_folder("gone") / "0123456789abcdef-r1").mkdir(parents=True)


def _records_lost(pipeline: Pipeline) -> None:
    (version,) = pipeline.ledger.versions()
    shutil.rmtree(pipeline.store.records / version.drop_version)


def _landing_gone(pipeline: Pipeline) -> None:
    shutil.rmtree(pipeline.landing)


def _aged(drop: Path) -> None:
    for path in (*drop.rglob("*"), drop):
        os.utime(path, (OLD, OLD))


def _drop_waiting(pipeline: Pipeline) -> None:
    drop = deliver(pipeline.landing / "late", work(7))
    next(drop.rglob("*.gz")).unlink()
    _aged(drop)


def _drop_untaken(pipeline: Pipeline) -> None:
    _aged(deliver(pipeline.landing / "new", work(7)))


def _drop_rejected(pipeline: Pipeline) -> None:
    (deliver(pipeline.landing / "bad", work(7)) / "drop.toml").write_text("source = 3\n")


def _checks_failed(pipeline: Pipeline) -> None:
    count_all(pipeline, CheckState.FAILED)


def _years_stale(pipeline: Pipeline) -> None:
    decide(pipeline, base=3)


def _rules_changed(pipeline: Pipeline) -> None:
    pipeline.store.build_file.unlink()


def _years_missing(pipeline: Pipeline) -> None:
    (drop,) = pipeline.ledger.active_versions()
    resolve(pipeline.ledger, {year: [content(drop)] for year in (2008, 2009, 2012)})


def _not_published(pipeline: Pipeline) -> None:
    pipeline.store.published.unlink()


def _other_state(pipeline: Pipeline) -> None:
    publish_truly(pipeline, "another state")


def _rolled_back(pipeline: Pipeline) -> None:
    publish_truly(pipeline, "another state")
    pipeline.ledger.pass_over(build_state(pipeline.ledger))


def _vintage_gone(pipeline: Pipeline) -> None:
    shutil.rmtree(pipeline.store.published.resolve())


def _vintage_changed(pipeline: Pipeline) -> None:
    file = pipeline.store.warehouse_file
    file.chmod(0o600)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def _vintage_cut(pipeline: Pipeline) -> None:
    file = pipeline.store.warehouse_file
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:2000])


def _not_described(pipeline: Pipeline) -> None:
    description = pipeline.store.published / "vintage.json"
    description.chmod(0o600)
    description.write_text("{")


def _exports_gone(pipeline: Pipeline) -> None:
    (pipeline.store.published / "exports").rmdir()


def _links_missing(pipeline: Pipeline) -> None:
    pipeline.store.exports.unlink()
    pipeline.store.exports.mkdir()


@pytest.mark.parametrize(
    ("harm", "check", "code", "fragment"),
    [
        (_writer_died, turns.writer, Code.WRITER_DIED, f"Process {NO_PROCESS} (headless run) was killed"),
        (_pull_died, turns.puller, Code.PULL_DIED, f"Process {NO_PROCESS} (pulling) was killed"),
        (_pull_unfinished, turns.unfinished_pulls, Code.PULL_UNFINISHED, "broken off on 2026-01-05"),
        (_leftovers, turns.leftovers, Code.LEFTOVERS, "work/dry-run-x: a dry run that did not finish"),
        (_records_unknown, turns.unknown, Code.RECORDS_UNKNOWN, "does not know 1 of"),
        (_records_lost, counts.records, Code.RECORDS_LOST, "(base)"),
        (_landing_gone, deliveries.landing, Code.LANDING_UNREADABLE, "There is no landing folder"),
        (_drop_waiting, deliveries.drops, Code.DROP_WAITING, "Drop late is incomplete"),
        (_drop_untaken, deliveries.drops, Code.DROP_UNTAKEN, "Drop new is complete since 2026-01-05"),
        (_drop_rejected, deliveries.drops, Code.DROP_REJECTED, "Drop bad is rejected: "),
        (_checks_failed, counts.checks, Code.CHECKS_FAILED, "The blocking checks of 2019 failed"),
        (_years_stale, counts.staleness, Code.YEARS_STALE, "2019: 1 work more of base"),
        (_rules_changed, counts.staleness, Code.YEARS_STALE, "changed since the records that count"),
        (_years_missing, counts.missing_years, Code.YEARS_MISSING, "No work is of 2010-2011"),
        (_not_published, results.vintage, Code.NOT_PUBLISHED, "nothing is published yet"),
        (_other_state, results.publication, Code.NOT_PUBLISHED, "something else is counted"),
        (_rolled_back, results.publication, Code.ROLLED_BACK, "to which somebody went back"),
        (_vintage_gone, results.vintage, Code.VINTAGE_DAMAGED, "leads to no vintage"),
        (_vintage_changed, results.vintage, Code.VINTAGE_DAMAGED, "the content of its DuckDB file changed"),
        (_vintage_cut, results.vintage, Code.VINTAGE_DAMAGED, "has 2,000 bytes instead of"),
        (_not_described, results.vintage, Code.VINTAGE_DAMAGED, "vintage.json cannot be read"),
        (_exports_gone, results.vintage, Code.VINTAGE_DAMAGED, "its exports are gone"),
        (_links_missing, results.links, Code.LINKS_MISSING, "exports in the store should be links"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_wrong_is_found_and_named(
    pipeline: Pipeline,
    harm: Callable[[Pipeline], None],
    check: Callable[[Look], list[Finding]],
    code: Code,
    fragment: str,
) -> None:
    assert finding_of(pipeline, check).level is Level.OK
    harm(pipeline)
    finding = finding_of(pipeline, check)
    assert (finding.code, fragment in finding.what) == (code, True), finding.what
    assert finding.next


def test_much_that_is_stuck_is_told_in_part(pipeline: Pipeline) -> None:
    for number in range(14):
        _aged(deliver(pipeline.landing / f"new-{number:02}", work(number + 10)))
    with looked_at(pipeline) as look:
        found = deliveries.drops(look)
    assert (len(found), found[-1].what) == (11, "4 more are stuck.")


# While a run is at work


def test_what_a_run_at_work_has_half_done_is_not_taken_for_wrong(pipeline: Pipeline) -> None:
    for harm in (_leftovers, _years_stale, _drop_untaken, _records_unknown, _not_published):
        harm(pipeline)
    with pipeline.store.writing("headless run"), pipeline.store.build_file.open():
        found = {
            check.__name__: finding_of(pipeline, check)
            for check in (
                turns.writer,
                turns.build_file,
                turns.leftovers,
                turns.unknown,
                counts.staleness,
                deliveries.drops,
                results.vintage,
            )
        }
    assert {finding.code for finding in found.values()} == {None}
    assert found["writer"].what.startswith(f"Process {os.getpid()} (headless run) is writing since 20")


def test_a_writer_that_takes_more_than_a_day_is_told_of(pipeline: Pipeline) -> None:
    with pipeline.store.writing("headless run"):
        os.utime(pipeline.store.lock_file, (OLD, OLD))
        finding = finding_of(pipeline, turns.writer)
    assert (finding.code, "since 2026-01-05" in finding.what) == (Code.WRITER_LONG, True)


def test_a_process_that_has_the_build_file_open_without_the_lock_is_told_of(pipeline: Pipeline) -> None:
    with pipeline.store.build_file.open():
        finding = finding_of(pipeline, turns.build_file)
    assert (finding.code, finding.level) == (Code.BUILD_HELD, Level.ALARM)
    assert f"Process {os.getpid()} has" in finding.what
    assert f"ps {os.getpid()}" in finding.next
