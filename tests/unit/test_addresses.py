"""What stands last in an address is its country label, whatever decorates it; nothing is guessed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets.addresses import country_label


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("Tbilisi State Univ, Dept Phys, Tbilisi, Georgia", "GEORGIA"),
        ("Univ Tartu, Inst Phys, Tartu, Estonia.", "ESTONIA"),
        ("Univ Tartu, Inst Phys, Tartu, Estonia. ", "ESTONIA"),
        ("Univ Tartu, Inst Phys, Tartu, Estonia;", "ESTONIA"),
        ("Univ Tartu, Inst Phys, Tartu, Estonia,", "ESTONIA"),
        ("UNIV TARTU,INST PHYS,TARTU,ESTONIA", "ESTONIA"),
        ("Univ Tartu,\tTartu,  New \n Zealand", "NEW ZEALAND"),
        ("Iceland", "ICELAND"),
    ],
)
def test_the_country_is_what_stands_after_the_last_comma(address: str, label: str) -> None:
    assert country_label(address) == label


@pytest.mark.parametrize(
    "address",
    [
        "Univ Alabama, Tuscaloosa, AL 35401 USA",
        "Univ Alabama, Tuscaloosa, AL 35401 USA.",
        "Univ X, Boston, MA USA",
        "Univ X, Boston, MA 02115-5005 USA",
        "Wayne State University, Detroit, USA",
        "Kansas State University Manhattan USA",
        "usa",
    ],
)
def test_what_ends_in_usa_is_usa_whatever_precedes_it(address: str) -> None:
    assert country_label(address) == "USA"


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("Univ Puerto Rico, San Juan, PR 00931 USA", "PR USA"),
        ("Univ Turabo, Gurabo, PR USA.", "PR USA"),
        ("Univ Guam, Mangilao, GU 96923 USA", "GU USA"),
        ("Univ Virgin Isl, St Thomas, VI 00802 USA", "VI USA"),
        ("Amer Samoa Community Coll, Pago Pago, AS 96799 USA", "AS USA"),
        ("No Marianas Coll, Saipan, MP 96950 USA", "MP USA"),
    ],
)
def test_a_us_territory_keeps_its_postal_code(address: str, label: str) -> None:
    assert country_label(address) == label


@pytest.mark.parametrize("address", ["Las Vegas USA", "Univ X, Camp AS1 USA", "Univ X, West VIRGINIA USA"])
def test_letters_inside_a_word_are_no_postal_code(address: str) -> None:
    assert country_label(address) == "USA"


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("Bogazici Univ, Istanbul, Türkiye", "TURKIYE"),
        ("Univ de Curaçao, Willemstad, Curaçao", "CURACAO"),
        ("Univ Cocody, Abidjan, Côte d’Ivoire", "COTE D'IVOIRE"),
        ("Univ Cocody, Abidjan, Cote d´Ivoire", "COTE D'IVOIRE"),
        ("Univ Cocody, Abidjan, Cote d'Ivoire", "COTE D'IVOIRE"),
        ("Bissau, Guinea\u2010Bissau", "GUINEA-BISSAU"),
        ("Dili, Timor\u2013Leste", "TIMOR-LESTE"),
        ("Bangui,\u00a0Central\u00a0African Republic\u200b", "CENTRAL AFRICAN REPUBLIC"),
        ("Tsinghua University，Beijing，China", "CHINA"),
    ],
)
def test_diacritics_and_typography_make_no_difference(address: str, label: str) -> None:
    assert country_label(address) == label


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("Georgia Inst Technol, Atlanta, GA 30332", "GA 30332"),
        ("Purdue University, West Lafayette, Indiana United States 47906", "INDIANA UNITED STATES 47906"),
        ("Univ X, Dept Phys", "DEPT PHYS"),
        ("", ""),
        (" , ; . ", ""),
    ],
)
def test_an_address_without_a_country_keeps_what_stands_last(address: str, label: str) -> None:
    assert country_label(address) == label


def test_usa_inside_a_word_is_no_country() -> None:
    assert country_label("Soc X, Jerusa") == "JERUSA"
    assert country_label("Soc X, Med USA Grp") == "MED USA GRP"


@given(st.text())
@example("\u0149")  # decomposes into an apostrophe and a letter
def test_a_label_is_a_label_of_itself(address: str) -> None:
    label = country_label(address)
    assert country_label(label) == label
    assert "," not in label
    assert label == " ".join(label.split())
