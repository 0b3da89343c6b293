"""Two published files are held against each other number by number, and nothing is dropped on the way."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.revisions.comparison import Comparison, Counts, Move, compare_files
from tests.revision_marts import Country, Pair, write_published

CELL = (2019, "all")


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return write_published(tmp_path / "before.duckdb", [Country(100.0)], [Pair(50.0)])


def _after(tmp_path: Path, *countries: Country, pairs: tuple[Pair, ...] = (Pair(50.0),)) -> Path:
    return write_published(tmp_path / "after.duckdb", countries or [Country(100.0)], pairs)


def _total(comparison: Comparison) -> Counts:
    return sum(comparison.cells.values(), Counts())


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (100.0, Counts(same=5)),
        (100.0 + 1e-11, Counts(same=5)),
        (109.9, Counts(same=4, within=1)),
        (110.1, Counts(same=4, beyond=1)),
        (90.1, Counts(same=4, within=1)),
        (89.9, Counts(same=4, beyond=1)),
    ],
)
def test_a_number_moves_inside_its_interval_or_beyond(
    before: Path, tmp_path: Path, output: float, expected: Counts
) -> None:
    found = compare_files(before, _after(tmp_path, Country(output)))
    assert found.cells == {CELL: expected}
    assert found.left_out == ()


def test_every_measure_of_countries_and_pairs_is_compared(before: Path, tmp_path: Path) -> None:
    changed = Country(200.0, papers=200, world_share=0.25)
    after = _after(tmp_path, changed, pairs=(Pair(100.0, intensity=0.1),))
    found = compare_files(before, after)
    # A count of papers has no interval, so it cannot move beyond it.
    assert found.cells == {CELL: Counts(beyond=4, unbounded=1)}
    assert [(move.measure, move.country, move.partner) for move in found.moves] == [
        ("intensity", "CN", "US"),
        ("output", "CN", None),
        ("weight", "CN", "US"),
        ("world_share", "CN", None),
    ]


def test_the_farthest_beyond_their_interval_come_first(before: Path, tmp_path: Path) -> None:
    after = _after(tmp_path, Country(130.0), pairs=(Pair(40.0), Pair(9.0, ("CN", "JP"))))
    found = compare_files(before, after)
    assert [(move.measure, move.after) for move in found.moves] == [("output", 130.0), ("weight", 40.0)]
    assert [move.reach for move in found.moves] == pytest.approx([3, 2])
    assert found.moves[0] == Move(
        2019, "all", "output", "CN", None, 100.0, 90.0, 1.1 * 100.0, 130.0, found.moves[0].reach
    )
    assert len(compare_files(before, after, most=1).moves) == 1


def test_small_numbers_move_without_an_interval(tmp_path: Path) -> None:
    before = write_published(tmp_path / "before.duckdb", [Country(10.0, effective=24.9)])
    after = write_published(tmp_path / "after.duckdb", [Country(1000.0, effective=900)])
    found = compare_files(before, after)
    assert found.cells == {CELL: Counts(same=2, unbounded=1)}
    assert found.moves == ()


def test_what_appears_and_vanishes_is_counted_and_large_numbers_told_apart(tmp_path: Path) -> None:
    large, small = Pair(50.0), Pair(5.0, ("AU", "CN"), effective=5)
    full = write_published(tmp_path / "full.duckdb", [Country(100.0)], [large, small])
    less = write_published(tmp_path / "less.duckdb", [Country(100.0)])
    gone, came = compare_files(full, less), compare_files(less, full)
    assert gone.cells == {CELL: Counts(same=3, vanished=4, vanished_large=2)}
    assert came.cells == {CELL: Counts(same=3, appeared=4, appeared_large=2)}
    assert [(move.measure, move.after) for move in gone.moves] == [("intensity", None), ("weight", None)]
    assert [move.reach for move in gone.moves] == pytest.approx([10, 10])
    assert came.moves == ()


def test_a_number_that_becomes_unknown_vanishes_and_the_others_of_its_row_stay(
    before: Path, tmp_path: Path
) -> None:
    found = compare_files(before, _after(tmp_path, Country(100.0, world_share=None)))
    assert found.cells == {CELL: Counts(same=4, vanished=1, vanished_large=1)}


def test_a_number_that_is_unknown_in_both_is_no_number(tmp_path: Path) -> None:
    unknown = Country(100.0, "ZZ", world_share=None)
    files = [write_published(tmp_path / f"{name}.duckdb", [unknown]) for name in "ab"]
    assert compare_files(*files).cells == {CELL: Counts(same=2)}


def test_a_number_without_a_width_of_its_interval_comes_first(tmp_path: Path) -> None:
    files = [
        write_published(tmp_path / f"{name}.duckdb", [Country(output)], [Pair(1.0, intensity=intensity)])
        for name, output, intensity in (("a", 100.0, 1.0), ("b", 500.0, 0.5))
    ]
    with duckdb.connect(str(files[0])) as connection:
        connection.execute("update marts.pair_certainty set intensity_low = 1, intensity_high = 1")
    first, second = compare_files(*files).moves
    assert (first.measure, first.reach) == ("intensity", None)
    assert second.measure == "output"


def test_only_the_numbers_of_a_technology_are_compared_when_one_is_named(tmp_path: Path) -> None:
    rows = [Country(100.0), Country(50.0, technology="radar")]
    before = write_published(tmp_path / "before.duckdb", rows, [Pair(1.0)])
    after = write_published(tmp_path / "after.duckdb", [Country(100.0), Country(90.0, technology="radar")])
    found = compare_files(before, after, technology="radar")
    assert found.cells == {(2019, "radar"): Counts(same=2, beyond=1)}
    assert compare_files(before, after, technology="x' or 'a' = 'a").cells == {}


def test_each_year_and_technology_is_counted_by_itself(tmp_path: Path) -> None:
    keys = [(2018, "all"), (2019, "all"), (2019, "radar")]
    before = write_published(
        tmp_path / "before.duckdb", [Country(100.0, year=year, technology=of) for year, of in keys]
    )
    after = write_published(
        tmp_path / "after.duckdb",
        [Country(100.0 + 50 * (of == "radar"), year=year, technology=of) for year, of in keys],
    )
    found = compare_files(before, after).cells
    assert found == dict.fromkeys(keys[:2], Counts(same=3)) | {keys[2]: Counts(same=2, beyond=1)}


@pytest.mark.parametrize(
    ("removal", "says"),
    [
        (
            "drop table marts.pair_collaboration",
            "pair_collaboration is not compared: it is not in the vintage before.",
        ),
        (
            "alter table marts.pair_collaboration drop column intensity",
            "intensity of pair_collaboration is not compared: it is not in the vintage before.",
        ),
        (
            "drop table marts.pair_certainty",
            "No number of pair_collaboration has an interval in the vintage before: "
            "pair_certainty is not there.",
        ),
        (
            "alter table marts.pair_certainty drop column weight_low",
            "No number of pair_collaboration has an interval in the vintage before: "
            "pair_certainty is not there.",
        ),
    ],
)
def test_what_a_file_of_another_version_lacks_is_said_and_the_rest_compared(
    before: Path, tmp_path: Path, removal: str, says: str
) -> None:
    after = _after(tmp_path, Country(200.0), pairs=(Pair(100.0, intensity=0.1),))
    with duckdb.connect(str(before)) as connection:
        connection.execute(removal)
    found = compare_files(before, after)
    assert found.left_out == (says,)
    assert any(move.measure == "output" for move in found.moves)
    if "certainty" in removal:
        assert found.cells == {CELL: Counts(same=2, beyond=1, unbounded=2)}


def test_what_both_files_lack_is_said_of_both(before: Path, tmp_path: Path) -> None:
    after = _after(tmp_path)
    for file in (before, after):
        with duckdb.connect(str(file)) as connection:
            connection.execute("drop table marts.country_certainty")
            connection.execute("alter table marts.country_output drop column world_share")
    assert compare_files(before, after).left_out == (
        "world_share of country_output is not compared: it is not in the vintage before and the vintage "
        "after.",
        "No number of country_output has an interval in the vintage before and the vintage after: "
        "country_certainty is not there.",
    )


def test_comparing_changes_neither_file(before: Path, tmp_path: Path) -> None:
    after = _after(tmp_path, Country(200.0))
    kept = [file.read_bytes() for file in (before, after)]
    compare_files(before, after)
    assert [file.read_bytes() for file in (before, after)] == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after.duckdb", "before.duckdb"]


# Writing a file takes longer than comparing it, so there are few examples with many numbers each.
_COUNTRIES = st.lists(
    st.builds(
        Country,
        output=st.sampled_from([0.5, 10.0, 10.5, 20.0]),
        country=st.sampled_from(["AU", "CN", "ZZ"]),
        year=st.integers(2005, 2024),
        papers=st.integers(1, 3),
        world_share=st.sampled_from([None, 0.1, 0.2]),
        effective=st.sampled_from([10.0, 30.0]),
    ),
    unique_by=lambda row: (row.year, row.country),
    min_size=10,
    max_size=40,
)
_PAIRS = st.lists(
    st.builds(
        Pair,
        weight=st.sampled_from([0.0, 1.0, 1.05, 3.0]),
        pair=st.sampled_from([("AU", "CN"), ("CN", "US")]),
        year=st.integers(2005, 2024),
        technology=st.sampled_from(["all", "radar"]),
        intensity=st.sampled_from([0.0, 0.5, 1.0]),
        effective=st.sampled_from([0.0, 10.0, 30.0]),
    ),
    unique_by=lambda row: (row.year, row.technology, row.pair),
    min_size=10,
    max_size=40,
)
_FILES = st.tuples(_COUNTRIES, _PAIRS)


@settings(max_examples=6, deadline=None)
@given(_FILES, _FILES)
def test_turned_round_what_appeared_has_vanished_and_all_numbers_are_accounted_for(
    one: tuple[list[Country], list[Pair]], other: tuple[list[Country], list[Pair]]
) -> None:
    with TemporaryDirectory() as folder:
        files = [
            write_published(Path(folder) / f"{name}.duckdb", *rows)
            for name, rows in (("one", one), ("other", other))
        ]
        there, back = compare_files(files[0], files[1]), compare_files(files[1], files[0])
    assert there.cells.keys() == back.cells.keys()
    for cell, counts in there.cells.items():
        turned = back.cells[cell]
        assert (counts.appeared, counts.appeared_large) == (turned.vanished, turned.vanished_large)
        assert (counts.vanished, counts.vanished_large) == (turned.appeared, turned.appeared_large)
        assert counts.same == turned.same
        assert counts.numbers == turned.numbers
    assert _total(there).numbers == len(_numbers(*one) | _numbers(*other))


@settings(max_examples=6, deadline=None)
@given(_FILES)
def test_nothing_differs_from_itself(rows: tuple[list[Country], list[Pair]]) -> None:
    with TemporaryDirectory() as folder:
        file = write_published(Path(folder) / "one.duckdb", *rows)
        copy = write_published(Path(folder) / "copy.duckdb", *rows)
        for other in (file, copy):
            found = compare_files(file, other)
            assert _total(found) == Counts(same=len(_numbers(*rows)))
            assert found.moves == ()


def _numbers(countries: list[Country], pairs: list[Pair]) -> set[tuple[object, ...]]:
    """What identifies each number there is."""
    of_countries = {
        (row.year, row.technology, row.country, measure)
        for row in countries
        for measure in ("output", "papers", "world_share")
        if measure != "world_share" or row.world_share is not None
    }
    of_pairs = {
        (row.year, row.technology, row.pair, measure) for row in pairs for measure in ("weight", "intensity")
    }
    return of_countries | of_pairs
