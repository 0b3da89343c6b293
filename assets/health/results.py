"""Is the vintage readers see whole, unchanged, and the newest there could be?"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from assets.errors import CollaborationError
from assets.health.findings import Code, Finding, alarm, ok, warning
from assets.health.look import Look
from assets.leftovers import size
from assets.staleness import build_state, publication_due
from assets.store import READERS_FOLDERS
from assets.vintages import Vintage, published

_DIGESTED_BYTES: Final = 2 << 30
"""A larger file is not read to its end: a look must be quick."""
_MEND: Final = (
    "Go back to another vintage (python -m orchestration rollback VINTAGE), restore this one from a backup, "
    "or remove its folder in vintages/ and run it to publish anew."
)


def links(look: Look) -> list[Finding]:
    """Whether what readers open leads to the published vintage."""
    store = look.store
    broken = [name for name in READERS_FOLDERS if not (store.root / name).is_symlink()]
    if store.published.exists() and not store.published.is_symlink():
        broken.append(store.published.name)
    if not broken:
        return [ok("links", "What readers open leads to the published vintage.")]
    return [
        alarm(
            "links",
            Code.LINKS_MISSING,
            f"{', '.join(broken)} in the store should be links and are not, so readers do not see what is "
            "published: the store was copied without its links.",
            "Copy it again with them (cp -a, rsync -a). Where one is missing, any command makes it anew.",
        )
    ]


def vintage(look: Look) -> list[Finding]:
    """Whether the published vintage can be read and is what it was when it was published."""
    try:
        current = published(look.store)
        if current is None:
            return _nothing(look)
        problem = next(_problems(look.store.warehouse_file, current), "")
    except (CollaborationError, OSError, duckdb.Error) as error:
        return [alarm("vintage", Code.VINTAGE_DAMAGED, _first_line(error), _MEND)]
    if problem:
        told = f"Vintage {current.name} is not what was published: {problem}."
        return [alarm("vintage", Code.VINTAGE_DAMAGED, told, _MEND)]
    told = f"{current.name}, {len(current.rows)} marts, {size(current.bytes)}, unchanged since."
    return [ok("vintage", told)]


def publication(look: Look) -> list[Finding]:
    """Whether readers see what was counted last."""
    try:
        is_due = publication_due(look.pipeline)
        current = published(look.store)
    except CollaborationError:
        # Told by `vintage`.
        return []
    ledger = look.pipeline.ledger
    taken_back = ledger.passed_over()
    if current is not None and taken_back and taken_back == build_state(ledger) != current.state:
        return [
            warning(
                "publication",
                Code.ROLLED_BACK,
                f"Readers see {current.name}, to which somebody went back; what was counted since is kept "
                "from them until something in it changes.",
                "Withdraw or mend what was wrong and run it, which publishes; or roll forward to the newer "
                "vintage.",
            )
        ]
    if is_due and current is not None and not look.writer.is_held:
        return [
            warning(
                "publication",
                Code.NOT_PUBLISHED,
                f"Readers see {current.name}, but something else is counted or to be counted.",
                "Run it. If it says that a year failed its checks, see checks-failed.",
            )
        ]
    return [ok("publication", "Readers see what was counted last.")] if current else []


def _nothing(look: Look) -> list[Finding]:
    if look.store.published.is_symlink():
        told = f"The link {look.store.published.name} leads to no vintage with a DuckDB file."
        return [alarm("vintage", Code.VINTAGE_DAMAGED, told, _MEND)]
    if look.pipeline.ledger.versions() and not look.writer.is_held:
        todo = "Run it; if it has run, see what it said in work/headless.log."
        return [warning("vintage", Code.NOT_PUBLISHED, "Drops are read, but nothing is published yet.", todo)]
    return [ok("vintage", "Nothing is published yet.")]


def _problems(file: Path, current: Vintage) -> Iterator[str]:
    if (found := file.stat().st_size) != current.bytes:
        yield f"its DuckDB file has {found:,} bytes instead of {current.bytes:,}"
    elif found <= _DIGESTED_BYTES:
        with file.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != current.sha256:
                yield "the content of its DuckDB file changed"
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(
            "select table_name, estimated_size from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
    if lost := sorted(current.rows.keys() - {name for name, _ in rows}):
        yield f"the mart {lost[0]} is not in its DuckDB file"
    if not (file.parent.parent / "exports").is_dir():
        yield "its exports are gone"


def _first_line(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"The published vintage cannot be read: {text.rstrip('.')}."
