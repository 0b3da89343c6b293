"""The real Scopus drop is read whole, and every author in it who has an affiliation is linked to it."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from assets.addresses import country_label
from assets.file_content import Meter
from assets.records import DeliveredRecord, Record
from assets.scopus import READERS, recognise
from assets.scopus.authors import csv_authors, linked

_SEED = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "country_names.csv"


@pytest.fixture(scope="module")
def export(real_landing: Path) -> Path:
    return real_landing / "iot-2017-scopus" / "scopus.csv"


@pytest.fixture(scope="module")
def records(export: Path) -> list[Record]:
    meter = Meter()
    found = list(READERS["scopus-csv"](export, meter))
    assert meter.unpacked_bytes == export.stat().st_size
    assert [outcome.position for outcome in found] == list(range(1, 922))
    return [outcome.record for outcome in found if isinstance(outcome, DeliveredRecord)]


def test_the_format_is_recognised(export: Path) -> None:
    assert recognise(export.read_bytes()[: 1 << 18], export) == "scopus-csv"


def test_all_921_records_are_accepted(records: list[Record]) -> None:
    assert len(records) == len({record.work_id for record in records}) == 921
    assert Counter(kind for record in records for kind in record.document_types) == {
        "Conference Paper": 602,
        "Article": 257,
        "Article in Press": 28,
        "Conference Review": 20,
        "Book Chapter": 8,
        "Review": 4,
        "Book": 1,
        "Short Survey": 1,
    }
    years = [record.publication_year for record in records]
    assert (years.count(None), min(filter(None, years)), max(filter(None, years))) == (0, 2004, 2018)
    assert sum(record.doi is not None for record in records) == 811
    assert sum(record.abstract is None for record in records) == 1
    assert sum(record.cited_by_count == 0 for record in records) == 439


def test_authors_are_linked_but_for_seven_without_an_affiliation(records: list[Record]) -> None:
    assert Counter(basis for record in records for basis in record.author_basis) == {
        "linked": 3230,
        "none": 6,
        "shared": 1,
    }
    assert sum("linked" in record.author_basis for record in records) == 897
    # Reviews of whole conferences, whose authors Scopus does not name.
    assert [record.document_types for record in records if not record.author_basis] == [
        ["Conference Review"]
    ] * 20
    assert sum(len(own) > 1 for record in records for own in record.author_institutions) == 170


def test_every_affiliation_of_an_author_is_one_of_the_record(export: Path) -> None:
    with export.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            authors = csv_authors(row["Authors"])
            found = linked(authors, row["Affiliations"], row["Authors with affiliations"])
            alone = linked(authors, row["Affiliations"], "")
            assert len(found.addresses) <= len(alone.addresses)


def test_addresses_end_in_a_country_but_for_seventeen(records: list[Record]) -> None:
    with _SEED.open(encoding="utf-8", newline="") as stream:
        names = {row["name"] for row in csv.DictReader(stream) if row["source"] == "scopus"}
    addresses = [place.name for record in records for place in record.institutions]
    assert len(addresses) == 1528
    assert sum(country_label(address or "") not in names for address in addresses) == 17


def test_160_records_name_two_or_more_countries(records: list[Record]) -> None:
    labels = [{place.country for place in record.institutions} for record in records]
    assert sum(len(found) > 1 for found in labels) == 160
