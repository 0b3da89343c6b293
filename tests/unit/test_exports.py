"""Exports are described, safe in a spreadsheet, and written anew only where rows changed."""

import csv
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import assets.exports
from assets.data_package import MartDescription
from assets.exports import write_exports

Row = tuple[object, ...]

PAIRS = "pair_collaboration"
DESCRIPTIONS = {
    PAIRS: MartDescription(
        "One row a year, technology and pair.",
        {"year": "Publication year.", "weight": "=Weight, of a pair."},
        ("year", "technology", "country_a", "country_b"),
    ),
    "year_totals": MartDescription("One row a year and technology.", {}, ("year", "technology")),
}
ROWS: list[Row] = [
    (2018, "all", "AU", "US", 3, -0.5, True),
    (2019, "all", "AU", "US", 4, 1 / 3, False),
    (2019, "all", "NA", "US", 1, None, None),
]

_FORMS = {
    "integer": re.compile(r"-?\d+"),
    "number": re.compile(r"-?\d+\.?\d*(e[-+]\d+)?"),
    "boolean": re.compile("true|false"),
    "string": re.compile("(?s).*"),
}
"""How the specification writes values of a type."""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "published.duckdb"
    _write(path, ROWS)
    return path


def _write(path: Path, rows: list[Row], *, synthetic: bool = False) -> None:
    """A published file with two marts of these rows and an empty one."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.{PAIRS} (year integer, technology varchar, country_a varchar,"
            " country_b varchar, papers bigint, weight double, small boolean)"
        )
        if rows:
            connection.executemany(f"insert into marts.{PAIRS} values (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute(
            f"create table marts.year_totals as select year, technology, count(*) as works from marts.{PAIRS}"
            " group by all order by all"
        )
        connection.execute("create table marts.unmapped_addresses (year integer, label varchar)")
        connection.execute(
            "create table marts.vintage as select 'v1' as vintage, timestamp '2026-03-02 10:00:00'"
            f" as published_at, {synthetic} as synthetic, 1::bigint as drops"
        )


def _export(published: Path, name: str = "exports", last: str = "nothing") -> Path:
    folder = published.parent / name
    write_exports(published, folder, published.parent / last, DESCRIPTIONS)
    return folder


def _csv(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _package(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text("utf-8"))
    return found


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _text_cell(tmp_path: Path, text: str) -> str:
    """The cell of a CSV in which the text is exported."""
    with duckdb.connect() as connection:
        connection.execute("create table texts as select $1::varchar as label", [text])
        query = f"select {assets.exports._csv_columns({'label': 'VARCHAR'})} from texts"
        assets.exports._copy(connection, query, tmp_path / "texts.csv", "format csv, header")
    return _csv(tmp_path / "texts.csv")[1][0]


# Which files there are


def test_a_mart_with_countries_in_its_key_is_written_by_year_others_whole(published: Path) -> None:
    parts = [
        *(f"{PAIRS}/year=2018", f"{PAIRS}/year=2019"),
        *("year_totals", "unmapped_addresses"),
    ]
    expected = {f"{part}.{suffix}" for part in parts for suffix in ("csv", "parquet")}
    assert _files(_export(published)) == {*expected, "data_dictionary.csv", "datapackage.json"}


def test_a_mart_without_rows_still_has_its_files(published: Path) -> None:
    _write(published, [])
    folder = _export(published)
    header = ["year", "technology", "country_a", "country_b", "papers", "weight", "small"]
    assert _csv(folder / f"{PAIRS}.csv") == [header]
    with duckdb.connect() as connection:
        assert connection.sql(f"select * from '{folder}/{PAIRS}.parquet'").columns == header


def test_both_formats_hold_the_rows_of_the_mart(published: Path) -> None:
    folder = _export(published)
    with duckdb.connect() as connection:
        for suffix in ("csv", "parquet"):
            found = connection.sql(f"select * from '{folder}/{PAIRS}/*.{suffix}' order by all").fetchall()
            assert found == ROWS


def test_synthetic_figures_say_so_beside_the_files_and_in_the_package(published: Path) -> None:
    assert "SYNTHETIC" not in _package(_export(published, "real"))["title"]
    _write(published, ROWS, synthetic=True)
    folder = _export(published)
    assert "generated records" in (folder / "SYNTHETIC.txt").read_text()
    assert _package(folder)["title"].endswith("(SYNTHETIC)")


def test_the_dictionary_has_every_column_of_every_mart(published: Path) -> None:
    rows = _csv(_export(published) / "data_dictionary.csv")
    assert rows[0] == ["mart", "column", "type", "description"]
    assert [PAIRS, "year", "INTEGER", "Publication year."] in rows
    # A description is a text, too.
    assert [PAIRS, "weight", "DOUBLE", "'=Weight, of a pair."] in rows
    assert len(rows) == 1 + 7 + 3 + 2


# Spreadsheets


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "'=1", "''-1", "-", "="),
        *("＝1", "＋1", "－1", "＠A", '=HYPERLINK("x","y")'),
    ],
)
def test_a_text_that_a_spreadsheet_could_run_is_escaped(tmp_path: Path, text: str) -> None:
    assert _text_cell(tmp_path, text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "US", "'s-Hertogenbosch", "a=b", "3D", "N/A", 'say "a", then\nb', "É"])
def test_other_texts_are_as_they_are(tmp_path: Path, text: str) -> None:
    assert _text_cell(tmp_path, text) == text


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="=-+@' \tab\r\n＝", max_size=5))
def test_taking_one_apostrophe_away_gives_every_escaped_text_back(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    cell = _text_cell(tmp_path_factory.getbasetemp(), text)
    assert cell[:1] not in {*"=-+@\t\r\n＝"} or not cell
    documented = re.match(r"'[ ']*[-=+@\t\r\n＝＋－＠]", cell)
    assert (cell[1:] if documented else cell) == text


def test_numbers_are_not_escaped(published: Path) -> None:
    rows = _csv(_export(published) / PAIRS / "year=2018.csv")
    assert rows[1] == ["2018", "all", "AU", "US", "3", "-0.5", "true"]


# What is written anew


def test_only_the_years_whose_rows_changed_are_written_again(published: Path) -> None:
    first = _export(published, "first")
    _write(published, [*ROWS[:2], (2019, "all", "NA", "US", 2, None, None)])
    second = _export(published, "second", last="first")
    kept = {path for path in _files(second) & _files(first) if (second / path).samefile(first / path)}
    assert kept == {
        f"{name}.{suffix}"
        for name in (f"{PAIRS}/year=2018", "year_totals", "unmapped_addresses")
        for suffix in ("csv", "parquet")
    }
    assert _csv(second / PAIRS / "year=2019.csv")[2][4] == "2"


def test_a_year_that_emptied_is_gone(published: Path) -> None:
    _export(published, "first")
    _write(published, ROWS[1:])
    second = _export(published, "second", last="first")
    assert not (second / PAIRS / "year=2018.csv").exists()
    assert {item["year"] for item in _package(second)["resources"] if item["mart"] == PAIRS} == {2019}


def test_files_made_in_steps_are_those_made_at_once(published: Path) -> None:
    _export(published, "first")
    _write(published, [*ROWS, (2020, "all", "AU", "US", 2, 0.5, None)])
    stepwise, at_once = _export(published, "stepwise", last="first"), _export(published, "at_once")
    assert _contents(stepwise) == _contents(at_once)


def _contents(folder: Path) -> Mapping[str, bytes]:
    return {path: (folder / path).read_bytes() for path in _files(folder)}


@pytest.mark.parametrize("harm", ["edited", "deleted"])
def test_a_file_somebody_changed_is_not_carried_on(published: Path, harm: str) -> None:
    first = _export(published, "first")
    before = _contents(first)
    changed = first / PAIRS / "year=2018.csv"
    if harm == "edited":
        changed.write_text(changed.read_text().replace("AU", "AT"))
    else:
        changed.unlink()
    assert _contents(_export(published, "second", last="first")) == before


@pytest.mark.parametrize("descriptor", ["", "[]", '{"resources": [{"path": 1}]}', '{"resources": 1}'])
def test_a_descriptor_that_cannot_be_read_costs_only_time(published: Path, descriptor: str) -> None:
    first = _export(published, "first")
    before = _contents(first)
    (first / "datapackage.json").write_text(descriptor)
    assert _contents(_export(published, "second", last="first")) == before


def test_where_there_are_no_links_files_are_copied(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _contents(_export(published, "first"))

    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    assert _contents(_export(published, "second", last="first")) == before


# The data package


def test_the_package_names_every_file_with_its_length_and_hash(published: Path) -> None:
    folder = _export(published)
    resources = _package(folder)["resources"]
    assert {item["path"] for item in resources} == _files(folder) - {"datapackage.json"}
    for item in resources:
        content = (folder / item["path"]).read_bytes()
        assert item["bytes"] == len(content)
        assert item["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_the_package_keeps_the_rules_of_its_specification(published: Path) -> None:
    folder = _export(published)
    package = _package(folder)
    assert re.fullmatch(r"[-a-z0-9._/]+", package["name"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", package["created"])
    assert package["version"] == "v1"
    # Whose records these are, the project cannot know.
    assert "licenses" not in package
    names = [item["name"] for item in package["resources"]]
    assert len(names) == len(set(names))
    for item in package["resources"]:
        assert re.fullmatch(r"[-a-z0-9._/]+", item["name"])
        assert item["path"].endswith(f".{item['format']}")
        assert not item["path"].startswith(("/", "."))
        assert ".." not in item["path"]


def test_the_schema_of_a_file_is_that_of_its_rows(published: Path) -> None:
    folder = _export(published)
    for item in _package(folder)["resources"]:
        fields = item["schema"]["fields"]
        assert set(item["schema"].get("primaryKey", [])) <= {field["name"] for field in fields}
        if item["format"] == "csv":
            header, *rows = _csv(folder / item["path"])
            assert header == [field["name"] for field in fields]
            assert len(rows) == item["row_count"]
            for row in rows:
                for field, cell in zip(fields, row, strict=True):
                    assert cell == "" or _FORMS[field["type"]].fullmatch(cell), (item["path"], field, cell)


def test_the_schema_says_types_descriptions_and_the_key(published: Path) -> None:
    package = _package(_export(published))
    item = next(item for item in package["resources"] if item["path"] == f"{PAIRS}/year=2019.csv")
    assert (item["mediatype"], item["row_count"]) == ("text/csv", 2)
    assert item["description"] == "One row a year, technology and pair."
    assert item["schema"]["primaryKey"] == ["year", "technology", "country_a", "country_b"]
    assert [(field["name"], field["type"]) for field in item["schema"]["fields"]] == [
        ("year", "integer"),
        ("technology", "string"),
        ("country_a", "string"),
        ("country_b", "string"),
        ("papers", "integer"),
        ("weight", "number"),
        ("small", "boolean"),
    ]
    assert item["schema"]["fields"][0]["description"] == "Publication year."
