"""The health of a store's Dagster instance: settings, pool, runs, daemon, size of the history.

Each check gives findings as those of `assets.health` do. Nothing is written: an instance that was never
opened is left so.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import dagster as dg
from dagster._core.instance.config import PoolGranularity
from sqlalchemy.exc import SQLAlchemyError

from assets.errors import CollaborationError
from assets.health.findings import Code, Finding, alarm, ok, warning
from assets.health.look import Look
from assets.leftovers import size
from orchestration.dbt import BUILD_POOL
from orchestration.dead_runs import UNDER_WAY, has_process
from orchestration.instance import dagster_home
from orchestration.run_history import history_errors, read_database

_SILENT: Final = timedelta(minutes=5)
"""The daemon gives a sign of life every half minute."""
_LARGE_BYTES: Final = 10 << 30
_MANY_FILES: Final = 200_000


def instance_findings(look: Look) -> list[Finding]:
    """All that there is to say of the instance."""
    home = dagster_home(look.store)
    if not (home / "dagster.yaml").exists():
        return [ok("run history", "Nothing has run yet.")]
    found = history_size(home)
    try:
        database = read_database()
        if database is not None:
            database.make_ready()
        elif not os.access(home, os.W_OK):
            raise PermissionError("this user may not write there, which SQLite needs even to read")
    except (CollaborationError, OSError) as error:
        return [*found, _unreadable(home, _one_line(str(error)))]
    try:
        instance = dg.DagsterInstance.from_config(str(home.absolute()))
    except (OSError, SQLAlchemyError) as error:
        return [*found, _unreadable(home, _one_line(str(error)))]
    except Exception as error:
        # Which errors there are depends on what is wrong in the file.
        return [*found, _wrong_settings(home, _one_line(str(error)))]
    try:
        with instance, history_errors(database):
            found += instance_settings(instance, home)
            found += pool(instance)
            found += runs(instance)
            found += daemon(instance, look.now)
    except Exception as error:
        # A damaged history fails in many ways; none of them may hide what else there is to say.
        found.append(_unreadable(home, _one_line(str(error)) or type(error).__name__))
    return found


def instance_settings(instance: dg.DagsterInstance, home: Path) -> list[Finding]:
    """Whether `dagster.yaml` still says what runs over one store need."""
    pools = instance.get_concurrency_config().pool_config
    wrong = []
    if not instance.run_monitoring_enabled:
        wrong.append("run_monitoring is not enabled, so runs that were killed stay started")
    if pools.default_pool_limit != 1:
        wrong.append(f"the limit of pools is {pools.default_pool_limit}, so two runs may write at once")
    if pools.pool_granularity is not PoolGranularity.RUN:
        wrong.append("the granularity of pools is not run, so runs wait in their middle")
    if not wrong:
        return [ok("instance", f"{home / 'dagster.yaml'} says what is needed.")]
    return [_wrong_settings(home, "; ".join(wrong))]


def pool(instance: dg.DagsterInstance) -> list[Finding]:
    """Whether the limit of the pool is registered, without which the first wave of runs goes through."""
    limits = {item.name: item.limit for item in instance.event_log_storage.get_pool_limits()}
    limit = limits.get(BUILD_POOL)
    if limit == 1:
        return [ok("pool", f"One run of {BUILD_POOL} at a time.")]
    told = "has no limit registered" if limit is None else f"has the limit {limit}"
    return [
        alarm(
            "pool",
            Code.POOL_UNLIMITED,
            f"The pool {BUILD_POOL} {told}: runs start together that can only work one after the other.",
            "Start any run or the UI from the command line, which registers the limit 1; or set it in the UI "
            "(Deployment, Concurrency).",
        )
    ]


def runs(instance: dg.DagsterInstance) -> list[Finding]:
    """Runs that are under way by the history and have no process."""
    under_way = instance.get_runs(dg.RunsFilter(statuses=list(UNDER_WAY)))
    dead = [run for run in under_way if has_process(instance, run) is False]
    if not dead:
        return [ok("runs", f"{len(under_way)} under way.")]
    return [
        warning(
            "runs",
            Code.RUNS_DEAD,
            f"{len(dead)} of the runs under way have no process any more ({dead[0].job_name}, "
            f"{dead[0].run_id[:8]}).",
            "The next headless run or the daemon marks them as failed. Until then nothing that waits in the "
            "queue starts: run it, or start the daemon.",
        )
    ]


def daemon(instance: dg.DagsterInstance, now: datetime) -> list[Finding]:
    """Whether the daemon that watches for drops is alive, where there ever was one."""
    beats = list(instance.get_daemon_heartbeats().values())
    if not beats:
        return [ok("daemon", "None has ever been started here: runs are started by hand or by a timer.")]
    last = datetime.fromtimestamp(max(beat.timestamp for beat in beats), UTC)
    if now - last > _SILENT:
        return [
            warning(
                "daemon",
                Code.DAEMON_SILENT,
                f"The daemon gave its last sign of life on {last:%Y-%m-%d %H:%M} UTC.",
                "Start it again if the store is to run by itself (its service, or make ui), and see why it "
                "ended. Where runs are started by a timer alone nothing is wrong.",
            )
        ]
    failing = [beat for beat in beats if beat.errors]
    if failing:
        said = next((error.message for beat in failing for error in beat.errors or ()), "")
        return [
            warning(
                "daemon",
                Code.DAEMON_FAILING,
                f"The daemon is alive, but its part {failing[0].daemon_type} fails: {_one_line(said)}",
                "See Deployment, Daemons in the UI, and the daemon's log.",
            )
        ]
    return [ok("daemon", f"Alive at {last:%H:%M} UTC.")]


def history_size(home: Path) -> list[Finding]:
    """What runs leave: their events and logs are kept for good."""
    files, total = 0, 0
    for parent, _, names in os.walk(home):
        files += len(names)
        total += sum(_bytes(Path(parent) / name) for name in names)
        if files > _MANY_FILES:
            break
    if files <= _MANY_FILES and total <= _LARGE_BYTES:
        return [ok("history", f"{files:,} files, {size(total)} of events and logs.")]
    told = f"more than {_MANY_FILES:,} files" if files > _MANY_FILES else size(total)
    return [
        warning(
            "history",
            Code.HISTORY_LARGE,
            f"Dagster's events and logs in {home} have grown to {told}.",
            "Delete old runs in the UI (Runs, Delete), which takes their events along; no number depends on "
            "them. Remove what lies in storage/ of runs that are gone.",
        )
    ]


def _wrong_settings(home: Path, what: str) -> Finding:
    return warning(
        "instance",
        Code.INSTANCE_SETTINGS,
        f"{home / 'dagster.yaml'}: {what}.",
        "Put it right, or move the file aside: the next command writes it anew. Restart the daemon then.",
    )


def _unreadable(home: Path, reason: str) -> Finding:
    return alarm(
        "run history",
        Code.HISTORY_UNREADABLE,
        f"Dagster's run history in {home} cannot be read: {reason.rstrip('.')}.",
        "See that its database is up and this user may write there. No number depends on it: where it is "
        "damaged, move the folder history/ in it aside, and a new one begins.",
    )


def _bytes(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
