"""The catalogue of technologies: one TOML file each, read and checked.

What a file may hold and what is wrong with one belong here. The notation of its query is
`assets.technologies.query_language`; the files themselves lie in `catalogue/`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec

from assets.drop_settings import RESERVED_TECHNOLOGIES
from assets.errors import CollaborationError
from assets.technologies.catalogue_files import CATALOGUE_FOLDER, MATCHER_VERSION
from assets.technologies.expressions import Expression, canonical
from assets.technologies.query_language import parse

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_Text = Annotated[str, msgspec.Meta(min_length=1)]
_TopicId = Annotated[str, msgspec.Meta(pattern=r"^T\d+$")]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: _Text
    category: _Text
    version: Annotated[int, msgspec.Meta(ge=1)]
    means: _Text
    does_not_mean: _Text
    query: str | None = None
    topics: tuple[_TopicId, ...] = ()
    should_match: tuple[_Text, ...] = ()
    should_not_match: tuple[_Text, ...] = ()


@dataclass(frozen=True)
class Technology:
    """One technology of the catalogue."""

    id: str
    name: str
    category: str
    version: int
    """The one its author states; kept with results, and no part of the digest."""
    means: str
    does_not_mean: str
    query: str | None
    """As written; None where topics alone decide."""
    expression: Expression | None
    """The query as read."""
    topics: tuple[str, ...] = ()
    """Short ids of OpenAlex topics whose works belong to it, whatever their text says."""
    should_match: tuple[str, ...] = ()
    """Titles the query must match by themselves."""
    should_not_match: tuple[str, ...] = ()
    """Titles near to it that the query must not match."""
    warnings: tuple[str, ...] = ()
    """What of the query was read otherwise than elsewhere."""

    @cached_property
    def digest(self) -> str:
        """64 hex digits that change exactly when other works may match.

        Blanks, the order of commutative parts, descriptions and examples do not change it.
        """
        meaning = "" if self.expression is None else str(canonical(self.expression))
        parts = (str(MATCHER_VERSION), meaning, *sorted(set(self.topics)))
        return sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Catalogue:
    """Technologies in the order of their ids, each id and name once."""

    technologies: tuple[Technology, ...]
    problems: tuple[str, ...] = ()
    """One message for each file left out; only with `skip_bad`."""

    @classmethod
    def load(cls, folder: Path = CATALOGUE_FOLDER, *, skip_bad: bool = False) -> "Catalogue":
        """Read every `*.toml` of a folder.

        Raises:
            CollaborationError: The folder holds none that can be used, or, without `skip_bad`, one
                that cannot; the message has one paragraph for each bad file.
        """
        paths = sorted(folder.glob("*.toml"))
        technologies: list[Technology] = []
        problems: list[str] = []
        for path in paths:
            try:
                technology = read_technology(path)
                _check_unique(technology, technologies)
            except CollaborationError as error:
                problems.append(f"{path.name}: {error}")
            else:
                technologies.append(technology)
        if problems and not skip_bad:
            raise CollaborationError(_all_problems(folder, problems, len(paths)))
        if not technologies:
            found = (
                "\n".join(("none of its files can be used", *problems)) if paths else "it has no *.toml file"
            )
            raise CollaborationError(f"{folder} is no catalogue of technologies: {found}")
        return cls(tuple(technologies), tuple(problems))


def read_technology(path: Path) -> Technology:
    """Read the file of one technology; raises CollaborationError without its name for what is wrong."""
    try:
        content = path.read_bytes().removeprefix(_BYTE_ORDER_MARK)
        file = msgspec.toml.decode(content, type=_File)
    except (OSError, ValueError) as error:
        raise CollaborationError(f"{error}: mend the file; the others show what one holds") from error
    _check_id(file, path)
    if file.query is None and not file.topics:
        raise CollaborationError("it has neither a query nor topics: add one of them")
    query = None if file.query is None else parse(file.query)
    return Technology(
        **{name: getattr(file, name) for name in file.__struct_fields__},
        expression=query.expression if query else None,
        warnings=query.warnings if query else (),
    )


def _check_id(file: _File, path: Path) -> None:
    if file.id != path.stem:
        raise CollaborationError(
            f"its id is {file.id!r}: id and file name must be the same, so that no id is given twice"
        )
    if not _ID.fullmatch(file.id):
        raise CollaborationError(
            f"the id {file.id!r} is not made of lower-case letters, digits and single hyphens: rename it"
        )
    if file.id in RESERVED_TECHNOLOGIES:
        raise CollaborationError(f"the id {file.id!r} stands for a set of works: choose another")


def _check_unique(technology: Technology, others: Iterable[Technology]) -> None:
    for other in others:
        if other.name.casefold() == technology.name.casefold():
            raise CollaborationError(
                f"the name {technology.name!r} is that of {other.id}, too: rename or remove one of them"
            )


def _all_problems(folder: Path, problems: list[str], files: int) -> str:
    return "\n".join(
        (
            f"{len(problems)} of {files} technologies in {folder} cannot be used; mend or remove "
            "their files, or go on without them:",
            *problems,
        )
    )
