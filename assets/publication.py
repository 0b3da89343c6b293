"""The software-defined assets after the counting: the published vintage, its figures and its report.

One step makes all three, since they are published together or not at all. It only calls plain code of this
package and reports what that did; the marts it starts from are those of the dbt project, handed in by
`orchestration`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.country_names import country_names
from assets.data_package import MartDescription
from assets.definitions import OWNERS
from assets.errors import CollaborationError
from assets.figures import markdown_image
from assets.leftovers import writing_turn
from assets.pipeline import Pipeline
from assets.publish import publish
from assets.revisions import kept_revisions, read_revisions
from assets.vintages import Vintage

if TYPE_CHECKING:
    from assets.report import History

_SKIPPED = "COLLAB_REPORT is skip: no figures and no report are made."
_VINTAGE = "published_vintage"
_FIGURES = "figures"
_REPORT = "report"

Metadata = dict[str, Any]


def publication(marts: Mapping[str, MartDescription], pool: str) -> dg.AssetsDefinition:
    """The assets of what readers see of these marts."""

    @dg.multi_asset(
        name="publication",
        specs=[
            _spec(
                _VINTAGE,
                list(marts),
                {"duckdb", "parquet", "csv"},
                "The marts as one whole, checked vintage: a DuckDB file, each as Parquet and CSV.\n\n"
                "Trends are fitted on the way. Nothing is published while a year is stale or failed a check;"
                " readers keep the last vintage.",
            ),
            _spec(
                _FIGURES,
                [_VINTAGE],
                {"plotnine"},
                "Ten figures of one country's partners, as PNG and SVG: whom, since when, in what, how"
                " surely.",
            ),
            _spec(
                _REPORT,
                [_VINTAGE],
                {"html"},
                "One static site to read the vintage in: opens from disk, with no network.",
            ),
        ],
        pool=pool,
    )
    def published(
        context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[dg.MaterializeResult[None]]:
        country = _focal_country(pipeline)
        furnished: dict[str, Metadata] = {}

        def furnish(folder: Path, _: Vintage) -> None:
            if not pipeline.options.write_report:
                context.log.info(_SKIPPED)
                return
            furnished.update(_furnish(pipeline, folder, country))

        with writing_turn(pipeline, "publishing", context.log.info):
            try:
                vintage = publish(
                    pipeline.store,
                    pipeline.ledger,
                    pipeline.counting_rules(),
                    marts,
                    keep=pipeline.options.keep_vintages,
                    furnish=furnish,
                )
            except CollaborationError as error:
                context.log.warning(str(error))
                return
        pipeline.announce(f"Published vintage {vintage.name}.")
        yield dg.MaterializeResult(asset_key=_VINTAGE, metadata=_vintage_metadata(pipeline, vintage))
        for asset, metadata in furnished.items():
            yield dg.MaterializeResult(asset_key=asset, metadata=metadata)

    return published


def _spec(name: str, deps: list[str], kinds: set[str], description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        name,
        deps=deps,
        description=description,
        skippable=True,
        group_name="publication",
        kinds=kinds,
        owners=OWNERS,
    )


def _furnish(pipeline: Pipeline, folder: Path, country: str) -> Iterator[tuple[str, Metadata]]:
    """Draw the figures and write the report of a staged vintage; gives what the UI shows of each.

    Records may hold nothing that can be drawn, which is said and no reason to keep numbers back.
    """
    for asset, make in ((_FIGURES, _draw_figures), (_REPORT, _write_report)):
        try:
            yield asset, make(pipeline, folder, country)
        except CollaborationError as error:
            pipeline.announce(f"No {asset}: {error}")


def _draw_figures(pipeline: Pipeline, folder: Path, country: str) -> Metadata:
    # The plotting library takes seconds to import, and every start of the code location loads this.
    from assets.figures.data import Focus
    from assets.figures.draw import draw_all

    drawn = []
    figures = draw_all(
        _within(folder, pipeline, pipeline.store.warehouse_file),
        _within(folder, pipeline, pipeline.store.figures),
        Focus(country),
        country_names(pipeline.project),
    )
    for figure in figures:
        drawn.append(figure)
        pipeline.show_progress(f"Drawing figures: {len(drawn)} done")
    pipeline.announce(f"Drew {len(drawn)} figures.")
    pictures = {item.title: markdown_image(item.preview, item.title) for item in drawn}
    return {
        **{title: dg.MetadataValue.md(picture) for title, picture in pictures.items()},
        "folder": dg.MetadataValue.path(str(pipeline.store.figures)),
        "files": [file.name for item in drawn for file in (item.png, item.svg)],
    }


def _history(pipeline: Pipeline, folder: Path) -> "History | None":
    """What a staged vintage and those before it revise."""
    from assets.report import History

    revisions = read_revisions(folder)
    return None if revisions is None else History(revisions, kept_revisions(pipeline.store))


def _write_report(pipeline: Pipeline, folder: Path, country: str) -> Metadata:
    from assets.report import write_report

    pipeline.show_progress("Writing the report")
    summary = write_report(
        _within(folder, pipeline, pipeline.store.warehouse_file),
        _within(folder, pipeline, pipeline.store.report),
        country,
        country_names(pipeline.project),
        _history(pipeline, folder),
    )
    page = pipeline.store.report / summary.index.name
    pipeline.announce(f"Wrote the report {page}.")
    if summary.focal_country != pipeline.options.focal_country:
        pipeline.announce(
            f"It opens with {summary.focal_country}: {pipeline.options.focal_country} has no joint paper "
            "with another country."
        )
    return {
        "page": dg.MetadataValue.path(str(page)),
        "bytes": summary.bytes,
        "files of data": summary.pieces,
        "technologies": summary.technologies,
        "countries": summary.countries,
    }


def _within(folder: Path, pipeline: Pipeline, path: Path) -> Path:
    """Where a staged vintage has what readers will find at a path of the store."""
    return folder / path.relative_to(pipeline.store.root)


def _vintage_metadata(pipeline: Pipeline, vintage: Vintage) -> Metadata:
    return {
        "vintage": vintage.name,
        "synthetic": vintage.synthetic,
        "drops": len(vintage.drops),
        "bytes": vintage.bytes,
        "code": vintage.code,
        "file": dg.MetadataValue.path(str(pipeline.store.warehouse_file)),
        **{f"rows of {mart}": rows for mart, rows in vintage.rows.items()},
    }


def _focal_country(pipeline: Pipeline) -> str:
    country = pipeline.options.focal_country
    if country != "EU27" and country not in country_names(pipeline.project):
        raise dg.Failure(
            f"COLLAB_FOCAL_COUNTRY is {country!r}, which is no code of the seed countries; "
            "name an ISO 3166-1 alpha-2 code such as CN, or EU27.",
            allow_retries=False,
        )
    return country
