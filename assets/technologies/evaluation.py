"""Deciding whether a query matches a work, once a scan has found which terms occur in it.

A query becomes triggers: terms of which at least one must occur, each with a condition that then decides.
Most conditions are never asked, so they become predicates one by one; and positions are looked up only
where a NEAR or a field depends on them. Finding the terms belongs to `assets.technologies.term_scan`.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from assets.technologies.expressions import And, Expression, Field, Near, Not, Or, Term, all_of, terms
from assets.technologies.patterns import TermFinder

Words: TypeAlias = tuple[str, ...]
Place: TypeAlias = tuple[int, int, bool]
"""Where an operand of NEAR is: its first and last word number, and whether it is a stretch."""

# Word numbers of two segments are so far apart that no NEAR reaches over.
_SEGMENT: Final = 1 << 40


class Work:
    """The text of one work and the terms that occur in it.

    The text is what `assets.technologies.text.folded` gives for title, abstract and each keyword.
    """

    __slots__ = ("_places", "_text", "barred", "found")

    def __init__(self, text: bytes, found: Iterable[int]) -> None:
        self.found = frozenset(found)
        """The numbers of the terms, see `Compiler`."""
        self.barred = False
        """Whether the unwanted part of a NOT was met. As long as it was not, no predicate that held for a
        part of the text failed for all of it."""
        self._text = text
        self._places: dict[int, list[Place]] = {}

    def places(self, number: int, finder: TermFinder) -> list[Place]:
        """All places of a term that occurs, ascending; looked up once."""
        places = self._places.get(number)
        if places is None:
            pairs = finder.places(self._text, _SEGMENT)
            places = self._places[number] = [(first, last, False) for first, last in pairs]
        return places


Predicate: TypeAlias = Callable[[Work], bool]
Stretches: TypeAlias = Callable[[Work], Iterator[Place]]


class Trigger(NamedTuple):
    """A term and what must hold when it occurs."""

    words: Words
    condition: Expression


def triggers(expression: Expression) -> Iterator[Trigger]:
    """What to look at when a term occurs: a work matches exactly when one trigger holds."""
    match expression:
        case Term(words):
            yield Trigger(words, expression)
        case Or(parts):
            for part in parts:
                yield from triggers(part)
        case And(parts):
            rarest = min(parts, key=_commonness)
            others = [part for part in parts if part != rarest]
            for words, condition in triggers(rarest):
                yield Trigger(words, all_of([condition, *others]))
        case Not(wanted, unwanted):
            for words, condition in triggers(wanted):
                yield Trigger(words, Not(condition, unwanted))
        case Near(left, right, distance):
            rarer, other = sorted((left, right), key=_commonness)
            for operand in _alternatives(rarer):
                condition = Near(operand, other, distance)
                for words in necessary(operand):
                    yield Trigger(words, condition)


class Compiler:
    """Makes predicates of conditions."""

    def __init__(self, numbers: Mapping[Words, int]) -> None:
        """`numbers` are those by which a scan reports the terms: of all conditions there will be."""
        self._numbers = numbers
        self._finders: dict[Words, TermFinder] = {}

    def predicate(self, expression: Expression) -> Predicate:
        """The test of a work against an expression."""
        match expression:
            case Term(words, field):
                return self._term(words, field)
            case And(parts):
                needed, others = self._divided(parts)
                return lambda work: needed <= work.found and all(other(work) for other in others)
            case Or(parts):
                enough, others = self._divided(parts)
                return lambda work: not enough.isdisjoint(work.found) or any(other(work) for other in others)
            case Not():
                return self._not(expression)
            case Near():
                return self._near(expression)

    def _finder(self, words: Words) -> TermFinder:
        if words not in self._finders:
            self._finders[words] = TermFinder(words)
        return self._finders[words]

    def _term(self, words: Words, field: Field) -> Predicate:
        number = self._numbers[words]
        if field is Field.TOPIC:
            return lambda work: number in work.found
        finder, inside = self._finder(words), _INSIDE[field]
        return lambda work: number in work.found and any(map(inside, work.places(number, finder)))

    def _divided(self, parts: Sequence[Expression]) -> tuple[frozenset[int], list[Predicate]]:
        """The numbers of the parts that are topic terms, and the predicates of all others."""
        plain = {part for part in parts if isinstance(part, Term) and part.field is Field.TOPIC}
        numbers = frozenset(self._numbers[part.words] for part in plain)
        return numbers, [self.predicate(part) for part in parts if part not in plain]

    def _not(self, expression: Not) -> Predicate:
        wanted, unwanted = self.predicate(expression.wanted), self.predicate(expression.unwanted)

        def holds(work: Work) -> bool:
            if not wanted(work):
                return False
            if unwanted(work):
                work.barred = True
                return False
            return True

        return holds

    def _near(self, near: Near) -> Predicate:
        inside = _INSIDE[next(terms(near)).field]
        # Both sides here and not by their operands: nearly every condition that is asked ends with this.
        left, right = (
            frozenset(self._numbers[words] for words in necessary(side)) for side in (near.left, near.right)
        )
        stretches = self._stretches(near)

        def holds(work: Work) -> bool:
            if right.isdisjoint(work.found) or left.isdisjoint(work.found):
                return False
            return any(map(inside, stretches(work)))

        return holds

    def _stretches(self, near: Near) -> Stretches:
        left, right = self._operand(near.left), self._operand(near.right)

        def found(work: Work) -> Iterator[Place]:
            for places in left.places(work):
                for others in right.places(work):
                    yield from pairs_within(places, others, near.distance)

        return found

    def _operand(self, operand: Expression) -> "_Operand":
        parts = _alternatives(operand)
        return _Operand(
            finders={
                self._numbers[part.words]: self._finder(part.words)
                for part in parts
                if isinstance(part, Term)
            },
            nears=[self._stretches(part) for part in parts if isinstance(part, Near)],
        )


class _Operand:
    """One side of a NEAR: terms, and what is a NEAR itself."""

    def __init__(self, finders: Mapping[int, TermFinder], nears: Sequence[Stretches]) -> None:
        self._finders = finders
        self._numbers = frozenset(finders)
        self._nears = nears

    def places(self, work: Work) -> Iterator[Sequence[Place]]:
        """The places of each alternative that may have some, ascending."""
        # Of dozens of terms one or two occur.
        for number in self._numbers & work.found:
            yield work.places(number, self._finders[number])
        for stretches in self._nears:
            yield widest(stretches(work))


def necessary(expression: Expression) -> list[Words]:
    """Terms of which at least one is in every work the expression matches.

    Where parts of the expression leave a choice, those that look rarest.
    """
    match expression:
        case Term(words):
            return [words]
        case Or(parts):
            return [words for part in parts for words in necessary(part)]
        case And(parts):
            return necessary(min(parts, key=_commonness))
        case Near(left, right):
            return necessary(min(left, right, key=_commonness))
        case Not(wanted):
            return necessary(wanted)


def pairs_within(left: Sequence[Place], right: Sequence[Place], distance: int) -> Iterator[Place]:
    """Stretches of pairs of places with at most so many words between; none if there is no such pair.

    Two terms must not overlap; a stretch may. First and last words ascend on each side. For each place
    on the left only the outermost partners are taken: the pairs with others lie within these.
    """
    start, size = 0, len(right)
    for first, last, is_stretch in left:
        while start < size and right[start][1] < first - distance - 1:
            start += 1
        nearest = start
        while nearest < size and right[nearest][0] <= last + distance + 1:
            other_first, other_last, may_overlap = right[nearest]
            if is_stretch or may_overlap or other_first > last or other_last < first:
                yield min(first, other_first), max(last, other_last), True
                break
            nearest += 1
        else:
            continue
        for other in range(bisect_left(right, (last + distance + 2,)) - 1, nearest, -1):
            other_first, other_last, may_overlap = right[other]
            if is_stretch or may_overlap or other_first > last or other_last < first:
                yield min(first, other_first), max(last, other_last), True
                break


def widest(stretches: Iterable[Place]) -> list[Place]:
    """The stretches that lie within no other, ascending: what is near one is near every wider one."""
    kept: list[Place] = []
    for stretch in sorted(set(stretches), key=lambda place: (place[0], -place[1])):
        if not kept or stretch[1] > kept[-1][1]:
            kept.append(stretch)
    return kept


def _alternatives(operand: Expression) -> tuple[Expression, ...]:
    return operand.parts if isinstance(operand, Or) else (operand,)


def _commonness(expression: Expression) -> float:
    """A guess from the letters written out: long words are rare, phrases rarer."""
    letters = [sum(map(str.isalnum, "".join(words))) for words in necessary(expression)]
    return sum(1 / count**2 for count in letters)


def _anywhere(place: Place) -> bool:
    return True


def _in_title(place: Place) -> bool:
    return place[0] < _SEGMENT


def _in_abstract(place: Place) -> bool:
    return _SEGMENT <= place[0] < 2 * _SEGMENT


def _in_keyword(place: Place) -> bool:
    return place[0] >= 2 * _SEGMENT


_INSIDE: Final = {
    Field.TOPIC: _anywhere,
    Field.TITLE: _in_title,
    Field.ABSTRACT: _in_abstract,
    Field.KEYWORDS: _in_keyword,
}
