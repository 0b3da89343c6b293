"""Small multiples: the subject's intensity with a few partners, technology by technology."""

from dataclasses import replace
from textwrap import fill

import pandas as pd
from plotnine import (
    aes,
    coord_cartesian,
    element_blank,
    element_text,
    facet_wrap,
    geom_line,
    geom_point,
    geom_ribbon,
    ggplot,
    guide_legend,
    guides,
    scale_color_manual,
    scale_fill_manual,
    scale_x_continuous,
    scale_y_continuous,
    theme,
)

from assets.figures.data import Subject
from assets.figures.style import colours, message, newspaper, numbers, titles

SHOWN = 12
_COLUMNS = 4
_PANEL_HEIGHT = 1.65
_STRIP = 27


def technologies_figure(rows: pd.DataFrame, partners: list[str], subject: Subject) -> ggplot:
    """One panel a technology, all on one scale; technologies where every pair-year is small have none.

    Args:
        rows: As `read_technologies` gives it.
        partners: Those in it, in the order of their colours.
        subject: What the figure is about.
    """
    title = f"{subject.name} and its largest partners, technology by technology"
    kept = rows[~rows["is_small"] & ~rows["year"].isin(subject.partial)]
    if kept.empty:
        return message(subject, title, "In no technology has a partner enough papers in any year.")
    kept = kept.assign(name=[subject.name_of(partner) for partner in kept["partner"]])
    panels = [_strip(name) for name in kept.sort_values("place")["technology_name"].unique()]
    kept["panel"] = pd.Categorical([_strip(name) for name in kept["technology_name"]], panels)
    present = set(kept["partner"])
    palette = {
        subject.name_of(partner): colour
        for partner, colour in colours(partners).items()
        if partner in present
    }
    kept["name"] = pd.Categorical(kept["name"], list(palette))
    first, last = int(kept["year"].min()), int(kept["year"].max())
    top = 1.05 * float(kept["intensity_high"].max())
    lines = -(-len(panels) // _COLUMNS)
    return (
        ggplot(kept, aes(x="year", y="intensity", color="name"))
        + newspaper(height=1.7 + _PANEL_HEIGHT * lines)
        + geom_ribbon(
            aes(ymin="intensity_low", ymax="intensity_high", fill="name"),
            alpha=0.15,
            color="none",
            outline_type="full",
        )
        + geom_point(size=0.5, alpha=0.7)
        + geom_line(aes(y="trend"), data=kept.dropna(subset=["trend"]), size=0.9)
        + facet_wrap("panel", ncol=_COLUMNS)
        + coord_cartesian(ylim=(0, top))
        + scale_x_continuous(breaks=[first, last], labels=[str(first), f"{last}"], expand=(0.06, 0))
        + scale_y_continuous(labels=numbers, expand=(0, 0))
        + scale_color_manual(values=palette)
        + scale_fill_manual(values=palette, guide=None)
        + guides(color=guide_legend(nrow=1))
        + theme(
            legend_position="top",
            legend_justification="left",
            legend_title=element_blank(),
            legend_text=element_text(size=9),
            strip_text=element_text(size=8, weight="bold", ha="left", va="bottom", ma="left"),
            axis_text=element_text(size=7),
            panel_spacing_x=0.02,
            panel_spacing_y=0.03,
        )
        + titles(
            replace(subject, technology_name="as each panel says"),
            title,
            f"Intensity in the {len(panels)} technologies with most works and enough joint papers",
            "Points: years; lines: trend; bands: 95% intervals.",
            "Left out: pair-years with fewer than 25 effective papers, incomplete years.",
        )
    )


def _strip(name: str) -> str:
    return fill(name, _STRIP, max_lines=2, placeholder="…")
