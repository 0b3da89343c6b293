"""The meaning of a query as a typed tree, whatever notation it was written in.

Here belong the nodes, their canonical form and the walk over terms. Reading the notation belongs to
`assets.technologies.query_language`, deciding whether a work matches to `assets.technologies.evaluation`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Field(StrEnum):
    """Where a term is looked for."""

    TOPIC = "TS"
    """In the title, the abstract or an author keyword."""
    TITLE = "TI"
    ABSTRACT = "AB"
    KEYWORDS = "AK"
    """In one author keyword."""


@dataclass(frozen=True)
class Term:
    """A word or phrase: words that follow each other within a field, or within one keyword."""

    words: tuple[str, ...]
    """Folded as `assets.technologies.text` folds text; `*`, `?` and `$` are wildcards."""
    field: Field = Field.TOPIC

    def __str__(self) -> str:
        return f'{self.field}="{" ".join(self.words)}"'


@dataclass(frozen=True)
class And:
    """All of two or more parts."""

    parts: "tuple[Expression, ...]"

    def __str__(self) -> str:
        return f"({' AND '.join(map(str, self.parts))})"


@dataclass(frozen=True)
class Or:
    """At least one of two or more parts."""

    parts: "tuple[Expression, ...]"

    def __str__(self) -> str:
        return f"({' OR '.join(map(str, self.parts))})"


@dataclass(frozen=True)
class Not:
    """The wanted part without the unwanted one."""

    wanted: "Expression"
    unwanted: "Expression"

    def __str__(self) -> str:
        return f"({self.wanted} NOT {self.unwanted})"


@dataclass(frozen=True)
class Near:
    """Two places with at most `distance` words between them, in either order.

    An operand is a `Term`, a `Near` or an `Or` of operands; all terms below have one field. A place of
    a term is its words; a place of a `Near` is the stretch from the first to the last word of its
    pair. Two terms must stand on different words; a stretch may overlap, with no words between then.
    """

    left: "Expression"
    right: "Expression"
    distance: int
    """Words between."""

    def __str__(self) -> str:
        return f"({self.left} NEAR/{self.distance} {self.right})"


Expression: TypeAlias = Term | And | Or | Not | Near


def all_of(parts: Iterable[Expression]) -> Expression:
    """The conjunction of one or more parts, nested ones taken in, repeated ones once."""
    flat = _flat(parts, And)
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(parts: Iterable[Expression]) -> Expression:
    """The disjunction of one or more parts, nested ones taken in, repeated ones once."""
    flat = _flat(parts, Or)
    return flat[0] if len(flat) == 1 else Or(flat)


def _flat(parts: Iterable[Expression], kind: type[And] | type[Or]) -> tuple[Expression, ...]:
    found: dict[Expression, None] = {}
    for part in parts:
        found.update(dict.fromkeys(children(part) if isinstance(part, kind) else (part,)))
    return tuple(found)


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct parts of a node, the unwanted ones included; none of a term."""
    match expression:
        case And(parts) | Or(parts):
            return parts
        case Not(wanted, unwanted):
            return wanted, unwanted
        case Near(left, right):
            return left, right
        case Term():
            return ()


def terms(expression: Expression) -> Iterator[Term]:
    """Every term of a query, repeated ones as often as they are written."""
    if isinstance(expression, Term):
        yield expression
    for part in children(expression):
        yield from terms(part)


def canonical(expression: Expression) -> Expression:
    """The same meaning with the parts of every commutative node sorted: equal for reordered queries."""
    match expression:
        case And(parts):
            return all_of(sorted(map(canonical, parts), key=str))
        case Or(parts):
            return any_of(sorted(map(canonical, parts), key=str))
        case Not(wanted, unwanted):
            return Not(canonical(wanted), canonical(unwanted))
        case Near(left, right, distance):
            first, second = sorted((canonical(left), canonical(right)), key=str)
            return Near(first, second, distance)
        case Term():
            return expression
