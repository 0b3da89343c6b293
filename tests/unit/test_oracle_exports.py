"""The brute-force computation's own readers give what a record says, and read back what was written."""

from pathlib import Path

import pytest

from tests.derive import load_export
from tests.naive_exports import load_scopus, load_wos, write_scopus, write_wos
from tests.oracle import SCOPUS, WOS, Record
from tests.several_sources import made_up


def _wos(folder: Path, **fields: str) -> Record:
    row = {"AU": "Roe, A; Poe, B", "AF": "", "CA": "", "C1": "", "DT": "Article", "PY": "2019"} | fields
    header = ("PT", "AU", "AF", "CA", "TI", "DT", "C1", "PY", "EA", "DI", "UT", "DA")
    lines = ["\t".join(header), "\t".join(row.get(name, "") for name in header)]
    (folder / "savedrecs.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    return load_wos(folder)[0]


def _links(record: Record) -> dict[str, list[str]]:
    return {author["name"]: author["addresses"] for author in record["authors"]}


def test_names_in_brackets_are_linked_and_addresses_without_names_are_not(tmp_path: Path) -> None:
    c1 = "[Roe, Ann; Poe, Bo] Univ A, Bonn, Germany; Univ B, Madrid, Spain; [Poe, Bo] Univ C, Oslo, Norway"
    record = _wos(tmp_path, AF="Roe, Ann; Poe, Bo; Doe, Cy", C1=c1)
    assert record["addresses"] == ["Univ A, Bonn, Germany", "Univ B, Madrid, Spain", "Univ C, Oslo, Norway"]
    assert _links(record) == {
        "Roe, Ann": ["Univ A, Bonn, Germany"],
        "Poe, Bo": ["Univ A, Bonn, Germany", "Univ C, Oslo, Norway"],
        "Doe, Cy": [],
    }


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"AF": "Roe, Ann"}, ["Roe, Ann"]),
        ({}, ["Roe, A", "Poe, B"]),
        ({"AF": "[Anonymous]"}, []),
        ({"AF": "Roe, Ann", "CA": "First Grp; Second Grp"}, ["Roe, Ann", "First Grp", "Second Grp"]),
        ({"AF": "[Anonymous]", "CA": "An Editorial Board"}, ["An Editorial Board"]),
    ],
)
def test_the_authors_are_full_names_else_short_ones_and_groups(
    tmp_path: Path, fields: dict[str, str], names: list[str]
) -> None:
    assert list(_links(_wos(tmp_path, **fields))) == names


def _scopus(folder: Path, authors: str, affiliations: str, items: str) -> Record:
    columns = "Authors,Title,Year,DOI,Affiliations,Authors with affiliations,Document Type,EID"
    row = f'"{authors}",A title,2017,,"{affiliations}","{items}",Article,2-s2.0-1'
    (folder / "scopus.csv").write_text(f"{columns}\n{row}\n", encoding="utf-8-sig")
    return load_scopus(folder)[0]


def test_the_affiliations_of_a_scopus_author_are_taken_apart_by_those_of_the_record(tmp_path: Path) -> None:
    record = _scopus(
        tmp_path,
        "Roe A., Poe B., Jr., Lee",
        "Dept, Univ A, Bonn, Germany; Univ A, Bonn, Germany; Univ &#x2013; B, Oslo, Norway",
        "Roe, A., Dept, Univ A, Bonn, Germany, Univ &#x2013; B, Oslo, Norway;"
        " Poe, B., Jr., Univ A, Bonn, Germany; Lee",
    )
    assert _links(record) == {
        "Roe A.": ["Dept, Univ A, Bonn, Germany", "Univ – B, Oslo, Norway"],
        "Poe B., Jr.": ["Univ A, Bonn, Germany"],
        "Lee": [],
    }


def test_a_scopus_author_who_is_left_out_of_the_items_is_linked_to_nothing(tmp_path: Path) -> None:
    record = _scopus(
        tmp_path,
        "Li X.; Li X.Y.",
        "Univ A, Bonn, Germany",
        "Li X.Y., Univ A, Bonn, Germany",
    )
    assert _links(record) == {"Li X.": [], "Li X.Y.": ["Univ A, Bonn, Germany"]}


def test_no_author_name_available_is_no_author(tmp_path: Path) -> None:
    assert not _scopus(tmp_path, "[No author name available]", "", "")["authors"]


@pytest.mark.parametrize("source", [WOS, SCOPUS])
def test_what_is_written_reads_back_as_it_was(tmp_path: Path, source: str) -> None:
    records = [record for case in range(30) for record in made_up(source, case, 1)]
    write = write_wos if source == WOS else write_scopus
    for number, part in enumerate((records[:50], records[50:])):
        write(tmp_path / "drop", number, part)
    assert load_export(tmp_path / "drop", source) == records
