"""Which authors a Web of Science record links to which address."""

from pathlib import Path

import pytest

from assets.web_of_science.addresses import Authors, Links, bracketed, links, listed, people, whole_lines
from tests.wos_exports import WosRecord, bibtex, only, tab, tagged

AUTHORS = ["Müller-Łoś, Ada B.", "Wang, Yi", "Wang, Yu"]
SHORT = "Muller-Los, AB; Wang, Y; Wang, Y"
LAGOS, NIAMEY = "Univ Lagos, Lagos, Nigeria", "Univ Niamey, Niamey, Niger"


def _links(field: str, names: list[str] | None = None, short: str = SHORT) -> Links:
    authors = Authors(AUTHORS if names is None else names, short)
    return links(bracketed(field, authors), authors)


def test_authors_have_the_addresses_behind_the_brackets_that_name_them() -> None:
    found = _links(f"[Müller-Łoś, Ada B.; Wang, Yi] {LAGOS}; [Wang, Yi] {NIAMEY}")
    assert found == Links([LAGOS, NIAMEY], [[0], [0, 1], []])


def test_an_author_in_several_brackets_has_each_address_once() -> None:
    found = _links(f"[Wang, Yi] {LAGOS}; [Wang, Yi] {NIAMEY}; [Wang, Yi; Wang, Yu] {LAGOS}")
    assert found == Links([LAGOS, NIAMEY], [[], [0, 1], [0]])


def test_addresses_without_brackets_link_nobody() -> None:
    assert _links(f"{LAGOS}; {NIAMEY}") == Links([LAGOS, NIAMEY], [[], [], []])


def test_addresses_before_and_after_brackets_without_their_own_link_nobody() -> None:
    found = _links(f"{NIAMEY}; [Wang, Yi] {LAGOS}; Inst Oran, Oran, Algeria; [Wang, Yu] {NIAMEY}")
    assert found == Links([NIAMEY, LAGOS, "Inst Oran, Oran, Algeria"], [[], [1], [0]])


@pytest.mark.parametrize(
    "name", ["MÜLLER-ŁOŚ, ADA B.", "Muller Łos, Ada B", "Müller Łoś,Ada B.", "Muller-Los, AB", "MULLERLOS AB"]
)
def test_names_match_without_regard_to_case_diacritics_and_punctuation(name: str) -> None:
    assert _links(f"[{name}] {LAGOS}").by_author == [[0], [], []]


def test_an_abbreviation_that_two_authors_share_links_nobody() -> None:
    assert _links(f"[Wang, Y] {LAGOS}") == Links([LAGOS], [[], [], []])


def test_two_entries_of_one_name_both_have_its_addresses() -> None:
    assert _links(f"[Wang, Yi] {LAGOS}", ["Wang, Yi", "Wang, Yi"], "").by_author == [[0], [0]]


def test_a_name_that_is_no_authors_links_nobody_and_its_address_stays() -> None:
    assert _links(f"[Ghost, A] {LAGOS}; [] {NIAMEY}") == Links([LAGOS, NIAMEY], [[], [], []])


def test_abbreviations_count_only_where_there_is_one_for_every_author() -> None:
    assert _links(f"[Muller-Los, AB] {LAGOS}", short="Muller-Los, AB").by_author == [[], [], []]


def test_brackets_within_an_address_are_part_of_it() -> None:
    assert _links("[Wang, Yi] Inst [X] & Co, Oran, Algeria").addresses == ["Inst [X] & Co, Oran, Algeria"]


def test_no_addresses_link_nobody() -> None:
    assert _links("") == Links([], [[], [], []])


def test_bibtex_addresses_follow_the_names_of_their_authors() -> None:
    authors = Authors([*AUTHORS, "Hoek, J. van der, Jr."], SHORT)
    field = f"""Wang, Y (Corresponding Author), Univ Reprint, Paris, France.
        Müller-Łoś, Ada B.; Wang, Yi, {LAGOS}.
        Ghost, A; Wang, Yu, {NIAMEY}.
        Wang, Yu; Ghost, A, {LAGOS}.
        Hoek, J. van der, Jr., Dept Water,
        Delft, Netherlands.
        Inst Oran, Oran, Algeria."""
    assert links(listed(field, authors), authors) == Links(
        [LAGOS, NIAMEY, "Dept Water, Delft, Netherlands", "Inst Oran, Oran, Algeria"],
        [[0], [0], [1, 0], [2]],
    )


def test_reprint_authors_of_older_bibtex_are_left_out_as_well() -> None:
    authors = Authors(["Wang, Yi"])
    assert listed(f"Wang, Y; Li, B (Reprint Author), {LAGOS}.", authors) == []


