"""How Scopus writes plain text and lists in a field."""

from assets.text_content import without_entities


def plain(value: str) -> str:
    """A value with runs of white space collapsed and the HTML entities that some records hold resolved."""
    return " ".join(without_entities(value).split())


def listed(value: str) -> list[str]:
    """The parts of a list separated by semicolons, in plain text; empty ones do not count."""
    return [part for part in (piece.strip() for piece in plain(value).split(";")) if part]
