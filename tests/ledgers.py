"""Ledgers written by hand, for tests of what follows from one without running dbt."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from assets.drop_settings import Mode
from assets.ingest import ingest
from assets.landing import inspect_one
from assets.ledger import Ledger
from assets.ledger_facts import (
    CheckState,
    DropContent,
    DropVersion,
    MatchedCatalogue,
    Resolution,
    TechnologyContent,
    VersionState,
    YearBuild,
)
from assets.pipeline import Options, Pipeline
from assets.rules import resolution_rules
from assets.staleness import build_state, year_fingerprint
from assets.store import open_store
from tests.delivered_works import Json, work
from tests.derive import write_drop
from tests.published import publish_by_hand

RULES: Mapping[str, str] = {"models/marts/country_output.sql": "1", "seeds/countries.csv": "1"}


def version(drop_id: str, number: int = 1, **changes: object) -> DropVersion:
    """A drop version of ten records, all of them read."""
    made = DropVersion(
        drop_version=f"{drop_id}-folder/{number}",
        drop_id=drop_id,
        source="openalex",
        format="OpenAlex JSON lines",
        fingerprint=f"content {number}",
        reader_version=1,
        stated_date=None,
        synthetic=False,
        technology=None,
        mode=Mode.DELTA,
        records=10,
        accepted=10,
        rejected_by_reason={},
        records_by_year={"2019": 10},
        bytes=1000,
        seconds=0.5,
        state=VersionState.ACTIVE,
        reason="",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def content(drop: DropVersion, works: int = 10, content_total: int = 100) -> DropContent:
    """What a drop version gives to a year."""
    return DropContent(drop.drop_version, drop.drop_id, works, content_total)


def technology(name: str, works: int = 3, content_total: int = 30, query: str = "") -> TechnologyContent:
    """What a technology is in a year."""
    return TechnologyContent(name, works, content_total, query)


def resolve(
    ledger: Ledger,
    contents: Mapping[int, Sequence[DropContent]],
    rules: Mapping[str, str] = RULES,
    technologies: Mapping[int, Sequence[TechnologyContent]] | None = None,
) -> None:
    """Record what each year consists of, decided from the active versions and the catalogue recorded last."""
    versions = tuple(item.drop_version for item in ledger.active_versions())
    ledger.record_resolution(
        Resolution(versions, dict(rules), ledger.catalogue().stamp, build_id="build"),
        [(year, item) for year, items in contents.items() for item in items],
        [(year, item) for year, items in (technologies or {}).items() for item in items],
    )


def count(
    ledger: Ledger,
    *years: int,
    rules: Mapping[str, str] = RULES,
    checks: CheckState = CheckState.PASSED,
    seconds: float = 1,
) -> None:
    """Record the years as counted from what they consist of now."""
    contents = ledger.year_contents()
    technologies = ledger.year_technologies()
    reader_versions = ledger.reader_versions()
    ledger.record_year_builds(
        YearBuild(
            year=year,
            fingerprint=year_fingerprint(contents.get(year, ()), reader_versions, rules),
            contents=contents.get(year, ()),
            technologies=technologies.get(year, ()),
            rules=rules,
            seconds=seconds,
            checks=checks,
            built_at="",
        )
        for year in years
    )


def counted_ledger(path: Path, *years: int) -> Ledger:
    """A ledger in which a drop gives ten works to each of the years, all counted and checked."""
    ledger = Ledger(path)
    drop = version("base")
    ledger.record(drop, "as delivered")
    resolve(ledger, {year: [content(drop)] for year in years})
    count(ledger, *years)
    return ledger


def settled_pipeline(folder: Path) -> Pipeline:
    """A pipeline with one drop that is ingested, counted and published, by its ledger at least."""
    (folder / "project" / "seeds").mkdir(parents=True)
    (folder / "project" / "seeds" / "countries.csv").write_text("code\n")
    deliver(folder / "landing" / "base", work(1), work(2))
    pipeline = Pipeline(
        store=open_store(folder / "store"),
        landing=folder / "landing",
        options=Options(start_year=2005, end_year=2026, quiet_seconds=0),
        project=folder / "project",
        announce=lambda _: None,
    )
    take_in(pipeline, "base")
    pipeline.ledger.record_catalogue(MatchedCatalogue(pipeline.catalogue_stamp()))
    decide(pipeline)
    count_all(pipeline)
    pipeline.store.build_file.touch()
    publish_by_hand(pipeline.store, build_state(pipeline.ledger))
    return pipeline


def deliver(drop: Path, *records: Json) -> Path:
    """Put a complete drop at a path."""
    return write_drop(drop, records, date=date(2026, 3, 2))


def take_in(pipeline: Pipeline, drop_id: str) -> None:
    """Read a drop of the landing folder."""
    ingest(pipeline, inspect_one(pipeline, drop_id), lambda _: None)


def decide(pipeline: Pipeline, **works: int) -> None:
    """Record what 2019 consists of: two works of each active drop unless told otherwise."""
    given = [(drop, works.get(drop.drop_id, 2)) for drop in pipeline.ledger.active_versions()]
    contents = [content(drop, number, number) for drop, number in given if number]
    rules = resolution_rules(pipeline.project, pipeline.options.counting)
    resolve(pipeline.ledger, {2019: contents} if contents else {}, rules)


def count_all(pipeline: Pipeline, checks: CheckState = CheckState.PASSED) -> None:
    """Record 2019 as counted by the rules of now."""
    count(pipeline.ledger, 2019, rules=pipeline.counting_rules(), checks=checks)
