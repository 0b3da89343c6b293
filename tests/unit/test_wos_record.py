"""What the fields of a Web of Science record mean."""

from datetime import datetime
from pathlib import Path

import pytest

from assets.records import DeliveredRecord
from tests.wos_exports import WosRecord, bibtex, only, read, rejects, tab, tagged, written


def _record(folder: Path, **changes: str) -> DeliveredRecord:
    """The record of a tab-delimited row in which some fields are others."""
    return only(lambda records: _changed(records, changes), folder, WosRecord())


def _changed(records: list[WosRecord], changes: dict[str, str]) -> str:
    header, *rows = tab(records).split("\r\n")
    tags = header.split("\t")
    changed = [
        "\t".join(changes.get(tag, cell) for tag, cell in zip(tags, row.split("\t"), strict=True))
        for row in rows
        if row
    ]
    return "\r\n".join([header, *changed, ""])


def _refused(folder: Path, **changes: str) -> tuple[str, str]:
    text = _changed([WosRecord()], changes)
    # A second record keeps the file recognised whatever the first lacks.
    text += tab([WosRecord(number=2)]).split("\r\n")[1] + "\r\n"
    (rejected,) = rejects(read(written(folder / "export.txt", text)))
    assert rejected.position == 1
    assert rejected.raw.startswith(b"J\tSand")
    return rejected.reason.value, rejected.detail


def test_every_field_finds_its_place(tmp_path: Path) -> None:
    delivered = only(tab, tmp_path, WosRecord(types=("Article", "Proceedings Paper")))
    record = delivered.record
    assert (delivered.position, delivered.updated_date) == (1, datetime(2024, 5, 31))
    assert (record.source, record.work_id, record.doi) == ("wos", "WOS:000000000000001", "10.1234/coupling")
    assert (record.title, record.abstract) == ("On coupling", "Systems couple, and they decouple.")
    assert (record.publication_year, record.cited_by_count) == (2019, 7)
    assert (record.document_types, record.keywords) == (
        ["Article", "Proceedings Paper"],
        ["coupling", "systems"],
    )
    assert record.author_countries == [["GEORGIA"], ["GEORGIA", "USA"]]
    assert record.author_institutions == [[0], [0, 1]]
    assert [place.name for place in record.institutions] == [
        "Tbilisi State Univ, Tbilisi, Georgia",
        "Georgia Inst Technol, Atlanta, GA 30332 USA",
    ]
    flags = [record.is_retracted, record.is_paratext, record.is_xpac, record.is_authors_truncated]
    assert flags == [False] * 4


@pytest.mark.parametrize(
    ("number", "identity"),
    [
        ("WOS:A1982PW19900006", "WOS:A1982PW19900006"),
        (" ISI:000257654900009 ", "WOS:000257654900009"),
        ("MEDLINE:12345678", "MEDLINE:12345678"),
        ("KJD:ART001234567", "KJD:ART001234567"),
    ],
)
def test_the_accession_number_is_the_id(tmp_path: Path, number: str, identity: str) -> None:
    assert _record(tmp_path, UT=number).record.work_id == identity


def test_bibtex_without_a_unique_id_has_its_key(tmp_path: Path) -> None:
    text = bibtex([WosRecord()]).replace("Unique-ID", "Something").replace("article{ WOS", "article{ ISI")
    (delivered,) = read(written(tmp_path / "old.bib", text))
    assert isinstance(delivered, DeliveredRecord)
    assert delivered.record.work_id == "WOS:000000000000001"


def test_bibtex_of_2010_has_the_same_fields_in_double_braces(tmp_path: Path) -> None:
    text = bibtex([WosRecord()]).replace("= {", "= {{").replace("},\n", "}},\n")
    assert "{{On coupling}}" in text
    (delivered,) = read(written(tmp_path / "old.bib", text))
    assert delivered == only(bibtex, tmp_path, WosRecord())


@pytest.mark.parametrize(
    ("published", "early_date", "year"),
    [
        ("2019", "", 2019),
        ("2019", "DEC 2018", 2019),
        ("2019.0", "", 2019),
        ("", "JAN 2024", 2024),
        ("", "2024-01-01", 2024),
        ("", "", None),
    ],
)
def test_early_access_gives_the_year_where_there_is_no_other(
    tmp_path: Path, published: str, early_date: str, year: int | None
) -> None:
    assert _record(tmp_path, PY=published, EA=early_date).record.publication_year == year


