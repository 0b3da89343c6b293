"""All figures of one country and technology, from a published file to PNG and SVG.

Chooses what is drawn and writes it; how a figure looks is in the module of its kind. Importing this loads
the plotting library, which takes seconds.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import matplotlib
from matplotlib import pyplot, rc_context
from plotnine import ggplot

from assets.figures import heatmap, technologies
from assets.figures.data import (
    Focus,
    Subject,
    connect,
    read_groups,
    read_pairs,
    read_partners,
    read_subject,
    read_technologies,
)
from assets.figures.groups import dates, groups_figure
from assets.figures.lines import CLASSES, index_figure, intensity_figure, top_partners, weight_figure
from assets.figures.ranks import ranks_figure
from assets.figures.style import message
from assets.figures.tiles import map_figure

# Pictures go to files alone; elsewhere a desktop would be asked for a window.
matplotlib.use("agg")

_PREVIEW_DPI = 75
_GROUP_SET = "stance_china"
_COMPARED = 3
"""So many partners are compared by technology."""


@dataclass(frozen=True)
class Drawn:
    """One figure that was written."""

    name: str
    title: str
    png: Path
    svg: Path
    preview: bytes
    """The same as a small PNG, for pages that carry it within."""


def draw_all(warehouse: Path, folder: Path, focus: Focus, names: Mapping[str, str]) -> Iterator[Drawn]:
    """Draw every figure, one after the other; one without anything to show says why.

    Args:
        warehouse: The published DuckDB file.
        folder: Where `<figure>_<country>.png` and `.svg` go, for one technology and view; made where it
            is missing.
        focus: Country, technology and view.
        names: Country code to name, as the seed `countries` has them.

    Raises:
        CollaborationError: A country or the technology is unknown or has no place in the view, or nothing
            is published.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with connect(warehouse) as connection:
        subject = read_subject(connection, focus, names)
        for plot in plots(connection, subject, focus.other):
            yield write(plot, folder, subject)


def plots(
    connection: duckdb.DuckDBPyConnection, subject: Subject, other: str | None = None
) -> Iterator[tuple[str, ggplot]]:
    """Each figure with its name, one after the other; `other` as in `Focus`."""
    partners = read_partners(connection, subject)
    largest = top_partners(partners, subject, "rank_weight", _COMPARED)
    yield "weight", weight_figure(partners, subject)
    yield "intensity", intensity_figure(partners, subject)
    for trend_class in CLASSES:
        yield f"index_{trend_class}", index_figure(partners, subject, trend_class)
    groups = read_groups(connection, subject, _GROUP_SET, dates(subject))
    yield "groups", groups_figure(groups, subject)
    yield "instead", _instead(connection, subject, other or next(iter(largest), None))
    yield "pairs", heatmap.heatmap_figure(read_pairs(connection, subject, heatmap.SHOWN), subject)
    rows = read_technologies(connection, subject, largest, technologies.SHOWN)
    yield "technologies", technologies.technologies_figure(rows, largest, subject)
    yield "map", map_figure(partners, subject)


def _instead(connection: duckdb.DuckDBPyConnection, subject: Subject, other: str | None) -> ggplot:
    if other is None:
        return message(
            subject, f"Who others work with instead of {subject.name}", f"{subject.name} has no partner."
        )
    return ranks_figure(read_partners(connection, subject.of(other)), subject, other)


def write(named: tuple[str, ggplot], folder: Path, subject: Subject) -> Drawn:
    """Write one of `plots` as PNG and SVG; the same numbers give the same files."""
    name, plot = named
    stem = f"{name}_{subject.country}"
    title = str(plot.labels.title)
    png, svg, preview = folder / f"{stem}.png", folder / f"{stem}.svg", io.BytesIO()
    with rc_context({"svg.hashsalt": "collaboration"}):
        figure = plot.draw()
        try:
            figure.savefig(png)
            figure.savefig(svg, metadata={"Date": None, "Title": title})
            figure.savefig(preview, dpi=_PREVIEW_DPI)
        finally:
            pyplot.close(figure)
    return Drawn(name, title, png, svg, preview.getvalue())
