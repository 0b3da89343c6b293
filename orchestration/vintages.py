"""What `vintages` and `diff` say: the vintages that are kept, and how two of them differ.

Only wording and order belong here; what differs, and why, comes from `assets.revisions`.
"""

import argparse
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from assets.pipeline import Pipeline
from assets.revisions import MoveRevision, Revisions, Side, VintageFile, compare_vintages, read_revisions
from assets.staleness import contiguous_ranges
from assets.vintages import find_vintage, published, vintages, warehouse_of
from orchestration.conclusion import ExitStatus
from orchestration.terminal import Terminal

_MEGABYTE: Final = 1_000_000
_VINTAGES: Final = ("vintage", "published", "drops", "works", "years", "MB", "moved beyond interval", "")
_YEARS: Final = ("year", "numbers", "within", "beyond", "no interval", "appeared", "vanished")
_MOVES: Final = ("number", "technology", "year", "before", "95% interval", "after", "times", "moved by")
_MEASURES: Final = {"world_share": "world share"}


def show_vintages(pipeline: Pipeline, terminal: Terminal) -> ExitStatus:
    """The vintages that are kept, in the order they were published."""
    store = pipeline.store
    kept, current = vintages(store), published(store)
    if not kept:
        terminal.line(f"Nothing is published in {store.root} yet.")
        return ExitStatus.OK
    rows = []
    for vintage in kept:
        marks = ["SYNTHETIC"] if vintage.synthetic else []
        if current is not None and vintage.name == current.name:
            marks.insert(0, "published")
        revisions = read_revisions(store.vintages / vintage.name)
        rows.append(
            (
                vintage.name,
                _minute(vintage.published_at),
                f"{len(vintage.drops):,}",
                f"{sum(totals.works for totals in vintage.totals.values()):,}",
                _spans(vintage.totals),
                f"{vintage.bytes / _MEGABYTE:,.1f}",
                _beyond(revisions),
                ", ".join(marks),
            )
        )
    terminal.table(_VINTAGES, rows, words=(0, 1, 7))
    return ExitStatus.OK


def show_revisions(pipeline: Pipeline, options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    """How two vintages differ; OK whatever was found.

    Raises:
        CollaborationError: There is no such vintage or technology, or a vintage cannot be read.
    """
    store = pipeline.store
    before, after = (
        VintageFile(vintage, warehouse_of(store, vintage))
        for vintage in (find_vintage(store, name) for name in (options.before, options.after))
    )
    revisions = compare_vintages(before, after, technology=options.technology, most=options.top)
    if options.json:
        terminal.line(msgspec.json.format(msgspec.json.encode(revisions), indent=2).decode())
        return ExitStatus.OK
    for line in _summary(revisions):
        terminal.line(line)
    if revisions.years:
        terminal.line("")
        terminal.table(_YEARS, list(_year_rows(revisions)))
        for line in _causes(revisions):
            terminal.line(line)
    if revisions.moves:
        terminal.line("")
        terminal.line("Farthest beyond their interval, in times of its reach to that side:")
        terminal.table(_MOVES, [_move_row(item) for item in revisions.moves], words=(0, 1, 7))
    return ExitStatus.OK


def _summary(revisions: Revisions) -> Iterator[str]:
    counts, before, after = revisions.counts, revisions.before, revisions.after
    yield f"After:  {_side(after)}"
    if before is not None:
        yield f"Before: {_side(before)}"
    yield f"Different: {'; '.join(revisions.inputs) or 'nothing on record'}"
    of = f" of {revisions.technology}" if revisions.technology else ""
    yield (
        f"{counts.numbers:,} numbers{of}: {counts.same:,} are the same, {counts.within:,} moved inside their "
        f"interval, {counts.beyond:,} beyond it, {counts.unbounded:,} had none and moved, "
        f"{counts.appeared:,} appeared{_large(counts.appeared_large)}, "
        f"{counts.vanished:,} vanished{_large(counts.vanished_large)}."
    )
    yield from revisions.left_out
    if revisions.years_same:
        spans = _spans(revisions.years_same)
        yield f"No number of {spans} changed."


def _year_rows(revisions: Revisions) -> Iterator[tuple[str, ...]]:
    for item in revisions.years:
        counts = item.counts
        numbers = (counts.within, counts.beyond, counts.unbounded, counts.appeared, counts.vanished)
        yield (str(item.year), f"{counts.numbers:,}", *(f"{number:,}" for number in numbers))


def _causes(revisions: Revisions) -> Iterator[str]:
    """What moved each year; years moved by the same are told together."""
    years: dict[str, list[int]] = {}
    for item in revisions.years:
        years.setdefault(item.cause, []).append(item.year)
    for cause, moved in years.items():
        yield f"{_spans(moved)}: {cause}"


def _move_row(item: MoveRevision) -> tuple[str, ...]:
    move = item.move
    of = move.country if move.partner is None else f"{move.country}-{move.partner}"
    return (
        f"{_MEASURES.get(move.measure, move.measure)} of {of}",
        move.technology,
        str(move.year),
        _value(move.before),
        f"{_value(move.low)} to {_value(move.high)}",
        "none" if move.after is None else _value(move.after),
        "-" if move.reach is None else f"{move.reach:,.1f}",
        item.moved_by,
    )


def _side(side: Side) -> str:
    synthetic = " (SYNTHETIC)" if side.synthetic else ""
    drops = "1 drop" if side.drops == 1 else f"{side.drops:,} drops"
    return f"{side.name}, published {_minute(side.published_at)}, {drops}, {side.works:,} works{synthetic}"


def _beyond(revisions: Revisions | None) -> str:
    """How many numbers moved beyond their interval when the vintage was published."""
    if revisions is None:
        return "not known"
    if revisions.before is None:
        return "not compared" if revisions.left_out else "the first"
    return f"{revisions.counts.beyond:,}"


def _large(numbers: int) -> str:
    return f" ({numbers:,} large enough for an interval)" if numbers else ""


def _spans(years: Iterable[int]) -> str:
    return ", ".join(map(str, contiguous_ranges(years))) or "none"


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _value(number: float) -> str:
    """Four significant digits; whole numbers of any size keep all of theirs."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
