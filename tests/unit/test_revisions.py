"""What moved the numbers of a year is read off two vintages, and kept beside the newer one."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from assets.errors import CollaborationError
from assets.ledger_facts import CatalogueEntry, DropContent, TechnologyContent
from assets.revisions import Counts, Revisions, VintageFile, compare_vintages, read_revisions, write_revisions
from assets.revisions.causes import Causes
from assets.store import Store, open_store
from assets.vintages import Vintage, VintageDrop
from tests.published import VINTAGE, publish_by_hand
from tests.revision_marts import Country, write_published


def _drop(name: str, **changes: object) -> VintageDrop:
    drop = VintageDrop(
        drop_id=name,
        drop_version=f"{name}/1",
        source="openalex",
        format="OpenAlex JSON lines",
        fingerprint="content 1",
        reader_version=3,
        stated_date=None,
        mode="delta",
        technology=None,
        synthetic=False,
        records=10,
        accepted=10,
    )
    return replace(drop, **changes)  # type: ignore[arg-type]


def _gives(name: str, works: int, content_total: int = 0) -> DropContent:
    return DropContent(f"{name}/1", name, works, content_total or works)


def _query(name: str, version: int = 1) -> CatalogueEntry:
    return CatalogueEntry(name, name.title(), "Computing", version, f"digest {version}")


def _technology(name: str, works: int, version: int = 1) -> TechnologyContent:
    return TechnologyContent(name, works, works, f"{version} digest {version}")


BASE = replace(
    VINTAGE,
    drops=(_drop("base"), _drop("other")),
    catalogue=(_query("radar"), _query("sonar")),
    rules={"models/marts/country_output.sql": "1", "preference of sources": "openalex, wos"},
    contents={2018: (_gives("base", 10),), 2019: (_gives("base", 10), _gives("other", 5))},
    technologies={
        2019: (_technology("radar", 3), _technology("sonar", 4), TechnologyContent("critical", 7, 7, ""))
    },
)


def test_where_nothing_differs_nothing_is_said_to() -> None:
    causes = Causes(BASE, BASE)
    assert causes.clauses() == ()
    assert str(causes.of(2019)) == "nothing on record differs"
    assert causes.of(2019).drops == ()


def test_the_one_drop_that_came_moved_its_years() -> None:
    after = replace(
        BASE,
        drops=(*BASE.drops, _drop("update")),
        contents={**BASE.contents, 2019: (*BASE.contents[2019], _gives("update", 3))},
    )
    causes = Causes(BASE, after)
    assert causes.clauses() == ("update came",)
    assert causes.of(2019).drops == ("update",)
    assert str(causes.of(2019)) == "moved by update: update brings 3 works"


def test_works_that_a_new_drop_replaces_are_lost_by_others_but_moved_by_it() -> None:
    after = replace(
        BASE,
        drops=(*BASE.drops, _drop("update")),
        contents={
            2018: (_gives("base", 8),),
            2019: (_gives("base", 9), _gives("other", 5), _gives("update", 1)),
        },
    )
    causes = Causes(BASE, after)
    assert str(causes.of(2019)) == "moved by update: update brings 1 work; 1 work of base left"
    # A snapshot that holds a work no more retires it, in a year to which it gives nothing itself.
    assert str(causes.of(2018)) == "moved by update: 2 works of base left"


def test_several_drops_are_listed_with_what_each_brought_or_took() -> None:
    after = replace(
        BASE,
        drops=(_drop("base", fingerprint="content 2", drop_version="base/2"), _drop("update")),
        contents={**BASE.contents, 2019: (_gives("base", 12), _gives("update", 3))},
    )
    causes = Causes(BASE, after)
    assert causes.clauses() == ("base has other files", "other left", "update came")
    assert causes.of(2019).drops == ("base", "other", "update")
    assert str(causes.of(2019)) == "2 works more of base; all 5 works of other left; update brings 3 works"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reader_version": 4}, "base was read by version 4 of the reader instead of 3"),
        ({"stated_date": "2026-03-02", "technology": "radar"}, "base states another date and technology"),
        ({"drop_version": "base/2"}, "base was read again"),
    ],
)
def test_a_drop_of_the_same_files_says_what_else_is_new_about_it(
    changes: dict[str, object], says: str
) -> None:
    after = replace(BASE, drops=(_drop("base", **changes), _drop("other")))
    assert Causes(BASE, after).clauses() == (says,)


def test_rules_options_and_code_are_causes_of_every_year() -> None:
    after = replace(
        BASE,
        code="0.2.0+11111111",
        rules={"models/marts/country_output.sql": "2", "preference of sources": "wos, openalex"},
    )
    causes = Causes(BASE, after)
    rules = (
        "preference of sources: wos, openalex instead of openalex, wos",
        "rule changed: models/marts/country_output.sql",
    )
    code = "code changed: 0.2.0+11111111 instead of 0.1.0+00000000"
    assert causes.clauses() == (*rules, code)
    assert causes.of(2018).others == rules
    # Most changes of code change no number, so it is named only where nothing else is.
    assert Causes(BASE, replace(BASE, code="0.2.0+11111111")).of(2018).others == (code,)


def test_a_query_that_changed_moves_its_own_technology_and_no_other() -> None:
    after = replace(
        BASE,
        catalogue=(_query("radar", 2), _query("sonar")),
        technologies={
            2019: (
                _technology("radar", 9, 2),
                _technology("sonar", 4),
                TechnologyContent("critical", 13, 13, ""),
            )
        },
    )
    causes = Causes(BASE, after)
    changed = "radar: its query changed (version 2 instead of 1)"
    assert causes.clauses() == (changed,)
    assert (
        str(causes.of(2019)) == str(causes.of(2019, "radar")) == str(causes.of(2019, "critical")) == changed
    )
    assert str(causes.of(2019, "sonar")) == str(causes.of(2019, "all")) == "nothing on record differs"


def test_works_that_came_are_told_once_and_a_query_beside_them() -> None:
    after = replace(
        BASE,
        drops=(*BASE.drops, _drop("update")),
        catalogue=(_query("radar"), _query("sonar", 2)),
        contents={**BASE.contents, 2019: (*BASE.contents[2019], _gives("update", 3))},
        technologies={2019: (_technology("radar", 5), _technology("sonar", 6, 2))},
    )
    causes = Causes(BASE, after)
    assert str(causes.of(2019, "radar")) == "moved by update: update brings 3 works"
    changed = "sonar: its query changed (version 2 instead of 1)"
    # The drop alone did not move what a new query moved, too.
    assert str(causes.of(2019, "sonar")) == f"update brings 3 works; {changed}"
    assert causes.of(2019, "sonar").brief == f"update; {changed}"


def test_technologies_that_come_and_go_are_named_and_many_are_counted() -> None:
    names = [f"t{number}" for number in range(5)]
    after = replace(BASE, catalogue=(_query("radar"), *map(_query, names)))
    assert Causes(BASE, after).clauses() == (
        "sonar: no longer in the catalogue",
        "t0: new in the catalogue",
        "t1: new in the catalogue",
        "3 more technologies",
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def _staged(store: Store, *countries: Country) -> Path:
    """A folder as a vintage is staged in, with its marts."""
    folder = store.vintages / ".next"
    file = folder / store.warehouse_file.relative_to(store.root)
    file.parent.mkdir(parents=True)
    write_published(file, countries)
    return folder


def test_the_first_vintage_has_nothing_to_be_held_against(store: Store) -> None:
    folder = _staged(store, Country(100.0))
    made = write_revisions(store, folder, BASE)
    assert made == Revisions(after=made.after)
    assert read_revisions(folder) == made


def test_revisions_are_kept_beside_the_vintage_and_read_again(store: Store) -> None:
    publish_by_hand(
        store,
        "before",
        lambda file: write_published(file, [Country(100.0), Country(100.0, year=2018)]),
        name="first",
        drops=BASE.drops,
        rules=BASE.rules,
        contents=BASE.contents,
    )
    folder = _staged(store, Country(200.0), Country(100.0, year=2018))
    contents = {**BASE.contents, 2019: (*BASE.contents[2019], _gives("update", 3))}
    after = replace(
        BASE, name="second", drops=(*BASE.drops, _drop("update")), contents=contents, catalogue=()
    )
    made = write_revisions(store, folder, after)
    assert read_revisions(folder) == made
    assert made.before is not None
    assert (made.before.name, made.after.name) == ("first", "second")
    assert made.counts == Counts(same=5, beyond=1)
    (year,) = made.years
    assert (year.year, year.drops) == (2019, ("update",))
    assert made.years_same == (2018,)
    assert [(item.technology, item.counts.beyond) for item in made.technologies] == [("all", 1)]
    (moved,) = made.moves
    assert (moved.move.measure, moved.move.after, moved.moved_by) == ("output", 200.0, "update")


def test_a_published_vintage_that_cannot_be_read_is_said_and_keeps_nothing_from_readers(store: Store) -> None:
    publish_by_hand(store, "before", lambda file: file.write_text("no database"), name="first")
    made = write_revisions(store, _staged(store, Country(200.0)), BASE)
    assert made.before is None
    (said,) = made.left_out
    assert "Not compared with the vintage before: The numbers of vintage first cannot be read" in said


def test_a_file_damaged_within_is_said_likewise(store: Store) -> None:
    numbers = [Country(float(number), f"C{number}") for number in range(50)]
    publish_by_hand(store, "before", lambda file: _damage(write_published(file, numbers)), name="first")
    made = write_revisions(store, _staged(store, *numbers), BASE)
    (said,) = made.left_out
    assert said.startswith("Not compared with the vintage before: ")
    assert "first" in said


def _damage(file: Path) -> None:
    """Overwrite the blocks of a file behind its headers."""
    content = bytearray(file.read_bytes())
    content[12_288:] = b"\xff" * len(content[12_288:])
    file.write_bytes(content)


def test_revisions_that_are_not_there_or_of_another_kind_are_none(tmp_path: Path) -> None:
    assert read_revisions(tmp_path) is None
    (tmp_path / "revisions.json").write_text('{"kind": "another"}')
    assert read_revisions(tmp_path) is None


def test_a_technology_that_neither_vintage_has_is_refused(tmp_path: Path) -> None:
    side = VintageFile(BASE, write_published(tmp_path / "one.duckdb", [Country(1.0)]))
    with pytest.raises(CollaborationError, match="Neither vintage has a technology 'radra'"):
        compare_vintages(side, side, technology="radra")
    assert compare_vintages(side, side, technology="radar").counts == Counts()


def test_a_year_that_moved_is_said_to_even_when_nothing_on_record_differs(tmp_path: Path) -> None:
    sides = [
        VintageFile(BASE, write_published(tmp_path / f"{output}.duckdb", [Country(output)]))
        for output in (1.0, 2.0)
    ]
    found = compare_vintages(*sides)
    assert [(item.year, item.cause) for item in found.years] == [(2019, "nothing on record differs")]


def test_the_stored_vintage_is_not_changed_by_comparing(store: Store) -> None:
    first: Vintage = publish_by_hand(store, "before", lambda file: write_published(file, [Country(1.0)]))
    kept = store.warehouse_file.read_bytes()
    write_revisions(store, _staged(store, Country(2.0)), replace(BASE, name="second"))
    assert store.warehouse_file.read_bytes() == kept
    with duckdb.connect(str(store.warehouse_file), read_only=True) as connection:
        assert connection.execute("select vintage from marts.vintage").fetchall() == [(first.name,)]
