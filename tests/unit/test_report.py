"""The report's files: their numbers are the marts' numbers, their text stays text."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.errors import CollaborationError
from assets.report import ReportSummary, write_report
from assets.report.pieces import PieceWriter, columns, rounded
from tests.report_marts import MARKUP, NAMES, without_rows, write_marts

# The bundle of the plotting library takes seconds to make and is the same for every report.
PLOTTING = "assets.report.site._write_plotting_library"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warehouse") / "collaboration.duckdb"
    write_marts(path)
    return path


@pytest.fixture(scope="module")
def report(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportSummary]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PLOTTING, lambda target: target.write_text(""))
        yield write_report(warehouse, tmp_path_factory.mktemp("store") / "report", "CN", NAMES)


def _piece(report: ReportSummary, name: str) -> Any:
    """What a script file hands to the page."""
    text = (report.index.parent / "data" / f"{name}.js").read_text(encoding="utf-8")
    given, content = json.loads(f"[{text.removeprefix('Report.give(').removesuffix(');' + chr(10))}]")
    assert given == name
    return content


def _rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _numbers(warehouse: Path, query: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(query)
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _without(warehouse: Path, mart: str, folder: Path) -> Path:
    """A copy of the published file that lacks a mart."""
    copied = folder / "without.duckdb"
    shutil.copy(warehouse, copied)
    with duckdb.connect(str(copied)) as connection:
        connection.execute(f"drop table marts.{mart}")
    return copied


def _same(shown: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    assert len(shown) == len(expected)
    for left, right in zip(shown, expected, strict=True):
        for name, value in right.items():
            assert left[name] == (pytest.approx(value, rel=5e-6) if isinstance(value, float) else value), name


@pytest.mark.parametrize("view", ["countries", "eu27"])
def test_a_piece_of_partners_holds_what_the_mart_says(
    report: ReportSummary, warehouse: Path, view: str
) -> None:
    expected = _numbers(
        warehouse,
        "select * exclude (technology, view, country, effective_number) from marts.partner_ranking"
        f" where technology = 'critical' and country = 'CN' and view = '{view}' order by partner, year",
    )
    _same(_rows(_piece(report, "partners/0/CN")["rows"][view]), expected)


def test_a_piece_of_a_year_holds_what_the_mart_says(report: ReportSummary, warehouse: Path) -> None:
    expected = _numbers(
        warehouse,
        "select technology, partner, papers, weight, intensity, intensity_low, share_of_international"
        " from marts.partner_ranking where year = 2019 and country = 'US' and view = 'countries'"
        " and not is_small order by partner, technology",
    )
    _same(_rows(_piece(report, "technologies/2019/US")["countries"]), expected)


def test_trends_stand_beside_the_values_they_were_fitted_to(report: ReportSummary, warehouse: Path) -> None:
    (expected,) = _numbers(
        warehouse,
        "select trend from marts.trends where technology = 'all' and view = 'countries' and country = 'CN'"
        " and partner = 'US' and measure = 'share' and year = 2010",
    )
    rows = _rows(_piece(report, "partners/1/CN")["rows"]["countries"])
    (found,) = [row["trend_share"] for row in rows if row["partner"] == "US" and row["year"] == 2010]
    assert found == pytest.approx(expected["trend"], rel=5e-6)


def test_outputs_and_groups_hold_what_the_marts_say(report: ReportSummary, warehouse: Path) -> None:
    outputs = _numbers(
        warehouse,
        "select country, year, output, output_low, share, share_high, is_small from marts.country_certainty"
        " where technology = 'all' order by country, year",
    )
    groups = _numbers(
        warehouse,
        "select country, group_set, group_name, year, papers::bigint as papers, weight, intensity"
        " from marts.group_collaboration where technology = 'all' order by all",
    )
    _same(_rows(_piece(report, "output/1")), outputs)
    _same(_rows(_piece(report, "groups/1")), groups)


def test_the_scorecard_is_the_mart(report: ReportSummary, warehouse: Path) -> None:
    assert report.scorecard
    _same(_rows(_piece(report, "claims")), _numbers(warehouse, "select * from marts.claims order by claim"))


@pytest.mark.parametrize(("country", "partner"), [("CN", "US"), ("US", "CN"), ("AU", "BY")])
def test_a_piece_of_papers_holds_what_the_marts_say(
    report: ReportSummary, warehouse: Path, country: str, partner: str
) -> None:
    expected = _numbers(
        warehouse,
        "select source, work_id, title, doi, authors, cited_by_count as citations, weight"
        " from marts.top_papers inner join marts.top_paper_records using (source, work_id)"
        " where top_papers.year = 2019 and technology = 'machine-learning'"
        f" and country_a = least('{country}', '{partner}') and country_b = greatest('{country}', '{partner}')"
        " order by rank",
    )
    piece = _piece(report, f"papers/2019/{country}")
    papers = _rows(piece["papers"])
    numbers = {item["id"]: str(place) for place, item in enumerate(_piece(report, "site")["technologies"])}
    rows = [row for row in _rows(piece["rows"][numbers["machine-learning"]]) if row["partner"] == partner]
    assert expected
    _same([{**papers[row["paper"]], "weight": row["weight"]} for row in rows], expected)


def test_a_paper_stands_once_in_a_piece(report: ReportSummary) -> None:
    piece = _piece(report, "papers/2024/CN")
    papers = [(paper["source"], paper["work_id"]) for paper in _rows(piece["papers"])]
    assert len(set(papers)) == len(papers)
    shown = [place for rows in piece["rows"].values() for place in rows["paper"]]
    assert set(shown) == set(range(len(papers)))
    assert len(shown) > len(papers)


def test_each_country_named_for_a_technology_has_its_piece(report: ReportSummary) -> None:
    site = _piece(report, "site")
    data = report.index.parent / "data"
    named = {
        f"partners/{number}/{country}.js"
        for number, countries in site["partners"].items()
        for country in countries
    }
    assert named == {path.relative_to(data).as_posix() for path in data.glob("partners/*/*.js")}
    across = {f"technologies/{year}/{code}.js" for year, codes in site["across"].items() for code in codes}
    assert across == {path.relative_to(data).as_posix() for path in data.glob("technologies/*/*.js")}
    papers = {f"papers/{year}/{code}.js" for year in site["years"] for code in NAMES}
    assert papers == {path.relative_to(data).as_posix() for path in data.glob("papers/*/*.js")}
    assert len(site["technologies"]) == report.technologies == len(site["partners"])


def test_markup_in_names_ends_no_script(report: ReportSummary) -> None:
    assert MARKUP in [item["name"] for item in _piece(report, "site")["technologies"]]
    pieces = [path.read_text() for path in (report.index.parent / "data").rglob("*.js")]
    assert pieces
    assert not any("<" in text for text in pieces)


def test_the_first_view_is_small(report: ReportSummary) -> None:
    page = [path for path in report.index.parent.iterdir() if path.is_file()]
    pieces = ("site.js", "partners/0/CN.js", "papers/2024/CN.js")
    first = [report.index.parent / "data" / name for name in pieces]
    # The plotting library, left out here, is 0.9 MB.
    assert sum(path.stat().st_size for path in [*page, *first]) < 4_000_000


def test_the_page_names_only_files_of_the_report(report: ReportSummary) -> None:
    text = report.index.read_text(encoding="utf-8")
    sources = [part.split('"')[0] for part in text.split('<script src="')[1:]]
    assert "vega.js" in sources
    assert all((report.index.parent / source).is_file() for source in sources)
    assert "http:" not in text
    assert "https:" not in text


@pytest.mark.parametrize(
    ("value", "written"),
    [(1 / 3, b"0.333333"), (1234567.891, b"1234568.0"), (-2.0000004e-9, b"-2e-9"), (0.0, b"0.0")],
)
def test_numbers_are_written_with_six_digits(tmp_path: Path, value: float, written: bytes) -> None:
    with duckdb.connect() as connection:
        table = connection.execute("select $1::double as x", [value]).to_arrow_table()
    writer = PieceWriter(tmp_path)
    writer.write("n", columns(rounded(table)))
    assert (tmp_path / "n.js").read_bytes() == b'Report.give("n",{"x":[' + written + b"]});\n"
    assert writer.bytes == (tmp_path / "n.js").stat().st_size


def test_missing_numbers_are_null_and_wide_sums_whole(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        table = connection.execute(
            "select null::double as x, 'nan'::double as y, sum(3) as z, null::bigint as w"
        ).to_arrow_table()
    PieceWriter(tmp_path).write("n", columns(rounded(table)))
    assert json.loads((tmp_path / "n.js").read_text()[len('Report.give("n",') : -3]) == {
        "x": [None],
        "y": [None],
        "z": [3],
        "w": [None],
    }


def test_without_a_scorecard_there_is_a_report(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PLOTTING, lambda target: target.write_text(""))
    published = _without(warehouse, "claims", tmp_path)
    summary = write_report(published, tmp_path / "report", "CN", NAMES)
    assert not summary.scorecard
    assert not _piece(summary, "site")["scorecard"]
    assert not (tmp_path / "report" / "data" / "claims.js").exists()


def test_a_report_replaces_the_last_one_whole(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PLOTTING, lambda target: target.write_text(""))
    old = tmp_path / "report" / "data" / "partners" / "9" / "XX.js"
    old.parent.mkdir(parents=True)
    old.write_text("of an older vintage")
    write_report(warehouse, tmp_path / "report", "CN", NAMES)
    assert not old.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize("missing", ["partner_ranking", "year_quality", "top_papers"])
def test_a_missing_mart_is_named_and_the_last_report_stays(
    warehouse: Path, tmp_path: Path, missing: str
) -> None:
    broken = _without(warehouse, missing, tmp_path)
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("the last one")
    with pytest.raises(CollaborationError, match=f"lacks {missing}"):
        write_report(broken, tmp_path / "report", "CN", NAMES)
    assert (tmp_path / "report" / "index.html").read_text() == "the last one"


def test_a_focus_without_partners_gives_way_to_the_most_international_country(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PLOTTING, lambda target: target.write_text(""))
    ((most,),) = [
        row.values()
        for row in _numbers(
            warehouse,
            "select country from marts.partner_ranking where technology = 'all' and view = 'countries'"
            " group by country order by sum(weight) desc limit 1",
        )
    ]
    summary = write_report(warehouse, tmp_path / "report", "XK", NAMES)
    assert _piece(summary, "site")["focal"] == summary.focal_country == most == "US"


def test_the_union_is_a_focus_where_it_has_partners(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PLOTTING, lambda target: target.write_text(""))
    assert write_report(warehouse, tmp_path / "report", "EU27", NAMES).focal_country == "EU27"


@pytest.mark.parametrize("nothing_at_all", [False, True])
def test_without_two_countries_that_share_a_paper_there_is_a_report(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_at_all: bool
) -> None:
    monkeypatch.setattr(PLOTTING, lambda target: target.write_text(""))
    published = without_rows(warehouse, tmp_path / "published.duckdb", nothing_at_all=nothing_at_all)
    summary = write_report(published, tmp_path / "report", "CN", NAMES)
    site = _piece(summary, "site")
    assert (site["focal"], summary.countries) == ("CN", 0)
    assert set(map(tuple, site["partners"].values())) == {()}
    assert bool(site["years"]) is not nothing_at_all
