"""The figures of the study show what the marts say; their labels can be read and their captions are true."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.text import Text
from plotnine import ggplot

from assets.errors import CollaborationError
from assets.figures import draw
from assets.figures.data import Focus, Subject, connect, read_groups, read_partners, read_subject
from assets.figures.groups import dates, groups_figure
from assets.figures.lines import CLASSES, index_figure, intensity_figure, weight_figure
from assets.figures.tiles import map_figure
from assets.sample.countries import COUNTRIES
from tests.figure_marts import write_marts

NAMES = {country.code: country.name for country in COUNTRIES}
_PIXEL = 1.0
"""Letters' boxes have some air around them; so much of it two may share."""

Drawings = dict[str, Figure]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("figures") / "collaboration.duckdb"
    write_marts(path, last=2025)
    return path


@pytest.fixture(scope="module")
def connection(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(warehouse) as opened:
        opened.execute(
            "create temp view ranking as"
            " from marts.partner_ranking where technology = 'critical' and view = 'countries'"
        )
        yield opened


@pytest.fixture(scope="module")
def subject(connection: duckdb.DuckDBPyConnection) -> Subject:
    return read_subject(connection, Focus("CN"), NAMES)


@pytest.fixture(scope="module")
def partners(connection: duckdb.DuckDBPyConnection, subject: Subject) -> pd.DataFrame:
    return read_partners(connection, subject)


@pytest.fixture(scope="module")
def drawings(connection: duckdb.DuckDBPyConnection, subject: Subject) -> Iterator[Drawings]:
    """Every figure drawn once; positions of text are known after drawing."""
    figures = {name: _drawn(plot) for name, plot in draw.plots(connection, subject)}
    yield figures
    pyplot.close("all")


def _drawn(plot: ggplot) -> Figure:
    figure: Figure = plot.draw()
    figure.canvas.draw()
    return figure


def _texts(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text().strip()]


def _words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in _texts(figure))


def _points(axes: Axes) -> set[tuple[int, float]]:
    """Year and value of every point drawn."""
    offsets = [item.get_offsets() for item in axes.collections if isinstance(item, PathCollection)]
    return {
        (round(float(year)), float(f"{float(value):.9g}"))
        for points in offsets
        for year, value in np.asarray(points)
    }


def _expected(connection: duckdb.DuckDBPyConnection, sql: str) -> set[tuple[int, float]]:
    return {(int(year), float(f"{value:.9g}")) for year, value in connection.execute(sql).fetchall()}


_OF_CHINA = (
    "from ranking where country = 'CN' and not is_small"
    " and partner in"
    " (select partner from ranking where country = 'CN'"
    "  and year = 2024 and rank_{measure}_stable <= {shown})"
)


@pytest.mark.parametrize(("measure", "shown"), [("weight", 6), ("intensity", 10)])
def test_the_points_are_the_values_of_the_first_partners_without_small_years(
    drawings: Drawings, connection: duckdb.DuckDBPyConnection, measure: str, shown: int
) -> None:
    expected = _expected(
        connection, f"select year, {measure} {_OF_CHINA.format(measure=measure, shown=shown)}"
    )
    assert len(expected) > 19 * shown / 2
    assert _points(drawings[measure].axes[0]) == expected


def test_the_index_is_the_intensity_over_that_of_the_base_year(
    drawings: Drawings, connection: duckdb.DuckDBPyConnection
) -> None:
    expected = _expected(
        connection,
        "with rows as (select *, 100 * intensity / first_value(intensity) over (partition by partner"
        "   order by year) as value,"
        "   first_value(is_small) over (partition by partner order by year) as small_base,"
        "   min(year) over (partition by partner) as base"
        "   from ranking where country = 'CN')"
        " select rows.year, value from rows join marts.trend_classes as classes"
        "   on classes.partner = rows.partner and classes.country = 'CN' and classes.measure = 'intensity'"
        "   and classes.view = 'countries' and classes.technology = 'critical'"
        "   and classes.trend_class = 'falling'"
        " where base = 2005 and not small_base and not is_small",
    )
    assert len(expected) > 100
    assert _points(drawings["index_falling"].axes[0]) == expected


