"""Which code this is: the version of the project and a digest of what computes.

Nothing but that; the SQL, macros and seeds have digests of their own, see `assets.rules`.
"""

import hashlib
import tomllib
from functools import cache
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[1]


@cache
def code_version() -> str:
    """Such as `0.1.0+3f2a9c01`: the version in `pyproject.toml`, and a digest of the modules of `assets`."""
    digest = hashlib.blake2b(digest_size=4)
    for path in sorted((_CHECKOUT / "assets").rglob("*.py")):
        digest.update(f"{path.relative_to(_CHECKOUT).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    project = tomllib.loads((_CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    return f"{project['version']}+{digest.hexdigest()}"
