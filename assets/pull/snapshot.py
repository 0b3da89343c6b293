"""Pulling the OpenAlex snapshot: from what is published to a drop in the landing folder.

The steps of a pull, in their order, belong here; each step has a module of its own. Nothing is
locked: the caller sees to it that one pull at a time uses a landing folder and a state folder.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from assets.atomic_files import flush, staged_file
from assets.drop_settings import SETTINGS_FILE, Mode
from assets.drops import COMPLETE_IDS_FILE
from assets.errors import CollaborationError
from assets.openalex import SOURCE
from assets.pull.download import resumable_bytes
from assets.pull.object_source import (
    AccessRefusedError,
    ObjectGoneError,
    TransferError,
    open_source,
)
from assets.pull.snapshot_fetch import Fetcher, Problem, PullProgress
from assets.pull.snapshot_ids import SORT_BYTES_AN_ID, write_complete_ids
from assets.pull.snapshot_listing import (
    Listing,
    SnapshotFile,
    SnapshotFormat,
    find_listing,
    read_listing,
    restricted,
)
from assets.pull.snapshot_plan import Plan, files_digest, plan_pull
from assets.pull.snapshot_staging import Staging
from assets.pull.snapshot_state import Commit, CompleteSet, PulledFile, PullState, StateFolder
from assets.pull.surroundings import Surroundings

_HERE: Final = Surroundings()
BUCKET: Final = "s3://openalex"
_LOOKS_FOR_MANIFEST: Final = 7
_CHANGES_OF_MANIFEST: Final = 10
_TRIES_A_FILE: Final = 2
_SPARE_BYTES: Final = 64 << 20
_SPARE_SHARE: Final = 0.02


@dataclass(frozen=True)
class SnapshotRequest:
    """What is pulled, and from where."""

    location: str = BUCKET
    """`s3://bucket[/prefix]`, an `http(s)://` address, or the path of a folder."""
    since: date | None = None
    """Only partitions of that day or later; such a pull does not know what is gone."""
    format: SnapshotFormat = "jsonl"
    endpoint: str | None = None
    """Address of an S3-compatible server other than Amazon's."""
    region: str = "us-east-1"
    signed: bool = False
    """Sign requests with the credentials of the `AWS_*` variables, which are ignored otherwise."""


@dataclass(frozen=True)
class SnapshotPull:
    """What came of a pull."""

    drop: Path | None
    """None when nothing is new."""
    mode: Mode
    received: date
    """The day the snapshot is of."""
    files: int
    """In the drop."""
    bytes: int
    """Of these files."""
    records: int
    """In these files."""
    records_without_id: int
    """Of these; reading rejects them."""
    unchanged_files: int
    """Listed and in an earlier drop."""
    complete_ids: int | None
    """All ids the source holds; None for a pull with `since`."""
    finished_before: Path | None
    """A drop that an interrupted pull had made ready and that was put into its place first."""


def pull_snapshot(
    request: SnapshotRequest,
    landing: Path,
    state: Path,
    on_progress: Callable[[PullProgress], None],
    announce: Callable[[str], None],
    surroundings: Surroundings = _HERE,
) -> SnapshotPull:
    """Pull what is new or changed since the last pull and lay it down as a drop.

    `state` is a folder that belongs to the puller. Nothing is locked: one pull at a time may use a
    landing folder and a state folder. A pull that was killed at any point goes on when it is called
    again. Both callbacks are called in the caller's thread; `announce` gets whole sentences.

    Raises:
        CollaborationError: What stands in the way and what to do; what came so far is kept.
    """
    landing.mkdir(parents=True, exist_ok=True)
    pull = _Pull(request, landing, state, announce, surroundings)
    return pull.run(on_progress)


