"""What of a Scopus CSV export becomes a record, old columns and new, and what is rejected."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.file_content import ContentLostError
from assets.quarantine import Reason, Rejected
from assets.records import DeliveredRecord, Institution, content_hash
from tests.scopus_exports import (
    FIRST,
    MONASH,
    NEW_HEADER,
    SECOND,
    TBILISI,
    THIRD,
    TURKU,
    Author,
    Work,
    new_csv,
    old_csv,
    outcomes,
    records,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export"


def _rejected(file: Path, content: str) -> Rejected:
    (outcome,) = outcomes(file, content)
    assert isinstance(outcome, Rejected), outcome
    return outcome


@pytest.mark.parametrize("export", [old_csv, new_csv])
def test_a_row_becomes_a_record(file: Path, export: Any) -> None:
    (outcome,) = outcomes(file, export([Work()]))
    assert isinstance(outcome, DeliveredRecord), outcome
    assert (outcome.position, outcome.updated_date) == (1, None)
    record = outcome.record
    assert (record.source, record.work_id) == ("scopus", "2-s2.0-85000000001")
    assert record.doi == "10.1234/coupling.1"
    assert record.title == "Coupling & decoupling: 5% of “all” systems"
    assert record.abstract == "We say “so”, and so on. © 2017"
    assert (record.publication_year, record.cited_by_count) == (2017, 3)
    assert record.document_types == ["Article"]
    assert record.keywords == ["Coupling", "Decoupling"]
    assert record.topics == []
    assert [record.is_retracted, record.is_paratext, record.is_xpac, record.is_authors_truncated] == [
        False
    ] * 4
    assert record.institutions == [
        Institution(None, MONASH, "AUSTRALIA"),
        Institution(None, TURKU, "FINLAND"),
        Institution(None, TBILISI, "GEORGIA"),
    ]
    assert record.author_institutions == [[0, 1], [2], [1]]
    assert record.author_countries == [["AUSTRALIA", "FINLAND"], ["GEORGIA"], ["FINLAND"]]
    assert record.author_basis == ["linked", "linked", "linked"]


def test_an_author_without_an_affiliation_shares_those_of_the_record(file: Path) -> None:
    (record,) = records(file, old_csv([Work(authors=(SECOND, Author("Oy", "J.", "Jo")))]))
    assert record.author_basis == ["linked", "shared"]
    assert record.author_countries == [["GEORGIA"], []]


def test_a_record_that_lists_affiliations_only_has_unlinked_authors(file: Path) -> None:
    (record,) = records(file, old_csv([Work()]).replace("Authors with affiliations", "Other"))
    assert record.author_basis == ["shared"] * 3
    assert [place.country for place in record.institutions] == ["AUSTRALIA", "FINLAND", "GEORGIA"]


def test_a_record_without_affiliations_has_authors_of_no_country(file: Path) -> None:
    (record,) = records(file, old_csv([Work(authors=(Author("Oy", "J.", "Jo"),))]))
    assert record.author_basis == ["none"]
    assert record.institutions == []


def test_a_record_without_a_named_author_has_none(file: Path) -> None:
    (record,) = records(file, old_csv([Work(authors=(), document_type="Conference Review")]))
    assert record.author_basis == []


def test_old_exports_leave_the_citations_of_an_uncited_work_blank(file: Path) -> None:
    assert records(file, old_csv([Work(cited_by=0)]))[0].cited_by_count == 0
    assert records(file, new_csv([Work(cited_by=0)]))[0].cited_by_count == 0
    without = old_csv([Work(cited_by=0)]).replace("Cited by", "Cited otherwise")
    assert records(file, without)[0].cited_by_count is None


def test_blank_fields_are_nothing(file: Path) -> None:
    blank = Work(title=" ", year="", doi="", abstract="", keywords=(), document_type="")
    (record,) = records(file, old_csv([blank]))
    assert (record.title, record.publication_year, record.doi, record.abstract) == (None,) * 4
    assert (record.keywords, record.document_types) == ([], [])


@pytest.mark.parametrize(
    ("document_type", "is_retracted"), [("Retracted", True), ("Article", False), ("Erratum", False)]
)
def test_the_document_type_tells_a_retracted_work(file: Path, document_type: str, is_retracted: bool) -> None:
    (record,) = records(file, new_csv([Work(document_type=document_type)]))
    assert record.document_types == [document_type]
    assert record.is_retracted is is_retracted


def test_white_space_collapses_and_entities_are_resolved(file: Path) -> None:
    work = Work(
        title=" A\n title\u00a0 with  &lt;5&nbsp;% &amp; R&D ", abstract="One.\n\nTwo; &#x201C;three&#x201D;"
    )
    (record,) = records(file, old_csv([work]))
    assert record.title == "A title with <5 % & R&D"
    assert record.abstract == "One. Two; “three”"


def test_a_link_gives_the_id_where_the_column_is_missing(file: Path) -> None:
    text = new_csv([Work()])
    without = text.replace('"EID"', '"Other"').replace('"2-s2.0-85000000001"', '""')
    assert records(file, without)[0].work_id == "2-s2.0-85000000001"
    moved = without.replace(
        Work().link, "https://www.scopus.com/pages/publications/105009746660?origin=resultslist"
    )
    assert records(file, moved)[0].work_id == "2-s2.0-105009746660"


@pytest.mark.parametrize(
    ("eid", "link", "said"),
    [
        ("", "", "neither an EID nor a link"),
        ("85000000001", "", "its EID is none of Scopus: '85000000001'"),
        ("2-s2.0-850000", None, "its EID is 2-s2.0-850000, but its link leads to 2-s2.0-85000000001"),
    ],
)
def test_a_record_without_an_id_is_rejected(file: Path, eid: str, link: str | None, said: str) -> None:
    text = new_csv([Work()]).replace('"2-s2.0-85000000001"', f'"{eid}"')
    rejected = _rejected(file, text if link is None else text.replace(Work().link, link))
    assert (rejected.position, rejected.reason, rejected.ends_file) == (1, Reason.MISSING_ID, False)
    assert said in rejected.detail
    assert "Coupling" in rejected.raw.decode()


@pytest.mark.parametrize(
    ("work", "said"),
    [(Work(year="in press"), "expected a year, got 'in press'"), (Work(year="20177"), "expected a year")],
)
def test_a_year_that_is_none_is_rejected(file: Path, work: Work, said: str) -> None:
    rejected = _rejected(file, old_csv([work]))
    assert rejected.reason is Reason.WRONG_TYPE
    assert said in rejected.detail


def test_quotes_and_line_breaks_within_cells_are_text(file: Path) -> None:
    work = Work(title='A "quoted", broken\ntitle', abstract='First line.\r\n"Second" line.\rThird; line.')
    one, two = records(file, new_csv([work, Work(2)]))
    assert one.title == 'A "quoted", broken title'
    assert one.abstract == 'First line. "Second" line. Third; line.'
    assert two.work_id == Work(2).eid


@pytest.mark.parametrize("broken", ['"a "stray" quote', '"an open quote'])
def test_a_stray_quote_rejects_its_own_row_only(file: Path, broken: str) -> None:
    text = new_csv([Work(1), Work(2, title="here"), Work(3)]).replace('"here"', broken)
    first, second, third = outcomes(file, text)
    assert isinstance(second, Rejected)
    assert (second.position, second.reason, second.ends_file) == (2, Reason.BROKEN_ROW, False)
    assert second.raw.decode() == text.split("\n")[2] + "\n"
    assert isinstance(first, DeliveredRecord)
    assert isinstance(third, DeliveredRecord)
    assert (third.position, third.record.work_id) == (3, Work(3).eid)


@pytest.mark.parametrize(("row", "cells"), [("a,b,c", 3), ("x," * 30 + "y", 31)])
def test_a_row_of_another_width_is_rejected(file: Path, row: str, cells: int) -> None:
    text = old_csv([Work(1), Work(2)])
    lines = text.splitlines(keepends=True)
    broken, kept = outcomes(file, "".join([lines[0], f"{row}\n", lines[2]]))
    assert isinstance(broken, Rejected)
    assert (broken.reason, broken.detail) == (
        Reason.BROKEN_ROW,
        f"the row has {cells} cells, the header 18",
    )
    assert isinstance(kept, DeliveredRecord)


def test_empty_cells_beyond_the_header_and_blank_rows_do_no_harm(file: Path) -> None:
    lines = new_csv([Work(1), Work(2)]).splitlines()
    content = f"{lines[0]}\n{lines[1]},,\n\n{',' * 20}\n{lines[2]}\n"
    assert [record.work_id for record in records(file, content)] == [Work(1).eid, Work(2).eid]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_put_together_are_read_as_one(file: Path, mark: str) -> None:
    found = outcomes(file, new_csv([Work(1)]) + mark + new_csv([Work(2)]))
    assert [(o.position, o.record.work_id) for o in found if isinstance(o, DeliveredRecord)] == [
        (1, Work(1).eid),
        (2, Work(2).eid),
    ]
    assert len(found) == 2


@pytest.mark.parametrize("cut", [5, 60, 900])
def test_a_file_that_breaks_off_loses_its_last_row_only(file: Path, cut: int) -> None:
    first, last = outcomes(file, new_csv([Work(1), Work(2)])[:-cut])
    assert isinstance(first, DeliveredRecord)
    assert isinstance(last, Rejected)
    assert (last.position, last.reason, last.ends_file) == (2, Reason.TRUNCATED_FILE, True)
    assert "the file ends within its last row" in last.detail


def test_a_file_without_a_last_line_break_is_whole(file: Path) -> None:
    assert len(records(file, old_csv([Work(1), Work(2)]).rstrip("\n"))) == 2


def test_gzip_that_breaks_off_says_so(file: Path) -> None:
    packed = gzip.compress(new_csv([Work(n) for n in range(1, 90)]).encode())
    *found, last = outcomes(file, packed[:-200])
    assert all(isinstance(outcome, DeliveredRecord) for outcome in found)
    assert isinstance(last, Rejected)
    assert (last.position, last.reason, last.ends_file) == (len(found) + 1, Reason.TRUNCATED_FILE, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_encoding_and_line_ends_make_no_difference(file: Path, encoding: str, ends: str) -> None:
    works = [Work(1), Work(2, title="Größe\u2028und mehr")]
    content = old_csv(works).replace("\n", ends).encode(encoding)
    assert records(file, content) == records(file, old_csv(works))


def test_bytes_that_are_no_utf_8_reject_their_row_only(file: Path) -> None:
    content = old_csv([Work(1, title="Gr\u00f6\u00dfe"), Work(2)])
    first, second = outcomes(
        file, content.replace("“", "").replace("”", "").replace("©", "").encode("latin-1")
    )
    assert isinstance(first, Rejected)
    assert first.reason is Reason.INVALID_TEXT
    assert b"Gr\xf6\xdfe" in first.raw
    assert isinstance(second, DeliveredRecord)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheet_may_have_changed_the_delimiter(file: Path, delimiter: str) -> None:
    text = new_csv([Work()])
    assert records(file, text.replace('","', f'"{delimiter}"')) == records(file, text)


def test_columns_are_found_by_name_in_any_order(file: Path) -> None:
    text = new_csv([Work()])
    header, row = (line.strip('"').split('","') for line in text.splitlines())
    turned = "\n".join('"' + '","'.join(reversed(cells)) + '"' for cells in (header, row))
    assert header == NEW_HEADER.split(",")
    assert records(file, turned) == records(file, text)


def test_a_file_without_the_columns_of_scopus_cannot_be_read(file: Path) -> None:
    with pytest.raises(ContentLostError, match="does not name the columns of Scopus"):
        outcomes(file, "PT\tAU\tTI\nJ\tOy, A\tCoupling\n")


_word = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=8)
_place = st.lists(_word, min_size=1, max_size=4).map(", ".join)
_author = st.builds(
    Author,
    last=_word.map(lambda word: f"Van {word}"),
    initials=st.sampled_from(["A.", "B.C.", "J.-P."]),
    first=_word,
    affiliations=st.lists(st.sampled_from([MONASH, TURKU, TBILISI]), unique=True).map(tuple),
)
_line = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
_works = st.builds(
    Work,
    authors=st.lists(st.one_of(_author, st.sampled_from([FIRST, SECOND, THIRD])), max_size=5).map(tuple),
    title=_line,
    abstract=st.tuples(_line, _line).map("\n".join),
    cited_by=st.integers(0, 10**6),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(works=st.lists(_works, min_size=1, max_size=3))
def test_old_and_new_exports_of_the_same_works_give_the_same_records(file: Path, works: list[Work]) -> None:
    old, new = records(file, old_csv(works)), records(file, new_csv(works))
    assert old == new
    assert [content_hash(record) for record in old] == [content_hash(record) for record in new]
    for work, record in zip(works, old, strict=True):
        places = [place.name for place in record.institutions]
        own = [[places[place] for place in author] for author in record.author_institutions]
        assert own == [list(author.affiliations) for author in work.authors]
