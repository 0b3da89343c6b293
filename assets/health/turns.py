"""Who is at work in the store, or died there, and what was left behind."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from assets.health.findings import Code, Finding, alarm, ok, warning
from assets.health.look import Look
from assets.leftovers import find_leftovers, find_pull_leftovers, size, unknown_records
from assets.lock_state import LockState
from assets.processes import users_of

_LONG: Final = timedelta(days=1)
_OLD_PULL: Final = timedelta(days=1)
_NEXT_RUN: Final = (
    "Nothing: the next run takes up what was begun and cleans up first. Run it now if none is due."
)


def writer(look: Look) -> list[Finding]:
    """Who holds the writer lock, and since when."""
    return _holder(look, look.writer, "writer", Code.WRITER_DIED, "writing")


def puller(look: Look) -> list[Finding]:
    """The same of pulls."""
    return _holder(look, look.puller, "pulls", Code.PULL_DIED, "pulling")


def build_file(look: Look) -> list[Finding]:
    """Who has the file open that dbt writes; without the writer lock nobody should."""
    users = users_of(look.store.build_file)
    if look.writer.is_held or not users:
        who = f"open in process {users[0]}, in order" if users else "open in no process of this user"
        return [ok("build file", f"The file dbt writes is {who}.")]
    return [
        alarm(
            "build file",
            Code.BUILD_HELD,
            f"Process {users[0]} has {look.store.build_file} open although no run is at work; a run that was "
            "killed leaves its dbt behind.",
            f"Look what it is (ps {users[0]}). A dbt ends by itself within minutes; any other reader of this "
            "file must read warehouse/collaboration.duckdb instead.",
        )
    ]


def leftovers(look: Look) -> list[Finding]:
    """What killed processes left, where nobody at work could be using it."""
    if look.writer.is_held:
        return [ok("leftovers", "A run is at work, so what is unfinished may be its own.")]
    found = find_leftovers(look.pipeline)
    if not look.puller.is_held:
        found += find_pull_leftovers(look.store)
    if not found:
        return [ok("leftovers", "No file that nobody uses.")]
    first = found[0].path.relative_to(look.store.root)
    return [
        warning(
            "leftovers",
            Code.LEFTOVERS,
            f"{len(found)} left by processes that were killed, {size(sum(item.bytes for item in found))} "
            f"({first}: {found[0].what}).",
            "Nothing: the next run, or the next pull, removes them and says so.",
        )
    ]


def unknown(look: Look) -> list[Finding]:
    """Stored records the ledger knows nothing of."""
    found = [] if look.writer.is_held else unknown_records(look.pipeline)
    if not found:
        return [ok("record store", "The ledger knows all that is stored.")]
    return [
        warning(
            "record store",
            Code.RECORDS_UNKNOWN,
            f"The ledger does not know {len(found)} of the stored drop versions, and their drops are not in "
            f"the landing folder ({found[0].relative_to(look.store.root)}).",
            "If the ledger is older than the store, restore the one that belongs to it; else deliver the "
            "drop again, or remove the folder.",
        )
    ]


def unfinished_pulls(look: Look) -> list[Finding]:
    """Pulls that were broken off long ago and nobody went on with."""
    found = [] if look.puller.is_held else list(_waiting_pulls(look))
    return found or [ok("unfinished pulls", "No pull waits to be gone on with.")]


def _waiting_pulls(look: Look) -> Iterator[Finding]:
    if not look.pipeline.landing.is_dir():
        return
    for folder in sorted(look.pipeline.landing.glob(".pull-*")):
        latest = max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
        since = datetime.fromtimestamp(latest, look.now.tzinfo)
        if look.now - since > _OLD_PULL:
            yield warning(
                "unfinished pulls",
                Code.PULL_UNFINISHED,
                f"{folder} holds a pull that was broken off on {since:%Y-%m-%d}.",
                "Ask for the same pull again, it goes on from there; or remove the folder to give it up.",
            )


def _holder(look: Look, lock: LockState, subject: str, died: Code, doing: str) -> list[Finding]:
    if lock.holder_died:
        return [
            warning(
                subject,
                died,
                f"{_named(lock)} was killed; it had begun {_when(lock)}.",
                _NEXT_RUN
                if died is Code.WRITER_DIED
                else "Ask for the same pull again: it goes on from there.",
            )
        ]
    if not lock.is_held:
        return [ok(subject, f"Nobody is {doing}.")]
    if look.now - lock.since > _LONG:
        return [
            warning(
                subject,
                Code.WRITER_LONG,
                f"{_named(lock) or 'A process'} is {doing} since {_when(lock)}.",
                "Look whether it gets on (its terminal, or the run in the UI). If it stands still, end it: "
                "what it recorded stands.",
            )
        ]
    return [ok(subject, f"{_named(lock) or 'A process'} is {doing} since {_when(lock)}.")]


def _when(lock: LockState) -> str:
    return f"{lock.since:%Y-%m-%d %H:%M} UTC"


def _named(lock: LockState) -> str:
    return f"{lock.holder[:1].upper()}{lock.holder[1:]}"
