"""Rank chart: who another country works with instead of the subject."""

import pandas as pd
from plotnine import aes, element_blank, geom_line, geom_point, ggplot, theme

from assets.figures.data import Subject
from assets.figures.style import (
    Extent,
    colours,
    fonts,
    line_ends,
    message,
    newspaper,
    own_colours,
    room_for,
    stretches,
    titles,
    year_axis,
)

_RANKS = 12
_OTHERS, _OTHERS_TEXT = "#bdbdbd", "#7a7a7a"
_MOVED = 3
"""So many partners with the largest change of rank are drawn in colour."""


def ranks_figure(partners: pd.DataFrame, subject: Subject, other: str) -> ggplot:
    """Ranks of another country's partners by weight, the subject stressed.

    Args:
        partners: As `read_partners` gives it for the other country.
        subject: Whose place among the partners is in question.
        other: Code of the other country.
    """
    name = subject.within_sentence(other)
    title = f"Who {name} works with instead of {subject.name}"
    rows = partners[(partners["rank_weight_stable"] <= _RANKS) & ~partners["year"].isin(subject.partial)]
    if rows.empty:
        return message(subject, title, f"No partner of {name} has enough papers to be ranked.")
    first, last = int(rows["year"].min()), int(rows["year"].max())
    colour = _stressed(rows, subject.country)
    rows = rows.assign(
        place=-rows["rank_weight_stable"],
        stretch=stretches(rows),
        colour=rows["partner"].map(colour).fillna(_OTHERS),
        stressed=rows["partner"].isin(colour),
    ).sort_values("stressed", kind="stable")
    extent = Extent(first, last, top=-0.3, bottom=-_RANKS - 0.7)
    ends = {side: _labels(rows[rows["year"] == year], subject) for side, year in ((-1, first), (1, last))}
    room = room_for([*ends[-1]["label"], *ends[1]["label"]], extent, sides=2)
    return (
        ggplot(rows, aes(x="year", y="place", color="colour"))
        + newspaper()
        + own_colours()
        + [
            part
            for stressed, some in rows.groupby("stressed")
            for part in (
                geom_line(aes(group="stretch"), data=some, size=2.2 if stressed else 0.9),
                geom_point(data=some, size=2.6 if stressed else 1.6),
            )
        ]
        + line_ends(ends[1], extent)
        + line_ends(ends[-1], extent, side=-1)
        + year_axis(extent, subject, room, left=room)
        + theme(axis_text_y=element_blank(), panel_grid_major_y=element_blank())
        + titles(
            subject,
            title,
            f"Partners of {name} ranked by weight, the first {_RANKS} of each year",
            f"Stressed: {subject.name} and the {_MOVED} partners whose rank changed most.",
            "Left out: pair-years with fewer than 25 effective papers.",
        )
    )


def _stressed(rows: pd.DataFrame, country: str) -> dict[str, str]:
    """Colours of the subject and of those whose rank changed most between their first and last year shown."""
    series = rows.sort_values("year").groupby("partner")["rank_weight_stable"]
    change = (series.last() - series.first()).abs().drop(country, errors="ignore")
    moved = change[change > 0].sort_values(ascending=False, kind="stable").index[:_MOVED]
    return colours([country, *moved])


def _labels(rows: pd.DataFrame, subject: Subject) -> pd.DataFrame:
    """Rank and name at one end of the chart."""
    rows = rows.sort_values(["rank_weight_stable", "partner"])
    labels = pd.DataFrame(
        {
            "value": rows["place"].to_numpy(),
            "label": [
                f"{rank:.0f}  {subject.name_of(partner)}"
                for rank, partner in zip(rows["rank_weight_stable"], rows["partner"], strict=True)
            ],
            "colour": rows["colour"].where(rows["stressed"], _OTHERS_TEXT).to_numpy(),
        }
    )
    stressed = dict(zip(rows["partner"], rows["stressed"], strict=True))
    return labels.join(fonts(stressed, {}, list(rows["partner"])))
