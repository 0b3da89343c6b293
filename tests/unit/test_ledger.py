"""The ledger keeps what it is told, whole or not at all, for whoever opens it next."""

import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assets.ledger import Ledger
from assets.ledger_facts import CheckState, Resolution, VersionState
from tests.ledgers import RULES, content, count, counted_ledger, resolve, version


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_a_new_ledger_knows_nothing(ledger: Ledger) -> None:
    assert ledger.signatures() == {}
    assert ledger.versions() == []
    assert ledger.year_contents() == {}
    assert ledger.year_builds() == {}
    assert ledger.resolution() == Resolution()
    assert ledger.passed_over() == ""


def test_a_version_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    given = version(
        "drop",
        stated_date=date(2025, 9, 1),
        synthetic=True,
        accepted=8,
        rejected_by_reason={"invalid_json": 2},
        records_by_year={"2019": 7, "None": 1},
        reason="because",
    )
    Ledger(tmp_path / "ledger.sqlite").record(given, "signature")
    (found,) = Ledger(tmp_path / "ledger.sqlite").versions()
    assert replace(found, recorded_at="") == given
    assert found.recorded_at
    assert found.rejected == 2


def test_a_new_version_takes_the_place_of_the_one_before(ledger: Ledger) -> None:
    ledger.record(version("drop", 1), "first")
    ledger.record(version("other"), "theirs")
    ledger.record(version("drop", 2), "second")
    assert [item.state for item in ledger.versions("drop")] == [VersionState.REPLACED, VersionState.ACTIVE]
    assert [item.drop_version for item in ledger.active_versions()] == ["drop-folder/2", "other-folder/1"]
    assert ledger.signatures() == {"drop": "second", "other": "theirs"}


def test_a_rejected_version_leaves_the_active_one_in_place(ledger: Ledger) -> None:
    ledger.record(version("drop", 1), "first")
    ledger.record(version("drop", 2, state=VersionState.REJECTED, reason="too bad"), "second")
    assert [item.drop_version for item in ledger.active_versions()] == ["drop-folder/1"]
    assert ledger.delivered_versions()["drop"].drop_version == "drop-folder/2"


def test_an_earlier_version_can_count_again(ledger: Ledger) -> None:
    first = version("drop", 1)
    ledger.record(first, "first")
    ledger.record(version("drop", 2), "second")
    ledger.activate(first, "as the first, copied again")
    assert [item.drop_version for item in ledger.active_versions()] == ["drop-folder/1"]
    assert ledger.signatures() == {"drop": "as the first, copied again"}
    assert ledger.delivered_versions()["drop"].drop_version == "drop-folder/1"


def test_deliveries_are_counted_even_when_earlier_files_come_back(ledger: Ledger) -> None:
    first = version("drop", 1)
    assert ledger.deliveries("drop") == 0
    ledger.record(first, "first")
    ledger.record(version("drop", 2), "second")
    ledger.activate(first, "first")
    ledger.settle(first, "first, copied again")
    assert (ledger.deliveries("drop"), ledger.deliveries("other")) == (4, 0)


def test_a_withdrawn_drop_has_no_active_version(ledger: Ledger) -> None:
    ledger.record(version("drop"), "first")
    ledger.record(version("other"), "theirs")
    ledger.withdraw("drop")
    assert [item.drop_id for item in ledger.active_versions()] == ["other"]
    assert ledger.delivered_versions()["drop"].state is VersionState.WITHDRAWN


def test_a_change_that_fails_half_way_leaves_nothing_behind(ledger: Ledger) -> None:
    ledger.record(version("drop", 1), "first")
    # The same key again: the active version was already retired when this is refused.
    with pytest.raises(sqlite3.IntegrityError):
        ledger.record(version("drop", 1), "again")
    assert [item.state for item in ledger.versions()] == [VersionState.ACTIVE]
    assert ledger.signatures() == {"drop": "first"}


