"""Damaged files: whatever comes, a reader refuses it with a reason or its balance holds.

FUZZ_SECONDS (default 10) is the time for each kind of file, FUZZ_SEED the seed.
"""

import os
import random
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import pytest

from assets.file_content import Meter, content_blocks
from assets.formats import FORMATS, recognise
from assets.sample import generate_drop
from assets.technologies.catalogue import Catalogue
from assets.technologies.catalogue_files import CATALOGUE_FOLDER
from tests import scopus_exports as scopus
from tests import wos_exports as wos
from tests.delivered_works import lines, work, write_parquet
from tests.fuzz_process import fuzz
from tests.fuzz_targets import format_target, other_targets

SECONDS = float(os.environ.get("FUZZ_SECONDS", "10"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
AT_LEAST = 30
"""Cases of each kind, however slow the machine."""
_REAL_BYTES = 30_000
_BESIDE_FORMATS = ("drop.toml", "manifest", "complete_ids", "technology", "query")

Specimens = dict[str, list[bytes]]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Specimens:
    """Whole files of every format, as the tests of each build them, and of the generated sample."""
    folder = tmp_path_factory.mktemp("made_up")
    specimens: Specimens = {name: [] for name in FORMATS}
    records = wos.numbered(
        *(wos.WosRecord(year=str(2015 + n), title=f"On coupling {n}") for n in range(6)),
        wos.WosRecord(early_access="MAR 2019", year="", groups=("A Group",), cited_everywhere="9"),
    )
    for name, path in wos.every_format(folder, records).items():
        specimens[name.split()[0]].append(path.read_bytes())
    works = [scopus.Work(number=n, year=str(2015 + n)) for n in range(6)]
    for text in (scopus.old_csv(works), scopus.new_csv(works)):
        specimens["scopus-csv"] += [text.encode("utf-8-sig"), text.encode()]
    specimens["scopus-bibtex"] += [scopus.old_bibtex(works).encode(), scopus.new_bibtex(works).encode()]
    generate_drop(folder / "sample", works=30)
    sample = b"".join(_unpacked(path) for path in sorted((folder / "sample").rglob("*.gz")))
    for works_text in (sample, lines(work(n, publication_year=2015 + n) for n in range(9))):
        _add_openalex(specimens, works_text)
    for index in ("struct", "map", "string"):
        write_parquet(folder / index, [work(n) for n in range(1, 9)], index)
        specimens["openalex-parquet"].append((folder / index).read_bytes())
    return specimens


@pytest.fixture(scope="module")
def real(request: pytest.FixtureRequest) -> Specimens:
    """The beginnings of real files, at whole records, by format."""
    specimens: Specimens = {name: [] for name in FORMATS}
    paths = [path for path in sorted(request.getfixturevalue("real_landing").rglob("*")) if path.is_file()]
    # Of the hundreds of files of a snapshot a few say what all do.
    for path in random.Random(1).sample(paths, min(len(paths), 40)) + [p for p in paths if p.suffix != ".gz"]:
        format_ = recognise(path)
        if format_ is None:
            continue
        text = _beginning(_unpacked(path), b"\nER\n" if format_.name == "wos-tagged" else b"\n")
        if format_.name == "openalex-jsonl":
            _add_openalex(specimens, text)
        else:
            specimens[format_.name].append(text)
    return specimens


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_of_a_format_are_refused_or_balance(
    name: str, made_up: Specimens, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = fuzz(
        format_target(name, made_up[name]), tmp_path, seed=SEED, seconds=SECONDS, at_least=AT_LEAST
    )

    _report(capsys, name, findings.cases, findings.outcomes)
    assert not findings.failures, "\n\n".join(findings.failures)
    # A damage that no reader notices, or that none survives, would show nothing.
    assert findings.outcomes["accepted"] + findings.outcomes["mixed"]
    assert len(findings.outcomes) > 1


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_real_files_are_refused_or_balance(
    name: str, real: Specimens, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not real[name]:
        pytest.skip(f"no real file is {name}")

    findings = fuzz(format_target(name, real[name]), tmp_path, seed=SEED, seconds=SECONDS, at_least=AT_LEAST)

    _report(capsys, f"{name}, real", findings.cases, findings.outcomes)
    assert not findings.failures, "\n\n".join(findings.failures)
    assert findings.outcomes["accepted"] + findings.outcomes["mixed"]


@pytest.mark.parametrize("name", _BESIDE_FORMATS)
def test_damaged_files_that_say_something_of_records_are_refused_or_understood(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = [item.query.encode() for item in Catalogue.load().technologies if item.query]
    technologies = [
        path.read_bytes().replace(f'id = "{path.stem}"'.encode(), b'id = "tool"')
        for path in sorted(CATALOGUE_FOLDER.glob("*.toml"))
    ]
    target = other_targets(tmp_path, technologies, queries)[name]

    findings = fuzz(target, tmp_path, seed=SEED, seconds=SECONDS, at_least=AT_LEAST)

    _report(capsys, name, findings.cases, findings.outcomes)
    assert not findings.failures, "\n\n".join(findings.failures)
    assert len(findings.outcomes) > 1


def _report(capsys: pytest.CaptureFixture[str], name: str, cases: int, outcomes: Mapping[str, int]) -> None:
    found = ", ".join(f"{outcome} {count:,}" for outcome, count in sorted(outcomes.items()))
    with capsys.disabled():
        print(f"\n{name}: {cases:,} damaged files, seed {SEED}: {found}")


def _add_openalex(specimens: Specimens, text: bytes) -> None:
    """The same works as lines, as an array and as the pages of the API."""
    elements = text.strip().split(b"\n")
    middle = len(elements) // 2
    pages = [b'{"meta": {"count": 9}, "results": [' + b",".join(half) + b"]}\n" for half in
             (elements[:middle], elements[middle:])]  # fmt: skip
    specimens["openalex-jsonl"].append(text)
    specimens["openalex-array"] += [b"[" + b",\n".join(elements) + b"]"]
    specimens["openalex-page"] += [pages[0], b"".join(pages)]


def _unpacked(path: Path) -> bytes:
    return b"".join(islice(content_blocks(path, Meter()), 2))


def _beginning(content: bytes, end: bytes) -> bytes:
    if len(content) <= _REAL_BYTES:
        return content
    cut = content.rfind(end, 0, _REAL_BYTES)
    return content[: cut + len(end)] if cut >= 0 else content[: content.find(end) + len(end)]
