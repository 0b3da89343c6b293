"""What a check of the store's health says."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    """Look at it when there is time; numbers are right and work goes on."""
    ALARM = "alarm"
    """Somebody has to do something: work stands still, or would soon, or something is damaged."""


class Code(StrEnum):
    """Names a warning or an alarm for good; each has a section in `docs/operations.md`."""

    STORE_MISSING = "store-missing"
    STORE_FORMAT = "store-format"
    STORE_UNWRITABLE = "store-unwritable"
    SETTINGS_WRONG = "settings-wrong"
    TECHNOLOGIES_WRONG = "technologies-wrong"
    PYTHON_UNSUPPORTED = "python-unsupported"
    PACKAGES_DIFFER = "packages-differ"
    DISK_SHORT = "disk-short"
    DISK_LOW = "disk-low"
    FILES_SHORT = "files-short"
    CLOCK_BEHIND = "clock-behind"
    LEDGER_DAMAGED = "ledger-damaged"
    RECORDS_LOST = "records-lost"
    RECORDS_UNKNOWN = "records-unknown"
    WRITER_DIED = "writer-died"
    WRITER_LONG = "writer-long"
    BUILD_HELD = "build-held"
    PULL_DIED = "pull-died"
    PULL_UNFINISHED = "pull-unfinished"
    LEFTOVERS = "leftovers"
    LANDING_UNREADABLE = "landing-unreadable"
    DROP_WAITING = "drop-waiting"
    DROP_UNTAKEN = "drop-untaken"
    DROP_REJECTED = "drop-rejected"
    CHECKS_FAILED = "checks-failed"
    YEARS_STALE = "years-stale"
    YEARS_MISSING = "years-missing"
    NOT_PUBLISHED = "not-published"
    ROLLED_BACK = "rolled-back"
    VINTAGE_DAMAGED = "vintage-damaged"
    LINKS_MISSING = "links-missing"
    HISTORY_UNREADABLE = "history-unreadable"
    HISTORY_LARGE = "history-large"
    INSTANCE_SETTINGS = "instance-settings"
    POOL_UNLIMITED = "pool-unlimited"
    RUNS_DEAD = "runs-dead"
    DAEMON_SILENT = "daemon-silent"
    DAEMON_FAILING = "daemon-failing"
    CHECK_BROKEN = "check-broken"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    level: Level
    what: str
    """One sentence."""
    next: str = ""
    """What to do; empty when all is well."""
    code: Code | None = None
    """None when all is well."""


def ok(subject: str, what: str) -> Finding:
    """All is well."""
    return Finding(subject, Level.OK, what)


def warning(subject: str, code: Code, what: str, todo: str) -> Finding:
    """Something to look at."""
    return Finding(subject, Level.WARNING, what, todo, code)


def alarm(subject: str, code: Code, what: str, todo: str) -> Finding:
    """Something to do."""
    return Finding(subject, Level.ALARM, what, todo, code)
