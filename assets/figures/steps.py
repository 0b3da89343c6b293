"""Colour steps for squares and tiles that show a positive quantity: few, from light to dark."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from plotnine import element_blank, element_text, guide_legend, guides, scale_fill_manual, theme

from assets.figures.style import Part

# ColorBrewer's YlGnBu in five classes, its lightest a little darker so that it shows on white.
COLOURS = ("#e3f0b4", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
_LIGHT = 3
"""The first of these are light enough for dark text."""


def steps_of(values: pd.Series) -> list[float]:
    """Lower limits of the steps, the first 0: quantiles of the values, rounded to two digits, ascending."""
    shares = np.arange(1, len(COLOURS)) / len(COLOURS)
    limits = {float(f"{limit:.2g}") for limit in values.quantile(shares)}
    return [0.0, *sorted(limit for limit in limits if limit > values.min())]


def step_names(values: pd.Series, steps: Sequence[float]) -> pd.Categorical:
    """The step of each value, by the name it has in the legend."""
    names = _names(steps)
    places = np.searchsorted(steps, values, side="right") - 1
    return pd.Categorical([names[place] for place in places], names)


def text_colours(values: pd.Series, steps: Sequence[float]) -> list[str]:
    """A colour for text on each value's colour."""
    places = np.searchsorted(steps, values, side="right") - 1
    return ["#222222" if place < _LIGHT else "#ffffff" for place in places]


def legend(steps: Sequence[float]) -> list[Part]:
    """The fill scale of the steps, explained in one line above the panel."""
    return [
        scale_fill_manual(values=dict(zip(_names(steps), COLOURS, strict=False)), drop=False),
        guides(fill=guide_legend(nrow=1)),
        theme(
            legend_position="top",
            legend_justification="left",
            legend_title=element_blank(),
            legend_text=element_text(size=8, color="#444444"),
            legend_key_size=11,
        ),
    ]


def _names(steps: Sequence[float]) -> list[str]:
    """Below the second limit, between two, from the last on."""
    if len(steps) == 1:
        return ["any"]
    between = [f"{low:g} to {high:g}" for low, high in pairwise(steps[1:])]
    return [f"below {steps[1]:g}", *between, f"{steps[-1]:g} and more"]
