"""Figure of the subject's collaboration with groups of countries at four dates."""

import pandas as pd
from plotnine import (
    aes,
    element_blank,
    element_text,
    facet_grid,
    geom_col,
    geom_text,
    ggplot,
    scale_y_continuous,
    theme,
)

from assets.figures.data import Subject
from assets.figures.style import message, newspaper, own_colours, titles

_DATES = 4
_SHARE, _INTENSITY = "Share of weight", "Intensity"
# From light to dark in the order of time, told apart without colour.
_TONES = ("#c6dbef", "#85b4d8", "#3f86bd", "#08407e")


def dates(subject: Subject) -> list[int]:
    """Four full years from the first to the last, as evenly as whole years allow; fewer where there are."""
    full = [year for year in subject.years if year not in subject.partial]
    steps = {round(step * (len(full) - 1) / (_DATES - 1)) for step in range(_DATES)}
    return [full[step] for step in sorted(steps)] if full else []


def groups_figure(groups: pd.DataFrame, subject: Subject) -> ggplot:
    """Share of the weight with all groups, and intensity with each, at each date.

    Args:
        groups: As `read_groups` gives it.
        subject: What the figure is about.
    """
    title = f"How {subject.name} works with groups of countries"
    if groups.empty:
        return message(subject, title, "There is no paper with any of the groups.")
    bars = _bars(groups)
    years = sorted(groups["year"].unique())
    return (
        ggplot(bars, aes(x="year", y="value", fill="tone"))
        + newspaper()
        + own_colours()
        + geom_col(width=0.82)
        + geom_text(aes(label="label"), va="bottom", size=8, color="#444444", nudge_y=0)
        + facet_grid("panel", "group_name", scales="free_y")
        + scale_y_continuous(expand=(0, 0, 0.14, 0))
        + theme(
            axis_text_y=element_blank(),
            panel_grid_major_y=element_blank(),
            panel_spacing_x=0.03,
            panel_spacing_y=0.04,
            strip_text_x=element_text(size=10, weight="bold", ha="left"),
            strip_text_y=element_text(size=9, rotation=-90, color="#444444"),
        )
        + titles(
            subject,
            title,
            f"Share of the weight with all groups, and intensity with each, {years[0]} to {years[-1]}",
            "Groups: the seed country_groups, with the same members in every year.",
        )
    )


def _bars(groups: pd.DataFrame) -> pd.DataFrame:
    """One row a panel, group and date; the group with most weight at the last date first."""
    last = groups[groups["year"] == groups["year"].max()].sort_values("weight", ascending=False)
    order = [*last["group_name"], *sorted(set(groups["group_name"]) - set(last["group_name"]))]
    years = [str(year) for year in sorted(groups["year"].unique())]
    tones = dict(zip(years, _TONES[-len(years) :], strict=True))
    rows = groups.assign(year=groups["year"].astype(str))
    shares = rows.assign(panel=_SHARE, value=rows["share"])
    shares["label"] = [f"{share:.0%}" for share in rows["share"]]
    intensities = rows.assign(panel=_INTENSITY, value=rows["intensity"])
    intensities["label"] = [f"{value:.3f}" for value in rows["intensity"]]
    bars = pd.concat([shares, intensities], ignore_index=True)
    return bars.assign(
        tone=bars["year"].map(tones),
        year=pd.Categorical(bars["year"], years),
        panel=pd.Categorical(bars["panel"], [_SHARE, _INTENSITY]),
        group_name=pd.Categorical(bars["group_name"], order),
    )
