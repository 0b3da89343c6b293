"""Who of a Scopus record works where, told from text alone."""

import pytest

from assets.scopus.authors import bibtex_authors, csv_authors, linked, unlinked

TBILISI = "Institute of Physics, Tbilisi, Georgia"
TURKU = "University of Turku, Turku, Finland"
ATLANTA = "Georgia Institute of Technology, Atlanta, GA, United States"


@pytest.mark.parametrize(
    ("delivered", "names"),
    [
        ("Rahmani A.M., Gia T.N.", ["Rahmani A.M.", "Gia T.N."]),
        ("Rahmani A.M.; Gia T.N.", ["Rahmani A.M.", "Gia T.N."]),
        ("Rahmani A.M.", ["Rahmani A.M."]),
        ("De Andrade N., Jr., Oy J., III", ["De Andrade N., Jr.", "Oy J., III"]),
        ("De Andrade N., Jr; Oy J.", ["De Andrade N., Jr", "Oy J."]),
        ("Lukas, Oy J.", ["Lukas", "Oy J."]),
        ("M&#x00FC;ller A., Oy J.", ["Müller A.", "Oy J."]),
        ("Wang Y., Wang Y.", ["Wang Y.", "Wang Y."]),
        ("The Coupling Collaboration", ["The Coupling Collaboration"]),
        ("[No author name available]", []),
        ("[No author id available]", []),
        ("Anonymous", []),
        ("", []),
    ],
)
def test_authors_are_those_listed(delivered: str, names: list[str]) -> None:
    assert csv_authors(delivered) == names


@pytest.mark.parametrize(
    ("delivered", "names"),
    [
        (["Rahmani, A.M.", "Gia,\n T.N."], ["Rahmani, A.M.", "Gia, T.N."]),
        (["M&#x00FC;ller, A."], ["Müller, A."]),
        (["[No author name available]"], []),
        ([], []),
    ],
)
def test_authors_of_bibtex_are_the_names_of_somebody(delivered: list[str], names: list[str]) -> None:
    assert bibtex_authors(delivered) == names


@pytest.mark.parametrize(
    "items",
    [
        f"Oy, A.B., {TURKU}; Gelashvili, N., {TBILISI}",
        f"Oy A.B., {TURKU}; Gelashvili N., {TBILISI}",
        f"Gelashvili N., {TBILISI}; Oy A.B., {TURKU}",
    ],
)
def test_each_author_is_linked_to_their_own_affiliation(items: str) -> None:
    found = linked(["Oy A.B.", "Gelashvili N."], f"{TBILISI}; {TURKU}", items)
    assert found.addresses == [TBILISI, TURKU]
    assert found.links == [[1], [0]]


def test_several_affiliations_of_one_author_are_told_apart() -> None:
    items = f"Oy, A., {TURKU}, {ATLANTA}, {TBILISI}; Ek, B., {ATLANTA}, {TURKU}"
    found = linked(["Oy A.", "Ek B."], f"{TURKU}; {ATLANTA}; {TBILISI}", items)
    assert found.links == [[0, 1, 2], [1, 0]]


def test_an_affiliation_that_another_begins_with_is_not_taken_for_it() -> None:
    short, long = "University of Turku", "University of Turku, Dept. of Physics, Finland"
    found = linked(["Oy A."], f"{short}; {long}; {TBILISI}", f"Oy, A., {long}, {TBILISI}")
    assert found.links == [[1, 2]]


def test_the_longest_affiliation_gives_way_where_the_rest_would_fit_none() -> None:
    places = ["A", "A, B", "B, C"]
    assert linked(["Oy A."], "; ".join(places), "Oy, A., A, B, C").links == [[0, 2]]


def test_an_affiliation_listed_with_an_author_only_is_an_address_too() -> None:
    found = linked(["Oy A.", "Ek B."], TURKU, f"Oy, A., {TURKU}; Ek, B., {TBILISI}")
    assert found.addresses == [TURKU, TBILISI]
    assert found.links == [[0], [1]]


def test_repeated_affiliations_are_one_address() -> None:
    found = linked(["Oy A."], f"{TURKU}; {TURKU}", f"Oy, A., {TURKU}, {TURKU}")
    assert (found.addresses, found.links) == ([TURKU], [[0]])


def test_authors_of_equal_names_are_linked_in_their_order() -> None:
    items = f"Wang, Y., {TURKU}; Wang, Y., {TBILISI}"
    assert linked(["Wang Y.", "Wang Y."], f"{TURKU}; {TBILISI}", items).links == [[0], [1]]


def test_a_name_that_begins_another_name_leaves_it_its_item() -> None:
    items = f"Lukas, A., {TURKU}; Lukas, {TBILISI}"
    assert linked(["Lukas A.", "Lukas"], f"{TURKU}; {TBILISI}", items).links == [[0], [1]]


def test_a_suffix_belongs_to_the_name() -> None:
    authors = csv_authors("De Andrade N., Jr., Oy J.")
    items = f"De Andrade, N., Jr., {TBILISI}; Oy, J., {TURKU}"
    assert linked(authors, f"{TBILISI}; {TURKU}", items).links == [[0], [1]]


def test_an_author_without_an_item_or_affiliation_is_unlinked() -> None:
    found = linked(["Oy A.", "Ek B.", "Al C."], TURKU, f"Oy, A.; Al, C., {TURKU}")
    assert found.links == [[], [], [0]]


def test_an_item_that_names_none_of_the_authors_links_nobody() -> None:
    found = linked(["Müller A.", "Oy J."], f"{TBILISI}; {TURKU}", f"Mueller, A., {TBILISI}; Oy, J., {TURKU}")
    assert found.links == [[], [1]]
    assert found.addresses == [TBILISI, TURKU]


def test_an_affiliation_cut_by_its_own_semicolon_is_put_together() -> None:
    odd = "Parque de Cie and circ; ncia, Tortosendo, Portugal"
    found = linked(["Oy A.", "Ek B."], f"{odd}; {TURKU}", f"Oy, A., {odd}; Ek, B., {TURKU}")
    assert found.addresses == [odd, TURKU]
    assert found.links == [[0], [1]]


def test_html_entities_do_not_cut_affiliations() -> None:
    place = "Ghent University &#x2013; imec, B-9052 Ghent, Belgium."
    found = linked(["Oy A."], place, f"Oy, A., {place}")
    assert found.addresses == ["Ghent University – imec, B-9052 Ghent, Belgium."]
    assert found.links == [[0]]


def test_without_items_nobody_is_linked() -> None:
    found = unlinked(["Oy A.", "Ek B."], f"{TURKU}; {TBILISI}; {TURKU}")
    assert found.addresses == [TURKU, TBILISI]
    assert found.links == [[], []]
    assert linked(["Oy A.", "Ek B."], f"{TURKU}; {TBILISI}; {TURKU}", "") == found


def test_three_thousand_authors_keep_their_affiliations() -> None:
    authors = [f"Author{n} A." for n in range(3000)]
    places = [f"Department {n}, University {n % 200}, Country {n % 90}" for n in range(600)]
    own = [[n % 600, (n + 7) % 600] for n in range(3000)]
    items = [f"Author{n}, A., {places[one]}, {places[two]}" for n, (one, two) in enumerate(own)]
    assert linked(authors, "; ".join(places), "; ".join(items)).links == own