def test_each_partner_is_in_the_figure_of_its_class_alone(drawings: Drawings) -> None:
    shown = {
        trend_class: {name for name in NAMES.values() if name in _line_labels(drawings, trend_class)}
        for trend_class in CLASSES
    }
    assert all(shown.values())
    assert not any(first & second for first, second in combinations(shown.values(), 2))
    assert "Pakistan" in shown["rising"]
    assert "United States" in shown["falling"]


def _line_labels(drawings: Drawings, trend_class: str) -> set[str]:
    return {text.get_text() for text in _texts(drawings[f"index_{trend_class}"])}


def test_large_partners_are_bold_and_small_ones_italic(drawings: Drawings, partners: pd.DataFrame) -> None:
    ranks = partners[partners["year"] == 2024].set_index("partner")["rank_weight"]
    codes = {name: code for code, name in NAMES.items()}
    seen = set()
    for trend_class in CLASSES:
        for text in _texts(drawings[f"index_{trend_class}"]):
            if text.get_text() in codes:
                rank = ranks[codes[text.get_text()]]
                looks = (str(text.get_fontweight()), text.get_fontstyle())
                assert looks == ("bold" if rank <= 10 else "normal", "italic" if rank > 25 else "normal")
                seen.add(looks)
    assert seen == {("bold", "normal"), ("normal", "normal"), ("normal", "italic")}


@pytest.mark.parametrize("name", ["weight", "intensity", "index_rising", "index_falling", "instead"])
def test_labels_at_line_ends_neither_cover_each_other_nor_leave_the_figure(
    drawings: Drawings, name: str
) -> None:
    figure = drawings[name]
    boxes = [text.get_window_extent() for text in _texts(figure) if text.axes is not None]
    boxes = [box for box in boxes if box.width > 0]
    assert len(boxes) > 5
    for first, second in combinations(boxes, 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert min(wide, high) <= _PIXEL
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)


def test_every_caption_says_synthetic_and_names_the_vintage(drawings: Drawings) -> None:
    for figure in drawings.values():
        assert "SYNTHETIC records: no statement about any country." in _words(figure)
        assert "Vintage 2026-02-01T120000Z-0a1b2c3d." in _words(figure)


def test_real_records_are_captioned_with_their_source(partners: pd.DataFrame, subject: Subject) -> None:
    caption = str(weight_figure(partners, replace(subject, synthetic=False)).labels.caption)
    assert "Source: OpenAlex." in caption
    assert "SYNTHETIC" not in caption


def test_an_incomplete_year_is_hatched_and_decides_no_rank(drawings: Drawings, subject: Subject) -> None:
    assert subject.partial == {2025}
    assert subject.last_full == 2024
    assert "incomplete" in _words(drawings["weight"])
    assert "incomplete" not in _words(drawings["groups"])
    hollow = [
        item
        for item in drawings["weight"].axes[0].collections
        if isinstance(item, PathCollection) and np.allclose(item.get_facecolor(), 1)
    ]
    assert hollow
    assert {round(x) for item in hollow for x, _ in np.asarray(item.get_offsets())} == {2025}


def test_the_line_of_an_incomplete_year_is_left_out(drawings: Drawings) -> None:
    years = [np.asarray(line.get_xdata()) for line in drawings["weight"].axes[0].lines]
    longest = max(float(np.nanmax(line)) for line in years if len(line) > 5)
    assert longest == 2024


def test_bars_of_groups_are_their_shares_and_intensities(
    connection: duckdb.DuckDBPyConnection, subject: Subject
) -> None:
    years = dates(subject)
    assert years == [2005, 2011, 2018, 2024]
    groups = read_groups(connection, subject, "stance_china", years)
    assert groups.groupby("year")["share"].sum().to_numpy() == pytest.approx(1)
    figure = _drawn(groups_figure(groups, subject))
    heights = sorted(
        float(np.ptp(np.asarray(path.vertices)[:, 1]))
        for axes in figure.axes
        for item in axes.collections
        for path in item.get_paths()
    )
    pyplot.close(figure)
    assert heights == pytest.approx(sorted([*groups["share"], *groups["intensity"]]))


def test_the_rank_chart_shows_the_other_countrys_ranks(
    drawings: Drawings, connection: duckdb.DuckDBPyConnection
) -> None:
    expected = _expected(
        connection,
        "select year, -rank_weight_stable from ranking"
        " where country = 'US' and rank_weight_stable <= 12 and year <= 2024",
    )
    assert _points(drawings["instead"].axes[0]) == expected
    assert "Who the United States works with instead of China" in _words(drawings["instead"])


