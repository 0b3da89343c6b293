"""What `doctor` does: looks at everything a store needs, and says what is wrong and what to do next.

Order and wording of the whole belong here; what is looked at is `assets.health`, and of Dagster
`orchestration.instance_health`.
"""

import json
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from assets.errors import CollaborationError
from assets.health import counts, deliveries, machine, results, turns
from assets.health.findings import Code, Finding, Level, alarm, ok
from assets.health.look import Look, look_at
from assets.pipeline import Options
from assets.store import FORMAT_VERSION, Store
from orchestration.conclusion import ExitStatus
from orchestration.instance_health import instance_findings
from orchestration.notice_settings import read_channels
from orchestration.settings import DEFAULT_LANDING, DEFAULT_STORE, read_options
from orchestration.terminal import Terminal

Check = Callable[[Look], list[Finding]]

_OF_THE_STORE: Final[Sequence[Check]] = (
    machine.permissions,
    machine.disk,
    results.links,
    turns.writer,
    turns.puller,
    turns.build_file,
    turns.unfinished_pulls,
    deliveries.landing,
    counts.technologies,
    instance_findings,
)
_OF_THE_LEDGER: Final[Sequence[Check]] = (
    machine.clock,
    turns.leftovers,
    turns.unknown,
    counts.records,
    deliveries.drops,
    counts.checks,
    counts.staleness,
    counts.missing_years,
    results.vintage,
    results.publication,
)
_SIGNS: Final[Mapping[Level, str]] = {Level.OK: "ok", Level.WARNING: "warn", Level.ALARM: "ALARM"}


def show_health(
    *, as_json: bool, terminal: Terminal, environment: Mapping[str, str] = os.environ
) -> ExitStatus:
    """Examine the store of the environment and show what was found; fails when there is an alarm."""
    if not as_json:
        terminal.progress("Looking ...")
    findings = list(examine(environment))
    if as_json:
        terminal.line(json.dumps([asdict(item) for item in findings], indent=2, ensure_ascii=False))
    else:
        for line in _lines(findings):
            terminal.line(line)
    return ExitStatus.FAILED if any(item.level is Level.ALARM for item in findings) else ExitStatus.OK


def examine(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Everything there is to say about the store the environment names; writes nothing."""
    options = yield from _options(environment)
    yield from _checked("versions", machine.versions)
    store = Store(Path(environment.get("COLLAB_STORE") or DEFAULT_STORE).absolute())
    landing = Path(environment.get("COLLAB_LANDING") or DEFAULT_LANDING).absolute()
    problem = _unusable(store)
    if problem is not None:
        yield problem
        return
    yield ok("store", f"{store.root}, format {FORMAT_VERSION}.")
    try:
        with look_at(store, landing, options) as look:
            yield from _examined(look)
    except OSError as error:
        yield _broken("store", error)


def _options(environment: Mapping[str, str]) -> Generator[Finding, None, Options]:
    try:
        options = read_options(environment)
        read_channels(environment)
    except CollaborationError as error:
        yield alarm(
            "settings", Code.SETTINGS_WRONG, str(error), "Mend the variable. The rest goes by defaults."
        )
        return read_options({})
    scope = options.counting
    yield ok("settings", f"Years {scope.start_year} to {scope.end_year}.")
    return options


def _unusable(store: Store) -> Finding | None:
    """Why this is no store the other checks could look at."""
    try:
        found = json.loads(store.format_file.read_text("utf-8"))["format_version"]
    except FileNotFoundError:
        there = store.root.is_dir() and any(store.root.iterdir())
        what = "holds something, but no store" if there else "holds no store"
        return alarm(
            "store",
            Code.STORE_MISSING,
            f"{store.root} {what}.",
            "Mount the disk it is on, or name the right folder (COLLAB_STORE). A new store is made by the "
            "first run.",
        )
    except OSError as error:
        todo = "Run as the user the store belongs to, or mend its permissions."
        return alarm("store", Code.STORE_UNWRITABLE, f"{error.filename}: {error.strerror}.", todo)
    except (ValueError, KeyError, TypeError):
        found = None
    if found == FORMAT_VERSION:
        return None
    return alarm(
        "store",
        Code.STORE_FORMAT,
        f"{store.root} has format {found if found is not None else 'unknown'}; this version of the project "
        f"works with {FORMAT_VERSION}.",
        "Use the version of the project that made it, restore store.json from a backup, or build a new store "
        "from the same landing folder.",
    )


def _examined(look: Look) -> Iterator[Finding]:
    for check in _OF_THE_STORE:
        yield from _checked(_subject(check), lambda check=check: check(look))  # type: ignore[misc]
    if look.ledger_problem:
        yield alarm(
            "ledger",
            Code.LEDGER_DAMAGED,
            f"{look.store.ledger_file} cannot be read: {look.ledger_problem}.",
            "Keep a copy of it, then restore it with the rest of the store from a backup; or build a new "
            "store from the same landing folder. Readers keep the published vintage meanwhile.",
        )
        return
    yield ok("ledger", f"{len(look.pipeline.ledger.versions())} drop versions, intact.")
    for check in _OF_THE_LEDGER:
        yield from _checked(_subject(check), lambda check=check: check(look))  # type: ignore[misc]


def _checked(subject: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return check()
    except Exception as error:
        # One aspect that cannot be looked at must not hide the others.
        return [_broken(subject, error)]


def _broken(subject: str, error: Exception) -> Finding:
    told = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return alarm(
        subject,
        Code.CHECK_BROKEN,
        f"This could not be looked at ({told}).",
        "Mend what the message names. If it names nothing of yours, report it to this project.",
    )


def _subject(check: Check) -> str:
    return check.__name__.replace("_", " ")


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    width = max(len(item.subject) for item in findings)
    for item in findings:
        code = f" [{item.code}]" if item.code else ""
        yield f"{_SIGNS[item.level]:5}  {item.subject:{width}}  {item.what}{code}"
        if item.next:
            yield f"{'':5}  {'':{width}}  -> {item.next}"
    alarms = sum(item.level is Level.ALARM for item in findings)
    warnings = sum(item.level is Level.WARNING for item in findings)
    if alarms or warnings:
        yield f"{_count(alarms, 'alarm')}, {_count(warnings, 'warning')}; docs/operations.md tells of each."
    else:
        yield "All is well."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
