"""A store that is lost comes back from its backup as if nothing had happened."""

import shutil
from pathlib import Path

from assets.restore import restore
from tests.integration.workshop import Workshop, contents, counted_years, numbers_of, pairs_of, works_of

pytest_plugins = ["tests.integration.workshop_fixtures"]

WORKS = "select year, works from marts.year_totals where technology = 'all'"


def test_a_lost_store_is_restored_and_has_nothing_new_to_do(workshop: Workshop, tmp_path: Path) -> None:
    store = workshop.store
    # Whatever else is asked of the store must be settled before the comparison.
    assert workshop.run("run").status == 0
    status = workshop.run("status").text
    records = contents(store.records, store.matches)
    marts = numbers_of(store, "from marts.country_output order by all")
    exports = contents(store.exports.resolve())
    with workshop.instance() as instance:
        history = counted_years(instance)
    said = workshop.run("backup", str(tmp_path / "backup"))
    assert said.status == 0, said.text
    assert said.lines[-1].startswith("Backed up "), said.text

    shutil.rmtree(store.root)
    restore(tmp_path / "backup", store.root, show=lambda _: None)
    assert workshop.run("run").lines[0].startswith("Nothing new: 1 drops ingested")
    assert workshop.run("status").text == status
    assert contents(store.records, store.matches) == records
    assert numbers_of(store, "from marts.country_output order by all") == marts
    assert contents(store.exports.resolve()) == exports
    with workshop.instance() as instance:
        assert counted_years(instance) == history


def test_a_store_restored_at_another_place_goes_on_with_the_next_drop(
    workshop: Workshop, tmp_path: Path
) -> None:
    before = pairs_of(workshop.store, WORKS)
    assert workshop.run("backup", str(tmp_path / "backup")).status == 0
    shutil.rmtree(workshop.store.root)
    elsewhere = Workshop(workshop.root / "moved")
    elsewhere.landing.parent.mkdir()
    workshop.landing.rename(elsewhere.landing)
    workshop.project.rename(elsewhere.project)
    restore(tmp_path / "backup", elsewhere.store.root, show=lambda _: None)
    elsewhere.land("next", works_of(2022))
    said = elsewhere.run("run")
    assert said.status == 0, said.text
    assert pairs_of(elsewhere.store, WORKS) == {**before, 2022: 3}
