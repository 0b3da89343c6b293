"""Figures: numbers come in, a picture goes out.

The numbers are read elsewhere. Nothing is counted here.
"""

from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from assets.partners import PartnerSeries

# Okabe and Ito's palette, told apart by colour-blind readers, too; yellow is left out as too pale.
_PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#e69f00", "#56b4e9", "#7f7f7f", "#8c564b"]
_LINE_WIDTH = 1.6
_STRESSED_WIDTH = 2.6
_INK = "#1f3b57"
_QUIET = "#9fb3c8"
_INCH = 0.22


def partner_lines(series: PartnerSeries, names: Mapping[str, str]) -> Figure:
    """Intensity with each partner over the years; each line carries its name at its end.

    Args:
        series: What to draw, the first partner stressed.
        names: Country code to name.
    """
    figure = Figure(figsize=(9, 5.2), dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.07, 0.13, 0.74, 0.68))
    colours = dict(zip(series.intensities.columns, cycle(_PALETTE), strict=False))
    for partner in series.intensities.columns:
        values = series.intensities[partner]
        known = values.dropna()
        width = _STRESSED_WIDTH if partner == series.intensities.columns[0] else _LINE_WIDTH
        axes.plot(known.index, known, color=colours[partner], linewidth=width, marker="o", markersize=2.5)
    _name_line_ends(axes, series.intensities, names, colours)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=9)
    country = names.get(series.country, series.country)
    figure.text(0.07, 0.93, f"With whom {country} works most intensively", fontsize=14, weight="bold")
    figure.text(
        0.07, 0.87, "Collaboration intensity: fractional weight over the geometric mean of both outputs",
        fontsize=9.5, color="#444444",
    )  # fmt: skip
    origin = "SYNTHETIC records, no statement about any country" if series.synthetic else "own records"
    figure.text(0.07, 0.03, f"Source: {origin}. Vintage {series.vintage}.", fontsize=8, color="#666666")
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG or SVG, by the path's suffix; the same figure gives the same file."""
    with rc_context({"svg.hashsalt": "collaboration"}):
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _name_line_ends(
    axes: Axes, lines: pd.DataFrame, names: Mapping[str, str], colours: Mapping[str, str]
) -> None:
    """Each line's name right of its last point, pushed apart so that none covers another."""
    if lines.empty:
        return
    last_year = int(lines.index.max())
    ends = {str(partner): float(values.dropna().iloc[-1]) for partner, values in lines.items()}
    gap = float(lines.to_numpy(na_value=0).max()) / 24
    for partner, position in _spread(ends, gap).items():
        axes.annotate(
            names.get(partner, partner),
            (last_year, position),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=colours[partner],
            annotation_clip=False,
        )


def _spread(values: Mapping[str, float], gap: float) -> dict[str, float]:
    """The values at least `gap` apart, in the same order, as a whole where they were."""
    placed: dict[str, float] = {}
    lowest = float("-inf")
    for name in sorted(values, key=lambda item: values[item]):
        lowest = placed[name] = max(values[name], lowest + gap)
    shift = sum(placed[name] - values[name] for name in values) / max(len(values), 1)
    return {name: position - shift for name, position in placed.items()}
