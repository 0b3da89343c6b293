"""The tables of the ledger's SQLite file, and their rows as the facts they hold.

What the facts are is `assets.ledger_facts`, when they are read and written `assets.ledger`.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date

from assets.drop_settings import Mode
from assets.ledger_facts import (
    CheckState,
    DropContent,
    DropVersion,
    StoredMatches,
    TechnologyContent,
    VersionState,
    YearBuild,
)

SCHEMA = """
create table if not exists drop_versions (
    drop_version text primary key,
    drop_id text not null,
    source text not null,
    format text not null,
    fingerprint text not null,
    reader_version integer not null,
    stated_date text,
    synthetic integer not null,
    technology text,
    mode text not null,
    records integer not null,
    accepted integer not null,
    rejected_by_reason text not null,
    records_by_year text not null,
    bytes integer not null,
    seconds real not null,
    state text not null,
    reason text not null,
    recorded_at text not null
);
create unique index if not exists one_active_version on drop_versions (drop_id) where state = 'active';
create table if not exists landing (
    drop_id text primary key, signature text not null, drop_version text not null
);
create table if not exists year_contents (
    year integer not null,
    drop_version text not null,
    drop_id text not null,
    works integer not null,
    content_total text not null,
    primary key (year, drop_version)
);
create table if not exists technology_matches (
    drop_version text not null,
    technology text not null,
    digest text not null,
    file text not null,
    works integer not null,
    primary key (drop_version, technology)
);
create table if not exists year_technologies (
    year integer not null,
    technology text not null,
    works integer not null,
    content_total text not null,
    query text not null,
    primary key (year, technology)
);
create table if not exists year_builds (
    year integer primary key,
    fingerprint text not null,
    contents text not null,
    technologies text not null,
    rules text not null,
    works integer not null,
    seconds real not null,
    checks text not null,
    built_at text not null
);
create table if not exists facts (name text primary key, value text not null);
"""


def drop_version(row: sqlite3.Row) -> DropVersion:
    """A row of `drop_versions`."""
    values = dict(row)
    values["stated_date"] = date.fromisoformat(values["stated_date"]) if values["stated_date"] else None
    values["synthetic"] = bool(values["synthetic"])
    values["mode"] = Mode(values["mode"])
    values["rejected_by_reason"] = json.loads(values["rejected_by_reason"])
    values["records_by_year"] = json.loads(values["records_by_year"])
    values["state"] = VersionState(values["state"])
    return DropVersion(**values)


def drop_content(values: Mapping[str, object]) -> DropContent:
    """A row of `year_contents`, or an object of the list a build holds."""
    return DropContent(
        drop_version=str(values["drop_version"]),
        drop_id=str(values["drop_id"]),
        works=int(str(values["works"])),
        content_total=int(str(values["content_total"])),
    )


def technology_content(values: Mapping[str, object]) -> TechnologyContent:
    """A row of `year_technologies`, or an object of the list a build holds."""
    return TechnologyContent(
        technology=str(values["technology"]),
        works=int(str(values["works"])),
        content_total=int(str(values["content_total"])),
        query=str(values["query"]),
    )


def stored_matches(row: sqlite3.Row) -> StoredMatches:
    """A row of `technology_matches`."""
    return StoredMatches(**dict(row))


def year_build(row: sqlite3.Row) -> YearBuild:
    """A row of `year_builds`."""
    return YearBuild(
        year=row["year"],
        fingerprint=row["fingerprint"],
        contents=tuple(drop_content(item) for item in json.loads(row["contents"])),
        technologies=tuple(technology_content(item) for item in json.loads(row["technologies"])),
        rules=json.loads(row["rules"]),
        seconds=row["seconds"],
        checks=CheckState(row["checks"]),
        built_at=row["built_at"],
    )


def content_objects(contents: Iterable[DropContent]) -> list[dict[str, object]]:
    """What a year was counted from, for JSON; sums exceed what SQLite and JSON readers hold as numbers."""
    return [{**asdict(content), "content_total": str(content.content_total)} for content in contents]


def technology_objects(contents: Iterable[TechnologyContent]) -> list[dict[str, object]]:
    """The technologies of a year, for JSON in the same way."""
    return [{**asdict(content), "content_total": str(content.content_total)} for content in contents]
