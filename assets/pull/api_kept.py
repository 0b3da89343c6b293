"""What a pull from the OpenAlex API keeps between runs, in a hidden folder of the landing folder.

    search-0001/         pages of the first search (`assets.pull.api_pages`), and so on
    complete-W1.json.gz  works that lists cut, fetched again on their own
    counts.json.gz       how many works each search matched when the pull began

What was written is whole, so the files alone say where to go on. Making a drop of them belongs to
`assets.pull.api_drop`.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from assets.file_content import ContentLostError
from assets.pull.api_pages import Pages, read_packed, write_packed

_COUNTS: Final = "counts.json.gz"
_counts: Final = msgspec.json.Decoder(list[int])


class Kept:
    """The hidden folder of one request."""

    def __init__(self, folder: Path, searches: int) -> None:
        self.folder = folder
        self.searches = [Pages(folder / f"search-{number:04d}") for number in range(1, searches + 1)]

    @property
    def pages(self) -> int:
        """Of all searches."""
        return sum(len(pages.heads) for pages in self.searches)

    @property
    def delivered(self) -> int:
        """Records kept, a work of several searches counted with each."""
        return sum(pages.delivered for pages in self.searches)

    @property
    def listed(self) -> bool:
        """Whether all searches are at their ends."""
        return all(pages.cursor is None for pages in self.searches)

    @property
    def cut(self) -> dict[int, None]:
        """Numbers of the works whose authors may be incomplete, as first listed."""
        return {number: None for pages in self.searches for number in pages.cut}

    def records(self) -> Iterator[bytes]:
        """All works as delivered, search by search and page by page."""
        for pages in self.searches:
            yield from pages.records()

    def forget(self, search: int) -> None:
        """Remove the pages of a search, so that it begins anew."""
        folder = self.searches[search].folder
        shutil.rmtree(folder)
        self.searches[search] = Pages(folder)

    def keep_counts(self, counts: Sequence[int]) -> None:
        """Keep how many works each search matches. Raises CollaborationError when it cannot be written."""
        write_packed(self.folder / _COUNTS, msgspec.json.encode(counts))

    def counts(self) -> list[int | None]:
        """How many works each search matches, as of its last page or else as kept; None where unknown."""
        try:
            kept: Sequence[int | None] = _counts.decode(read_packed(self.folder / _COUNTS))
        except (FileNotFoundError, ContentLostError, msgspec.MsgspecError):
            kept = [None] * len(self.searches)
        return [
            pages.heads[-1].count if pages.heads else count
            for pages, count in zip(self.searches, kept, strict=True)
        ]

    def has_complete(self, number: int) -> bool:
        """Whether the work of this number was fetched on its own."""
        return self._complete_path(number).exists()

    def keep_complete(self, number: int, record: bytes) -> None:
        """Keep what the single-work endpoint says; empty when the work is gone there."""
        write_packed(self._complete_path(number), record)

    def complete(self, number: int) -> bytes:
        """The work as fetched on its own; empty when it is gone or was not fetched."""
        path = self._complete_path(number)
        return read_packed(path) if path.exists() else b""

    def _complete_path(self, number: int) -> Path:
        return self.folder / f"complete-W{number}.json.gz"
