"""Ten times the catalogue: what the benchmark of matching takes for a far larger one.

Every copy of a query has its structure, wildcards and lengths of words but terms of its own, as other
subjects have.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from assets.technologies.catalogue import Technology
from assets.technologies.expressions import And, Expression, Near, Not, Or, Term

_ENDINGS: Final = ("qa", "qb", "qc", "qd", "qe", "qf", "qg", "qh", "qi")
"""No word of a language ends like that."""


def ten_times(technologies: Sequence[Technology]) -> tuple[Technology, ...]:
    """The technologies and nine copies of each that has a query, without its topics."""
    copies = [
        replace(
            technology,
            id=f"{technology.id}-{ending}",
            expression=with_ending(technology.expression, ending),
            topics=(),
        )
        for ending in _ENDINGS
        for technology in technologies
        if technology.expression is not None
    ]
    return (*technologies, *copies)


def with_ending(expression: Expression, ending: str) -> Expression:
    """The same query, each of its terms longer by an ending."""
    match expression:
        case Term(words):
            return replace(expression, words=(*words[:-1], _longer(words[-1], ending)))
        case And(parts):
            return And(tuple(with_ending(part, ending) for part in parts))
        case Or(parts):
            return Or(tuple(with_ending(part, ending) for part in parts))
        case Not(wanted, unwanted):
            return Not(with_ending(wanted, ending), with_ending(unwanted, ending))
        case Near(left, right, distance):
            return Near(with_ending(left, ending), with_ending(right, ending), distance)


def _longer(word: str, ending: str) -> str:
    stem = word.removesuffix("*")
    return f"{stem}{ending}{word[len(stem) :]}"
