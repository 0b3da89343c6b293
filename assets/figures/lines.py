"""Figures with one line a partner over the years: weight, intensity, intensity indexed to its base year."""

from collections.abc import Sequence

import pandas as pd
from plotnine import (
    aes,
    annotate,
    geom_line,
    geom_linerange,
    geom_point,
    geom_ribbon,
    ggplot,
    scale_y_continuous,
)

from assets.figures.data import Subject
from assets.figures.style import (
    Extent,
    Part,
    colours,
    fonts,
    line_ends,
    message,
    newspaper,
    numbers,
    own_colours,
    room_for,
    stretches,
    titles,
    year_axis,
)

_LARGEST, _MOST_INTENSIVE, _INDEXED = 6, 10, 12
_LARGE_RANK, _SMALL_RANK = 10, 25
_BASE = 100
_TINT = 0.13
_TALLEST_BAND = 1.4
_LEGEND = "Points: years; lines: trend; bands: 95% intervals."
_INDEX_LEGEND = "Points: years; lines: trend; bands: 95% intervals, those of the base year included."
_SMALL = "Left out: pair-years with fewer than 25 effective papers."
_TOO_FEW = (
    "With no partner there are enough papers in {year}:\nfewer than 25 effective papers say too little."
)

CLASSES = {
    "rising": "grows closer to",
    "plateau": "holds steady with",
    "falling": "moves away from",
}
"""Class of trend to what the subject does."""


def weight_figure(partners: pd.DataFrame, subject: Subject) -> ggplot:
    """Weight with the largest partners of the last full year.

    Args:
        partners: As `read_partners` gives it.
        subject: What the figure is about.
    """
    title = f"Who {subject.name} does most research with"
    chosen = top_partners(partners, subject, "rank_weight_stable", _LARGEST)
    rows = series_of(partners, chosen, "weight", subject)
    if rows.empty:
        return message(subject, title, _TOO_FEW.format(year=subject.last_full))
    subtitle = "Weight: fractional count of joint papers a year"
    return _lines(rows, chosen, subject) + titles(subject, title, subtitle, _LEGEND, _SMALL)


def intensity_figure(partners: pd.DataFrame, subject: Subject) -> ggplot:
    """Intensity with the most intensive partners of the last full year; arguments as `weight_figure`."""
    title = f"With whom {subject.name} works most intensively"
    chosen = top_partners(partners, subject, "rank_intensity_stable", _MOST_INTENSIVE)
    rows = series_of(partners, chosen, "intensity", subject)
    if rows.empty:
        return message(subject, title, _TOO_FEW.format(year=subject.last_full))
    subtitle = "Intensity: weight over the geometric mean of both outputs"
    return _lines(rows, chosen, subject) + titles(subject, title, subtitle, _LEGEND, _SMALL)


def index_figure(partners: pd.DataFrame, subject: Subject, trend_class: str) -> ggplot:
    """Intensity as an index of its base year, for the largest partners of one class of trend.

    A partner whose base year is missing or small is left out: all its values would carry that year's chance.

    Args:
        partners: As `read_partners` gives it.
        subject: What the figure is about.
        trend_class: One of `CLASSES`.
    """
    title = f"{subject.name} {CLASSES[trend_class]} these partners"
    base = partners[(partners["index_intensity"].round(9) == _BASE) & ~partners["is_small"]]
    found = partners[partners["partner"].isin(base["partner"]) & (partners["trend_class"] == trend_class)]
    chosen = top_partners(found, subject, "rank_weight_stable", _INDEXED)
    rows = series_of(found, chosen, "intensity", subject)
    if rows.empty:
        return message(
            subject,
            title,
            f"There is no partner with a {trend_class} trend\nand enough papers in the base year.",
        )
    factor = rows["index_intensity"] / rows["value"]
    rows[["value", "trend"]] = rows[["value", "trend"]].mul(factor, axis=0)
    rows["low"] = rows["index_intensity_low"].mask(rows["hollow"])
    rows["high"] = rows["index_intensity_high"].mask(rows["hollow"])
    base_year = int(base["year"].min())
    note = (
        f"Bold: among the {_LARGE_RANK} largest partners of {subject.last_full}; "
        f"italic: not among the {_SMALL_RANK} largest."
    )
    return (
        _lines(rows, chosen, subject)
        + annotate(
            "segment",
            x=int(rows["year"].min()),
            xend=int(rows["year"].max()),
            y=_BASE,
            yend=_BASE,
            color="#999999",
            size=0.6,
        )
        + titles(
            subject,
            title,
            f"Index of intensity, {base_year} = {_BASE}. Trend of the last five years: {trend_class}",
            note,
            _INDEX_LEGEND,
            _SMALL,
        )
    )


