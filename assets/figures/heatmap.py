"""Heatmap: the intensity of all pairs among the largest countries in one year."""

import pandas as pd
from plotnine import (
    aes,
    coord_fixed,
    element_blank,
    element_text,
    geom_point,
    geom_tile,
    ggplot,
    scale_x_discrete,
    scale_y_discrete,
    theme,
)

from assets.figures.data import Subject
from assets.figures.steps import legend, step_names, steps_of
from assets.figures.style import message, newspaper, titles

SHOWN = 30
_SIDE = 8.6


def heatmap_figure(pairs: pd.DataFrame, subject: Subject) -> ggplot:
    """Each pair a square, darker with its intensity; a dot where the papers are too few to say.

    Args:
        pairs: As `read_pairs` gives it.
        subject: What the figure is about.
    """
    title = f"Who works with whom in {subject.last_full}"
    known = pairs[~pairs["is_small"]]
    if known.empty:
        return message(subject, title, "No pair of countries has enough papers to show its intensity.")
    order = list(pairs.drop_duplicates("country").sort_values("place")["country"])
    steps = steps_of(known["intensity"])
    squares = known.assign(step=step_names(known["intensity"], steps))
    names = {country: subject.name_of(country) for country in order}
    return (
        ggplot(squares, aes(x="country", y="partner"))
        + newspaper(_SIDE, _SIDE)
        + geom_tile(aes(fill="step"), width=0.94, height=0.94)
        + geom_point(data=pairs[pairs["is_small"]], color="#c4c4c4", size=0.4)
        + scale_x_discrete(limits=order, labels=order)
        + scale_y_discrete(limits=order[::-1], labels=[names[country] for country in order[::-1]])
        + coord_fixed()
        + legend(steps)
        + theme(
            panel_grid=element_blank(),
            axis_text_x=element_text(size=7),
            axis_text_y=element_text(size=8),
        )
        + titles(
            subject, title, f"Intensity among the {len(order)} countries with the largest weight",
            "Dot: fewer than 25 effective papers; empty: no joint paper.",
        )
    )  # fmt: skip
