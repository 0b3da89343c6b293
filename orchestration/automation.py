"""What happens by itself: which parts are on, and how old results may grow. By settings, read here alone.

A switch sets what a sensor or schedule starts with; whoever turns one on or off in the UI overrides it
there. What the parts do is in `orchestration.sensors` and `orchestration.schedules`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from assets.errors import CollaborationError

AUTOMATION = "COLLAB_AUTOMATION"
FRESHNESS_DAYS = "COLLAB_FRESHNESS_DAYS"

DEFAULT_FRESHNESS_DAYS = 45
"""OpenAlex brings out a release about once a month; the weekly look finds it up to seven days later, and
what is wrong then may take a person another week."""


class Part(StrEnum):
    """A part of the automation, by the word that turns it on."""

    INGEST = "ingest"
    """Complete drops of the landing folder are read."""
    REFRESH = "refresh"
    """Records are resolved and stale years counted."""
    PUBLISH = "publish"
    """A build without stale years becomes the vintage readers see."""
    PULL = "pull"
    """The OpenAlex snapshot is looked at once a week. Off unless asked for: a first pull of it takes
    hundreds of gigabytes."""


DEFAULT_PARTS = frozenset({Part.INGEST, Part.REFRESH, Part.PUBLISH})


@dataclass(frozen=True)
class Automation:
    """What is on."""

    parts: frozenset[Part] = DEFAULT_PARTS
    freshness_days: float = DEFAULT_FRESHNESS_DAYS
    """Marts and the published vintage are overdue after so many days without a new one; 0 for never."""

    @property
    def freshness(self) -> timedelta | None:
        """How old results may grow, or None where they may grow as old as they like."""
        return timedelta(days=self.freshness_days) if self.freshness_days else None

    def text(self) -> str:
        """One sentence for people."""
        on = [part.value for part in Part if part in self.parts]
        off = [part.value for part in Part if part not in self.parts]
        said = [f"{', '.join(on)} on" if on else "", f"{', '.join(off)} off" if off else ""]
        return f"{'; '.join(filter(None, said))} ({AUTOMATION}, unless switched in the UI)"


def read_automation(environment: Mapping[str, str] = os.environ) -> Automation:
    """The automation the environment asks for.

    Raises:
        CollaborationError: A word is no part, or the days are no number of days; says which.
    """
    return Automation(_parts(environment.get(AUTOMATION, "")), _days(environment.get(FRESHNESS_DAYS, "")))


def _parts(text: str) -> frozenset[Part]:
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    if not words:
        return DEFAULT_PARTS
    if words == ["none"]:
        return frozenset()
    known = {part.value: part for part in Part}
    unknown = [word for word in words if word not in known]
    if unknown:
        raise CollaborationError(
            f"{AUTOMATION} has {unknown[0]!r}. It must be none, or some of {', '.join(known)}, "
            "separated by commas."
        )
    return frozenset(known[word] for word in words)


def _days(text: str) -> float:
    try:
        days = float(text.strip() or DEFAULT_FRESHNESS_DAYS)
    except ValueError:
        days = -1
    # Dagster looks at most once a minute; beyond ten years it is a slip of the pen.
    if not (days == 0 or 0.01 <= days <= 3650):
        raise CollaborationError(
            f"{FRESHNESS_DAYS} is {text.strip()!r}: it must be a number of days from 0.01 to 3650, "
            "or 0 to let results grow as old as they like."
        )
    return days