def top_partners(partners: pd.DataFrame, subject: Subject, rank: str, shown: int) -> list[str]:
    """The first partners by a rank in the last full year; those without the rank are small."""
    last = partners[(partners["year"] == subject.last_full) & partners[rank].notna()]
    ranked = last.sort_values([rank, "partner"])["partner"]
    return [str(partner) for partner in ranked.head(shown)]


def series_of(partners: pd.DataFrame, chosen: Sequence[str], measure: str, subject: Subject) -> pd.DataFrame:
    """The rows to draw, small pair-years left out, with the columns value, low, high, trend and hollow.

    Incomplete years keep their points, hollow ones, and lose band and trend.
    """
    rows = partners[partners["partner"].isin(chosen) & ~partners["is_small"]]
    hollow = rows["year"].isin(subject.partial)
    return rows.assign(
        value=rows[measure],
        low=rows[f"{measure}_low"].mask(hollow),
        high=rows[f"{measure}_high"].mask(hollow),
        trend=rows[f"trend_{measure}"].mask(hollow),
        hollow=hollow,
    )


def _lines(rows: pd.DataFrame, chosen: Sequence[str], subject: Subject) -> ggplot:
    """Bands, trends, points and the names at their ends."""
    rows = rows.assign(colour=rows["partner"].map(colours(chosen)))
    banded = rows.dropna(subset=["low", "high"])
    banded = banded.assign(stretch=stretches(banded))
    extent = Extent(int(rows["year"].min()), int(rows["year"].max()), _top(rows))
    ends = _ends(rows, chosen, subject)
    points = aes(x="year", y="value", color="colour")
    parts: list[Part] = [
        *year_axis(extent, subject, room_for(list(ends["label"]), extent)),
        scale_y_continuous(labels=numbers, expand=(0, 0)),
        geom_ribbon(
            aes(x="year", ymin="low", ymax="high", fill="colour", group="stretch"),
            data=banded,
            alpha=_TINT,
            outline_type="full",
        ),
        # A band needs two years; a year alone shows its interval as a stroke.
        geom_linerange(
            aes(x="year", ymin="low", ymax="high", color="colour"),
            data=banded[banded.groupby("stretch")["year"].transform("size") == 1],
            alpha=0.4,
        ),
        geom_line(
            aes(x="year", y="trend", color="colour", group="partner"),
            data=rows.dropna(subset=["trend"]),
            size=1.1,
        ),
        geom_point(points, data=rows[~rows["hollow"]], size=1.3),
        geom_point(points, data=rows[rows["hollow"]], size=1.3, fill="white"),
        *line_ends(ends, extent),
    ]
    return ggplot() + newspaper() + own_colours() + parts


def _ends(rows: pd.DataFrame, chosen: Sequence[str], subject: Subject) -> pd.DataFrame:
    """Where each line ends: at its last trend value, or else its last point."""
    full = rows[~rows["hollow"]].sort_values("year")
    last = full.groupby("partner").last().reindex(list(chosen))
    ends = pd.DataFrame(
        {
            "value": last["trend"].fillna(last["value"]).to_numpy(),
            "label": [subject.name_of(partner) for partner in chosen],
            "colour": last["colour"].to_numpy(),
        }
    )
    ranks = last["rank_weight"]
    return ends.join(fonts(dict(ranks <= _LARGE_RANK), dict(ranks > _SMALL_RANK), chosen))


def _top(rows: pd.DataFrame) -> float:
    """Room for the values, their trend and their bands; a band much wider than all values is cut."""
    highest = float(rows[["value", "trend"]].max().max())
    return max(1.08 * highest, min(1.02 * float(rows["high"].max()), _TALLEST_BAND * highest))
