"""The software-defined assets after the counting: the published vintage, its figures and its report.

Each only calls plain code of this package and reports what it did; the marts they start from are those of
the dbt project, handed in by `orchestration`.
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from assets.country_names import country_names
from assets.data_package import MartDescription
from assets.definitions import OWNERS
from assets.errors import CollaborationError
from assets.figures import markdown_image
from assets.pipeline import Pipeline
from assets.publish import publish

_SKIPPED = "COLLAB_REPORT is skip: no figures and no report are made."


def published_vintage(marts: Mapping[str, MartDescription], pool: str) -> dg.AssetsDefinition:
    """The asset of the marts that passed their checks, where readers find them."""

    @dg.asset(
        name="published_vintage",
        deps=list(marts),
        output_required=False,
        group_name="publication",
        kinds={"duckdb", "parquet", "csv"},
        owners=OWNERS,
        pool=pool,
    )
    def vintage(
        context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[dg.MaterializeResult[None]]:
        """The marts as one whole, checked vintage: a DuckDB file, and each mart as Parquet and CSV.

        Trends are fitted on the way. Nothing is published while a year is stale or failed a check; readers
        keep the last vintage.
        """
        with pipeline.store.writing("publishing", context.log.info):
            try:
                published = publish(
                    pipeline.store,
                    pipeline.ledger,
                    pipeline.counting_rules(),
                    marts,
                )
            except CollaborationError as error:
                context.log.warning(str(error))
                return
        pipeline.announce(f"Published vintage {published.name}.")
        yield dg.MaterializeResult(
            metadata={
                "vintage": published.name,
                "synthetic": published.synthetic,
                "drops": published.drops,
                "bytes": published.bytes,
                "file": dg.MetadataValue.path(str(pipeline.store.warehouse_file)),
                **{f"rows of {mart}": rows for mart, rows in published.rows.items()},
            }
        )

    return vintage


def figures(vintage: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The asset with the figures of the published vintage."""

    @dg.asset(
        name="figures",
        deps=[vintage],
        output_required=False,
        group_name="publication",
        kinds={"plotnine"},
        owners=OWNERS,
    )
    def drawn_figures(
        context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Ten figures of one country's partners, as PNG and SVG: whom, since when, in what, how surely."""
        if not pipeline.options.write_report:
            context.log.info(_SKIPPED)
            return
        # The plotting library takes seconds to import, and every start of the code location loads this.
        from assets.figures.data import Focus
        from assets.figures.draw import draw_all

        focus = Focus(_focal_country(pipeline))
        drawn = []
        for figure in draw_all(
            pipeline.store.warehouse_file, pipeline.store.figures, focus, country_names(pipeline.project)
        ):
            drawn.append(figure)
            pipeline.show_progress(f"Drawing figures: {len(drawn)} done")
        pipeline.announce(f"Drew {len(drawn)} figures in {pipeline.store.figures}.")
        pictures = {item.title: markdown_image(item.preview, item.title) for item in drawn}
        yield dg.MaterializeResult(
            metadata={
                **{title: dg.MetadataValue.md(picture) for title, picture in pictures.items()},
                "folder": dg.MetadataValue.path(str(pipeline.store.figures)),
                "files": [file.name for item in drawn for file in (item.png, item.svg)],
            }
        )

    return drawn_figures


def report(vintage: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The asset with the report of the published vintage."""

    @dg.asset(
        name="report",
        deps=[vintage],
        output_required=False,
        group_name="publication",
        kinds={"html"},
        owners=OWNERS,
    )
    def written_report(
        context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[dg.MaterializeResult[None]]:
        """One static site to read the vintage in: opens from disk, with no network."""
        if not pipeline.options.write_report:
            context.log.info(_SKIPPED)
            return
        from assets.report import write_report

        with pipeline.store.writing("writing the report", context.log.info):
            summary = write_report(
                pipeline.store.warehouse_file,
                pipeline.store.report,
                _focal_country(pipeline),
                country_names(pipeline.project),
            )
        pipeline.announce(f"Wrote the report {summary.index}.")
        if summary.focal_country != pipeline.options.focal_country:
            pipeline.announce(
                f"It opens with {summary.focal_country}: {pipeline.options.focal_country} has no joint paper "
                "with another country."
            )
        yield dg.MaterializeResult(
            metadata={
                "page": dg.MetadataValue.path(str(summary.index)),
                "bytes": summary.bytes,
                "files of data": summary.pieces,
                "technologies": summary.technologies,
                "countries": summary.countries,
            }
        )

    return written_report


def _focal_country(pipeline: Pipeline) -> str:
    country = pipeline.options.focal_country
    if country != "EU27" and country not in country_names(pipeline.project):
        raise dg.Failure(
            f"COLLAB_FOCAL_COUNTRY is {country!r}, which is no code of the seed countries; "
            "name an ISO 3166-1 alpha-2 code such as CN, or EU27.",
            allow_retries=False,
        )
    return country
