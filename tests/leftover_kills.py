"""Readings killed just before the nth change to the disk, and what the next turn finds; run as a program."""

import json
import sys
from functools import partial
from itertools import count
from pathlib import Path

from assets.leftovers import find_leftovers, writing_turn
from assets.pipeline import Pipeline
from tests.kills import in_fork
from tests.pipelines import make_pipeline
from tests.reader_kills import read


def strays(pipeline: Pipeline) -> list[str]:
    """Files below the folders of records that belong to no drop version of the ledger."""
    store = pipeline.store
    known = {version.drop_version for version in pipeline.ledger.versions()}
    return sorted(
        path.relative_to(store.root).as_posix()
        for folder in (store.records, store.quarantine)
        for path in folder.rglob("*")
        if path.is_file()
        and not any(
            path.relative_to(folder).as_posix().startswith((f"{name}/", f"{name}.")) for name in known
        )
    )


def main(landing: Path, places: Path) -> None:
    """Print one object for each kill: what it left, what was told, what is left after the next turn."""
    for at in count(1):
        root = places / str(at)
        root.mkdir(parents=True)
        killed = in_fork(partial(read, landing, root, at))
        pipeline = make_pipeline(root, landing)
        left = strays(pipeline)
        told: list[str] = []
        with writing_turn(pipeline, "the next run", told.append):
            outcome = {"left": left, "told": told, "stays": strays(pipeline)}
        outcome["found again"] = [str(item.path) for item in find_leftovers(pipeline)]
        print(json.dumps(outcome))
        if not killed:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