def test_the_heatmap_has_a_square_a_pair_with_enough_papers(
    drawings: Drawings, connection: duckdb.DuckDBPyConnection
) -> None:
    (squares,) = connection.execute(
        "with large as (select country from ranking"
        "  where year = 2024 group by country order by sum(weight) desc limit 30)"
        " select count(*) from ranking where year = 2024"
        " and not is_small and country in (from large) and partner in (from large)"
    ).fetchall()[0]
    axes = drawings["pairs"].axes[0]
    tiles = sum(len(item.get_paths()) for item in axes.collections if not isinstance(item, PathCollection))
    assert tiles == squares > 300


def test_technologies_have_a_panel_each(drawings: Drawings) -> None:
    words = _words(drawings["technologies"])
    assert "Nanoscale materials and\nmanufacturing" in words
    assert "Technology: as each panel says." in words
    assert len(drawings["technologies"].axes) == 2


def test_the_map_names_partners_without_a_tile(partners: pd.DataFrame, subject: Subject) -> None:
    moved = partners.replace({"partner": {"US": "AQ"}})
    assert "Not on the map: AQ." in str(map_figure(moved, subject).labels.caption)


def test_without_enough_papers_each_figure_says_so(tmp_path: Path) -> None:
    write_marts(tmp_path / "few.duckdb", works=20, technologies=0)
    drawn = list(draw.draw_all(tmp_path / "few.duckdb", tmp_path / "figures", Focus("NZ"), NAMES))
    assert [item.name for item in drawn] == [
        "weight", "intensity", "index_rising", "index_plateau", "index_falling",
        "groups", "instead", "pairs", "technologies", "map",
    ]  # fmt: skip
    assert all(item.png.stat().st_size and item.svg.stat().st_size for item in drawn)
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        f"{item.name}_NZ.{suffix}" for item in drawn for suffix in ("png", "svg")
    }


@pytest.mark.parametrize("draw_one", [weight_figure, intensity_figure, map_figure])
def test_nothing_at_all_gives_a_message(
    partners: pd.DataFrame, subject: Subject, draw_one: Callable[[pd.DataFrame, Subject], ggplot]
) -> None:
    plot = draw_one(partners.head(0), subject)
    figure = _drawn(plot)
    assert "enough papers in 2024" in _words(figure)
    pyplot.close(figure)


def test_an_empty_class_gives_a_message(partners: pd.DataFrame, subject: Subject) -> None:
    plot = index_figure(partners.assign(trend_class=None), subject, "rising")
    figure = _drawn(plot)
    assert "no partner with a rising trend" in _words(figure)
    pyplot.close(figure)


def test_the_same_numbers_give_the_same_files(
    connection: duckdb.DuckDBPyConnection, subject: Subject, tmp_path: Path
) -> None:
    drawn = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        folder.mkdir()
        plot = groups_figure(read_groups(connection, subject, "stance_china", [2005, 2024]), subject)
        drawn.append(draw.write(("groups", plot), folder, subject))
    assert drawn[0].svg.read_bytes() == drawn[1].svg.read_bytes()
    assert drawn[0].png.read_bytes() == drawn[1].png.read_bytes()


@pytest.mark.parametrize(
    ("focus", "problem"),
    [
        (Focus("XX"), "'XX' is no code of the seed countries"),
        (Focus("CN", other="XX"), "'XX' is no code of the seed countries"),
        (Focus("CN", "alchemy"), "'alchemy' is no technology of the published file"),
        (Focus("DE", view="eu27"), "the European Union stands for 'DE'"),
    ],
)
def test_what_is_unknown_or_has_no_place_in_the_view_is_refused(
    connection: duckdb.DuckDBPyConnection, focus: Focus, problem: str
) -> None:
    with pytest.raises(CollaborationError, match=problem):
        read_subject(connection, focus, NAMES)


def test_the_union_stands_on_the_tiles_of_its_members(connection: duckdb.DuckDBPyConnection) -> None:
    subject = read_subject(connection, Focus("CN", view="eu27"), NAMES)
    plot = map_figure(read_partners(connection, subject), subject)
    tiles = plot.data.set_index("country")["intensity"]
    assert tiles["FR"] == tiles["DE"] > 0
    assert tiles["GB"] != tiles["DE"]
    assert "Not on the map" not in plot.labels.caption
