"""The command line: what scripts and `make` call.

Runs a command, says what happened, sets the exit status. Nothing heavy is imported before it is known
that there is something to do.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assets.disk_space import advice
from assets.drops import DropState, Inspection
from assets.errors import CollaborationError
from assets.landing import inspect_one
from assets.leftovers import writing_turn
from assets.pipeline import Pipeline
from assets.staleness import contiguous_ranges
from assets.vintages import find_vintage, published
from orchestration.arguments import build_parser
from orchestration.conclusion import ExitStatus, conclude, show_unready, with_rejections
from orchestration.plan import Plan, make_plan
from orchestration.settings import DEFAULT_STORE, default_landing_is_used, read_pipeline
from orchestration.terminal import Terminal
from orchestration.unattended import send_test, tell_outcome

if TYPE_CHECKING:
    from orchestration.headless import HeadlessRunner


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    options = build_parser().parse_args(arguments)
    command = _COMMANDS[options.command]
    with Terminal() as terminal:
        try:
            status = command(options, terminal)
            tell_outcome(options.command, None, read_pipeline, terminal.line)
            return status
        except CollaborationError as error:
            terminal.line(f"Error: {error}")
            tell_outcome(options.command, error, read_pipeline, terminal.line)
            return ExitStatus.FAILED
        except Exception as error:
            # A full disk shows wherever something is written, in the words of whichever library wrote.
            said = advice(error, Path(os.environ.get("COLLAB_STORE") or DEFAULT_STORE))
            if not said:
                raise
            terminal.line(f"Error: {error}".partition("\n")[0])
            terminal.line(said)
            tell_outcome(options.command, error, read_pipeline, terminal.line)
            return ExitStatus.FAILED
        except KeyboardInterrupt:
            terminal.line("Stopped. What was finished is kept; run again to go on.")
            return 130


def _pipeline(terminal: Terminal) -> Pipeline:
    return replace(read_pipeline(), announce=terminal.line, show_progress=terminal.progress)


def _run(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    pipeline = _pipeline(terminal)
    _provide_sample(pipeline, terminal)
    plan = make_plan(pipeline)
    if plan.nothing_to_do:
        terminal.line(_nothing_new(pipeline, plan))
        show_unready(plan, terminal)
        return with_rejections(ExitStatus.OK, pipeline, plan)
    if options.dry_run:
        return _dry_run(pipeline, plan, terminal)
    # Those that cannot be taken are told at the end, where nothing scrolls them away.
    _show_drops([drop for drop in plan.drops if drop not in plan.waiting + plan.refused], terminal)
    with writing_turn(pipeline, "headless run"):
        # Whoever was waited for may have done it.
        if make_plan(pipeline).nothing_to_do:
            terminal.line(_nothing_new(pipeline, make_plan(pipeline)))
            return with_rejections(ExitStatus.OK, pipeline, plan)
        with _runner(pipeline) as runner:
            before = {version.drop_version for version in pipeline.ledger.versions()}
            runner.bring_up_to_date()
    status = conclude(pipeline, runner.outcome, terminal)
    show_unready(plan, terminal)
    return with_rejections(status, pipeline, plan, before)


def _dry_run(pipeline: Pipeline, plan: Plan, terminal: Terminal) -> ExitStatus:
    from orchestration.preview import preview

    _show_drops(plan.drops, terminal)
    found = preview(pipeline, plan)
    if not found.stale:
        terminal.line("No year would be refreshed.")
        return ExitStatus.OK
    for item in found.stale:
        terminal.line(f"  {item.year}: {item.reason}")
    ranges = contiguous_ranges(item.year for item in found.stale)
    terminal.line(
        f"{len(found.stale)} years would be refreshed in {len(ranges)} "
        f"run{'s' if len(ranges) > 1 else ''} ({', '.join(map(str, ranges))}), "
        f"in about {found.seconds:.0f} s. Nothing was changed."
    )
    return ExitStatus.OK


def _backfill(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    pipeline = _pipeline(terminal)
    scope = pipeline.options.counting
    outside = [year for year in options.years if not scope.start_year <= year <= scope.end_year]
    if outside:
        raise CollaborationError(
            f"{outside[0]} is not in scope, which is {scope.start_year}-{scope.end_year}: "
            "set COLLAB_START_YEAR or COLLAB_END_YEAR, or leave the year out."
        )
    if not pipeline.ledger.versions():
        raise CollaborationError(f"Nothing in {pipeline.store.root} to count yet: run it first.")
    with writing_turn(pipeline, "backfill"), _runner(pipeline) as runner:
        runner.backfill(contiguous_ranges(options.years))
    status = conclude(pipeline, runner.outcome, terminal)
    stale = contiguous_ranges(item.year for item in make_plan(pipeline).stale)
    if status is ExitStatus.OK and stale:
        terminal.line(f"Not published: {', '.join(map(str, stale))} stale, too. Run it to refresh them.")
    return status


def _reread(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    pipeline = _pipeline(terminal)
    drop = inspect_one(pipeline, options.drop)
    if drop.state is not DropState.READY:
        raise CollaborationError(f"Drop {drop.drop_id} cannot be read, it is {drop.state}: {drop.reason}.")
    with writing_turn(pipeline, "reading a drop again"), _runner(pipeline) as runner:
        before = {version.drop_version for version in pipeline.ledger.versions()}
        if runner.ingest([options.drop], again=True):
            runner.bring_up_to_date()
    status = conclude(pipeline, runner.outcome, terminal)
    return with_rejections(status, pipeline, make_plan(pipeline), before)


def _withdraw(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from assets.ingest import withdraw

    pipeline = _pipeline(terminal)
    with writing_turn(pipeline, "withdrawing a drop"):
        version = withdraw(pipeline, options.drop)
        terminal.line(f"Withdrew {version.drop_id}: its {version.accepted:,} records do not count any more.")
        with _runner(pipeline) as runner:
            runner.bring_up_to_date()
    return conclude(pipeline, runner.outcome, terminal)


def _rollback(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from assets.publish import roll_back

    pipeline = _pipeline(terminal)
    with pipeline.store.writing("rolling back", terminal.line):
        vintage = find_vintage(pipeline.store, options.vintage)
        roll_back(pipeline.store, pipeline.ledger, vintage)
    terminal.line(f"Readers see vintage {vintage.name} of {vintage.published_at} from now on.")
    terminal.line(
        "What was counted since is kept and not published again until something changes: take out the drop "
        "that did it with `withdraw`, or deliver a better one."
    )
    return ExitStatus.OK


def _vintages(_: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.vintages import show_vintages

    return show_vintages(_pipeline(terminal), terminal)


def _diff(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.vintages import show_revisions

    return show_revisions(_pipeline(terminal), options, terminal)


def _status(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.status import status_report

    pipeline = _pipeline(terminal)
    report = status_report(pipeline, make_plan(pipeline))
    if options.json:
        terminal.line(json.dumps(asdict(report), indent=2, ensure_ascii=False))
        return ExitStatus.OK
    for line in report.lines():
        terminal.line(line)
    return ExitStatus.OK


def _doctor(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.doctor import show_health

    return show_health(as_json=options.json, terminal=terminal)


def _backup(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.backups import make_backup

    return make_backup(_pipeline(terminal), options.folder, terminal)


def _restore(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.backups import restore_backup

    return restore_backup(options.folder, terminal)


def _technologies(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.technologies import COLUMNS, catalogue_rows, report_lines

    pipeline = _pipeline(terminal)
    if options.titles is None:
        terminal.table(COLUMNS, list(catalogue_rows(pipeline)))
        return ExitStatus.OK
    for line in report_lines(pipeline, options.titles):
        terminal.line(line)
    return ExitStatus.OK


def _explain(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.explanation import show_explanation

    return show_explanation(_pipeline(terminal), options, terminal)


def _figures(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.drawing import draw_figures

    return draw_figures(_pipeline(terminal), options, terminal)


def _pull_api(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from assets.pull.asked import Asked

    try:
        asked = Asked(
            filter=options.filter,
            search=options.search,
            technologies=options.technologies,
            years=options.years,
            max_credits=options.max_credits,
            name=options.name,
        )
    except CollaborationError as error:
        terminal.line(f"Error: {error}")
        return ExitStatus.USAGE
    _require_landing("pull into")
    from assets.pull.into_landing import pull_works

    pulled = pull_works(_pipeline(terminal), _no_log, asked)
    if pulled.drop is not None:
        terminal.line(f"It is in {pulled.drop}; `run` takes it in.")
    return ExitStatus.OK


def _require_landing(purpose: str) -> None:
    """The default landing folder is the generated sample's; real works beside it would be counted with it."""
    if default_landing_is_used():
        raise CollaborationError(
            f"Name the landing folder to {purpose} (COLLAB_LANDING) and its store (COLLAB_STORE): the "
            "default ones are those of the synthetic sample."
        )


