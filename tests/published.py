"""Vintages written by hand, for tests of what reads them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from assets.store import Store
from assets.vintages import Vintage, free_name, next_number, put_in_place, write_description

VINTAGE = Vintage(
    name="vintage",
    number=1,
    published_at="2026-03-02T10:00:00+00:00",
    state="",
    code="0.1.0+00000000",
    drops=(),
    catalogue=(),
    rules={},
    contents={},
    technologies={},
    totals={},
    rows={},
    bytes=0,
    sha256="",
)


def publish_by_hand(
    store: Store, state: str, write: Callable[[Path], object] = Path.touch, **facts: object
) -> Vintage:
    """Let readers see a vintage of that state whose DuckDB file `write` makes; `facts` are more of it."""
    known = replace(VINTAGE, **facts)  # type: ignore[arg-type]
    vintage = replace(known, state=state, number=next_number(store), name=free_name(store, known.name))
    staged = store.vintages / ".by-hand"
    warehouse = staged / store.warehouse_file.relative_to(store.root)
    warehouse.parent.mkdir(parents=True)
    write(warehouse)
    write_description(staged, vintage)
    put_in_place(store, staged, vintage)
    return vintage
