"""Queries as searches of the OpenAlex API that find all the query matches, and more.

Only what operators become belongs here; terms belong to `assets.technologies.api_terms`, whole requests
to `assets.technologies.api_searches`. What the API cannot say is left out where more is found without
it, never where less is:

- NOT: the unwanted part is dropped.
- NEAR/x: both sides must occur, anywhere.
- Fields: a term of any field is looked for in title and abstract.
- A word that begins with a wildcard: dropped where others beside it must occur, too.
"""

from assets.errors import CollaborationError
from assets.technologies.api_terms import search_of_term
from assets.technologies.api_tree import Search, find_all, find_any
from assets.technologies.expressions import And, Expression, Near, Not, Or, Term, children


def search_of(expression: Expression) -> Search:
    """A search that finds every work whose title and abstract match.

    Raises:
        CollaborationError: Any work might match for all the API can tell; names the term.
    """
    search = _search_of(expression)
    if search is None:
        raise CollaborationError(
            f"works may match by {_unsearchable_term(expression)} alone, which it cannot search for: words"
            " must not begin with a wildcard, need three letters or digits before `*`, and cannot be numbers"
            " in a long row"
        )
    return search


def _search_of(expression: Expression) -> Search | None:
    """None where any work might match."""
    match expression:
        case Term():
            return search_of_term(expression)
        case Not(wanted):
            return _search_of(wanted)
        case Or(parts):
            found = [search for part in parts if (search := _search_of(part)) is not None]
            return find_any(found) if len(found) == len(parts) else None
        case And() | Near():
            found = [search for part in children(expression) if (search := _search_of(part)) is not None]
            return find_all(found) if found else None


def _unsearchable_term(expression: Expression) -> Term:
    """The first term because of which the expression has no search."""
    if isinstance(expression, Term):
        return expression
    parts = (expression.wanted,) if isinstance(expression, Not) else children(expression)
    return _unsearchable_term(next(part for part in parts if _search_of(part) is None))
