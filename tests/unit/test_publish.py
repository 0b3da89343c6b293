"""Publishing shows readers a checked build, whole or not at all."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

import assets.publish
from assets.data_package import MartDescription
from assets.errors import CollaborationError
from assets.ledger import Ledger
from assets.ledger_facts import CheckState
from assets.publish import Vintage, publish
from assets.staleness import build_state
from assets.store import Store, open_store
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
        **dict.fromkeys(NAMES, "varchar"),
        **dict.fromkeys([*NUMBERS, *BOUNDS], "double"),
        "is_small": "boolean",
    },
    "year_totals": {"technology": "varchar"},
}
"""What trends are fitted to, by type; empty here. Other marts have a note."""


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
            added = COLUMNS.get(mart, {"note": "varchar"}).items()
            columns = "".join(f", null::{kind} as {name}" for name, kind in added)
            connection.execute(
                f"create table {description.schema}.{mart} as"
                f" select *{columns} from (values (2019, 'US', {works}), (2018, 'CN', 1))"
                " as rows (year, country, works)"
            )
        connection.commit()


def _publish(store: Store) -> Vintage:
    return publish(store, Ledger(store.ledger_file), RULES, MARTS)


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
    publication = ledger.publication()
    assert publication is not None
    assert (publication.vintage, publication.state) == (vintage.name, build_state(ledger))


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
    (store.exports / "left_over.csv").touch()
    _build(store, works=11)
    _publish(store)
    assert _rows(store.warehouse_file, "select max(works) from marts.year_totals") == [(11,)]
    assert "2019,US,11" in (store.exports / "year_totals.csv").read_text()
    assert not (store.exports / "left_over.csv").exists()


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


def test_a_publication_that_fails_half_way_leaves_the_last_vintage_and_no_debris(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(store)
    before, publication = _everything(store), Ledger(store.ledger_file).publication()
    _build(store, works=11)

    def stop(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(assets.publish, "write_exports", stop)
    with pytest.raises(OSError, match="No space left"):
        _publish(store)
    assert _everything(store) == before
    assert Ledger(store.ledger_file).publication() == publication
    assert [path.name for path in store.warehouse_file.parent.iterdir()] == [store.warehouse_file.name]
    assert not list(store.root.glob(".exports*"))


def test_what_a_killed_publication_left_is_cleared_away(store: Store) -> None:
    for name in (".exports.partial", ".exports.old"):
        (store.root / name).mkdir()
        (store.root / name / "year_totals.csv").write_text("half of it")
    _publish(store)
    assert (store.exports / "year_totals.csv").read_text() == (
        "year,country,works,technology\n2018,CN,1,\n2019,US,10,\n"
    )
    assert not list(store.root.glob(".exports*"))


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