@pytest.mark.parametrize("write", [tab, tagged, bibtex])
def test_early_access_is_read_in_every_format(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    record = only(write, tmp_path, WosRecord(year="", early_access="MAY 2023")).record
    assert record.publication_year == 2023


def test_the_older_column_of_the_early_access_year_is_read(tmp_path: Path) -> None:
    text = tab([WosRecord(year="")]).replace("\tPY\t", "\tEY\t").replace("NOBODY\t\t", "NOBODY\t2018\t")
    (delivered,) = read(written(tmp_path / "export", text))
    assert isinstance(delivered, DeliveredRecord)
    assert delivered.record.publication_year == 2018


@pytest.mark.parametrize(
    ("types", "is_retracted"),
    [
        ("Article; Retracted Publication", True),
        ("Retraction", False),
        ("Article", False),
        ("", False),
    ],
)
def test_a_type_that_says_retracted_counts(tmp_path: Path, types: str, is_retracted: bool) -> None:
    assert _record(tmp_path, DT=types).record.is_retracted is is_retracted


@pytest.mark.parametrize(
    ("core", "everywhere", "count"), [("7", "9", 7), ("", "9", 9), ("", "", None), ("0", "9", 0)]
)
def test_citations_in_the_core_collection_come_first(
    tmp_path: Path, core: str, everywhere: str, count: int | None
) -> None:
    assert _record(tmp_path, TC=core, Z9=everywhere).record.cited_by_count == count


def test_full_names_come_before_abbreviated_ones(tmp_path: Path) -> None:
    assert len(_record(tmp_path, AF="Sand, Ada; Reed, Bo; Hill, Cy").record.author_basis) == 3
    assert len(_record(tmp_path, AF="").record.author_basis) == 2


def test_a_group_author_is_one_author_and_an_anonymous_one_none(tmp_path: Path) -> None:
    group = WosRecord(
        authors=("[Anonymous]",), short_authors=("[Anonymous]",), groups=("Sand Team", "Reed Team")
    )
    for write in (tab, tagged):
        assert only(write, tmp_path, group).record.author_basis == ["shared", "shared"]
    nobody = WosRecord(authors=("[Anonymous]",), short_authors=("[Anonymous]",))
    assert only(tab, tmp_path, nobody).record.author_basis == []


def test_a_group_author_that_an_address_names_is_linked(tmp_path: Path) -> None:
    addresses = ((("Sand Team",), "Univ X, Belfast, North Ireland"),)
    record = only(tab, tmp_path, WosRecord(groups=("Sand Team",), addresses=addresses)).record
    assert record.author_countries == [[], [], ["NORTH IRELAND"]]


@pytest.mark.parametrize(
    ("field", "text", "reason", "words"),
    [
        ("UT", "", "missing_id", "its field UT is empty"),
        ("UT", "985648900009", "missing_id", "is no accession number: '985648900009'"),
        ("PY", "in press", "wrong_type", "Expected a year in PY, got 'in press'"),
        ("EA", "soon", "wrong_type", "Expected a date with a year in EA, got 'soon'"),
        ("TC", "many", "wrong_type", "Expected a number in TC or Z9, got 'many'"),
        ("DA", "31/05/2024", "wrong_type", "Expected a date such as 2024-05-31 in DA, got '31/05/2024'"),
    ],
)
def test_a_field_that_cannot_be_is_rejected_with_what_it_holds(
    tmp_path: Path, field: str, text: str, reason: str, words: str
) -> None:
    changes = {field: text, **({"PY": ""} if field == "EA" else {})}
    found, detail = _refused(tmp_path, **changes)
    assert found == reason
    assert words in detail


def test_bytes_that_are_no_utf_8_are_rejected_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_bytes(tab([WosRecord(title="Caf\xe9 coupling"), WosRecord(number=2)]).encode("latin-1"))
    (rejected,) = rejects(read(path))
    assert rejected.reason == "invalid_text"
    assert b"Caf\xe9 coupling" in rejected.raw
