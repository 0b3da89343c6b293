"""The seeds hold every code they must, and each folds to a country that reports as itself."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.derive import load_drop

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"

_ALPHA_2 = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
OFFICIAL = frozenset(_ALPHA_2.split())
"""ISO 3166-1 alpha-2, all 249 codes officially assigned."""


def _rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def countries() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in _rows("countries")}


def test_every_official_code_is_there_once(countries: dict[str, dict[str, str]]) -> None:
    assert len(OFFICIAL) == 249
    assert countries.keys() >= OFFICIAL
    assert len(_rows("countries")) == len(countries)


def test_every_code_folds_to_one_that_reports_as_itself(
    countries: dict[str, dict[str, str]],
) -> None:
    targets = {row["reporting_code"] for row in countries.values()}
    assert targets <= OFFICIAL | {"XK"}
    assert all(countries[code]["reporting_code"] == code for code in targets)


def test_of_the_official_codes_only_hong_kong_and_macao_fold(
    countries: dict[str, dict[str, str]],
) -> None:
    folding = {code: countries[code]["reporting_code"] for code in OFFICIAL}
    assert {code: to for code, to in folding.items() if code != to} == {"HK": "CN", "MO": "CN"}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("NA", "Namibia"),
        ("XK", "Kosovo"),
        ("TW", "Taiwan"),
        ("PR", "Puerto Rico"),
        ("GE", "Georgia"),
        ("CD", "DR Congo"),
        ("CG", "Congo Republic"),
        ("KP", "North Korea"),
        ("KR", "South Korea"),
        ("NE", "Niger"),
        ("NG", "Nigeria"),
        ("GN", "Guinea"),
        ("GQ", "Equatorial Guinea"),
        ("GW", "Guinea-Bissau"),
        ("PG", "Papua New Guinea"),
    ],
)
def test_names_that_are_easily_confused_have_their_own_code(
    countries: dict[str, dict[str, str]], code: str, name: str
) -> None:
    assert countries[code]["name"] == name
    assert countries[code]["reporting_code"] == code


@pytest.mark.parametrize(
    ("code", "reporting"),
    [
        *(("UK", "GB"), ("EL", "GR"), ("SU", "RU"), ("YU", "RS"), ("CS", "RS"), ("DD", "DE")),
        *(("AN", "CW"), ("ZR", "CD"), ("BU", "MM"), ("TP", "TL"), ("FX", "FR")),
    ],
)
def test_a_code_out_of_use_maps_to_its_successor_and_says_why(
    countries: dict[str, dict[str, str]], code: str, reporting: str
) -> None:
    assert countries[code]["reporting_code"] == reporting
    assert countries[code]["note"]


def test_a_row_that_folds_or_is_not_official_says_why(
    countries: dict[str, dict[str, str]],
) -> None:
    unusual = {
        code for code, row in countries.items() if row["reporting_code"] != code or code not in OFFICIAL
    }
    assert len(unusual) > 2
    assert all(countries[code]["note"] for code in unusual)


@pytest.mark.parametrize("code", ["ZZ", "XX", "EU", "UN", "NT", "PC", ""])
def test_a_code_without_one_country_behind_it_is_left_out(
    countries: dict[str, dict[str, str]], code: str
) -> None:
    assert code not in countries


def test_the_columns_are_well_formed(countries: dict[str, dict[str, str]]) -> None:
    alpha3 = [row["iso3"] for row in countries.values() if row["iso3"]]
    names = [row["name"] for code, row in countries.items() if code in OFFICIAL]
    assert all(re.fullmatch("[A-Z]{2}", code) for code in countries)
    assert all(re.fullmatch("[A-Z]{3}", code) for code in alpha3)
    assert all(countries[code]["iso3"] for code in OFFICIAL)
    assert len(set(alpha3)) == len(alpha3)
    assert len(set(names)) == len(names)
    assert all(value == value.strip() for row in countries.values() for value in row.values())


def test_document_types_map_to_the_three_types_in_scope() -> None:
    rows = _rows("document_types")
    mapped = {(row["source"], row["document_type"]): row["scope_type"] for row in rows}
    assert len(mapped) == len(rows)
    assert set(mapped.values()) == {"article", "review", "conference paper"}
    assert mapped["openalex", "journal-article"] == mapped["openalex", "article"] == "article"
    assert mapped["openalex", "review"] == "review"
    assert mapped["openalex", "proceedings-article"] == "conference paper"
    assert mapped["openalex", "conference-paper"] == "conference paper"


@pytest.mark.parametrize("name", ["preprint", "letter", "posted-content", "editorial", "paratext"])
def test_other_document_types_are_not_mapped(name: str) -> None:
    assert name not in {row["document_type"] for row in _rows("document_types")}


def _delivered_codes(drop: Path) -> Iterator[str | None]:
    for record in load_drop(drop):
        for author in record["authorships"]:
            yield from author.get("countries", [])
            yield from (each["country_code"] for each in author["institutions"])


@pytest.mark.parametrize("drop", ["openalex-2023-03", "openalex-2025-09"])
def test_every_code_in_the_real_drops_is_known(
    countries: dict[str, dict[str, str]], real_landing: Path, drop: str
) -> None:
    delivered = {code for code in _delivered_codes(real_landing / drop) if code}
    assert len(delivered) > 50
    assert delivered <= countries.keys()
