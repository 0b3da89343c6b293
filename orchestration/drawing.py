"""What `figures` does: draws the figures of the published vintage for whatever a user asks about.

Only wording belongs here; what is drawn, and from what, is `assets.figures`.
"""

import argparse

from assets.country_names import country_names
from assets.errors import CollaborationError
from assets.figures.data import Focus
from assets.figures.draw import draw_all
from assets.pipeline import Pipeline
from orchestration.conclusion import ExitStatus
from orchestration.terminal import Terminal


def draw_figures(pipeline: Pipeline, options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    """Draw what the command line asks for.

    Raises:
        CollaborationError: Nothing is published yet, or a country or technology is unknown.
    """
    warehouse = pipeline.store.warehouse_file
    if not warehouse.exists():
        raise CollaborationError(f"Nothing is published in {pipeline.store.root} yet: run it first.")
    other = options.other.upper() if options.other else None
    focus = Focus(options.country.upper(), options.technology, options.view, other)
    folder = options.into or pipeline.store.drawings / f"{focus.technology}-{focus.view}"
    for drawn in draw_all(warehouse, folder, focus, country_names(pipeline.project)):
        terminal.line(f"{drawn.png}  {drawn.title}")
    return ExitStatus.OK
