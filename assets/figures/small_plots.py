"""Small plots on materialisations: a few numbers come in, a PNG goes out.

For the pages of the orchestrator. Figures of the study are drawn by the other modules of this package.
"""

import base64
import io
from collections.abc import Collection, Mapping

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_INK = "#1f3b57"
_QUIET = "#9fb3c8"
_INCH = 0.22


def year_bars(values: Mapping[int, float], label: str, refreshed: Collection[int] = ()) -> bytes:
    """A PNG with one bar a year, those just refreshed in a darker tone.

    Args:
        values: Year to value.
        label: What the values are, with their unit.
        refreshed: The years to stress; none stresses all.
    """
    figure, axes = _canvas(5.2, 1.8, label)
    years = sorted(values)
    axes.bar(
        years,
        [values[year] for year in years],
        color=[_INK if not refreshed or year in refreshed else _QUIET for year in years],
        width=0.8,
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(bottom=0)
    return _png(figure)


def bars(values: Mapping[str, float], label: str) -> bytes:
    """A PNG with one horizontal bar a name, in the order given from the top, each with its value."""
    figure, axes = _canvas(5.2, 0.7 + _INCH * len(values), label)
    drawn = axes.barh(list(values), list(values.values()), color=_INK, height=0.7)
    axes.bar_label(drawn, fmt="{:,.0f}", padding=3, fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    return _png(figure)


def markdown_image(png: bytes, alternative: str) -> str:
    """A picture inside Markdown, with nothing to load from elsewhere."""
    return f"![{alternative}](data:image/png;base64,{base64.b64encode(png).decode()})"


def _canvas(width: float, height: float, label: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(label, fontsize=9, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure, axes


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
