"""Addresses other tools place in the wrong country, trap by trap, through the label and the two seeds."""

import csv
from pathlib import Path
from typing import Literal

import pytest

from assets.addresses import country_label

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
Source = Literal["wos", "scopus"]

UNKNOWN = "ZZ"
NAMELESS: frozenset[tuple[Source, str]] = frozenset()
"""(source, code) of countries no name is listed for; a new one needs its reason here."""


def _rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


NAMES = {(row["source"], row["name"]): row["code"] for row in _rows("country_names")}
REPORTING = {row["code"]: row["reporting_code"] for row in _rows("countries")}


def _code(address: str, source: Source = "wos") -> str:
    return NAMES.get((source, country_label(address)), UNKNOWN)


def _reports_as(address: str, source: Source = "wos") -> str:
    return REPORTING.get(_code(address, source), UNKNOWN)


# The seed itself


def test_each_name_of_a_source_stands_once_and_in_order() -> None:
    keys = [(row["source"], row["name"]) for row in _rows("country_names")]
    assert keys == sorted(set(keys))


def test_each_name_is_written_as_a_label_is() -> None:
    assert [name for _, name in NAMES if country_label(name) != name or not name] == []


def test_each_name_stands_for_a_known_code() -> None:
    assert {source for source, _ in NAMES} == {"wos", "scopus"}
    assert set(NAMES.values()) <= REPORTING.keys()


@pytest.mark.parametrize("source", ["wos", "scopus"])
def test_every_country_that_reports_as_itself_has_a_name(source: Source) -> None:
    named = {code for (of, _), code in NAMES.items() if of == source}
    reporting = {code for code, target in REPORTING.items() if code == target}
    assert reporting - named == {code for of, code in NAMELESS if of == source}


def test_a_name_means_the_same_country_in_both_sources() -> None:
    pairs = [(code, NAMES.get(("scopus", name), code)) for (of, name), code in NAMES.items() if of == "wos"]
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


def test_an_unheard_of_source_has_no_names() -> None:
    assert ("pubmed", "FRANCE") not in NAMES


# Namesakes of US states and towns


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("Georgia Inst Technol, Sch Elect & Comp Engn, Atlanta, GA 30332 USA", "US"),
        ("Univ Georgia, Athens, GA 30602 USA.", "US"),
        ("Georgia State Univ, Dept Comp Sci, Atlanta, GA USA", "US"),
        ("Tbilisi State Univ, Dept Phys, Tbilisi, Georgia", "GE"),
        ("Tbilisi State Univ, Dept Phys, GE-0179 Tbilisi, Rep of Georgia", "GE"),
    ],
)
def test_georgia_tech_is_not_in_tbilisi(address: str, code: str) -> None:
    assert _code(address) == code


def test_scopus_tells_the_georgias_apart_by_the_country() -> None:
    assert _code("Georgia Institute of Technology, Atlanta, GA, United States", "scopus") == "US"
    assert _code("Ilia State University, Tbilisi, Georgia", "scopus") == "GE"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("Univ New Mexico, Dept Comp Sci, Albuquerque, NM 87131 USA", "US"),
        ("Natl Autonomous Univ Mexico, Mexico City 04510, DF, Mexico", "MX"),
        ("Indiana Univ, Bloomington, IN 47405 USA", "US"),
        ("Grissom Air Reserve Base, Peru, IN USA", "US"),
        ("Pontificia Univ Catolica Peru, Lima, Peru", "PE"),
        ("Dartmouth Hitchcock Med Ctr, Lebanon, NH 03756 USA", "US"),
        ("Amer Univ Beirut, Beirut 11072020, Lebanon", "LB"),
        ("New Jersey City Univ, Jersey City, NJ 07305 USA", "US"),
        ("Durrell Wildlife Conservat Trust, Trinity, Jersey", "JE"),
        ("Jordan Valley Inst, Jordan, MN USA", "US"),
        ("Univ Jordan, Amman 11942, Jordan", "JO"),
        ("Cuba Mem Hosp, Cuba, NY 14727 USA", "US"),
        ("Univ Havana, Havana, Cuba", "CU"),
        ("Moscow State Univ, Moscow, Russia", "RU"),
        ("Univ Idaho, Moscow, ID 83844 USA", "US"),
    ],
)
def test_a_town_in_the_us_is_not_its_namesake(address: str, code: str) -> None:
    assert _code(address) == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("Univ Puerto Rico, Dept Comp Sci, Bayamon, PR 00959 USA", "PR"),
        ("Univ Puerto Rico, Rio Piedras, Puerto Rico", "PR"),
        ("Univ Guam, Marine Lab, Mangilao, GU 96923 USA", "GU"),
        ("Univ Virgin Isl, St Thomas, VI 00802 USA", "VI"),
        ("Univ Hawaii Manoa, Honolulu, HI 96822 USA", "US"),
    ],
)
def test_a_us_territory_with_a_code_of_its_own_stays_itself(address: str, code: str) -> None:
    assert _reports_as(address) == code


# China, Taiwan, Hong Kong, Macao


