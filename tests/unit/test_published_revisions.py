"""Of two vintages published one after the other the second keeps what it revises, and the commands say it."""

import argparse
import json
from pathlib import Path

import pytest

from assets.data_package import MartDescription
from assets.ledger import Ledger
from assets.pipeline import Options, Pipeline
from assets.publish import publish
from assets.revisions import read_revisions
from assets.store import Store, open_store
from assets.vintages import Vintage
from orchestration.terminal import Terminal
from orchestration.vintages import show_revisions, show_vintages
from tests.ledgers import RULES, content, count, resolve, version
from tests.revision_marts import Country, Pair, write_published

MARTS = {
    name: MartDescription()
    for name in ("country_output", "country_certainty", "pair_collaboration", "pair_certainty")
}
BASE, UPDATE = version("base"), version("update")
US = Pair(50.0, year=2018)


def _publish(store: Store, *countries: Country) -> Vintage:
    store.build_file.unlink(missing_ok=True)
    write_published(store.build_file, countries, [US])
    return publish(store, Ledger(store.ledger_file), RULES, MARTS, keep=5)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a vintage of one drop, and one in which a second doubled an output of 2019."""
    store = open_store(tmp_path / "store")
    ledger = Ledger(store.ledger_file)
    ledger.record(BASE, "as delivered")
    resolve(ledger, {2018: [content(BASE)], 2019: [content(BASE)]})
    count(ledger, 2018, 2019)
    _publish(store, Country(100.0), Country(70.0, year=2018))
    ledger.record(UPDATE, "as delivered")
    resolve(ledger, {2018: [content(BASE)], 2019: [content(BASE), content(UPDATE, 12)]})
    count(ledger, 2018, 2019)
    _publish(store, Country(200.0, papers=180), Country(70.0, year=2018))
    return store


def _pipeline(store: Store) -> Pipeline:
    return Pipeline(store, store.root.parent / "landing", Options(start_year=2005, end_year=2026))


def _diff(store: Store, before: str, after: str, *, as_json: bool = False) -> None:
    options = argparse.Namespace(before=before, after=after, technology=None, top=20, json=as_json)
    with Terminal() as terminal:
        assert show_revisions(_pipeline(store), options, terminal) == 0


def test_the_second_vintage_keeps_what_the_drop_moved(store: Store) -> None:
    kept = read_revisions(store.published)
    assert kept is not None
    assert [(item.year, item.drops, item.counts.beyond) for item in kept.years] == [(2019, ("update",), 1)]
    assert kept.years_same == (2018,)
    assert [(item.move.before, item.move.after, item.moved_by) for item in kept.moves] == [
        (100.0, 200.0, "update")
    ]


def test_the_command_says_which_numbers_moved_and_which_drop_moved_them(
    store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    _diff(store, "previous", "published")
    said = capfd.readouterr().out.splitlines()
    assert said[2:] == [
        "Different: update came",
        "8 numbers: 6 are the same, 0 moved inside their interval, 1 beyond it, 1 had none and moved, "
        "0 appeared, 0 vanished.",
        "No number of 2018 changed.",
        "",
        "year  numbers  within  beyond  no interval  appeared  vanished",
        "2019        3       0       1            1         0         0",
        "2019: moved by update: update brings 12 works",
        "",
        "Farthest beyond their interval, in times of its reach to that side:",
        "number        technology  year  before  95% interval  after  times  moved by",
        "output of CN  all         2019     100     90 to 110    200   10.0  update  ",
    ]


def test_the_command_gives_scripts_the_same(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    _diff(store, "published", "previous", as_json=True)
    found = json.loads(capfd.readouterr().out)
    assert found["inputs"] == ["update left"]
    assert [item["cause"] for item in found["years"]] == ["moved by update: all 12 works of update left"]
    assert (found["moves"][0]["move"]["before"], found["moves"][0]["move"]["after"]) == (200, 100)


def test_the_vintages_are_listed_with_what_each_moved(
    store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    with Terminal() as terminal:
        show_vintages(_pipeline(store), terminal)
    header, first, second = capfd.readouterr().out.splitlines()
    assert header.split()[:3] == ["vintage", "published", "drops"]
    assert first.split()[3:5] == ["1", "0"]
    assert first.rstrip().endswith("the first")
    assert second.split()[-2:] == ["1", "published"]


def test_a_store_without_a_vintage_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    store = open_store(tmp_path / "store")
    with Terminal() as terminal:
        show_vintages(_pipeline(store), terminal)
    assert capfd.readouterr().out == f"Nothing is published in {store.root} yet.\n"
