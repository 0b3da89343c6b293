"""The folder of the report: page, styles, scripts, plotting library and pieces, written whole or not at all.

The plotting library is the one bundle that `vl_convert` carries, so nothing is fetched, now or by a reader.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import vl_convert

from assets.build import connect
from assets.report.history import History, history_piece
from assets.report.overview import (
    read_claims,
    read_quality,
    read_site,
    read_technologies,
    require_marts,
)
from assets.report.pieces import (
    PieceWriter,
    write_across_technologies,
    write_by_technology,
    write_papers,
    write_partners,
)

_STATIC: Final = Path(__file__).parent / "static"


@dataclass(frozen=True)
class ReportSummary:
    """What was written."""

    index: Path
    """The page to open."""
    pieces: int
    bytes: int
    """Of all files together."""
    technologies: int
    countries: int
    """With a partner in any technology."""
    focal_country: str
    """The one shown first: the one asked for, if it has a partner."""
    scorecard: bool
    """Whether the published file holds one."""


def write_report(
    warehouse: Path,
    folder: Path,
    focal_country: str,
    names: Mapping[str, str],
    history: History | None = None,
) -> ReportSummary:
    """Write the report of a published file; it opens from disk without a network.

    An older report in the folder is replaced at the end; the caller holds the store's writer lock.

    Args:
        warehouse: The published DuckDB file.
        folder: Where `index.html` shall be.
        focal_country: ISO code of the country shown first, or `EU27`; where it has no partner, the country
            with the largest international weight is.
        names: Country code to name, as the seed `countries` has them.
        history: What the vintage revises; without it the report has no page of revisions.

    Raises:
        CollaborationError: A mart is missing; the old report stays.
    """
    incoming = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(incoming, ignore_errors=True)
    try:
        writer, site = _write_pieces(warehouse, incoming / "data", focal_country, names, history)
        shutil.copytree(_STATIC, incoming, dirs_exist_ok=True)
        _write_plotting_library(incoming / "vega.js")
        size = sum(path.stat().st_size for path in incoming.rglob("*") if path.is_file())
        _replace(incoming, folder)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    partners = site["partners"]
    return ReportSummary(
        index=folder / "index.html",
        pieces=writer.files,
        bytes=size,
        technologies=len(partners),
        countries=len({country for countries in partners.values() for country in countries}),
        focal_country=site["focal"],
        scorecard=site["scorecard"],
    )


def _write_pieces(
    warehouse: Path, data: Path, focal_country: str, names: Mapping[str, str], history: History | None
) -> tuple[PieceWriter, dict[str, Any]]:
    """The writer, and what every page needs."""
    writer = PieceWriter(data)
    with connect(warehouse) as connection:
        scorecard = "claims" in require_marts(connection)
        technologies = read_technologies(connection)
        partners = {}
        for technology in technologies:
            partners[technology.number] = write_partners(connection, writer, technology)
            write_by_technology(connection, writer, technology)
        site = read_site(connection, names, focal_country, technologies, partners)
        across = write_across_technologies(connection, writer, site["years"])
        write_papers(connection, writer, site["years"], technologies)
        site |= {"across": across, "scorecard": scorecard, "revisions": history is not None}
        writer.write("site", site)
        writer.write("quality", read_quality(connection))
        if scorecard:
            writer.write("claims", read_claims(connection))
    if history is not None:
        writer.write("revisions", history_piece(history))
    return writer, site


def _write_plotting_library(target: Path) -> None:
    """Vega, Vega-Lite and their embedding as a classic script that leaves two names behind."""
    bundle = vl_convert.javascript_bundle("window.vega = vega; window.vegaEmbed = vegaEmbed;")
    target.write_text(f"(() => {{\n{bundle}\n}})();\n", encoding="utf-8")


def _replace(incoming: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    incoming.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
