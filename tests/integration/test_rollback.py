"""Readers are taken back to an earlier vintage by one command, and stay there until something changes."""

from assets.vintages import published, vintages
from tests.integration.workshop import YEARS, Workshop, numbers_of, works_of

pytest_plugins = ("tests.integration.workshop_fixtures",)

_WORKS = "select sum(works)::bigint from marts.year_totals where technology = 'all'"


def test_a_bad_drop_is_taken_back_from_the_readers_and_then_from_the_counts(workshop: Workshop) -> None:
    before = 3 * len(YEARS)
    good = published(workshop.store)
    assert good is not None
    workshop.land("bad", [{**record, "id": record["id"] + "1"} for record in works_of(2019)])
    assert workshop.run("run").status == 0
    assert numbers_of(workshop.store, _WORKS) == [(before + 3,)]

    said = workshop.run("rollback", "previous")
    assert said.status == 0
    assert said.lines[0].startswith(f"Readers see vintage {good.name} of ")
    assert numbers_of(workshop.store, _WORKS) == [(before,)]
    assert published(workshop.store) == good

    again = workshop.run("run")
    assert again.lines == [f"Nothing new: 2 drops ingested, vintage {good.name} is up to date."]
    shown = workshop.run("status").lines
    assert f"Published: {good.name}, rolled back to until something changes" in shown

    assert workshop.run("withdraw", "bad").status == 0
    assert numbers_of(workshop.store, _WORKS) == [(before,)]
    # What counts now is what readers see already.
    assert published(workshop.store) == good
    assert [item.number for item in vintages(workshop.store)] == [1, 2]
    assert f"Published: {good.name}" in workshop.run("status").lines


def test_an_unknown_vintage_is_answered_with_those_there_are(workshop: Workshop) -> None:
    (only,) = vintages(workshop.store)
    said = workshop.run("rollback", "1999")
    assert said.status == 1
    assert said.lines == [f"Error: There is no vintage '1999'. Those kept: {only.name}."]
