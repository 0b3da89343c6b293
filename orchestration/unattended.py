"""Commands nobody watches: what cron starts and what fails at night is told to people, too.

The runs of a command are told of by `orchestration.headless`; here is what happens outside them.
"""

import os
from collections.abc import Callable
from pathlib import Path

from assets.errors import CollaborationError
from assets.notice_outbox import Outbox
from assets.notices import Kind, Notice
from assets.pipeline import Pipeline
from assets.store import Store
from assets.store_notices import cannot_be_done, rejected_drops
from orchestration.notice_settings import NOTICE_VARIABLES, open_outbox, read_channels

COMMANDS = frozenset({"run", "backfill", "reread", "withdraw", "pull-api", "pull-snapshot"})


def tell_outcome(
    command: str,
    error: Exception | None,
    read_pipeline: Callable[[], Pipeline],
    announce: Callable[[str], None],
) -> None:
    """Tell people how a command ended, where that is worth a notice. Never raises for it."""
    try:
        if command not in COMMANDS or not read_channels():
            return
        root, outbox, rejected = _store_of(read_pipeline)
        failed = [cannot_be_done(f"The command {command}", error, root)] if error is not None else []
        outbox.tell([*failed, *rejected], announce)
    except CollaborationError as wrong:
        announce(f"Nobody was told: {wrong}")


def send_test(store: Store) -> str:
    """Try each way to tell people once; gives one sentence on it.

    Raises:
        CollaborationError: None is set, or one does not work; says which, and why.
    """
    channels = read_channels()
    if not channels:
        raise CollaborationError(
            f"Nobody is named to be told. Set {' or '.join(list(NOTICE_VARIABLES)[:2])}; "
            "docs/automation.md says how."
        )
    notice = Notice(
        Kind.TEST,
        "This is a test: who reads it will be told when something fails.",
        f"store {store.root}",
        "Nothing.",
        once="test",
    )
    failures = []
    for channel in channels:
        try:
            channel.deliver(notice)
        except CollaborationError as error:
            failures.append(str(error))
    if failures:
        raise CollaborationError(f"The test did not arrive: {'; '.join(failures)}.")
    return f"A test was sent {len(channels)} way{'s' if len(channels) > 1 else ''}; see whether it arrived."


def _store_of(read_pipeline: Callable[[], Pipeline]) -> tuple[Path, Outbox, list[Notice]]:
    """Root, outbox and rejected drops of the store; of one that cannot be opened what its name tells."""
    try:
        pipeline = read_pipeline()
        return pipeline.store.root, open_outbox(pipeline.store), list(rejected_drops(pipeline))
    except CollaborationError:
        store = Store(Path(os.environ.get("COLLAB_STORE") or "data/store"))
        return store.root, open_outbox(store), []
