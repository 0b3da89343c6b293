"""Publishing shows readers a checked build, whole or not at all."""

import hashlib
import json
import shutil
from contextlib import closing
from datetime import datetime, tzinfo
from pathlib import Path

import duckdb
import pytest

import assets.publish
from assets.data_package import MartDescription
from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.ledger_facts import CheckState
from assets.pipeline import Options, Pipeline
from assets.publish import publish, roll_back
from assets.staleness import build_state, publication_due
from assets.store import Store, open_store
from assets.vintages import Vintage, YearTotals, published, retain, vintages
from tests.ledgers import RULES, content, count, resolve, version

MARTS = {
    "country_output": MartDescription(
        columns={"year": "Publication year.", "country": "The country's code."}
    ),
    "pair_collaboration": MartDescription(columns={"year": "It's a year."}),
    "year_totals": MartDescription(),
    "partner_ranking": MartDescription(),
    "country_groups": MartDescription(schema="seeds"),
}


NAMES = ("technology", "view", "partner")
NUMBERS = ("weight", "intensity", "share_of_international")
BOUNDS = ("weight_low", "weight_high", "intensity_low", "intensity_high", "share_low", "share_high")
COLUMNS = {
    "partner_ranking": {
        **dict.fromkeys(NAMES, "null::varchar"),
        **dict.fromkeys([*NUMBERS, *BOUNDS], "null::double"),
        "is_small": "null::boolean",
    },
    "year_totals": {"technology": "'all'", "works_multi_author": "8", "works_international": "3"},
}
"""What trends are fitted to, empty here, and what a year came to. Other marts have a note."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store whose build file holds two years, all of them counted and checked."""
    store = open_store(tmp_path / "store")
    ledger = Ledger(store.ledger_file)
    drop = version("base")
    ledger.record(drop, "as delivered")
    resolve(ledger, {2018: [content(drop)], 2019: [content(drop)]})
    count(ledger, 2018, 2019)
    _build(store, works=10)
    return store


def _build(store: Store, works: int) -> None:
    """A build file whose marts have a year, a country and a number; no partner has a series to fit."""
    store.build_file.unlink(missing_ok=True)
    with duckdb.connect(str(store.build_file)) as connection:
        connection.begin()
        connection.execute("create schema marts")
        connection.execute("create schema seeds")
        for mart, description in MARTS.items():
            added = COLUMNS.get(mart, {"note": "null::varchar"}).items()
            columns = "".join(f", {value} as {name}" for name, value in added)
            connection.execute(
                f"create table {description.schema}.{mart} as"
                f" select *{columns} from (values (2019, 'US', {works}), (2018, 'CN', 1))"
                " as rows (year, country, works)"
            )
        connection.commit()


def _publish(store: Store) -> Vintage:
    return publish(store, Ledger(store.ledger_file), RULES, MARTS, keep=3)


def _rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def _everything(store: Store) -> dict[str, bytes]:
    """All that readers can see, byte by byte."""
    published = [store.warehouse_file, *sorted(store.exports.rglob("*"))]
    return {str(path): path.read_bytes() for path in published if path.is_file()}


def test_readers_find_every_mart_in_order(store: Store) -> None:
    vintage = _publish(store)
    assert dict(vintage.rows) == {**dict.fromkeys(MARTS, 2), "trends": 0, "trend_classes": 0}
    for mart in MARTS:
        rows = _rows(store.warehouse_file, f"select year, country, works from marts.{mart}")
        assert rows == [(2018, "CN", 1), (2019, "US", 10)]


def test_the_published_file_says_which_vintage_it_is(store: Store) -> None:
    vintage = _publish(store)
    ledger = Ledger(store.ledger_file)
    ((name, synthetic, drops),) = _rows(
        store.warehouse_file, "select vintage, synthetic, drops from marts.vintage"
    )
    assert (name, synthetic, drops) == (vintage.name, False, 1)
    assert published(store) == vintage
    assert vintage.state == build_state(ledger)


def test_columns_carry_their_descriptions(store: Store) -> None:
    _publish(store)
    found = _rows(
        store.warehouse_file,
        "select table_name, column_name, comment from duckdb_columns()"
        " where comment is not null and table_name not like 'trend%' order by all",
    )
    assert found == [
        ("country_output", "country", "The country's code."),
        ("country_output", "year", "Publication year."),
        ("pair_collaboration", "year", "It's a year."),
    ]