def _no_log(_: str) -> None:
    """The terminal shows all progress; there is no log beside it."""


def _pull_snapshot(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    _require_landing("pull into")
    from assets.pull.into_landing import pull_new_partitions

    pulled = pull_new_partitions(_pipeline(terminal), _no_log, since=options.since)
    if pulled.drop is None:
        terminal.line(f"Nothing is new in the snapshot of {pulled.received}: there is no drop.")
    else:
        terminal.line(
            f"Drop {pulled.drop.name!r}: {pulled.records:,} records in {pulled.files:,} "
            f"file{'s' if pulled.files != 1 else ''}, "
            f"in {pulled.drop}; `run` takes it in."
        )
    return ExitStatus.OK


def _notify(_: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    terminal.line(send_test(_pipeline(terminal).store))
    return ExitStatus.OK


def _sample(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    _make_sample(options.folder, options.works, options.seed, terminal)
    return ExitStatus.OK


def _ui(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    from orchestration.serving import serve_all

    pipeline = _pipeline(terminal)
    _provide_sample(pipeline, terminal)
    serve_all(pipeline, options.port, terminal.line)


def _serve_code(_: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    _require_landing("serve")
    from orchestration.serving import serve_code

    serve_code(_pipeline(terminal), terminal.line)


def _serve_webserver(options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    _require_landing("serve")
    from orchestration.serving import serve_webserver

    serve_webserver(_pipeline(terminal), options.port, terminal.line)


def _serve_daemon(_: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    _require_landing("serve")
    from orchestration.serving import serve_daemon

    serve_daemon(_pipeline(terminal), terminal.line)


@contextmanager
def _runner(pipeline: Pipeline) -> Iterator["HeadlessRunner"]:
    pipeline.show_progress("Starting ...")
    from orchestration.headless import HeadlessRunner

    with (pipeline.store.work / "headless.log").open("w", encoding="utf-8") as log:
        yield HeadlessRunner(pipeline, log)


def _provide_sample(pipeline: Pipeline, terminal: Terminal) -> None:
    """A synthetic drop where no landing folder was named and the default one holds nothing."""
    # One that was killed half-way has a hidden name, and the next one takes its place.
    empty = not any(pipeline.landing.glob("[!.]*"))
    if default_landing_is_used() and empty:
        _make_sample(pipeline.landing / "sample", None, 1, terminal)


def _make_sample(folder: Path, works: int | None, seed: int, terminal: Terminal) -> None:
    from assets.sample import DEFAULT_WORKS, generate_drop

    wanted = works or DEFAULT_WORKS

    def show(done: int) -> None:
        terminal.progress(f"Generating a synthetic sample: {done:,} of {wanted:,} works")

    workers = os.cpu_count() or 1
    generate_drop(folder, works=wanted, seed=seed, workers=workers, on_progress=show)
    terminal.line(f"Generated a synthetic sample of {wanted:,} works in {folder}.")


def _show_drops(drops: Sequence[Inspection], terminal: Terminal) -> None:
    for drop in drops:
        reason = f": {drop.reason}" if drop.reason else ""
        terminal.line(f"Drop {drop.drop_id} is {drop.state}{reason}")


def _nothing_new(pipeline: Pipeline, plan: Plan) -> str:
    current = published(pipeline.store)
    vintage = f"vintage {current.name} is up to date" if current else "no vintage yet"
    parts = [f"{len(plan.drops) - len(plan.waiting) - len(plan.rejected)} drops ingested"]
    if plan.waiting:
        parts.append(f"{len(plan.waiting)} waiting")
    if plan.rejected:
        parts.append(f"{len(plan.rejected)} rejected")
    return f"Nothing new: {', '.join(parts)}, {vintage}."


_COMMANDS: Mapping[str, Callable[[argparse.Namespace, Terminal], ExitStatus]] = {
    "run": _run,
    "backfill": _backfill,
    "reread": _reread,
    "withdraw": _withdraw,
    "rollback": _rollback,
    "vintages": _vintages,
    "diff": _diff,
    "status": _status,
    "doctor": _doctor,
    "backup": _backup,
    "restore": _restore,
    "technologies": _technologies,
    "notify": _notify,
    "sample": _sample,
    "ui": _ui,
    "serve-code": _serve_code,
    "serve-webserver": _serve_webserver,
    "serve-daemon": _serve_daemon,
    "explain": _explain,
    "pull-api": _pull_api,
    "pull-snapshot": _pull_snapshot,
    "figures": _figures,
}
