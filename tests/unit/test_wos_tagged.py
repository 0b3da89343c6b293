"""Plain text exports of Web of Science: lines, records and what breaks them."""

from pathlib import Path

import pytest

from tests.wos_exports import WosRecord, accepted, numbered, read, rejects, tagged, written

TWO = numbered(WosRecord(), WosRecord())


def _read_changed(folder: Path, old: str, new: str) -> tuple[int, list[tuple[str, str]]]:
    """Number of outcomes, and the rejects' reasons and details, of two records with a change to the first."""
    text = tagged(TWO)
    assert old in text
    outcomes = read(written(folder / "export.txt", text.replace(old, new, 1)))
    assert [item.position for item in outcomes] == list(range(1, len(outcomes) + 1))
    return len(outcomes), [(item.reason.value, item.detail) for item in rejects(outcomes)]


def test_lines_go_on_with_a_blank_except_in_lists(tmp_path: Path) -> None:
    text = tagged([WosRecord()]).replace("On coupling", "On coupling\n   and decoupling")
    text = text.replace("coupling; systems", "coupling;\n   systems of\n   systems")
    (delivered,) = accepted(read(written(tmp_path / "a", text)))
    assert delivered.record.title == "On coupling and decoupling"
    assert delivered.record.keywords == ["coupling", "systems of systems"]
    assert delivered.record.author_countries == [["GEORGIA"], ["GEORGIA", "USA"]]


def test_an_address_that_was_broken_into_lines_is_one(tmp_path: Path) -> None:
    text = tagged([WosRecord()]).replace("Univ, Tbilisi, Georgia.", "Univ,\n   Tbilisi, Georgia.")
    assert accepted(read(written(tmp_path / "a", text))) == accepted(
        read(written(tmp_path / "b", tagged([WosRecord()])))
    )


def test_addresses_without_periods_are_one_a_line(tmp_path: Path) -> None:
    text = tagged([WosRecord()]).replace("Georgia.", "Georgia").replace("USA.", "USA")
    assert accepted(read(written(tmp_path / "a", text))) == accepted(
        read(written(tmp_path / "b", tagged([WosRecord()])))
    )


def test_exports_put_together_have_the_records_of_all(tmp_path: Path) -> None:
    for between in ("\n", "\n\ufeff", "\ufeff"):
        joined = tagged(TWO[:1]) + between + tagged(TWO[1:])
        delivered = accepted(read(written(tmp_path / "a", joined)))
        assert [item.record.work_id for item in delivered] == [record.ut for record in TWO]


def test_a_file_may_begin_with_a_record(tmp_path: Path) -> None:
    text = tagged(TWO).split("\n", 2)[2]
    assert text.startswith("PT J\n")
    assert len(accepted(read(written(tmp_path / "a", text)))) == 2


def test_an_export_without_records_has_none(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a", tagged([]))) == []


def test_a_record_without_its_last_line_is_rejected_and_the_next_read(tmp_path: Path) -> None:
    assert _read_changed(tmp_path, "ER\n", "") == (
        2,
        [("broken_record", "the record that begins in line 3: the next record begins before its line ER")],
    )


def test_a_record_without_its_first_line_is_rejected(tmp_path: Path) -> None:
    text = tagged(TWO).replace("ER\n\nPT J\n", "ER\n\n", 1)
    first, second = read(written(tmp_path / "a", text))
    assert accepted([first])
    (rejected,) = rejects([second])
    assert rejected.reason == "broken_record"
    assert "does not begin a record, which a line PT does" in rejected.detail
    assert rejected.raw.startswith(b"AU Sand, A\n   Reed, B\n")


def test_a_line_that_is_no_field_breaks_its_record(tmp_path: Path) -> None:
    number, found = _read_changed(tmp_path, "TI On coupling\n", "TI On coupling\nof systems\n")
    assert number == 2
    assert found == [
        (
            "broken_record",
            "the record that begins in line 3: line 10 has neither a tag nor the blanks of one that goes on",
        )
    ]


@pytest.mark.parametrize("kept", ["ER\n\nPT", "\nTI On", "UT WOS:000000000000002"])
def test_a_file_cut_within_its_last_record_says_so(tmp_path: Path, kept: str) -> None:
    text = tagged(TWO)
    text = text[: text.rindex(kept) + len(kept)]
    outcomes = read(written(tmp_path / "a", text))
    (rejected,) = rejects(outcomes)
    assert (len(outcomes), rejected.reason, rejected.ends_file) == (2, "truncated_file", True)
    assert "the file ends before its line ER" in rejected.detail
    assert rejected.raw.startswith(b"PT")
