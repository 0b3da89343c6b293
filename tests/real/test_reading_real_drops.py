"""The real OpenAlex drops are read whole, in both layouts and from both vintages."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.delivered_works import Json, Reading, drop_files, read


def _read_real(drop: Path, manifest: str, entries: str, store: Path) -> Reading:
    """Read with the counts the manifest lists, so that a record too few would be a reject."""
    works = Path(manifest).parent
    counts = {
        (works / "/".join(entry["url"].split("/")[-2:])).as_posix(): entry["meta"]["record_count"]
        for entry in json.loads((drop / manifest).read_text())[entries]
    }
    files = [file for file in drop_files(drop, counts) if file.listed_records is not None]
    assert len(files) == len(counts)
    return read(drop, files, store=store, workers=2)


@pytest.fixture(scope="module")
def of_2023(real_landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Reading:
    drop = real_landing / "openalex-2023-03"
    return _read_real(drop, "data/works/manifest", "entries", tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def of_2025(real_landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Reading:
    drop = real_landing / "openalex-2025-09"
    manifest = "jsonl/works/manifest.json"
    return _read_real(drop, manifest, "files", tmp_path_factory.mktemp("store"))


def test_all_6279_records_of_2023_are_accepted(of_2023: Reading) -> None:
    assert of_2023.summary.accepted == of_2023.summary.records == len(of_2023.rows) == 6279
    assert of_2023.reasons == {}
    assert of_2023.summary.warnings == ()
    assert of_2023.summary.bytes_read == 87_078_269
    years = of_2023.summary.records_by_year
    assert (min(filter(None, years)), max(filter(None, years))) == (1951, 2022)
    assert sum(not row["author_basis"] for row in of_2023.rows) == 74


def test_all_622_records_of_2025_are_accepted(of_2025: Reading) -> None:
    assert of_2025.summary.accepted == of_2025.summary.records == len(of_2025.rows) == 622
    assert of_2025.reasons == {}
    assert of_2025.summary.warnings == ()
    years = of_2025.summary.records_by_year
    assert (min(filter(None, years)), max(filter(None, years))) == (1915, 2024)


def test_the_basis_of_each_author_is_counted(of_2023: Reading, of_2025: Reading) -> None:
    assert _basis(of_2023.rows) == {"institution": 25403, "none": 8443}
    assert _basis(of_2025.rows) == {"institution": 1306, "none": 775, "string": 65}


def test_works_and_authors_have_their_countries(of_2023: Reading) -> None:
    authors = [codes for row in of_2023.rows for codes in row["author_countries"]]
    countries = [set().union(*row["author_countries"]) for row in of_2023.rows]
    assert sum(bool(codes) for codes in countries) == 5514
    assert sum(len(codes) > 1 for codes in countries) == 1217
    assert sum(len(codes) > 1 for codes in authors) == 278


def _basis(rows: list[Json]) -> Counter[str]:
    return Counter(basis for row in rows for basis in row["author_basis"])
