"""What all figures share: palette, theme, caption, marks of incomplete years, labels at line ends.

Nothing here knows a measure or reads a table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex, to_rgb
from plotnine import (
    aes,
    annotate,
    coord_cartesian,
    element_blank,
    element_line,
    element_text,
    geom_segment,
    geom_text,
    ggplot,
    labs,
    scale_color_identity,
    scale_fill_identity,
    scale_x_continuous,
    theme,
    theme_minimal,
    theme_void,
)

from assets.figures.data import Subject

# Okabe and Ito's palette, told apart by colour-blind readers, too; yellow is left out as too pale.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#e69f00", "#56b4e9", "#7f7f7f", "#8c564b",
           "#5d3a9b")  # fmt: skip
INK = "#222222"
QUIET = "#666666"
PALE = "#e6e6e6"
WIDTH, HEIGHT = 9.0, 5.6
"""Inches."""
FONT_SIZE = 9.0
_LETTER = 0.69
"""Mean width of a letter of the font in bold, in ems."""
_PANEL = 0.90, 0.70
"""Shares of width and height that the panel takes."""
_POINTS = 72
"""To the inch."""

Part = object
"""What is added to a plot."""


@dataclass(frozen=True)
class Extent:
    """The panel of a figure over years, in data units: its years and the highest value in it."""

    first: int
    last: int
    top: float
    bottom: float = 0.0

    @property
    def height(self) -> float:
        return self.top - self.bottom


def colours(parties: Sequence[str]) -> dict[str, str]:
    """A colour for each, in order; the palette starts again after ten."""
    return dict(zip(parties, cycle(PALETTE), strict=False))


def darker(colour: str) -> str:
    """The colour for text, which needs more contrast than a line."""
    red, green, blue = (0.72 * part for part in to_rgb(colour))
    return to_hex((red, green, blue))


def titles(subject: Subject, title: str, subtitle: str, *notes: str) -> labs:
    """Title, subtitle and caption: notes, where the numbers come from, vintage, and what they are not."""
    caption = [*notes, f"Technology: {subject.technology_name}."]
    if subject.view == "eu27":
        caption.append("The 27 members of the European Union count as one.")
    if subject.synthetic:
        caption.append("SYNTHETIC records: no statement about any country.")
    elif subject.sources:
        caption.append(f"Source: {', '.join(subject.sources)}.")
    caption.append(f"Vintage {subject.vintage}.")
    return labs(title=title[0].upper() + title[1:], subtitle=subtitle, caption=_wrapped(caption), x="", y="")


def newspaper(width: float = WIDTH, height: float = HEIGHT) -> list[Part]:
    """The theme: few lines, no legend, everything left-aligned."""
    return [
        theme_minimal(base_size=10, base_family="DejaVu Sans"),
        theme(
            figure_size=(width, height),
            dpi=150,
            legend_position="none",
            plot_title=element_text(size=15, weight="bold", ha="left", color=INK),
            plot_subtitle=element_text(size=10, ha="left", color="#444444", margin={"b": 10, "units": "pt"}),
            plot_caption=element_text(size=7.5, ha="left", color=QUIET, linespacing=1.3),
            plot_title_position="plot",
            plot_caption_position="plot",
            panel_grid_minor=element_blank(),
            panel_grid_major_x=element_blank(),
            panel_grid_major_y=element_line(color=PALE, size=0.6),
            axis_text=element_text(color="#444444", size=FONT_SIZE),
            axis_title=element_blank(),
            strip_text=element_text(size=9, weight="bold", ha="left", color=INK),
            plot_margin=0.02,
        ),
    ]


def own_colours() -> list[Part]:
    """Colours as the data name them."""
    return [scale_color_identity(), scale_fill_identity()]


def message(subject: Subject, title: str, sentence: str) -> ggplot:
    """A figure that says why there is nothing to draw."""
    return (
        ggplot()
        + annotate("text", x=0, y=0, label=sentence, size=11, color=QUIET)
        + theme_void()
        + newspaper(height=3.2)
        + theme(axis_text=element_blank(), panel_grid=element_blank())
        + titles(subject, title, "")
    )


def year_axis(extent: Extent, subject: Subject, room: float, left: float = 0.6) -> list[Part]:
    """Years along the panel, with `room` years right of the last for labels, and `left` before the first."""
    breaks = year_breaks(extent.first, extent.last)
    return [
        scale_x_continuous(breaks=breaks, labels=[str(year) for year in breaks], expand=(0, 0)),
        coord_cartesian(xlim=(extent.first - left, extent.last + room), ylim=(extent.bottom, extent.top)),
        *_incomplete(extent, subject),
    ]


def year_breaks(first: int, last: int) -> list[int]:
    """The first year, the last, and in between those that divide by five, or all where they are few."""
    if last - first < 8:
        return list(range(first, last + 1))
    return [first, *(year for year in range(first + 2, last - 1) if year % 5 == 0), last]


def room_for(labels: Sequence[str], extent: Extent, sides: int = 1) -> float:
    """Years a panel has to be wider on each of its sides with labels so that they fit in."""
    inches = max(len(label) for label in labels) * _LETTER * FONT_SIZE / _POINTS + 0.3
    panel = WIDTH * _PANEL[0]
    return max(extent.last - extent.first, 1) * inches / (panel - sides * inches)


def line_ends(ends: pd.DataFrame, extent: Extent, side: int = 1) -> list[Part]:
    """A label at each line's end, pushed apart so that none covers another, tied to its line.

    Args:
        ends: Columns value, label, colour, weight (`normal`, `bold`) and style (`normal`, `italic`).
        extent: The panel.
        side: 1 right of the lines, -1 left of them.
    """
    line = 1.25 * FONT_SIZE / _POINTS / (HEIGHT * _PANEL[1]) * extent.height
    edge = extent.last if side > 0 else extent.first
    span = max(extent.last - extent.first, 1) * side
    placed = ends.assign(
        place=spread(ends["value"].to_numpy(), line, extent.bottom + line / 2, extent.top - line / 2),
        dark=[darker(colour) for colour in ends["colour"]],
        near=edge + 0.012 * span,
        far=edge + 0.03 * span,
    )
    labels = [
        geom_text(
            aes(x="far", y="place", label="label", color="dark"),
            data=rows,
            ha="left" if side > 0 else "right",
            va="center",
            size=FONT_SIZE,
            fontweight=weight,
            fontstyle=style,
            nudge_x=0.006 * span,
        )
        for (weight, style), rows in placed.groupby(["weight", "style"])
    ]
    tie = aes(x="near", y="value", xend="far", yend="place", color="colour")
    return [geom_segment(tie, data=placed, size=0.35), *labels]


def spread(values: np.ndarray, gap: float, lowest: float, highest: float) -> np.ndarray:
    """Positions at least `gap` apart, in the order of the values, as near to them as can be.

    Least squares, by pooling neighbours that would come too close (isotonic regression of the values less
    their place in the order times the gap); then moved into the limits where they fit in between.
    """
    order = np.argsort(values, kind="stable")
    pools: list[tuple[float, int]] = []
    for place, value in enumerate(values[order]):
        pool = (float(value) - place * gap, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, size = pools.pop()
            pool = ((mean * size + pool[0] * pool[1]) / (size + pool[1]), size + pool[1])
        pools.append(pool)
    starts = np.repeat([mean for mean, _ in pools], [size for _, size in pools])
    tallest = max(lowest, highest - (len(values) - 1) * gap)
    positions = np.empty(len(values))
    positions[order] = np.clip(starts, lowest, tallest) + gap * np.arange(len(values))
    return positions


def numbers(values: Sequence[float]) -> list[str]:
    """Axis labels as short as the values allow, all with the same decimals."""
    digits = max((len(f"{value:.4f}".rstrip("0").split(".")[1]) for value in values), default=0)
    return [f"{value:,.{digits}f}" for value in values]


def stretches(rows: pd.DataFrame) -> pd.Series:
    """A name for each run of consecutive years of a partner: what is drawn does not bridge a gap."""
    ordered = rows.sort_values(["partner", "year"])
    gap = ordered.groupby("partner")["year"].diff() != 1
    return ordered["partner"] + gap.cumsum().astype(str)


def fonts(bold: Mapping[str, bool], italic: Mapping[str, bool], parties: Sequence[str]) -> pd.DataFrame:
    """The columns weight and style of `line_ends`, one row a party."""
    return pd.DataFrame(
        {
            "weight": ["bold" if bold.get(party) else "normal" for party in parties],
            "style": ["italic" if italic.get(party) else "normal" for party in parties],
        }
    )


def _incomplete(extent: Extent, subject: Subject) -> list[Part]:
    """Hatching over years whose records are not all there."""
    years = [year for year in sorted(subject.partial) if extent.first <= year <= extent.last]
    if not years:
        return []
    rise, step = 0.12 * extent.height, 0.03 * extent.height
    lows = np.arange(extent.bottom - rise, extent.top, step)
    lines = pd.DataFrame(
        [(year - 0.5, low, year + 0.5, low + rise) for year in years for low in lows],
        columns=["left", "low", "right", "high"],
    )
    return [
        geom_segment(
            aes(x="left", y="low", xend="right", yend="high"), data=lines, color="#cccccc", size=0.4
        ),
        annotate(
            "text", x=years[0] - 0.6, y=extent.top, label="incomplete", size=7.5, color=QUIET, ha="right",
            va="top",
        ),
    ]  # fmt: skip


def _wrapped(sentences: Sequence[str], width: int = 150) -> str:
    lines = [""]
    for sentence in sentences:
        longer = f"{lines[-1]} {sentence}".strip()
        if len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(sentence)
    return "\n".join(lines)
