"""`drop.toml`: what a person states about a drop beside its files.

Only the keys and their checking belong here; what they change is decided where they are used.
"""

from datetime import date
from pathlib import Path

import msgspec

from assets.errors import CollaborationError

SETTINGS_FILE = "drop.toml"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class DropSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a `drop.toml`; all of them optional."""

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
        return msgspec.toml.decode(content, type=DropSettings)
    except ValueError as error:
        raise CollaborationError(
            f"{SETTINGS_FILE} cannot be used: {error}; known keys are received (a date without"
            " quotes, such as 2026-03-02) and synthetic (true or false): mend or remove it"
        ) from error
