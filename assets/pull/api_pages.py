"""What a pull from the OpenAlex API keeps between runs: the pages delivered so far, in a hidden folder.

A page file is gzip JSON Lines: first where the page stands in the paging, then its works as delivered.
It appears whole or not at all, so the files alone say where to go on. The records of works that lists
cut short lie beside them, one a file. Making a drop of it belongs to `assets.pull.api_drop`.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from isal import igzip

from assets.atomic_files import staged_file
from assets.errors import CollaborationError
from assets.file_content import ContentLostError, Meter, content_blocks
from assets.pull.api_client import FIRST_CURSOR, Page
from assets.pull.api_request import LISTED_AUTHORS

_PAGE_NAME: Final = re.compile(r"page-(\d{5,})\.jsonl\.gz")
_WORK_ID: Final = re.compile(r"W[0-9]+", re.ASCII)
_COMPRESSION: Final = 2


class PageHead(msgspec.Struct, frozen=True):
    """The first line of a page file."""

    cursor: str
    """That the page was asked for with."""
    next_cursor: str | None
    """None on the last page."""
    count: int
    """Works that match, as of the page."""
    credits: int
    """Spent on it."""
    repeats: int
    """How often the server sent an earlier page in its place before."""


class _Brief(msgspec.Struct):
    id: str | None = None
    authorships: list[msgspec.Raw] | None = None
    is_authors_truncated: bool | None = None


_brief: Final = msgspec.json.Decoder(_Brief)
_head: Final = msgspec.json.Decoder(PageHead)


@dataclass(frozen=True)
class Listed:
    """What has to be known of a record to page and to lay it down."""

    work_id: str | None
    """Such as W123; None where the record has no such id. It is delivered all the same."""
    authors: int
    flagged: bool
    """Whether it says itself that authors are missing."""

    @property
    def may_be_cut(self) -> bool:
        """Whether authors may be missing: not every vintage flags it, so a full list is enough."""
        return self.flagged or self.authors >= LISTED_AUTHORS


def look(record: bytes) -> Listed:
    """What a record of a list says of itself; a record that cannot be read says nothing."""
    try:
        brief = _brief.decode(record)
    except msgspec.MsgspecError:
        return Listed(None, 0, flagged=False)
    short = (brief.id or "").rpartition("/")[2]
    return Listed(
        short if _WORK_ID.fullmatch(short) else None,
        len(brief.authorships or ()),
        bool(brief.is_authors_truncated),
    )


def content_key(records: Sequence[bytes]) -> bytes:
    """Digest of the ids of a page, in order: two pages with the same ids are one page sent twice."""
    ids = (look(record).work_id or hashlib.sha256(record).hexdigest() for record in records)
    return hashlib.sha256("\n".join(ids).encode()).digest()


class Pages:
    """The hidden folder of one request."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.heads: list[PageHead] = []
        """Of the pages kept, in order."""
        self.works = 0
        """Distinct works kept."""
        self._seen_cursors: set[str] = set()
        self._seen_pages: set[bytes] = set()
        self._seen_works: set[int] = set()
        self._cut: dict[int, None] = {}
        self._load()

    @property
    def cursor(self) -> str | None:
        """Where to go on; None when all pages are there."""
        return self.heads[-1].next_cursor if self.heads else FIRST_CURSOR

    @property
    def cut_works(self) -> list[str]:
        """Ids of the works whose authors may be incomplete, as first listed."""
        return [f"W{number}" for number in self._cut]

    def has(self, records: Sequence[bytes]) -> bool:
        """Whether a page with these works was kept before."""
        return bool(records) and content_key(records) in self._seen_pages

    def has_cursor(self, cursor: str | None) -> bool:
        """Whether a page was asked for with this cursor before; None, the end, never was."""
        return cursor in self._seen_cursors

    def keep(self, cursor: str, page: Page, repeats: int) -> None:
        """Write a page with where to go on after it, in one atomic step.

        Raises CollaborationError when it cannot be written.
        """
        head = PageHead(cursor, page.next_cursor, page.count, page.credits, repeats)
        content = b"\n".join((msgspec.json.encode(head), *page.records, b""))
        self._write(self._path(len(self.heads) + 1), content)
        self._note(head, page.records)

    def records(self) -> Iterator[bytes]:
        """All works as delivered, page by page."""
        for number in range(1, len(self.heads) + 1):
            yield from _read(self._path(number))[1]

    def has_complete(self, work_id: str) -> bool:
        """Whether the work was fetched on its own."""
        return self._complete_path(work_id).exists()

    def keep_complete(self, work_id: str, record: bytes) -> None:
        """Keep what the single-work endpoint says; empty when the work is gone there."""
        self._write(self._complete_path(work_id), record)

    def complete(self, work_id: str) -> bytes:
        """The work as fetched on its own; empty when it is gone or was not fetched."""
        path = self._complete_path(work_id)
        return _content(path) if path.exists() else b""

    def _load(self) -> None:
        while (path := self._path(len(self.heads) + 1)).exists():
            try:
                head, records = _read(path)
            except (ContentLostError, msgspec.MsgspecError):
                break
            if head.cursor != self.cursor:
                break
            self._note(head, records)
        self._remove_after(len(self.heads))

    def _remove_after(self, last: int) -> None:
        """A page that cannot be read or does not follow is asked for again, with all after it."""
        for path in self.folder.glob("page-*"):
            match = _PAGE_NAME.fullmatch(path.name)
            if match is not None and int(match.group(1)) > last:
                path.unlink()

    def _note(self, head: PageHead, records: Sequence[bytes]) -> None:
        self.heads.append(head)
        self._seen_cursors.add(head.cursor)
        if records:
            self._seen_pages.add(content_key(records))
        for record in records:
            listed = look(record)
            if listed.work_id is not None:
                number = int(listed.work_id[1:])
                self._seen_works.add(number)
                if listed.may_be_cut:
                    self._cut[number] = None
        self.works = len(self._seen_works)

    def _write(self, path: Path, content: bytes) -> None:
        try:
            with staged_file(path) as staging:
                staging.write_bytes(igzip.compress(content, compresslevel=_COMPRESSION, mtime=0))
        except OSError as error:
            raise CollaborationError(
                f"{str(path)!r} cannot be written ({error.strerror}): make room or let this user write"
                " there, then run the same again; what was pulled before is kept"
            ) from error

    def _path(self, number: int) -> Path:
        return self.folder / f"page-{number:05d}.jsonl.gz"

    def _complete_path(self, work_id: str) -> Path:
        return self.folder / f"complete-{work_id}.json.gz"


def _read(path: Path) -> tuple[PageHead, list[bytes]]:
    """Head and works of a page file; raises when it is not as it was written."""
    first, *records = _content(path).split(b"\n")
    return _head.decode(first), [record for record in records if record]


def _content(path: Path) -> bytes:
    return b"".join(content_blocks(path, Meter()))
