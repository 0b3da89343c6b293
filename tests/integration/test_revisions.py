"""What a drop moved is said after it was published, by a command and by what is kept beside the vintage."""

import json

from assets.revisions import read_revisions
from assets.vintages import published, vintages
from tests.integration.workshop import YEARS, Workshop, works_of

pytest_plugins = ("tests.integration.workshop_fixtures",)


def test_a_drop_moves_exactly_its_years_and_is_named_for_it(workshop: Workshop) -> None:
    (first,) = vintages(workshop.store)
    news = [record for year in (2012, 2019) for record in works_of(year)]
    workshop.land("update", [{**record, "id": record["id"] + "1"} for record in news])
    assert workshop.run("run").status == 0
    second = published(workshop.store)
    assert second is not None

    kept = read_revisions(workshop.store.vintages / second.name)
    assert kept is not None
    assert kept.before is not None
    assert (kept.before.name, kept.after.name) == (first.name, second.name)
    assert [(item.year, item.drops) for item in kept.years] == [(2012, ("update",)), (2019, ("update",))]
    assert {item.cause for item in kept.years} == {"moved by update: update brings 3 works"}
    assert set(kept.years_same) == set(YEARS) - {2012, 2019}

    said = workshop.run("diff", "previous", "published")
    assert said.status == 0
    assert "Different: update came" in said.lines
    assert "No number of 2005-2011, 2013-2018, 2020-2021 changed." in said.lines
    assert "2012, 2019: moved by update: update brings 3 works" in said.lines

    # Turned round, the drop is the one that left.
    back = workshop.run("diff", second.name, first.name, "--json")
    found = json.loads(back.text)
    assert found["inputs"] == ["update left"]
    assert {item["cause"] for item in found["years"]} == {"moved by update: all 3 works of update left"}

    listed = workshop.run("vintages")
    assert [line.split()[0] for line in listed.lines] == ["vintage", first.name, second.name]
    assert listed.lines[2].endswith("published")


def test_a_vintage_does_not_differ_from_itself(workshop: Workshop) -> None:
    said = workshop.run("diff", "published", "published")
    assert said.status == 0
    assert "Different: nothing on record" in said.lines
    assert "No number of 2005-2021 changed." in said.lines


def test_names_and_technologies_that_there_are_not_are_answered_with_what_to_do(workshop: Workshop) -> None:
    (only,) = vintages(workshop.store)
    assert workshop.run("diff", "previous", "published").lines == [
        f"Error: There is no vintage 'previous'. Those kept: {only.name}."
    ]
    said = workshop.run("diff", "published", "published", "--technology", "radra")
    assert said.status == 1
    assert said.lines == [
        "Error: Neither vintage has a technology 'radra'. Name one that `technologies` lists, or all or "
        "critical."
    ]