@pytest.mark.parametrize(
    ("address", "source", "code"),
    [
        ("Natl Taiwan Univ, Dept Elect Engn, Taipei, Taiwan", "wos", "TW"),
        ("Natl Taiwan Univ, Dept Elect Engn, Taipei 106, Taiwan.", "wos", "TW"),
        ("National Chung Hsing University, Taichung, Taiwan, ROC", "scopus", "TW"),
        ("National Taiwan University, Taipei, Taiwan", "scopus", "TW"),
        ("Tsinghua Univ, Beijing 100084, Peoples R China", "wos", "CN"),
        ("Tsinghua University, Beijing, P.R. China", "scopus", "CN"),
    ],
)
def test_taiwan_is_not_folded_into_china(address: str, source: Source, code: str) -> None:
    assert _reports_as(address, source) == code


@pytest.mark.parametrize(
    ("address", "source", "code"),
    [
        ("Univ Hong Kong, Hong Kong, Hong Kong", "wos", "HK"),
        ("University of Hong Kong, Pokfulam, Hong Kong", "scopus", "HK"),
        ("Univ Hong Kong, Pokfulam, Hong Kong, Peoples R China", "wos", "CN"),
        ("University of Macau, Macau", "scopus", "MO"),
        ("University of Macau, Taipa, Macao", "scopus", "MO"),
        ("Univ Macau, Taipa, Macau, Peoples R China", "wos", "CN"),
    ],
)
def test_hong_kong_and_macao_are_read_as_themselves_and_report_as_china(
    address: str, source: Source, code: str
) -> None:
    assert _code(address, source) == code
    assert _reports_as(address, source) == "CN"


# The British Isles


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("Queens Univ Belfast, Belfast BT7 1NN, Antrim, North Ireland", "GB"),
        ("Univ Coll Dublin, Dublin 4, Ireland", "IE"),
        ("Univ Oxford, Oxford, England", "GB"),
        ("Univ Edinburgh, Edinburgh EH9 3JL, Midlothian, Scotland.", "GB"),
        ("Cardiff Univ, Cardiff, Wales", "GB"),
        ("Univ New South Wales, Sydney, NSW, Australia", "AU"),
        ("Univ New England, Armidale, NSW 2351, Australia", "AU"),
        ("Isle Man Int Business Sch, Douglas, Isle of Man", "IM"),
    ],
)
def test_north_ireland_is_british_and_ireland_is_not(address: str, code: str) -> None:
    assert _code(address) == code


def test_scopus_writes_the_united_kingdom_after_its_parts() -> None:
    assert _code("Queen's University Belfast, Northern Ireland, United Kingdom", "scopus") == "GB"
    assert _code("Trinity College Dublin, Dublin, Ireland", "scopus") == "IE"


# One country, several names


@pytest.mark.parametrize("source", ["wos", "scopus"])
@pytest.mark.parametrize("name", ["Turkey", "Turkiye", "Türkiye", "TURKIYE."])
def test_turkey_is_found_under_both_its_names(name: str, source: Source) -> None:
    assert _code(f"Bogazici Univ, Istanbul, {name}", source) == "TR"


@pytest.mark.parametrize("source", ["wos", "scopus"])
@pytest.mark.parametrize(
    "name", ["Cote Ivoire", "Cote d'Ivoire", "Côte d’Ivoire", "Côte d´Ivoire", "Ivory Coast", "COTE D IVOIRE"]
)
def test_cote_d_ivoire_is_found_however_it_is_spelt(name: str, source: Source) -> None:
    assert _code(f"Univ Felix Houphouet Boigny, Abidjan, {name}", source) == "CI"


@pytest.mark.parametrize("source", ["wos", "scopus"])
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Czech Republic", "Czechia", "CZ"),
        ("Swaziland", "Eswatini", "SZ"),
        ("Macedonia", "North Macedonia", "MK"),
        ("Cape Verde", "Cabo Verde", "CV"),
        ("Western Samoa", "Samoa", "WS"),
        ("Byelarus", "Belarus", "BY"),
        ("Vietnam", "Viet Nam", "VN"),
        ("Russia", "Russian Federation", "RU"),
        ("Syria", "Syrian Arab Republic", "SY"),
        ("Libyan Arab Jamahiriya", "Libya", "LY"),
        ("Holland", "The Netherlands", "NL"),
    ],
)
def test_a_renamed_country_stays_one_country(old: str, new: str, code: str, source: Source) -> None:
    assert _code(f"Natl Univ, {old}", source) == _code(f"Natl Univ, {new}", source) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("U Arab Emirates", "AE"),
        ("Bosnia & Herceg", "BA"),
        ("Trinid & Tobago", "TT"),
        ("Cent Afr Republ", "CF"),
        ("Antigua & Barbu", "AG"),
        ("St Kitts & Nevi", "KN"),
        ("Sao Tome & Prin", "ST"),
        ("Falkland Island", "FK"),
        ("Marshall Island", "MH"),
        ("Fr Polynesia", "PF"),
        ("Mongol Peo Rep", "MN"),
    ],
)
def test_the_abbreviations_of_web_of_science_are_known(name: str, code: str) -> None:
    assert _code(f"Natl Univ, Capital, {name}") == code