class _Pull:
    """One pull."""

    def __init__(
        self,
        request: SnapshotRequest,
        landing: Path,
        state: Path,
        announce: Callable[[str], None],
        surroundings: Surroundings,
    ) -> None:
        self._request = request
        self._landing = landing.resolve()
        self._staging = Staging(self._landing)
        self._state = StateFolder(state)
        self._announce = announce
        self._surroundings = surroundings
        self._source = open_source(
            request.location, endpoint=request.endpoint, region=request.region, signed=request.signed
        )

    def run(self, on_progress: Callable[[PullProgress], None]) -> SnapshotPull:
        finished_before = self._finish_commit()
        fetcher = Fetcher(self._source, self._request.format, self._staging, on_progress, self._surroundings)
        listing, plan = self._fetched(fetcher)
        verified = self._staging.open()
        files = (*plan.staged, *(verified[file.url] for file in plan.fetch))
        drop, complete = self._laid_down(listing, files, plan.unchanged)
        self._staging.close()
        return SnapshotPull(
            drop=drop,
            mode=self._mode,
            received=self._received(listing),
            files=len(files),
            bytes=sum(file.size for file in files),
            records=sum(file.records for file in files),
            records_without_id=sum(file.without_id for file in files),
            unchanged_files=len(plan.unchanged),
            complete_ids=None if complete is None else complete.ids,
            finished_before=finished_before,
        )

    @property
    def _mode(self) -> Mode:
        return Mode.SNAPSHOT if self._request.since is None else Mode.DELTA

    def _received(self, listing: Listing) -> date:
        return listing.received or self._surroundings.today()

    def _fetched(self, fetcher: Fetcher) -> tuple[Listing, Plan]:
        """All files of a plan are verified, and the manifest is still the one that was planned by."""
        listing = self._manifest(partial(find_listing, self._source, self._request.format))
        tries: Counter[SnapshotFile] = Counter()
        changes = 0
        while changes <= _CHANGES_OF_MANIFEST:
            plan = self._plan(listing)
            problems = fetcher.fetch(plan)
            before = listing
            listing = self._manifest(partial(read_listing, self._source, before.path))
            changed = before.by_url != listing.by_url
            if not changed and not problems:
                return listing, plan
            if changed:
                changes += 1
                self._announce("The manifest changed during the pull: what is still as listed is kept.")
            self._settle(problems, listing, tries)
        raise CollaborationError(
            f"The manifest {listing.path!r} at {self._source.location} changed {changes} times during the"
            " pull, so a release is being published: pull again later. What came so far is kept"
        )

    def _plan(self, listing: Listing) -> Plan:
        if not listing.files:
            raise CollaborationError(
                f"The manifest {listing.path!r} at {self._source.location} lists no file, which would mean"
                " that OpenAlex holds no work: pull again once it is published anew"
            )
        staged = self._staging.open()
        if freed := self._staging.forget_except(listing.files):
            self._announce(f"Removed {_amount(freed)} of an unfinished pull that are no longer listed.")
        try:
            plan = plan_pull(self._source, listing, self._request.since, staged, self._state.load().by_url)
        except (AccessRefusedError, TransferError) as error:
            raise self._unreadable(error) from error
        for file in plan.fetch:
            if file.url in staged:
                self._staging.forget(file.url)
        self._check_space(listing, plan)
        size = sum(file.size for file in plan.fetch)
        self._announce(
            f"{len(listing.files)} files are listed, of {self._received(listing)}: {len(plan.fetch)} to"
            f" download ({_amount(size)}), {len(plan.staged)} there from an unfinished pull,"
            f" {len(plan.unchanged)} unchanged since an earlier one."
        )
        return plan

    def _check_space(self, listing: Listing, plan: Plan) -> None:
        """The disk must hold what is missing, and sorting the ids of a whole pull."""
        missing = sum(
            file.size - min(file.size, resumable_bytes(self._staging.part(file.url))) for file in plan.fetch
        )
        ids = sum(file.records or 0 for file in listing.files) if self._mode is Mode.SNAPSHOT else 0
        need = round(missing * (1 + _SPARE_SHARE)) + ids * SORT_BYTES_AN_ID + _SPARE_BYTES
        free = self._surroundings.free_bytes(self._landing)
        if missing and free < need:
            raise CollaborationError(
                f"This pull needs {_amount(need)} ({need} bytes) on the disk that holds"
                f" {str(self._landing)!r}, of which {_amount(free)} ({free} bytes) are free: free some space,"
                " take another landing folder, or pull less with a later `since`. Nothing was downloaded"
            )

    def _manifest(self, read: Callable[[], Listing]) -> Listing:
        """It is taken away while a release is written, so its absence is waited out for a while."""
        for attempt in range(1, _LOOKS_FOR_MANIFEST + 1):
            try:
                return read()
            except ObjectGoneError as error:
                if attempt == _LOOKS_FOR_MANIFEST:
                    raise CollaborationError(
                        f"There is no manifest ({error}) at {self._source.location}. Either it is no"
                        " OpenAlex snapshot, then mend the location; or a release is just being written,"
                        " then pull again later. What came so far is kept"
                    ) from error
                self._announce(f"There is no manifest ({error}) right now: looking again.")
                self._surroundings.pause(attempt)
            except (AccessRefusedError, TransferError) as error:
                raise self._unreadable(error) from error
        raise AssertionError("the last look returns or raises")

    def _settle(self, problems: list[Problem], listing: Listing, tries: Counter[SnapshotFile]) -> None:
        """Files that are no longer listed as they were are no problem; the others get another try."""
        remaining = [problem for problem in problems if listing.by_url.get(problem.file.url) == problem.file]
        for problem in remaining:
            tries[problem.file] += 1
            if tries[problem.file] >= _TRIES_A_FILE:
                raise CollaborationError(
                    f"{problem.file.path!r} at {self._source.location} {problem.what}, also when asked for"
                    f" again, and its manifest {listing.path!r} stays the same: pull again once it is"
                    " published anew, or from another location. What came so far is kept"
                )
            self._announce(f"{problem.file.path!r} {problem.what}: trying again.")
        if remaining:
            self._surroundings.pause(1)

    def _laid_down(
        self, listing: Listing, files: tuple[PulledFile, ...], unchanged: tuple[PulledFile, ...]
    ) -> tuple[Path | None, CompleteSet | None]:
        """The drop, if there is anything to tell, and the complete set of a whole pull."""
        before = self._state.load()
        complete = self._complete(before, files, unchanged) if self._mode is Mode.SNAPSHOT else None
        latest = {url: file for url, file in before.by_url.items() if url in listing.by_url}
        latest |= {file.url: file for file in files}
        after = PullState(
            tuple(sorted(latest.values(), key=lambda file: file.url)), complete or before.complete
        )
        if not files and (complete is None or _same_ids(complete, before.complete)):
            if after != before:
                self._state.save(after)
            self._state.drop_ids_except(after.files)
            return None, complete
        self._prepare_drop(listing, files)
        for file in files:
            self._state.take_ids(file, self._staging.ids_of(file))
        commit = Commit(str(self._landing), self._free_name(listing), after)
        self._state.announce(commit)
        return self._carry_out(commit), complete

    def _complete(
        self, before: PullState, files: tuple[PulledFile, ...], unchanged: tuple[PulledFile, ...]
    ) -> CompleteSet:
        held = files_digest((*files, *unchanged))
        if not files and before.complete is not None and before.complete.files == held:
            return before.complete
        self._announce("Uniting the ids of all works the snapshot holds.")
        lists = [self._staging.ids_of(file) for file in files]
        lists += [self._state.ids_of(file) for file in unchanged]
        destination = self._staging.drop / COMPLETE_IDS_FILE
        found = write_complete_ids(lists, destination, self._staging.spill)
        flush(destination)
        return CompleteSet(held, found.ids, found.sha256)

    def _prepare_drop(self, listing: Listing, files: tuple[PulledFile, ...]) -> None:
        drop = self._staging.drop
        self._staging.assemble(files)
        manifest = drop / listing.path
        manifest.parent.mkdir(parents=True, exist_ok=True)
        with staged_file(manifest) as staging:
            staging.write_bytes(restricted(listing, {file.path for file in files}))
        with staged_file(drop / SETTINGS_FILE) as staging:
            staging.write_text(
                f'source = "{SOURCE}"\nmode = "{self._mode}"\nreceived = {self._received(listing)}\n'
            )

    def _free_name(self, listing: Listing) -> str:
        return _free_name(self._landing, f"openalex-snapshot-{self._received(listing)}")

    def _finish_commit(self) -> Path | None:
        commit = self._state.announced()
        if commit is None:
            return None
        if commit.landing != str(self._landing):
            raise CollaborationError(
                f"A pull into {commit.landing!r} was interrupted in its last step: pull into that landing"
                " folder once to finish it, and then into this one"
            )
        drop = self._carry_out(commit)
        self._announce(f"Finished the last step of an interrupted pull: the drop {drop.name!r}.")
        return drop

    def _carry_out(self, commit: Commit) -> Path:
        drop = self._landing / commit.drop
        if self._staging.drop.exists():
            if drop.exists():
                # Somebody else's, come between: this drop needs another name.
                commit = replace(commit, drop=_free_name(self._landing, commit.drop))
                self._state.announce(commit)
                drop = self._landing / commit.drop
            self._staging.deliver(drop)
        self._state.finish(commit)
        self._state.drop_ids_except(commit.state.files)
        return drop

    def _unreadable(self, error: Exception) -> CollaborationError:
        private = isinstance(error, AccessRefusedError) and self._request.location.startswith("s3://")
        what_next = "for a private bucket ask for signed requests" if private else "check the network"
        return CollaborationError(
            f"{self._source.location} cannot be read: {error}. Check the location; {what_next}. What came so"
            " far is kept: pull again to go on from there"
        )


def _free_name(landing: Path, name: str) -> str:
    number = 1
    free = name
    while (landing / free).exists():
        number += 1
        free = f"{name}-{number}"
    return free


def _same_ids(one: CompleteSet, other: CompleteSet | None) -> bool:
    return other is not None and (one.ids, one.sha256) == (other.ids, other.sha256)


def _amount(size: int) -> str:
    """Bytes for a person to read."""
    return f"{size / 1e9:,.2f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