def test_lines_are_joined_only_where_addresses_end_with_a_period() -> None:
    assert whole_lines(["[A] Univ X, Sch", "  Y, Oran, Algeria.", "[B] Z, Niger."]) == [
        "[A] Univ X, Sch Y, Oran, Algeria.",
        "[B] Z, Niger.",
    ]
    assert whole_lines(["[A] Univ X, Oran, Algeria", "Z, Niger"]) == ["[A] Univ X, Oran, Algeria", "Z, Niger"]


def test_anonymous_is_nobody() -> None:
    assert people("[Anonymous]") == people("Anonymous") == people("") == people(" ; ") == []
    assert people("[ANONYMOUS]; Sand, Ada;") == ["Sand, Ada"]


@pytest.mark.parametrize("write", [tab, tagged, bibtex])
def test_the_reprint_address_is_never_used(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    record = only(write, tmp_path, WosRecord(addresses=())).record
    assert record.institutions == []
    assert record.author_basis == ["none", "none"]


def test_an_author_without_a_link_shares_the_addresses_of_the_record(tmp_path: Path) -> None:
    record = only(tab, tmp_path, WosRecord(addresses=((("Reed, Bo",), "Univ X, Cardiff, Wales"),))).record
    assert record.author_basis == ["shared", "linked"]
    assert record.author_countries == [[], ["WALES"]]
    assert record.author_institutions == [[], [0]]


def test_1164_authors_in_107_countries_keep_all_their_addresses(tmp_path: Path) -> None:
    authors = tuple(f"Author{number:04d}, Ada" for number in range(1164))
    countries = [f"Univ {number}, City, Country{'ABCDEFGHIJ'[number % 10]}{number}" for number in range(107)]
    addresses = tuple((authors[place::107], country) for place, country in enumerate(countries))
    for write in (tab, tagged, bibtex):
        record = only(
            write, tmp_path, WosRecord(authors=authors, short_authors=(), addresses=addresses)
        ).record
        assert len(record.author_countries) == 1164
        assert len({code for codes in record.author_countries for code in codes}) == 107
        assert set(record.author_basis) == {"linked"}
        assert [own[0] for own in record.author_institutions] == [place % 107 for place in range(1164)]


def test_an_address_behind_a_bracket_that_is_not_closed_is_linked_to_nobody() -> None:
    found = _links(f"[Wang, Yi MIT, Cambridge, MA 02139 USA; [Wang, Yu] {NIAMEY}")
    assert found == Links(["Wang, Yi MIT, Cambridge, MA 02139 USA", NIAMEY], [[], [], [1]])
    found = _links(f"[Wang, Yi; Wang, Yu MIT, Cambridge, MA 02139 USA; {LAGOS}")
    assert found == Links(["Wang, Yu MIT, Cambridge, MA 02139 USA", LAGOS], [[], [], []])


def test_what_has_no_comma_is_no_address_but_the_beginning_of_the_next() -> None:
    found = _links(f"[Wang, Yi] Univ A; Dept B; Sect C, Paris, France; {LAGOS}; [Wang, Yu] {NIAMEY}; Dept D")
    assert found == Links(["Univ A; Dept B; Sect C, Paris, France", LAGOS, NIAMEY, "Dept D"], [[], [0], [2]])
    assert _links("Georgia; Nigeria").addresses == ["Georgia", "Nigeria"]


def test_a_bibtex_address_may_hold_a_semicolon() -> None:
    authors = Authors(AUTHORS)
    for names in ("Wang, Yi; Wang, Yu", "Ghost, A; Wang, Yi; Wang, Yu"):
        field = f"{names}, Univ A; Dept B, Paris, France.\n{names}, {LAGOS}."
        assert links(listed(field, authors), authors) == Links(
            ["Univ A; Dept B, Paris, France", LAGOS], [[], [0, 1], [0, 1]]
        )


@pytest.mark.parametrize("write", [tab, tagged, bibtex])
def test_html_entities_cut_neither_names_nor_addresses(write, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    marked = WosRecord(
        authors=("S&aacute;nd, Ada", "Reed, Bo"),
        groups=("A&amp;B Group",),
        addresses=(
            (("S&aacute;nd, Ada",), "Ghent Univ &#x2013; Imec, Ghent, Belgium"),
            (("A&amp;B Group",), "AT&amp;T &lt;Labs&gt;, Bedminster, NJ USA"),
        ),
        title="R&amp;D &#8211; so what?",
        abstract="&lt;5 %",
        keywords=("R&amp;D", "&unknown; things"),
    )
    record = only(write, tmp_path, marked).record
    assert [place.name for place in record.institutions] == [
        "Ghent Univ – Imec, Ghent, Belgium",
        "AT&T <Labs>, Bedminster, NJ USA",
    ]
    assert record.author_institutions == [[0], [], [1]]
    assert (record.title, record.abstract) == ("R&D – so what?", "<5 %")
    assert record.keywords == ["R&D", "&unknown", "things"]
