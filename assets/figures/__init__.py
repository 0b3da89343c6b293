"""Figures: numbers come in, a picture goes out. Nothing is counted here.

`draw_all` in `assets.figures.draw` draws the figures of the study from a published file; importing it loads
the plotting library, which takes seconds. What is named here is quick to import.
"""

from assets.figures.small_plots import bars, markdown_image, year_bars

__all__ = ["bars", "markdown_image", "year_bars"]
