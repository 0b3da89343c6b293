"""`dagster.yaml`: how Dagster runs over a store, written from the settings.

The file says of itself whether it is still as written here; then it follows the settings. One that was
edited is the user's and stays, and where the settings contradict it nothing is guessed.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.atomic_files import staged_file
from assets.errors import CollaborationError
from orchestration.run_history import DATABASE_VARIABLE

_STAMP = "# As the project wrote it, and kept in step with the settings until it is edited: "

_SETTINGS = """\
telemetry:
  enabled: false
nux:
  enabled: false
# A run whose process died is marked as failed, so that nothing waits for it.
run_launcher:
  module: orchestration.run_launcher
  class: WatchedRunLauncher
run_monitoring:
  enabled: true
  poll_interval_seconds: 30
# Only a run whose process died is tried again: what a step could not do it will not do the second time.
run_retries:
  enabled: true
  max_retries: 3
  retry_on_asset_or_op_failure: false
# A look of a sensor that found nothing to do is worth days, not years: there are thousands a day.
retention:
  schedule:
    purge_after_days: 365
  sensor:
    purge_after_days:
      skipped: 2
      failure: 30
      success: 90
concurrency:
  pools:
    granularity: run
    default_limit: 1
"""

# The name of the variable and not its value: this file is shown in the UI.
_POSTGRES = f"""\
storage:
  postgres:
    postgres_url:
      env: {DATABASE_VARIABLE}
"""


def instance_yaml(*, postgres: bool) -> str:
    """The text of `dagster.yaml`, with a first line that tells whether the rest was edited."""
    body = _SETTINGS + (_POSTGRES if postgres else "")
    return f"{_STAMP}{_digest(body)}\n{body}"


def write_instance_file(home: Path, *, postgres: bool) -> None:
    """Have `dagster.yaml` in `home` as the settings want it, unless it was edited.

    Raises:
        CollaborationError: It was edited and keeps the run history elsewhere than the setting says.
    """
    file = home / "dagster.yaml"
    if not _is_edited(file):
        wanted = instance_yaml(postgres=postgres)
        if not file.exists() or file.read_text("utf-8") != wanted:
            with staged_file(file) as staging:
                staging.write_text(wanted, "utf-8")
        return
    uses_setting = any(
        DATABASE_VARIABLE in line.partition("#")[0] for line in file.read_text("utf-8").splitlines()
    )
    if postgres and not uses_setting:
        raise CollaborationError(
            f"{DATABASE_VARIABLE} is set, but {file} was edited and does not use it. Put into the file, "
            f"instead of what it says of storage,\n{_POSTGRES}or delete it (it is written anew), "
            f"or unset {DATABASE_VARIABLE}."
        )
    if uses_setting and not postgres:
        raise CollaborationError(
            f"{file} was edited and keeps the run history where {DATABASE_VARIABLE} says, which is not set. "
            "Set it, or take `storage` out of the file."
        )


@contextmanager
def edits_blamed(home: Path) -> Iterator[None]:
    """Say of a file that was edited and that Dagster does not take what is wrong with it.

    Raises:
        CollaborationError: In the place of what Dagster raised over an edited file.
    """
    file = home / "dagster.yaml"
    try:
        yield
    except CollaborationError:
        raise
    except Exception as error:
        if not _is_edited(file):
            raise
        raise CollaborationError(
            f"{file} was edited, and Dagster does not take it: {' '.join(str(error).split())}. "
            "Mend it, or delete it: it is written anew."
        ) from error


def _is_edited(file: Path) -> bool:
    if not file.exists():
        return False
    first, _, body = file.read_text("utf-8").partition("\n")
    return first != f"{_STAMP}{_digest(body)}"


def _digest(body: str) -> str:
    return hashlib.blake2b(body.encode(), digest_size=8).hexdigest()
