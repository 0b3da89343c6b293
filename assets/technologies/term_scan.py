"""Scanning a text for thousands of terms at once.

The terms are compiled into one multi-pattern database, which takes long beside scanning a text, and which is
therefore kept in a file for the next time. What a term means is `assets.technologies.patterns`.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import hyperscan

from assets.atomic_files import staged_file
from assets.technologies.patterns import term_pattern

_MODE: Final = hyperscan.HS_MODE_BLOCK
_FLAGS: Final = hyperscan.HS_FLAG_SINGLEMATCH
_SUFFIX: Final = ".hsdb"
_KEPT_FILES: Final = 8
"""A catalogue has a file for all its queries and, when some are edited, one for these."""


class TermScan:
    """Tells which of some terms occur in a text.

    It holds memory outside Python that cannot be moved to another process. One thread may use it at a time.
    """

    def __init__(self, terms: Sequence[tuple[str, ...]], cache: Path | None = None) -> None:
        """Each term once, as words; its number is its place.

        `cache` is a folder for compiled terms, made when it is not there. What is damaged in it, or comes
        from another processor or version of the library, is made anew; what cannot be written is left.
        """
        self._database = _database(terms, cache) if terms else None

    def __call__(self, text: bytes) -> list[int]:
        """The numbers of the terms in a folded text, each once."""
        found: list[int] = []
        if self._database is not None:
            self._database.scan(text, match_event_handler=_note, context=found)
        return found


def _note(number: int, _start: int, _end: int, _flags: int, found: Any) -> None:
    found.append(number)


def _database(terms: Sequence[tuple[str, ...]], cache: Path | None) -> hyperscan.Database:
    patterns = [term_pattern(words) for words in terms]
    if cache is None:
        return _compiled(patterns)
    path = cache / f"{_digest(patterns)}{_SUFFIX}"
    # The library refuses what was not written by itself: there is a checksum in it.
    with suppress(OSError, hyperscan.HyperscanError):
        return _loaded(path.read_bytes())
    database = _compiled(patterns)
    with suppress(OSError):
        with staged_file(path) as staging:
            staging.write_bytes(hyperscan.dumpb(database))
        _remove_oldest(cache)
    return database


def _digest(patterns: Sequence[bytes]) -> str:
    return hashlib.blake2b(b"\n".join([b"%d" % _FLAGS, *patterns]), digest_size=16).hexdigest()


def _loaded(content: bytes) -> hyperscan.Database:
    database = hyperscan.loadb(content, _MODE)
    database.scratch = hyperscan.Scratch(database)
    return database


def _compiled(patterns: Sequence[bytes]) -> hyperscan.Database:
    database = hyperscan.Database(mode=_MODE)
    database.compile(
        expressions=patterns, ids=range(len(patterns)), elements=len(patterns), flags=[_FLAGS] * len(patterns)
    )
    return database


def _remove_oldest(cache: Path) -> None:
    files = sorted(cache.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime_ns)
    for outdated in files[:-_KEPT_FILES]:
        outdated.unlink()
