"""How Scopus writes plain text and lists in a field."""

import html
import re

_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")


def plain(value: str) -> str:
    """A value with runs of white space collapsed and the HTML entities that some records hold resolved."""
    if "&" in value:
        value = _ENTITY.sub(lambda entity: html.unescape(entity[0]), value)
    return " ".join(value.split())


def listed(value: str) -> list[str]:
    """The parts of a list separated by semicolons, in plain text; empty ones do not count."""
    return [part for part in (piece.strip() for piece in plain(value).split(";")) if part]