def test_each_mart_is_exported_in_the_same_vintage(store: Store) -> None:
    vintage = _publish(store)
    names = {f"{mart}.{suffix}" for mart in vintage.rows for suffix in ("csv", "parquet")}
    found = {path.name for path in store.exports.iterdir()}
    assert found == {*names, "data_dictionary.csv", "datapackage.json"}
    assert json.loads((store.exports / "datapackage.json").read_text())["version"] == vintage.name


def test_a_new_vintage_replaces_all_of_the_last(store: Store) -> None:
    _publish(store)
    (store.exports / "put_there.csv").touch()
    _build(store, works=11)
    _publish(store)
    assert _rows(store.warehouse_file, "select max(works) from marts.year_totals") == [(11,)]
    assert "2019,US,11" in (store.exports / "year_totals.csv").read_text()
    assert not (store.exports / "put_there.csv").exists()


def test_readers_who_have_the_last_vintage_open_keep_it(store: Store) -> None:
    _publish(store)
    query = "select max(works) from marts.year_totals"
    with closing(duckdb.connect(str(store.warehouse_file), read_only=True)) as reader:
        _build(store, works=11)
        copy = store.root / "copy.duckdb"
        _publish(store)
        assert reader.execute(query).fetchall() == [(10,)]
        # In one process DuckDB would hand out the file that is open already.
        shutil.copyfile(store.warehouse_file, copy)
    assert _rows(copy, query) == [(11,)]


def test_nothing_is_published_while_a_year_is_stale(store: Store) -> None:
    _publish(store)
    before = _everything(store)
    _build(store, works=11)
    ledger = Ledger(store.ledger_file)
    drop = version("base")
    changed = [content(drop, works=11, content_total=111)]
    resolve(ledger, {2018: [content(drop)], 2019: changed, 2020: changed})
    with pytest.raises(CollaborationError) as refused:
        _publish(store)
    assert str(refused.value).startswith(
        "Not published: 2019-2020 not counted and checked as of now (2019: 1 work more of base)."
    )
    assert _everything(store) == before


@pytest.mark.parametrize("checks", [CheckState.FAILED, CheckState.PENDING])
def test_nothing_is_published_unless_the_checks_passed(store: Store, checks: CheckState) -> None:
    count(Ledger(store.ledger_file), 2019, checks=checks)
    with pytest.raises(CollaborationError, match="Not published: 2019 not counted and checked"):
        _publish(store)
    assert not store.warehouse_file.exists()
    assert not store.exports.exists()


@pytest.mark.parametrize("change", ["another version", "withdrawn"])
def test_nothing_is_published_before_it_was_decided_which_records_count(store: Store, change: str) -> None:
    _publish(store)
    before = _everything(store)
    ledger = Ledger(store.ledger_file)
    if change == "withdrawn":
        ledger.withdraw("base")
    else:
        ledger.record(version("base", 2), "other files")
    with pytest.raises(CollaborationError, match=r"Not published: .* now that base came, changed or left"):
        _publish(store)
    assert _everything(store) == before


