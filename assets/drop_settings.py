"""`drop.toml`: what a person states about a drop beside its files.

Only the keys and their checking belong here; what they change is decided where they are used.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from assets.errors import CollaborationError
from assets.formats import SOURCES, format_named

SETTINGS_FILE = "drop.toml"

RESERVED_TECHNOLOGIES = frozenset({"all", "critical"})
"""What the technology dimension of the marts calls every work, and the works in at least one."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Mode(StrEnum):
    """What a drop says about works that are not in it."""

    DELTA = "delta"
    """Nothing: it adds to what came before."""
    SNAPSHOT = "snapshot"
    """It is all its source holds on the day it was received: other works of the source are gone."""


class DropSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a `drop.toml`; all of them optional."""

    source: str | None = None
    """Whose records these are; held against what is recognised."""
    format: str | None = None
    """Name of the format to read the files with, instead of recognising it."""
    technology: str | None = None
    """The technology all its records belong to, when it is the result of a search for one."""
    mode: Mode = Mode.DELTA
    received: date | None = None
    """The day the data is of; of two versions with the same own date the later drop counts."""
    synthetic: bool = False
    """True for generated records: everything made from them is marked as such."""


def read_settings(path: Path) -> DropSettings:
    """Read a `drop.toml`.

    Raises CollaborationError for anything but the known keys with values of their types, and
    OSError when the file cannot be opened.
    """
    content = path.read_bytes().removeprefix(_BYTE_ORDER_MARK)
    try:
        settings = msgspec.toml.decode(content, type=DropSettings)
    except ValueError as error:
        raise CollaborationError(
            f"{SETTINGS_FILE} cannot be used: {error}; known keys are source, format, technology (text in"
            ' quotes), mode ("snapshot" or "delta"), received (a date without quotes, such as 2026-03-02)'
            " and synthetic (true or false): mend or remove it"
        ) from error
    if settings.technology is not None:
        settings = msgspec.structs.replace(settings, technology=settings.technology.strip())
    _check(settings)
    return settings


def _check(settings: DropSettings) -> None:
    if settings.source is not None and settings.source not in SOURCES:
        raise _wrong(f"there is no source {settings.source!r}: name one of {', '.join(SOURCES)}")
    if settings.format is not None:
        try:
            stated = format_named(settings.format)
        except CollaborationError as error:
            raise _wrong(str(error)) from error
        if settings.source not in (None, stated.source):
            raise _wrong(f"the format {stated.name!r} is one of {stated.source}, not of {settings.source}")
    if settings.technology is not None and not settings.technology:
        raise _wrong("its technology is empty: name one or remove the key")
    if settings.technology is not None and settings.technology.casefold() in RESERVED_TECHNOLOGIES:
        raise _wrong(f"the technology {settings.technology!r} stands for a set of works: name another")
    if settings.received is not None and settings.received > _tomorrow():
        raise _wrong(
            f"received is {settings.received}, a day that is still to come: state the day of the data"
        )
    if settings.mode is Mode.SNAPSHOT and settings.technology is not None:
        raise _wrong(
            "the result of a search for a technology is not all its source holds: state one of the two"
        )
    if settings.mode is Mode.SNAPSHOT and settings.received is None:
        raise _wrong(
            'mode = "snapshot" needs the day the set was complete: add received = 2026-03-02 with that day'
        )


def _tomorrow() -> date:
    """The latest day it can be anywhere."""
    return datetime.now(UTC).date() + timedelta(days=1)


def _wrong(what: str) -> CollaborationError:
    return CollaborationError(f"{SETTINGS_FILE} cannot be used: {what}; mend or remove it")