def test_a_resolution_replaces_what_every_year_consisted_of(ledger: Ledger) -> None:
    drop, other = version("drop"), version("other")
    ledger.record(drop, "first")
    ledger.record(other, "theirs")
    resolve(ledger, {2018: [content(drop)], 2019: [content(drop), content(other, works=3)]})
    resolve(ledger, {2019: [content(drop), content(other, works=4)]})
    assert ledger.year_contents() == {2019: (content(drop), content(other, works=4))}
    resolution = ledger.resolution()
    assert resolution.resolved_at
    assert replace(resolution, resolved_at="") == Resolution(
        (drop.drop_version, other.drop_version), RULES, build_id="build"
    )


def test_sums_of_hashes_beyond_64_bits_keep_every_digit(tmp_path: Path) -> None:
    total = -(2**90) - 1
    drop = version("drop")
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.record(drop, "first")
    resolve(ledger, {2019: [content(drop, content_total=total)]})
    count(ledger, 2019)
    assert ledger.year_contents()[2019][0].content_total == total
    assert ledger.year_builds()[2019].contents[0].content_total == total


def test_a_year_counted_again_takes_the_place_of_the_last_count(tmp_path: Path) -> None:
    ledger = counted_ledger(tmp_path / "ledger.sqlite", 2018, 2019)
    drop = version("base")
    resolve(ledger, {2018: [content(drop)], 2019: [content(drop, works=12)]})
    count(ledger, 2019, checks=CheckState.PENDING)
    builds = ledger.year_builds()
    assert {year: (build.works, build.checks) for year, build in builds.items()} == {
        2018: (10, CheckState.PASSED),
        2019: (12, CheckState.PENDING),
    }
    assert builds[2019].rules == RULES
    assert builds[2019].built_at


def test_checks_are_noted_year_by_year(tmp_path: Path) -> None:
    ledger = counted_ledger(tmp_path / "ledger.sqlite", 2018, 2019)
    ledger.record_checks({2019: False, 2030: True})
    assert {year: build.checks for year, build in ledger.year_builds().items()} == {
        2018: CheckState.PASSED,
        2019: CheckState.FAILED,
    }


def test_a_new_build_file_voids_what_was_counted_into_the_old_one(tmp_path: Path) -> None:
    ledger = counted_ledger(tmp_path / "ledger.sqlite", 2018, 2019)
    ledger.void_builds()
    assert {build.fingerprint for build in ledger.year_builds().values()} == {""}
    assert ledger.resolution() == Resolution()


def test_a_resolution_that_began_is_not_finished_until_it_is_recorded(tmp_path: Path) -> None:
    ledger = counted_ledger(tmp_path / "ledger.sqlite", 2019)
    before = ledger.resolution()
    ledger.begin_resolution()
    assert ledger.resolution() == replace(before, finished=False)
    resolve(ledger, {2019: [content(version("base"))]})
    assert ledger.resolution().finished


def test_a_first_resolution_leaves_no_trace_before_it_is_recorded(ledger: Ledger) -> None:
    ledger.begin_resolution()
    assert ledger.resolution() == Resolution()


def test_years_being_counted_keep_what_they_were_last_counted_from(tmp_path: Path) -> None:
    ledger = counted_ledger(tmp_path / "ledger.sqlite", 2018, 2019)
    before = ledger.year_builds()
    ledger.begin_year_builds([2019, 2020])
    builds = ledger.year_builds()
    assert builds[2018] == before[2018]
    assert builds[2019] == replace(before[2019], fingerprint="", checks=CheckState.PENDING)
    assert (builds[2020].works, builds[2020].built_at) == (0, "")


def test_the_last_state_that_was_passed_over_is_the_one_that_counts(ledger: Ledger) -> None:
    ledger.pass_over("state 1")
    ledger.pass_over("state 2")
    assert ledger.passed_over() == "state 2"
    ledger.pass_over("")
    assert ledger.passed_over() == ""


def test_a_reader_sees_the_last_state_while_a_writer_is_at_work(tmp_path: Path) -> None:
    ledger = counted_ledger(tmp_path / "ledger.sqlite", 2019)
    with sqlite3.connect(tmp_path / "ledger.sqlite") as writer:
        writer.execute("begin immediate")
        writer.execute("delete from year_builds")
        assert list(Ledger(tmp_path / "ledger.sqlite").year_builds()) == [2019]
        writer.rollback()
    writer.close()
    assert list(ledger.year_builds()) == [2019]
