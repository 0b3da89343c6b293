"""The commands `backup` and `restore`: what they say. How a store is copied is in `assets.backup`."""

from pathlib import Path

from assets.backup import back_up
from assets.errors import CollaborationError
from assets.pipeline import Pipeline
from assets.restore import restore
from orchestration.conclusion import ExitStatus
from orchestration.settings import store_folder
from orchestration.terminal import Terminal


def make_backup(pipeline: Pipeline, folder: Path, terminal: Terminal) -> ExitStatus:
    """Back the store up and say what was copied.

    Raises:
        CollaborationError: See `assets.backup.back_up`; or there is nothing in the store yet.
    """
    if not pipeline.ledger.versions():
        raise CollaborationError(f"Nothing in {pipeline.store.root} to back up yet: run it first.")
    made = back_up(pipeline.store, folder, announce=terminal.line, show=terminal.progress)
    terminal.line(
        f"Backed up {len(made.manifest.files):,} files, {_megabytes(made.manifest.bytes)}, into {folder}; "
        f"{made.copied:,} of them, {_megabytes(made.copied_bytes)}, were new."
    )
    return ExitStatus.OK


def restore_backup(folder: Path, terminal: Terminal) -> ExitStatus:
    """Make the store from a backup and say what came back.

    Raises:
        CollaborationError: See `assets.restore.restore`.
    """
    store = store_folder()
    manifest = restore(folder, store, show=terminal.progress)
    terminal.line(
        f"Restored {len(manifest.files):,} files, {_megabytes(manifest.bytes)}, into {store}, "
        f"as they were at {manifest.made_at}. `status` shows the store, `run` goes on with it."
    )
    return ExitStatus.OK


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
