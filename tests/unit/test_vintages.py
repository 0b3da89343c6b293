"""Vintages come back as they were described, are found by name, and lead readers to one of them."""

from pathlib import Path

import pytest

from assets.errors import CollaborationError
from assets.ledger_facts import CatalogueEntry, DropContent, TechnologyContent
from assets.store import Store, open_store
from assets.vintages import VintageDrop, YearTotals, find_vintage, published, switch, vintages
from tests.published import publish_by_hand

# Longer than JSON readers hold as a number.
_TOTAL = 2**70 + 1


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def _refusal(store: Store, name: str) -> str:
    with pytest.raises(CollaborationError) as refused:
        find_vintage(store, name)
    return str(refused.value)


def test_a_vintage_comes_back_as_it_was_described(store: Store) -> None:
    given = publish_by_hand(
        store,
        "state",
        drops=(
            VintageDrop("a", "a/1", "wos", "tab", "f", 3, "2026-03-02", "delta", None, False, 12, 11),
            VintageDrop("é", "é/1", "scopus", "csv", "g", 3, None, "snapshot", "radar", True, 1, 1),
        ),
        catalogue=(CatalogueEntry("radar", "Radar", "Defence", 2, "digest"),),
        rules={"years in scope": "2005-2026"},
        contents={2019: (DropContent("a/1", "a", 11, _TOTAL),), 2020: ()},
        technologies={2019: (TechnologyContent("radar", 3, -_TOTAL, "2 digest"),)},
        totals={2019: YearTotals(11, 8, 3)},
        rows={"country_output": 12},
    )
    assert published(store) == given
    assert vintages(store) == [given]
    assert given.synthetic


def test_nothing_is_published_in_a_new_store(store: Store) -> None:
    assert published(store) is None
    assert vintages(store) == []
    assert _refusal(store, "previous") == "There is no vintage 'previous'. Those kept: none."


def test_a_vintage_is_found_by_its_name_or_how_only_it_begins(store: Store) -> None:
    first, second, third = (
        publish_by_hand(store, "", name=name) for name in ("2026-03", "2026-03-02T10", "2027-01")
    )
    assert find_vintage(store, "2026-03") == first
    assert find_vintage(store, "2026-03-02") == second
    assert find_vintage(store, "published") == third
    assert find_vintage(store, "previous") == second
    assert _refusal(store, "2026") == (
        "There are 2 vintages '2026'. Those kept: 2026-03, 2026-03-02T10, 2027-01."
    )
    assert "There is no vintage ''" in _refusal(store, "")
    switch(store, first.name)
    assert find_vintage(store, "published") == first
    assert "There is no vintage 'previous'" in _refusal(store, "previous")


def test_readers_are_led_to_all_of_the_vintage_at_once(store: Store) -> None:
    first = publish_by_hand(store, "", lambda file: file.write_text("first"), name="1")
    publish_by_hand(store, "", lambda file: file.write_text("second"), name="2")
    assert store.warehouse_file.read_text() == "second"
    switch(store, first.name)
    assert store.warehouse_file.read_text() == "first"
    assert store.warehouse_file.resolve().is_relative_to(store.vintages / "1")


def test_a_store_that_was_moved_still_leads_to_its_vintage(store: Store, tmp_path: Path) -> None:
    vintage = publish_by_hand(store, "")
    moved = store.root.rename(tmp_path / "elsewhere")
    assert published(open_store(moved)) == vintage


@pytest.mark.parametrize("damage", ["", "{", "{}", "[]", '{"name": 1, "drops": 3}'])
def test_a_damaged_description_is_named_with_what_to_do(store: Store, damage: str) -> None:
    vintage = publish_by_hand(store, "")
    path = store.vintages / vintage.name / "vintage.json"
    path.chmod(0o600)
    path.write_text(damage)
    with pytest.raises(CollaborationError, match=r"vintage.json cannot be read .* `rollback` to another"):
        published(store)


def test_readers_are_taken_from_a_damaged_vintage_to_a_whole_one(store: Store) -> None:
    whole, damaged = publish_by_hand(store, "", name="1"), publish_by_hand(store, "", name="2")
    (store.vintages / damaged.name / "vintage.json").unlink()
    switch(store, find_vintage(store, "1").name)
    assert published(store) == whole


def test_what_is_published_is_not_to_be_written_to(store: Store) -> None:
    publish_by_hand(store, "")
    assert not store.warehouse_file.stat().st_mode & 0o222
