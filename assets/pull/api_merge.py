"""Uniting what the searches of a pull delivered: each record once.

Which version of a work counts is not settled here: versions with different content all stay. Writing
files belongs to `assets.pull.api_drop`.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from assets.pull.api_kept import Kept
from assets.pull.api_pages import look

_Numbers: TypeAlias = NDArray[np.int64]
_Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Tally:
    """What came of the records delivered. delivered = records + exact_repeats + replaced."""

    delivered: int
    """Records in all pages of all searches."""
    works: int
    """Distinct works in the drop."""
    records: int
    """Records in the drop."""
    exact_repeats: int
    """Left out: the same record, byte for byte, was delivered before, as a rule by another search."""
    completed: int
    """Works whose record was fetched again on its own, with all authors."""
    replaced: int
    """Left out: further listings of a work of which the one complete record stays."""
    still_cut: int
    """Works whose authors may be incomplete: gone when they were fetched again, or cut there, too."""

    @property
    def versions(self) -> int:
        """Records beyond the first of their work: it changed while it was pulled."""
        return self.records - self.works


def merged(kept: Kept) -> tuple[Tally, Iterator[bytes]]:
    """What belongs into the drop, in the order delivered, and its tally beforehand.

    A work fetched again on its own stands there once, in the place of its first listing.
    """
    identities = _joined([pages.identities for pages in kept.searches])
    keys = _joined([pages.keys for pages in kept.searches])
    cut = kept.cut
    complete = {number for number in cut if kept.complete(number)}
    is_complete = np.isin(identities, np.array(sorted(complete), np.int64))
    stays = np.where(is_complete, _firsts(identities), _firsts(identities, keys))
    tally = Tally(
        delivered=len(identities),
        works=len(np.unique(identities)),
        records=int(stays.sum()),
        exact_repeats=int((~stays & ~is_complete).sum()),
        completed=len(complete),
        replaced=int((~stays & is_complete).sum()),
        still_cut=len(cut) - len(complete) + sum(look(kept.complete(number)).flagged for number in complete),
    )
    return tally, _records(kept, complete, stays)


def _records(kept: Kept, complete: set[int], stays: _Flags) -> Iterator[bytes]:
    identities = (number for pages in kept.searches for number in pages.identities)
    for number, record in compress(zip(identities, kept.records(), strict=True), stays):
        yield kept.complete(number) if number in complete else record


def _joined(columns: "list[array[int]]") -> _Numbers:
    return np.concatenate([np.array(column, np.int64) for column in columns])


def _firsts(*columns: _Numbers) -> _Flags:
    """Which rows are the first with their values."""
    order = np.lexsort(columns)
    # Rows of the same values keep their order in sorting.
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = np.any([column[order[1:]] != column[order[:-1]] for column in columns], axis=0)
    firsts = np.zeros(len(order), np.bool_)
    firsts[order[is_first]] = True
    return firsts
