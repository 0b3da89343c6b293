"""What is an entry of a BibTeX text, and what becomes of a text that is broken."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets import bibtex_entries as module
from assets.bibtex_entries import BibtexEntry, bibtex_entries, names, plain_text
from assets.file_content import ContentLostError
from assets.quarantine import Reason, Rejected

ENTRY = "@ARTICLE{Van den Berg2017,\n  Author = {Berg, A. and Oy, B.},\n  year = 2017,\n}\n"


def _outcomes(text: str) -> list[BibtexEntry | Rejected]:
    return list(bibtex_entries(text.splitlines(keepends=True)))


def _entries(text: str) -> list[BibtexEntry]:
    found = _outcomes(text)
    assert not [outcome for outcome in found if isinstance(outcome, Rejected)], found
    return [outcome for outcome in found if isinstance(outcome, BibtexEntry)]


def _rejected(text: str) -> Rejected:
    (outcome,) = _outcomes(text)
    assert isinstance(outcome, Rejected), outcome
    return outcome


def test_an_entry_has_a_type_a_key_and_fields() -> None:
    (entry,) = _entries(ENTRY)
    assert (entry.position, entry.type, entry.key) == (1, "article", "Van den Berg2017")
    assert entry.fields == {"author": "Berg, A. and Oy, B.", "year": "2017"}
    assert entry.raw.decode() == ENTRY.rstrip("\n")


def test_entries_of_one_key_both_stay() -> None:
    first, second = _entries(ENTRY + ENTRY)
    assert first.key == second.key
    assert (first.position, second.position) == (1, 2)


def test_text_between_entries_is_passed_over() -> None:
    text = f"Scopus\nEXPORT DATE: 2 July 2024\n\n{ENTRY}\nScopus\nEXPORT DATE: 3 July 2024\n\n{ENTRY}"
    assert [entry.position for entry in _entries(text)] == [1, 2]


def test_comments_strings_and_preambles_are_no_entries() -> None:
    text = f'@comment{{x}}\n@string{{j = "Journal"}}\n@preamble{{"y"}}\n{ENTRY}'
    assert [entry.position for entry in _entries(text)] == [1]


def test_entries_that_share_a_line_are_all_read() -> None:
    assert [entry.key for entry in _entries("@misc{a, t={x}} @misc{a, t={y}}")] == ["a", "a"]


def test_of_a_repeated_field_the_first_stays() -> None:
    (entry,) = _entries('@misc{a, title="x {X}",\n title="y"}')
    assert entry.fields == {"title": "x X"}


def test_line_breaks_in_values_are_kept() -> None:
    (entry,) = _entries("@misc{a,\nAffiliation = {Berg, A, Turku, Finland.\n   Oy, B, Lima, Peru.},\n}")
    assert entry.fields["affiliation"] == "Berg, A, Turku, Finland.\n   Oy, B, Lima, Peru."


@pytest.mark.parametrize(
    ("delivered", "expected"),
    [
        (r"R\&D of 10\% for \$5 \#1 a\_b", "R&D of 10% for $5 #1 a_b"),
        (r"M{\"u}ller", "Müller"),
        (r"M\"uller and G\"{o}del", "Müller and Gödel"),
        (r"Garc{\'{\i}}a", "García"),
        (r"Garc\'\i a", "Garcí a"),
        (r"{\o}stergaard, \v{S}imi\'{c}, \c{C}elik", "østergaard, Šimić, Çelik"),
        (r"Stra{\ss}e", "Straße"),
        (r"it{\textquoteright}s", "it’s"),
        (r"$\alpha$-decay", "$α$-decay"),
        (r"\textit{in vivo}", "in vivo"),
        (r"CO\textsubscript{2}", "CO2"),
        ("{{A {Study} of {IoT}}}", "A Study of IoT"),
        (r"a set \{1, 2\}", "a set {1, 2}"),
    ],
)
def test_latex_becomes_plain_text(delivered: str, expected: str) -> None:
    assert plain_text(delivered) == expected


@pytest.mark.parametrize("text", ["12%, as", "R&D", "~5", "$5 & more", "a -- b ``c''", r"C:\dir", "\\"])
def test_what_is_no_latex_is_taken_literally(text: str) -> None:
    assert plain_text(text) == text


def test_an_at_sign_at_the_beginning_of_a_line_does_not_end_an_entry() -> None:
    (entry,) = _entries("@misc{a, abstract = {mail to\n@IEEE or\n@home},\n}")
    assert entry.fields["abstract"] == "mail to\n@IEEE or\n@home"


def test_a_text_that_breaks_off_loses_its_last_entry_only() -> None:
    first, last = _outcomes(ENTRY + ENTRY[:40])
    assert isinstance(first, BibtexEntry)
    assert isinstance(last, Rejected)
    assert (last.position, last.reason, last.ends_file) == (2, Reason.TRUNCATED_FILE, True)
    assert last.raw.decode() == ENTRY[:40]


def test_an_entry_that_is_not_closed_does_not_take_the_next_along() -> None:
    first, second = _outcomes("@misc{a,\n title = {x\n}\n" + ENTRY)
    assert isinstance(first, Rejected)
    assert (first.reason, first.ends_file) == (Reason.INVALID_BIBTEX, False)
    assert "the next entry begins before" in first.detail
    assert isinstance(second, BibtexEntry)
    assert second.position == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@misc{a,\n title = {x}} more},\n year = {2017}\n}\n", "one brace is missing or too many"),
        ("@misc{\n title = {x},\n}\n", "Expected comma after entry key"),
        ("@misc{a,\n title {x}, year = 3\n}\n", "Expected a `=`"),
    ],
)
def test_an_entry_that_cannot_be_parsed_is_rejected_with_what_is_wrong(text: str, said: str) -> None:
    rejected = _rejected(text)
    assert rejected.reason is Reason.INVALID_BIBTEX
    assert said in rejected.detail
    assert rejected.raw.decode() == text


def test_bytes_that_are_no_utf_8_reject_their_entry_only() -> None:
    first, second = _outcomes("@misc{a, title = {M\udcfcller}}\n" + ENTRY)
    assert isinstance(first, Rejected)
    assert first.reason is Reason.INVALID_TEXT
    assert first.raw == b"@misc{a, title = {M\xfcller}}"
    assert isinstance(second, BibtexEntry)


def _lost_after(lines: Iterable[str]) -> Iterator[str]:
    yield from lines
    raise ContentLostError(Reason.UNREADABLE_FILE, "the gzip data are damaged")


@pytest.mark.parametrize(("text", "kept"), [(ENTRY, 1), (ENTRY + ENTRY[:40], 1), ("", 0)])
def test_lost_content_ends_the_text_for_its_own_reason(text: str, kept: int) -> None:
    *entries, last = bibtex_entries(_lost_after(text.splitlines(keepends=True)))
    assert len(entries) == kept
    assert isinstance(last, Rejected)
    assert (last.position, last.reason, last.ends_file) == (kept + 1, Reason.UNREADABLE_FILE, True)
    assert last.detail == "the gzip data are damaged"


def test_too_long_an_entry_is_rejected_without_being_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ENTRY_CHARACTERS", 1000)
    long = "@misc{a,\n" + "".join(f"f{n} = {{x}},\n" for n in range(500)) + "}\n"
    rejected, entry = _outcomes(long + ENTRY)
    assert isinstance(rejected, Rejected)
    assert rejected.reason is Reason.OVERSIZED_RECORD
    assert len(rejected.raw) <= 1000
    assert isinstance(entry, BibtexEntry)


def test_an_entry_comes_out_once_the_next_begins() -> None:
    lines = iter((ENTRY * 3).splitlines(keepends=True))
    next(bibtex_entries(lines))
    assert len(list(lines)) == 2 * len(ENTRY.splitlines()) - 1


_literal = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="{}\\")).map(
    str.strip
)


@given(st.lists(st.tuples(_literal, _literal), min_size=1, max_size=3))
def test_values_without_latex_come_back_as_they_were(works: list[tuple[str, str]]) -> None:
    text = "".join(
        f"@article{{k,\n title = {{{title}}},\n abstract = {{{abstract}}},\n}}\n" for title, abstract in works
    )
    found = [(entry.fields["title"], entry.fields["abstract"]) for entry in _entries(text)]
    assert found == works


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Sand, A. and Reed, B.", ["Sand, A.", "Reed, B."]),
        ("Sand, A.\n   and\n   Reed, B.", ["Sand, A.", "Reed, B."]),
        ("{WHO and Partners Group} and Smith, J", ["WHO and Partners Group", "Smith, J"]),
        ("Smith, J and {{A} and {B \\} and C}}", ["Smith, J", "A and B } and C"]),
        ("{WHO and Partners Group}", ["WHO and Partners Group"]),
        ("{Sand, A. and Reed, B.}", ["Sand, A.", "Reed, B."]),
        ('M{\\"u}ller, A. and {\\O}y, B.', ["Müller, A.", "Øy, B."]),
        ("Sanderson, A. and Band, B.", ["Sanderson, A.", "Band, B."]),
        ("", []),
        (" {} ", []),
    ],
)
def test_names_are_joined_by_and_outside_braces(value: str, found: list[str]) -> None:
    assert names(value) == found


def test_an_entry_has_the_names_of_its_authors() -> None:
    (entry,) = bibtex_entries(["@article{a, Author = {{WHO and Partners} and Oy, B.}, author = {Nobody}}"])
    assert isinstance(entry, BibtexEntry)
    assert entry.authors == ["WHO and Partners", "Oy, B."]
