"""A place to run the pipeline in, put back as it was before each test.

A pass of the pipeline takes seconds, so one store is built for all tests and copied. Always to the same
place: dbt parses the project anew wherever the paths change. What runs show and leave behind is read
here; what it should be is said in the tests.
"""

import contextlib
import io
import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster_dbt.dbt_manifest import read_manifest_path

from assets.pipeline import PROJECT, Options, Pipeline
from assets.store import Store, open_store
from orchestration import cli, terminal
from orchestration.instance import open_instance
from tests.delivered_works import Json, author, institution, work
from tests.derive import write_drop

DAY = date(2026, 3, 2)
FIRST_YEAR, LAST_YEAR = 2005, 2021
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)

Row = tuple[object, ...]


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@dataclass(frozen=True)
class Workshop:
    """A landing folder, a copy of the dbt project without the study, and a store."""

    root: Path

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def project(self) -> Path:
        return self.root / "project"

    @property
    def store(self) -> Store:
        return Store(self.root / "store")

    def pipeline(self, **options: object) -> Pipeline:
        """The pipeline over this place; quiet at once, and with the options of a user otherwise."""
        usual = Options(start_year=2005, end_year=2026, quiet_seconds=0, write_report=False)
        return Pipeline(
            store=open_store(self.store.root),
            landing=self.landing,
            options=replace(usual, **options),  # type: ignore[arg-type]
            project=self.project,
            announce=lambda _: None,
        )

    def land(self, drop_id: str, records: Sequence[Json]) -> Path:
        """Put a complete drop into the landing folder."""
        return write_drop(self.landing / drop_id, records, date=DAY)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that occurs once in a file of the dbt project."""
        path = self.project / file
        content = path.read_text()
        assert content.count(old) == 1, f"{old!r} occurs {content.count(old)} times in {file}"
        path.write_text(content.replace(old, new))

    def run(self, *arguments: str, **options: object) -> Said:
        """Run a command of the command line in this process, without its progress."""
        pipeline = self.pipeline(**options)
        shown = self.root / "shown.txt"
        with pytest.MonkeyPatch.context() as patch, shown.open("w", encoding="utf-8") as output:
            patch.setattr(cli, "read_pipeline", lambda: pipeline)
            patch.setattr(cli, "default_landing_is_used", lambda: False)
            patch.setattr(terminal, "_PLAIN_SECONDS", math.inf)
            # A process reads what dbt parsed once; here one process stands for several.
            read_manifest_path.cache_clear()
            with contextlib.redirect_stdout(output):
                status = cli.main(arguments)
        return Said(status, shown.read_text("utf-8"))

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The Dagster instance of the store."""
        with open_instance(self.store) as instance:
            yield instance

    def restore(self, template: Path, *, empty: bool = False) -> None:
        """Put everything back as it is in `template`; an empty store keeps only what dbt parsed."""
        shutil.rmtree(self.root, ignore_errors=True)
        if empty:
            shutil.copytree(template / "project", self.project)
            shutil.copytree(template / "store" / "work" / "dbt", self.store.dbt_target)
            shutil.copy(template / "store" / "store.json", self.store.format_file)
            self.landing.mkdir()
        else:
            shutil.copytree(template, self.root, symlinks=True)


def open_workshop(root: Path) -> Workshop:
    """An empty place with a copy of the dbt project.

    How runs behave is the same whatever is counted; without the study's models they take half the time.
    """
    workshop = Workshop(root)
    workshop.landing.mkdir(parents=True)
    shutil.copytree(PROJECT, workshop.project, ignore=shutil.ignore_patterns("target", "logs", "study"))
    return workshop


def works_of(year: int) -> list[Json]:
    """Three works: one by an author of the US, one with CN as well, one with HK as well."""
    authors = [author(institution(1, "A", "US")), author(institution(2, "B", "CN"))]
    authors += [author(institution(3, "C", "HK"))]
    return [
        work(year * 10 + number, publication_year=year, authorships=authors[: number + 1])
        for number in range(3)
    ]


def base_records() -> list[Json]:
    """Three works a year."""
    return [record for year in YEARS for record in works_of(year)]


def silent() -> io.StringIO:
    """A log nobody reads."""
    return io.StringIO()


def numbers_of(store: Store, query: str) -> list[Row]:
    """The rows of a query over the published file."""
    with duckdb.connect(str(store.warehouse_file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def pairs_of(store: Store, query: str) -> dict[object, object]:
    """The rows of a query with two columns, the second by the first."""
    return {first: second for first, second in numbers_of(store, query)}  # noqa: C416 - rows of unknown length


def counted_years(instance: dg.DagsterInstance, mart: str = "country_output") -> dict[str, list[int]]:
    """Run id to the years of a mart it materialised, oldest run first, from the event log."""
    records = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey(mart)), limit=10_000, ascending=True
    ).records
    years: dict[str, list[int]] = {}
    for record in records:
        assert record.partition_key is not None
        years.setdefault(record.run_id, []).append(int(record.partition_key))
    return {run_id: sorted(found) for run_id, found in years.items()}


def contents(*places: Path) -> Mapping[str, bytes]:
    """Every file at or below the places, byte by byte."""
    files = [file for place in places for file in (place, *sorted(place.rglob("*")))]
    return {str(file): file.read_bytes() for file in files if file.is_file()}
