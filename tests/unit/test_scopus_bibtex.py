"""Scopus BibTeX exports give the records of the CSV exports, without links."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from assets.quarantine import Reason, Rejected
from assets.records import DeliveredRecord
from tests.scopus_exports import (
    MONASH,
    SECOND,
    TBILISI,
    TURKU,
    Work,
    new_bibtex,
    new_csv,
    old_bibtex,
    outcomes,
    records,
)

BIBTEX = "scopus-bibtex"
_LINKS: dict[str, Any] = {"author_basis": [], "author_countries": [], "author_institutions": []}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export"


@pytest.mark.parametrize("export", [old_bibtex, new_bibtex])
def test_records_differ_from_those_of_csv_in_their_links_only(file: Path, export: Any) -> None:
    works = [Work(1), Work(2, cited_by=0, doi="", abstract="", keywords=()), Work(3, authors=(SECOND,))]
    from_bibtex = records(file, export(works), BIBTEX)
    from_csv = records(file, new_csv(works))
    assert [record.author_basis for record in from_bibtex] == [["shared"] * 3, ["shared"] * 3, ["shared"]]
    assert [msgspec.structs.replace(record, **_LINKS) for record in from_bibtex] == [
        msgspec.structs.replace(record, **_LINKS) for record in from_csv
    ]


@pytest.mark.parametrize("export", [old_bibtex, new_bibtex])
def test_nobody_is_linked_and_all_addresses_are_the_records(file: Path, export: Any) -> None:
    (record,) = records(file, export([Work()]), BIBTEX)
    assert [place.name for place in record.institutions] == [MONASH, TURKU, TBILISI]
    assert record.author_institutions == [[], [], []]
    assert record.author_countries == [[], [], []]


def test_a_work_without_authors_has_none(file: Path) -> None:
    (record,) = records(file, new_bibtex([Work(authors=())]), BIBTEX)
    assert record.author_basis == []


def test_citations_are_read_from_the_note_or_unknown(file: Path) -> None:
    text = new_bibtex([Work(cited_by=12)])
    assert records(file, text, BIBTEX)[0].cited_by_count == 12
    assert records(file, text.replace("note", "remark"), BIBTEX)[0].cited_by_count is None


def test_a_group_is_one_author_whatever_its_name_holds(file: Path) -> None:
    text = old_bibtex([Work()]).replace("author={", "author={{WHO and Partners Group} and ", 1)
    assert len(records(file, text, BIBTEX)[0].author_basis) == 4


def test_two_works_with_one_key_both_stay(file: Path) -> None:
    assert len(records(file, new_bibtex([Work(1), Work(2)]), BIBTEX)) == 2


@pytest.mark.parametrize(
    ("delivered", "changed", "reason"),
    [
        ("\turl = ", "\tlink = ", Reason.MISSING_ID),
        ("{2017}", "{soon}", Reason.WRONG_TYPE),
        ("year = {2017}", "year = {2017}}", Reason.INVALID_BIBTEX),
    ],
)
def test_an_entry_that_gives_no_record_is_rejected_as_delivered(
    file: Path, delivered: str, changed: str, reason: Reason
) -> None:
    text = new_bibtex([Work(1)]).replace(delivered, changed) + new_bibtex([Work(2)])
    rejected, kept = outcomes(file, text, BIBTEX)
    assert isinstance(rejected, Rejected)
    assert (rejected.position, rejected.reason) == (1, reason)
    assert rejected.raw.decode().startswith("@ARTICLE{Van den Berg2017,")
    assert isinstance(kept, DeliveredRecord)
    assert (kept.position, kept.record.work_id) == (2, Work(2).eid)


def test_a_file_that_breaks_off_loses_its_last_entry_only(file: Path) -> None:
    kept, last = outcomes(file, new_bibtex([Work(1), Work(2)])[:-30], BIBTEX)
    assert isinstance(kept, DeliveredRecord)
    assert isinstance(last, Rejected)
    assert (last.position, last.reason, last.ends_file) == (2, Reason.TRUNCATED_FILE, True)
