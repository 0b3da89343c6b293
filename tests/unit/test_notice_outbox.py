"""Nothing is told twice, nothing for ever, and a channel that fails holds nothing up."""

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from assets.errors import CollaborationError
from assets.notice_outbox import Outbox
from assets.notices import Kind, Notice

HOUR = 3600.0
NOTICE = Notice(Kind.FAILED, "The run failed.", "store", "Start it again.", once="run 1", repeats=True)


@dataclass
class Recorded:
    """A channel that keeps what it delivers, or fails."""

    name: str = "recorded"
    fails: bool = False
    tries: int = 0
    delivered: list[Notice] = field(default_factory=list)

    def deliver(self, notice: Notice) -> None:
        self.tries += 1
        if self.fails:
            raise CollaborationError("it is not there")
        self.delivered.append(notice)


@dataclass
class Place:
    """An outbox in a folder, at a moment that tests move."""

    folder: Path
    channel: Recorded = field(default_factory=Recorded)
    moment: float = 1_800_000_000.0
    logged: list[str] = field(default_factory=list)
    secrets: Sequence[str] = ()

    def tell(self, *notices: Notice) -> None:
        """As a process of its own would."""
        file = self.folder / "notices.sqlite"
        outbox = Outbox(file, [self.channel], secrets=self.secrets, now=lambda: self.moment)
        outbox.tell(notices, self.logged.append)

    @property
    def told(self) -> list[str]:
        return [notice.once for notice in self.channel.delivered]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def _run(number: int, **changes: object) -> Notice:
    return replace(NOTICE, once=f"run {number}", **changes)  # type: ignore[arg-type]


def test_an_occasion_is_told_once_whoever_tells_it(place: Place) -> None:
    for _ in range(3):
        place.tell(_run(1))
        place.moment += 100 * HOUR
    assert place.told == ["run 1"]


def test_the_same_failure_again_and_again_is_told_once_a_day_with_how_often(place: Place) -> None:
    for number in range(49):
        place.tell(_run(number))
        place.moment += HOUR / 2
    assert place.told == ["run 0", "run 40"]
    assert place.channel.delivered[1].details == ("39 times more since last told",)


def test_a_job_that_fails_every_night_is_told_every_morning(place: Place) -> None:
    for number in range(3):
        place.tell(_run(number))
        place.moment += 24 * HOUR
    assert place.told == ["run 0", "run 1", "run 2"]


def test_another_failure_is_told_at_once(place: Place) -> None:
    place.tell(_run(1), _run(2, what="Something else failed."), _run(3, details=("another cause",)))
    assert place.told == ["run 1", "run 2", "run 3"]


def test_what_could_not_be_delivered_is_tried_again_a_few_times_and_then_given_up(place: Place) -> None:
    place.channel.fails = True
    place.tell(_run(1))
    for _ in range(2000):
        place.moment += 60
        place.tell()
    assert place.channel.tries == 6
    assert "it is given up" in place.logged[-1]
    assert len(place.logged) == 6
    place.channel.fails = False
    place.tell()
    assert place.told == []


def test_what_could_not_be_delivered_arrives_when_the_channel_is_back(place: Place) -> None:
    place.channel.fails = True
    place.tell(_run(1))
    place.channel.fails = False
    place.tell()
    assert place.told == []
    place.moment += 61
    place.tell()
    assert place.told == ["run 1"]


def test_a_clock_that_is_moved_back_delays_nothing_for_long(place: Place) -> None:
    place.channel.fails = True
    place.tell(_run(1))
    place.channel.fails = False
    place.moment -= 365 * 24 * HOUR
    place.tell()
    place.tell(_run(2))
    assert place.told == ["run 1", "run 2"]


def test_a_channel_that_fails_keeps_nothing_from_another(tmp_path: Path) -> None:
    good, bad = Recorded("good"), Recorded("bad", fails=True)
    Outbox(tmp_path / "notices.sqlite", [bad, good]).tell([NOTICE], lambda _: None)
    assert (len(good.delivered), bad.tries) == (1, 1)


def test_a_store_that_cannot_be_written_is_told_of_all_the_same(tmp_path: Path) -> None:
    channel, logged = Recorded(), list[str]()
    Outbox(tmp_path / "missing" / "notices.sqlite", [channel]).tell([NOTICE], logged.append)
    assert len(channel.delivered) == 1
    assert logged[0].startswith("Notices are sent without being remembered")


def test_secrets_are_neither_sent_nor_kept(place: Place) -> None:
    place.secrets = ["s3cret"]
    place.tell(replace(NOTICE, what="GET https://x?api_key=s3cret failed", details=("s3cret",)))
    assert "s3cret" not in place.channel.delivered[0].text()
    assert b"s3cret" not in (place.folder / "notices.sqlite").read_bytes()


def test_many_notices_at_once_are_told_a_few_at_a_time(place: Place) -> None:
    place.tell(*[_run(number, what=f"Drop {number} was rejected") for number in range(50)])
    assert len(place.told) == 20
    place.tell()
    place.tell()
    assert len(place.told) == 50


def test_processes_that_tell_at_once_tell_each_occasion_once(place: Place) -> None:
    notices = [_run(number, repeats=False) for number in range(10)]
    threads = [threading.Thread(target=place.tell, args=notices) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(place.told) == sorted(notice.once for notice in notices)


def test_the_memory_stays_small_for_years(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.notice_outbox._KEPT", 30)
    for start in range(0, 100, 10):
        place.tell(*[_run(number, repeats=False) for number in range(start, start + 10)])
    connection = sqlite3.connect(place.folder / "notices.sqlite")
    ((told,), (waiting,)) = connection.execute(
        "select count(*) from told union all select count(*) from waiting"
    ).fetchall()
    connection.close()
    assert told <= 31
    assert waiting == 0


def test_without_channels_nothing_is_written(tmp_path: Path) -> None:
    Outbox(tmp_path / "notices.sqlite", []).tell([NOTICE], lambda _: None)
    assert list(tmp_path.iterdir()) == []
