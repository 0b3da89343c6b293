"""Small catalogues of technologies for tests: brute force takes its time over the project's own.

Here belongs how the files of one come to be; which technologies suit the works of a test is said there.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from assets.technologies.catalogue_files import CATALOGUE_FOLDER

Entries = Mapping[str, tuple[str | None, Sequence[str]]]
"""Query and topics by id of a technology."""


def write_catalogue(folder: Path, entries: Entries, own: Iterable[str] = ()) -> Path:
    """Write the files of a catalogue in place of those that are there; gives the folder.

    `own` are ids of the project's catalogue that are to be in it, too.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, (query, topics) in entries.items():
        texts = dict.fromkeys(("id", "name", "category", "means", "does_not_mean"), name)
        texts |= {} if query is None else {"query": query}
        lines = [f"{key} = {json.dumps(text)}" for key, text in texts.items()]
        lines += [f"version = {len(name)}", f"topics = {json.dumps(topics)}"]
        (folder / f"{name}.toml").write_text("\n".join(lines))
    for name in own:
        shutil.copy(CATALOGUE_FOLDER / f"{name}.toml", folder)
    return folder


def write_catalogue_of_real_drops(folder: Path) -> Path:
    """A catalogue of technologies that occur in the real drops, some of them together; gives the folder."""
    own = ("generative-ai", "genetic-engineering", "machine-learning", "nuclear-medicine-and-radiotherapy")
    topics = {"two-topics": (None, ("T10091", "T10319")), "malaria": ("malaria* OR plasmodi*", ("T10091",))}
    return write_catalogue(folder, topics, own)
