"""The files of a catalogue as files: where they lie, and whether they are what they were.

Quick to import, since a run with nothing to do asks here. What the files hold is read by
`assets.technologies.catalogue`.
"""

from hashlib import sha256
from pathlib import Path
from typing import Final

CATALOGUE_FOLDER: Final = Path(__file__).parent / "catalogue"
MATCHER_VERSION: Final = 2
"""Raise it when the same query would match other works, or say more of them; every technology is matched
and counted again then."""


def catalogue_stamp(folder: Path, *, skip_bad: bool) -> str:
    """A digest of all that a catalogue is made from, descriptions included; cheap, since nothing is parsed.

    Another stamp says that something may have changed; what did is told by the digest of each technology.
    """
    stamp = sha256(f"{MATCHER_VERSION} {skip_bad}".encode())
    for path in sorted(folder.glob("*.toml")):
        stamp.update(f"\n{path.name} {sha256(path.read_bytes()).hexdigest()}".encode())
    return stamp.hexdigest()[:24]
