"""The arguments of the command line: which commands there are and what each takes.

Parsing only; what a command does is in `orchestration.cli`. Imports nothing heavy.
"""

import argparse
from datetime import date
from pathlib import Path

from orchestration.settings import VARIABLES


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; `command` in what it gives is the name of the one to run."""
    variables = "\n".join(f"  {name:31} {text}" for name, text in VARIABLES.items())
    parser = argparse.ArgumentParser(
        prog="python -m orchestration",
        description="Measure how countries' research systems couple and decouple.",
        epilog=f"settings (environment variables):\n{variables}\n\n"
        "exit status: 0 done, 1 failed, 2 wrong usage, 3 a drop was rejected, 4 a blocking check failed",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="take in new drops, count the years they touch, publish")
    run.add_argument("--dry-run", action="store_true", help="only say what would be done, and why")
    run.set_defaults(command="run")

    backfill = commands.add_parser("backfill", help="count years again from the record store")
    backfill.add_argument("--years", required=True, type=_years, help="such as 2005-2010,2015")
    backfill.set_defaults(command="backfill")

    reread = commands.add_parser("reread", help="read a drop again, after a reader was mended")
    reread.add_argument("drop", help="name of the drop's folder")
    reread.set_defaults(command="reread")

    withdraw = commands.add_parser("withdraw", help="take a drop out of the counts")
    withdraw.add_argument("drop", help="name of the drop's folder")
    withdraw.set_defaults(command="withdraw")

    rollback = commands.add_parser("rollback", help="let readers see an earlier vintage again")
    rollback.add_argument(
        "vintage", help="its name, what only its name begins with, or previous: the one before the published"
    )
    rollback.set_defaults(command="rollback")

    _add_vintages(commands)

    status = commands.add_parser("status", help="drops, stale years, the published vintage")
    status.add_argument("--json", action="store_true", help="for scripts")
    status.set_defaults(command="status")

    doctor = commands.add_parser("doctor", help="is everything in order, and what to do if it is not")
    doctor.add_argument("--json", action="store_true", help="for scripts")
    doctor.set_defaults(command="doctor")

    _add_backup(commands)
    _add_explain(commands)
    _add_figures(commands)
    _add_pull(commands)

    technologies = commands.add_parser("technologies", help="the catalogue, and how many records match")
    technologies.add_argument(
        "--titles", type=_positive, help="a report with so many recent titles each, to judge the queries by"
    )
    technologies.set_defaults(command="technologies")

    notify = commands.add_parser("notify", help="send a test to those who are told when something fails")
    notify.set_defaults(command="notify")

    sample = commands.add_parser("sample", help="generate a synthetic drop of OpenAlex works")
    sample.add_argument("folder", type=Path, help="folder to make, e.g. landing/sample")
    sample.add_argument("--works", type=int, help="how many works")
    sample.add_argument("--seed", type=int, default=1, help="another seed, other works")
    sample.set_defaults(command="sample")

    ui = commands.add_parser("ui", help="Dagster's web UI and daemon on this machine")
    ui.add_argument("--port", type=int, default=3000)
    ui.set_defaults(command="ui")

    _add_serve(commands)
    return parser


def _add_serve(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    serve = commands.add_parser("serve", help="one process of Dagster, for a service manager")
    processes = serve.add_subparsers(required=True, metavar="PROCESS")
    code = processes.add_parser("code", help="the code location, which starts the processes of runs")
    code.set_defaults(command="serve-code")
    webserver = processes.add_parser("webserver", help="the web UI")
    webserver.add_argument("--port", type=int, default=3000)
    webserver.set_defaults(command="serve-webserver")
    daemon = processes.add_parser("daemon", help="sensors, schedules, queue and run monitoring")
    daemon.set_defaults(command="serve-daemon")


def _add_backup(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = commands.add_parser("backup", help="keep a copy of the store; a second one copies what is new")
    backup.add_argument("folder", type=Path, help="best on another disk; it holds one backup of one store")
    backup.set_defaults(command="backup")

    restore = commands.add_parser("restore", help="make a store from a backup, each file verified")
    restore.add_argument("folder", type=Path, help="the folder of the backup; COLLAB_STORE is new or empty")
    restore.set_defaults(command="restore")


def _add_vintages(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    vintages = commands.add_parser("vintages", help="the vintages that are kept")
    vintages.set_defaults(command="vintages")

    diff = commands.add_parser(
        "diff", help="which published numbers moved beyond their interval, and which drop moved them"
    )
    name = "of a vintage, what only its name begins with, or published or previous"
    diff.add_argument("before", metavar="V1", help=f"name {name}")
    diff.add_argument("after", metavar="V2", help="the one to hold against it, named likewise")
    diff.add_argument(
        "--technology", help="only its numbers; id of one, critical or all (default: every one)"
    )
    diff.add_argument("--top", type=_whole, default=20, help="how many moves to show (default: 20)")
    diff.add_argument("--json", action="store_true", help="for scripts")
    diff.set_defaults(command="diff")


def _add_explain(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explain = commands.add_parser(
        "explain", help="the papers behind a published number, which they add up to"
    )
    explain.add_argument("country", metavar="COUNTRY", help="two letters, such as CN")
    explain.add_argument("partner", metavar="PARTNER", nargs="?", help="for their weight; else the output")
    explain.add_argument("year", metavar="YEAR", type=_whole, help="of publication; it comes last")
    explain.add_argument("--technology", default="all", help="id of one, or critical (default: all works)")
    explain.add_argument("--limit", type=_whole, default=20, help="papers to show (default: 20)")
    explain.add_argument("--json", action="store_true", help="for scripts")
    explain.set_defaults(command="explain")


def _add_figures(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    figures = commands.add_parser("figures", help="draw the figures of any country, technology and view")
    figures.add_argument("country", metavar="COUNTRY", help="two letters, such as CN, or EU27")
    figures.add_argument("--technology", default="critical", help="id of one, or all (default: critical)")
    figures.add_argument(
        "--view",
        choices=["countries", "eu27"],
        default="countries",
        help="members of the European Union one by one, or the Union in their place",
    )
    figures.add_argument("--other", help="whose ranks of partners to show (default: the largest partner)")
    figures.add_argument("--into", type=Path, help="folder (default: one in the store's drawings)")
    figures.set_defaults(command="figures")


def _add_pull(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    pull = commands.add_parser("pull", help="bring records from OpenAlex into the landing folder")
    origins = pull.add_subparsers(required=True, metavar="ORIGIN")

    api = origins.add_parser("openalex-api", help="works of technologies, of a filter or of a search")
    api.add_argument("--technologies", metavar="all|ID[,ID...]", help="by their queries and topics")
    api.add_argument("--years", help="of these, such as 2005-2024 (default: all in scope)")
    api.add_argument("--filter", help="such as publication_year:2023,authorships.countries:au")
    api.add_argument("--search", help="words in title, abstract or full text; dearer than a filter")
    api.add_argument(
        "--max-credits", type=_positive, help="may spend so many (default: what is left of today's)"
    )
    api.add_argument("--name", help="of the drop")
    api.set_defaults(command="pull-api")

    snapshot = origins.add_parser("openalex-snapshot", help="all works: what is new since the last pull")
    snapshot.add_argument(
        "--since", type=_day, help="only partitions of this day or later, such as 2026-03-02"
    )
    snapshot.set_defaults(command="pull-snapshot")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it as 2026-03-02") from None


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _years(text: str) -> list[int]:
    """`2005-2010,2015` as a list of years."""
    years: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        try:
            years.update(range(int(first), int(last if dash else first) + 1))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{part!r} is no year and no range of years") from None
    if not years:
        raise argparse.ArgumentTypeError(f"{text!r} holds no year")
    return sorted(years)
