"""Small figures for a glance at a mart; numbers come in, a picture goes out.

The numbers are read elsewhere. Nothing is counted here.
"""

import base64
import io
from collections.abc import Collection, Mapping

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_INK = "#1f3b57"
_QUIET = "#9fb3c8"


def year_bars(values: Mapping[int, float], label: str, refreshed: Collection[int] = ()) -> bytes:
    """A PNG with one bar a year, those just refreshed in a darker tone.

    Args:
        values: Year to value.
        label: What the values are, with their unit.
        refreshed: The years to stress; none stresses all.
    """
    figure = Figure(figsize=(5.2, 1.8), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    years = sorted(values)
    axes.bar(
        years,
        [values[year] for year in years],
        color=[_INK if not refreshed or year in refreshed else _QUIET for year in years],
        width=0.8,
    )
    axes.set_title(label, fontsize=9, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelsize=8)
    return _png(figure)


def markdown_image(png: bytes, alternative: str) -> str:
    """A picture inside Markdown, with nothing to load from elsewhere."""
    return f"![{alternative}](data:image/png;base64,{base64.b64encode(png).decode()})"


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
