"""What moved the numbers of a year: drops that came, left or changed, and rules, options and queries.

Read off the descriptions of two vintages, in the words that also say why a year is stale. No number is looked
at here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from assets.change_clauses import content_changes, rule_changes, technology_changes
from assets.drop_settings import RESERVED_TECHNOLOGIES
from assets.rules import OPTION_RULES
from assets.vintages import Vintage, VintageDrop

_LISTED: Final = 3


@dataclass(frozen=True)
class Cause:
    """What moved the numbers of a year, or of one technology in it."""

    drops: tuple[str, ...]
    """Those that came, left or changed, and so changed what the year consists of."""
    contents: tuple[str, ...]
    """What they did to it, a clause each, and what others lost to them."""
    others: tuple[str, ...]
    """What else is different; not empty where no drop did anything."""

    def __str__(self) -> str:
        what = "; ".join((*self.contents, *self.others))
        return f"moved by {self.drops[0]}: {what}" if len(self.drops) == 1 and not self.others else what

    @property
    def brief(self) -> str:
        """The drops, and what else is different."""
        return "; ".join((*self.drops, *self.others))


class Causes:
    """What is different between two vintages, asked by year and technology."""

    def __init__(self, before: Vintage, after: Vintage) -> None:
        self._before, self._after = before, after
        self._drops = _drop_changes(before.drops, after.drops)
        self._rules = (*_option_changes(before.rules, after.rules), *_file_changes(before.rules, after.rules))
        self._queries = _query_changes(before, after)

    def clauses(self) -> tuple[str, ...]:
        """All that differs in what the vintages were made from and by."""
        queries = _listed(f"{name}: {clause}" for name, clause in self._queries.items())
        return (*self._drops.values(), *self._rules, *queries, *self._code())

    def of(self, year: int, technology: str | None = None) -> Cause:
        """What moved the numbers of a year; with a technology those of it alone."""
        contents = content_changes(self._before.contents.get(year, ()), self._after.contents.get(year, ()))
        # What a new drop replaces or retires is lost by others, which did nothing themselves.
        drops = [drop for drop in contents if drop in self._drops] or (list(self._drops) if contents else [])
        told = sorted(contents, key=lambda drop: (drop not in drops, drop))
        told_of_all = bool(contents or self._rules)
        technologies = _listed(self._of_technologies(year, technology, all_changed=told_of_all))
        others = (*self._rules, *technologies)
        return Cause(
            tuple(drops),
            tuple(contents[drop] for drop in told),
            others if contents or others else self._unexplained(),
        )

    def _of_technologies(self, year: int, technology: str | None, *, all_changed: bool) -> list[str]:
        """What is new about single technologies of the year that could move numbers of this one."""
        if technology == "all":
            return []
        changes = technology_changes(
            self._before.technologies.get(year, ()), self._after.technologies.get(year, ())
        )
        of_one = technology is not None and technology not in RESERVED_TECHNOLOGIES
        told = {
            name: clause
            for name, clause in changes.items()
            if name not in RESERVED_TECHNOLOGIES
            and (name == technology or not of_one)
            # Where works came or left, every technology has others: only a query is news beside that.
            and (name in self._queries or not all_changed)
        }
        return [f"{name}: {self._queries.get(name, clause)}" for name, clause in told.items()]

    def _unexplained(self) -> tuple[str, ...]:
        return self._code() or ("nothing on record differs",)

    def _code(self) -> tuple[str, ...]:
        before, after = self._before.code, self._after.code
        return () if before == after else (f"code changed: {after} instead of {before}",)


def _drop_changes(before: Iterable[VintageDrop], after: Iterable[VintageDrop]) -> dict[str, str]:
    """Drop to one clause that says what became of it; only those that are not the same in both."""
    old = {drop.drop_id: drop for drop in before}
    new = {drop.drop_id: drop for drop in after}
    clauses = {
        drop_id: _drop_change(old.get(drop_id), new.get(drop_id)) for drop_id in old.keys() | new.keys()
    }
    return {drop_id: f"{drop_id} {clauses[drop_id]}" for drop_id in sorted(clauses) if clauses[drop_id]}


def _drop_change(before: VintageDrop | None, after: VintageDrop | None) -> str:
    if before is None:
        return "came"
    if after is None:
        return "left"
    if before.fingerprint != after.fingerprint:
        return "has other files"
    if before.reader_version != after.reader_version:
        return f"was read by version {after.reader_version} of the reader instead of {before.reader_version}"
    stated = [
        name
        for name in ("stated_date", "mode", "technology")
        if getattr(before, name) != getattr(after, name)
    ]
    if stated:
        return f"states another {' and '.join(stated).replace('stated_date', 'date')}"
    return "" if before.drop_version == after.drop_version else "was read again"


def _option_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: {after.get(name, 'not known')} instead of {before.get(name, 'not known')}"
        for name in sorted(OPTION_RULES)
        if before.get(name) != after.get(name)
    ]


def _file_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    files = [
        {name: digest for name, digest in rules.items() if name not in OPTION_RULES}
        for rules in (before, after)
    ]
    return rule_changes(*files)


def _query_changes(before: Vintage, after: Vintage) -> dict[str, str]:
    """Technology to what became of its entry in the catalogue."""
    old = {entry.technology: entry for entry in before.catalogue}
    new = {entry.technology: entry for entry in after.catalogue}
    changes = {}
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            changes[name] = "new in the catalogue"
        elif name not in new:
            changes[name] = "no longer in the catalogue"
        elif old[name].digest != new[name].digest:
            versions = (new[name].version, old[name].version)
            told = " (version {} instead of {})".format(*versions) if versions[0] != versions[1] else ""
            changes[name] = f"its query changed{told}"
    return changes


def _listed(clauses: Iterable[str]) -> list[str]:
    """The first of the clauses, and how many more there are."""
    clauses = list(clauses)
    rest = len(clauses) - _LISTED
    more = [] if rest <= 0 else [f"{rest} more technolog{'y' if rest == 1 else 'ies'}"]
    return [*clauses[:_LISTED], *more]