@pytest.mark.parametrize("step", ["write_exports", "write_description", "put_in_place"])
def test_a_publication_that_fails_half_way_leaves_the_last_vintage_and_no_debris(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    last = _publish(store)
    before = _everything(store)
    _build(store, works=11)

    def stop(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(assets.publish, step, stop)
    with pytest.raises(OSError, match="No space left"):
        _publish(store)
    assert _everything(store) == before
    assert published(store) == last
    assert [path.name for path in store.vintages.iterdir()] == [last.name]


def test_what_a_killed_publication_left_is_cleared_away(store: Store) -> None:
    half = store.vintages / ".next" / "exports"
    half.mkdir(parents=True)
    (half / "left_over.csv").write_text("half of it")
    vintage = _publish(store)
    assert not (store.exports / "left_over.csv").exists()
    assert [path.name for path in store.vintages.iterdir()] == [vintage.name]


def test_what_furnishes_a_vintage_is_published_with_it_or_nothing_is(store: Store) -> None:
    last = _publish(store)

    def furnish(folder: Path, vintage: Vintage) -> None:
        assert published(store) == last
        assert (folder / "exports" / "datapackage.json").exists()
        (folder / "report").mkdir()
        (folder / "report" / "index.html").write_text(vintage.name)

    ledger = Ledger(store.ledger_file)
    vintage = publish(store, ledger, RULES, MARTS, furnish=furnish)
    assert (store.report / "index.html").read_text() == vintage.name

    def fail(*_: object) -> None:
        raise ValueError("no such colour")

    with pytest.raises(ValueError, match="no such colour"):
        publish(store, ledger, RULES, MARTS, furnish=fail)
    assert published(store) == vintage


def test_a_vintage_says_from_what_it_was_made_and_what_it_came_to(store: Store) -> None:
    vintage = _publish(store)
    ledger = Ledger(store.ledger_file)
    (drop,) = ledger.active_versions()
    assert [(item.drop_id, item.drop_version, item.records) for item in vintage.drops] == [
        ("base", drop.drop_version, drop.records)
    ]
    assert vintage.contents == ledger.year_contents()
    assert vintage.rules == {**ledger.resolution().rules, **RULES}
    assert vintage.totals == {2019: YearTotals(10, 8, 3), 2018: YearTotals(1, 8, 3)}
    assert vintage.bytes == store.warehouse_file.stat().st_size
    assert vintage.sha256 == hashlib.sha256(store.warehouse_file.read_bytes()).hexdigest()


def test_the_oldest_vintages_are_removed_and_the_published_one_never(store: Store) -> None:
    ledger = Ledger(store.ledger_file)
    names = [publish(store, ledger, RULES, MARTS, keep=3).name for _ in range(5)]
    assert [item.name for item in vintages(store)] == names[2:]
    roll_back(store, ledger, vintages(store)[0])
    assert retain(store, 1) == [names[3]]
    assert [item.name for item in vintages(store)] == [names[2], names[4]]
    assert published(store) == vintages(store)[0]


def test_a_reader_who_has_a_vintage_open_that_is_removed_keeps_it(store: Store) -> None:
    _publish(store)
    query = "select max(works) from marts.year_totals"
    with closing(duckdb.connect(str(store.warehouse_file), read_only=True)) as reader:
        _build(store, works=11)
        publish(store, Ledger(store.ledger_file), RULES, MARTS, keep=1)
        assert len(vintages(store)) == 1
        assert reader.execute(query).fetchall() == [(10,)]


def test_a_vintage_taken_back_is_not_published_again_until_something_changed(
    store: Store, tmp_path: Path
) -> None:
    ledger = Ledger(store.ledger_file)
    pipeline = Pipeline(store, tmp_path, Options(2005, 2026))
    first = publish(store, ledger, RULES, MARTS, keep=3)
    drop = version("more")
    ledger.record(drop, "more files")
    resolve(ledger, {2018: [content(version("base"))], 2019: [content(version("base")), content(drop)]})
    count(ledger, 2019)
    assert publication_due(pipeline)
    publish(store, ledger, RULES, MARTS, keep=3)
    assert not publication_due(pipeline)
    roll_back(store, ledger, first)
    assert published(store) == first
    assert not publication_due(pipeline)
    resolve(ledger, {2018: [content(version("base"))], 2019: [content(version("base"), works=11)]})
    count(ledger, 2019)
    assert publication_due(pipeline)
    publish(store, ledger, RULES, MARTS, keep=3)
    assert ledger.passed_over() == ""


def test_a_clock_that_is_moved_back_gives_neither_a_name_twice_nor_another_order(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(datetime):
        hour_of_day = 10

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Stopped":
            return cls(2026, 3, 2, cls.hour_of_day, tzinfo=tz)

    monkeypatch.setattr(assets.publish, "datetime", Stopped)
    ledger = Ledger(store.ledger_file)
    state = build_state(ledger)[:8]
    published_names = []
    for Stopped.hour_of_day in (10, 10, 9):
        published_names.append(publish(store, ledger, RULES, MARTS, keep=3).name)
    assert published_names == [
        f"2026-03-02T100000Z-{state}",
        f"2026-03-02T100000Z-{state}-2",
        f"2026-03-02T090000Z-{state}",
    ]
    assert [item.name for item in vintages(store)] == published_names


def test_figures_made_from_generated_records_say_so(store: Store) -> None:
    ledger = Ledger(store.ledger_file)
    made_up = version("sample", synthetic=True)
    ledger.record(made_up, "generated")
    resolve(ledger, {2018: [content(version("base"))], 2019: [content(version("base"))]})
    assert _publish(store).synthetic
    assert _rows(store.warehouse_file, "select synthetic, drops from marts.vintage") == [(True, 2)]
    assert "generated records" in (store.exports / "SYNTHETIC.txt").read_text()
    ledger.withdraw("sample")
    resolve(ledger, {2018: [content(version("base"))], 2019: [content(version("base"))]})
    assert not _publish(store).synthetic
    assert not (store.exports / "SYNTHETIC.txt").exists()


def test_without_a_ranking_there_are_no_trends(store: Store) -> None:
    marts = {mart: description for mart, description in MARTS.items() if mart != "partner_ranking"}
    vintage = publish(store, Ledger(store.ledger_file), RULES, marts)
    assert vintage.rows.keys() == marts.keys()
