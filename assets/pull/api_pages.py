"""The pages that a search of the OpenAlex API has delivered so far, in a folder of their own.

A page file is gzip JSON Lines: first where the page stands in the paging, then its works as delivered.
It appears whole or not at all, so the files alone say where to go on. What a pull of several searches
keeps besides belongs to `assets.pull.api_kept`.
"""

import hashlib
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from isal import igzip

from assets.atomic_files import staged_file
from assets.errors import CollaborationError
from assets.file_content import ContentLostError, Meter, content_blocks
from assets.pull.api_client import FIRST_CURSOR, Page
from assets.pull.api_request import LISTED_AUTHORS

_PAGE_NAME: Final = re.compile(r"page-(\d{5,})\.jsonl\.gz")
# 18 digits fit into 64 bits.
_WORK_ID: Final = re.compile(r"W[1-9][0-9]{0,17}", re.ASCII)
_COMPRESSION: Final = 2
_KEY_BYTES: Final = 8
_LARGEST: Final = 2**63 - 1


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
    """The folder of one search.

    What is held of each record in memory are 16 bytes, since there may be millions.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.heads: list[PageHead] = []
        """Of the pages kept, in order."""
        self.identities = array("q")
        """Of the work of each record kept: its number (W123 -> 123). Without an id it is a work of its own,
        with a negative number made of its content."""
        self.keys = array("q")
        """Of the content of each record kept."""
        self.cut: dict[int, None] = {}
        """Numbers of the works whose authors may be incomplete, as first listed."""
        self._seen_cursors: set[str] = set()
        self._seen_pages: set[bytes] = set()
        self._load()

    @property
    def cursor(self) -> str | None:
        """Where to go on; None when all pages are there."""
        return self.heads[-1].next_cursor if self.heads else FIRST_CURSOR

    @property
    def delivered(self) -> int:
        """Records kept; more than works where pages overlap because the list changed meanwhile."""
        return len(self.identities)

    @property
    def works(self) -> int:
        """Distinct works kept."""
        return len(np.unique(np.array(self.identities, np.int64)))

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
        write_packed(self._path(len(self.heads) + 1), content)
        self._note(head, page.records)

    def records(self) -> Iterator[bytes]:
        """All works as delivered, page by page."""
        for number in range(1, len(self.heads) + 1):
            yield from _read(self._path(number))[1]

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
            self._note_record(record)

    def _note_record(self, record: bytes) -> None:
        listed = look(record)
        digest = hashlib.blake2b(record, digest_size=_KEY_BYTES).digest()
        key = int.from_bytes(digest, signed=True)
        number = -1 - (key & _LARGEST) if listed.work_id is None else int(listed.work_id[1:])
        self.identities.append(number)
        self.keys.append(key)
        if listed.work_id is not None and listed.may_be_cut:
            self.cut[number] = None

    def _path(self, number: int) -> Path:
        return self.folder / f"page-{number:05d}.jsonl.gz"


def write_packed(path: Path, content: bytes) -> None:
    """Write a file of a pull, compressed, in one atomic step.

    Raises CollaborationError when it cannot be written.
    """
    try:
        with staged_file(path) as staging:
            staging.write_bytes(igzip.compress(content, compresslevel=_COMPRESSION, mtime=0))
    except OSError as error:
        raise CollaborationError(
            f"{str(path)!r} cannot be written ({error.strerror}): make room or let this user write"
            " there, then run the same again; what was pulled before is kept"
        ) from error


def read_packed(path: Path) -> bytes:
    """The content of such a file; raises ContentLostError when it is damaged."""
    return b"".join(content_blocks(path, Meter()))


def _read(path: Path) -> tuple[PageHead, list[bytes]]:
    """Head and works of a page file; raises when it is not as it was written."""
    first, *records = read_packed(path).split(b"\n")
    return _head.decode(first), [record for record in records if record]