# Namesakes among countries


@pytest.mark.parametrize(
    ("name", "source", "code"),
    [
        ("Dem Rep Congo", "wos", "CD"),
        ("DEM REP CONGO", "wos", "CD"),
        ("Rep Congo", "wos", "CG"),
        ("Democratic Republic Congo", "scopus", "CD"),
        ("Congo", "scopus", "CG"),
        ("South Korea", "wos", "KR"),
        ("North Korea", "wos", "KP"),
        ("South Korea", "scopus", "KR"),
        ("Republic of Korea.", "scopus", "KR"),
        ("North Korea", "scopus", "KP"),
        ("Niger", "wos", "NE"),
        ("Nigeria", "wos", "NG"),
        ("Guinea", "wos", "GN"),
        ("Equat Guinea", "wos", "GQ"),
        ("Guinea Bissau", "wos", "GW"),
        ("Papua N Guinea", "wos", "PG"),
        ("Guinea", "scopus", "GN"),
        ("Equatorial Guinea", "scopus", "GQ"),
        ("Guinea-Bissau", "scopus", "GW"),
        ("Papua New Guinea", "scopus", "PG"),
        ("Dominica", "wos", "DM"),
        ("Dominican Rep", "wos", "DO"),
        ("Dominican Republic", "scopus", "DO"),
        ("Sudan", "wos", "SD"),
        ("South Sudan", "wos", "SS"),
        ("Samoa", "wos", "WS"),
        ("American Samoa", "wos", "AS"),
        ("Mali", "wos", "ML"),
        ("Somalia", "wos", "SO"),
        ("Oman", "wos", "OM"),
        ("Romania", "wos", "RO"),
        ("Austria", "wos", "AT"),
        ("Australia", "wos", "AU"),
        ("Slovakia", "wos", "SK"),
        ("Slovenia", "wos", "SI"),
        ("South Africa", "wos", "ZA"),
        ("Cent Afr Republ", "wos", "CF"),
        ("India", "wos", "IN"),
        ("British Indian Ocean Territory", "wos", "IO"),
        ("Namibia", "wos", "NA"),
        ("Namibia", "scopus", "NA"),
    ],
)
def test_a_name_inside_another_name_is_not_that_country(name: str, source: Source, code: str) -> None:
    assert _code(f"Natl Univ, Capital, {name}", source) == code


def test_namibia_is_counted_as_itself_and_not_as_nothing() -> None:
    assert _reports_as("Univ Namibia, Windhoek, Namibia") == "NA"


# States that are no more


@pytest.mark.parametrize(
    ("name", "code", "reporting"),
    [
        ("USSR", "SU", "RU"),
        ("Ger Dem Rep", "DD", "DE"),
        ("Fed Rep Ger", "DE", "DE"),
        ("Czechoslovakia", "CZ", "CZ"),
        ("Yugoslavia", "YU", "RS"),
        ("Serbia Monteneg", "CS", "RS"),
        ("Zaire", "ZR", "CD"),
        ("Burma", "BU", "MM"),
        ("Upper Volta", "HV", "BF"),
        ("Neth Antilles", "AN", "CW"),
        ("East Timor", "TP", "TL"),
    ],
)
def test_a_former_state_reports_as_its_successor(name: str, code: str, reporting: str) -> None:
    assert _code(f"Acad Sci, Inst Phys, {name}.") == code
    assert _reports_as(f"Acad Sci, Inst Phys, {name}.") == reporting


# What stays unknown


@pytest.mark.parametrize("source", ["wos", "scopus"])
@pytest.mark.parametrize(
    "address",
    [
        "Georgia Inst Technol, Atlanta, GA 30332",
        "Natl Univ, Seoul, Korea",
        "Univ West Indies, West Indies",
        "Univ West Indies, W Ind Assoc St",
        "Natl Univ, Senegambia",
        "Natl Univ, Virgin Islands",
        "Natl Univ, Channel Islands",
        "Natl Univ, St Martin",
        "Natl Univ, Simferopol, Crimea",
        "Univ Dar Es Salaam, Tanzania, United Republic of",
        "Purdue University, West Lafayette, Indiana United States 47906",
        "Nokia Research Center",
        "Univ Pisa, Pisa Italy",
        "Univ X, Frence",
        "",
    ],
)
def test_what_names_no_one_country_stays_unknown(address: str, source: Source) -> None:
    assert _code(address, source) == UNKNOWN


def test_congo_alone_is_not_decided_in_web_of_science() -> None:
    assert _code("Natl Univ, Congo") == UNKNOWN


# The real drops


def test_every_address_of_the_real_web_of_science_drops_has_a_country(real_landing: Path) -> None:
    labels = set()
    for path in sorted((real_landing / "wos-genai-2024").glob("*.txt")):
        field = ""
        for line in path.read_text(encoding="utf-8-sig").split("\n"):
            field = line[:2].strip() or field
            if field == "C1" and line[3:].strip():
                labels.add(country_label(line[3:].rpartition("]")[2]))
    assert len(labels) > 50
    assert {label for label in labels if ("wos", label) not in NAMES} == set()
