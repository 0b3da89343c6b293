"""Is the landing folder readable, and does everything in it come to its end?"""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from assets.drops import DropState, Inspection
from assets.health.findings import Code, Finding, alarm, ok, warning
from assets.health.look import Look
from assets.landing import inspect_landing

_PATIENCE: Final = timedelta(days=1)
_SHOWN: Final = 10


def landing(look: Look) -> list[Finding]:
    """Whether this user may read what is delivered."""
    folder = look.pipeline.landing
    if not folder.is_dir():
        return [
            alarm(
                "landing folder",
                Code.LANDING_UNREADABLE,
                f"There is no landing folder {folder}.",
                "Make it, mount the disk it is on, or name another one (COLLAB_LANDING).",
            )
        ]
    refused = next(
        (path for path in (folder, *_drops(folder)) if not os.access(path, os.R_OK | os.X_OK)), None
    )
    if refused is None:
        return [ok("landing folder", f"{folder} can be read.")]
    return [
        alarm(
            "landing folder",
            Code.LANDING_UNREADABLE,
            f"This user may not read {refused}.",
            f"Let them (chmod -R u+rX {refused}), or run as another user.",
        )
    ]


def drops(look: Look) -> list[Finding]:
    """Drops that do not get on: they wait, nobody takes them, or they are wrong."""
    inspected = inspect_landing(look.pipeline)
    found = [finding for drop in inspected if (finding := _finding(look, drop)) is not None]
    if not found:
        return [ok("drops", f"{len(inspected)} in the landing folder, none is stuck.")]
    rest = len(found) - _SHOWN
    if rest <= 0:
        return found
    last = found[_SHOWN]
    more = warning("drops", last.code or Code.DROP_WAITING, f"{rest} more are stuck.", "See status.")
    return [*found[:_SHOWN], more]


def _finding(look: Look, drop: Inspection) -> Finding | None:
    since = _last_change(drop.root) if drop.state in (DropState.WAITING, DropState.READY) else None
    old = since is not None and look.now.timestamp() - since > _PATIENCE.total_seconds()
    day = "" if since is None else f"{datetime.fromtimestamp(since, look.now.tzinfo):%Y-%m-%d}"
    if drop.state is DropState.REJECTED:
        return warning(
            "drops",
            Code.DROP_REJECTED,
            f"Drop {drop.drop_id} is rejected: {drop.reason}",
            "Deliver it again, mended; or take its folder away. Nothing of it counts.",
        )
    if drop.state is DropState.WAITING and old:
        return warning(
            "drops",
            Code.DROP_WAITING,
            f"Drop {drop.drop_id} is incomplete and unchanged since {day}: {drop.reason}",
            "Deliver what is missing, take away what does not belong there, or remove its folder.",
        )
    if drop.state is DropState.READY and old and not look.writer.is_held:
        return warning(
            "drops",
            Code.DROP_UNTAKEN,
            f"Drop {drop.drop_id} is complete since {day}, and nobody took it in.",
            "Run it; or see whether the daemon is alive and its sensors are on.",
        )
    return None


def _drops(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def _last_change(root: Path) -> float | None:
    """Of a drop, in seconds since 1970; None when it cannot be looked at."""
    times = [
        (Path(parent) / name).lstat().st_mtime
        for parent, folders, files in os.walk(root)
        for name in (*folders, *files)
    ]
    try:
        return max([root.stat().st_mtime, *times])
    except OSError:
        return None
