"""Map: one tile a country, about where it lies, coloured by its intensity with the subject.

A tile gives small countries the same room as large ones, needs no borders, and so takes no side about them.
Where each tile is stands in `country_tiles.csv`, an arrangement made for this project.
"""

import csv
from functools import cache
from pathlib import Path

import pandas as pd
from plotnine import (
    aes,
    coord_fixed,
    element_blank,
    geom_text,
    geom_tile,
    ggplot,
    scale_color_identity,
    theme,
)

from assets.figures.data import EU, Subject
from assets.figures.steps import legend, step_names, steps_of, text_colours
from assets.figures.style import message, newspaper, titles

_TILES = Path(__file__).with_name("country_tiles.csv")
_WIDTH, _HEIGHT = 9.0, 6.4
_EMPTY, _EMPTY_TEXT = "#f2f2f2", "#a8a8a8"
_SELF = "#222222"


@cache
def tile_places() -> dict[str, tuple[int, int]]:
    """Country code to column, from the left, and row, from the top."""
    with _TILES.open(newline="", encoding="utf-8") as file:
        return {row["country"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(file)}


def map_figure(partners: pd.DataFrame, subject: Subject) -> ggplot:
    """Intensity with every country in the last full year.

    Args:
        partners: As `read_partners` gives it.
        subject: What the figure is about.
    """
    title = f"Where {subject.name} has its partners"
    year = subject.last_full
    known = partners[(partners["year"] == year) & ~partners["is_small"]]
    if known.empty:
        return message(subject, title, f"No partner has enough papers in {year} to show its intensity.")
    places = tile_places()
    steps = steps_of(known["intensity"])
    tiles = _tiles(known, subject)
    shown = tiles.dropna(subset=["intensity"])
    shown = shown.assign(
        step=step_names(shown["intensity"], steps), ink=text_colours(shown["intensity"], steps)
    )
    selves = tiles["country"].isin(subject.members if subject.country == EU else {subject.country})
    own, empty = tiles[selves], tiles[tiles["intensity"].isna() & ~selves]
    unplaced = sorted(set(known["partner"]) - set(places) - {EU})
    square = {"width": 0.92, "height": 0.92}
    return (
        ggplot(shown, aes(x="column", y="row"))
        + newspaper(_WIDTH, _HEIGHT)
        + geom_tile(data=empty, fill=_EMPTY, **square)
        + geom_text(aes(label="country"), data=empty, size=5.5, color=_EMPTY_TEXT)
        + geom_tile(aes(fill="step"), **square)
        + geom_text(aes(label="country", color="ink"), size=6)
        + geom_tile(data=own, fill=_SELF, **square)
        + geom_text(aes(label="country"), data=own, size=6, color="white", fontweight="bold")
        + coord_fixed(expand=False)
        + scale_color_identity()
        + legend(steps)
        + theme(axis_text=element_blank(), panel_grid=element_blank())
        + titles(
            subject,
            title,
            f"Intensity of collaboration in {year}, by ISO code; black: {subject.name}",
            "Pale: fewer than 25 effective papers, or none.",
            *([f"Not on the map: {', '.join(unplaced)}."] if unplaced else []),
        )
    )


def _tiles(known: pd.DataFrame, subject: Subject) -> pd.DataFrame:
    """All tiles with their intensity; null where there is none to show."""
    intensities = dict(zip(known["partner"], known["intensity"], strict=True))
    if EU in intensities:
        intensities |= dict.fromkeys(subject.members, intensities[EU])
    rows = [
        (country, column, -row, intensities.get(country)) for country, (column, row) in tile_places().items()
    ]
    tiles = pd.DataFrame(rows, columns=["country", "column", "row", "intensity"])
    return tiles.astype({"intensity": float})
