"""The real Web of Science drops are read whole; what they hold agrees with counts made by hand."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from assets.file_content import Meter, content_blocks
from assets.records import DeliveredRecord, Record
from assets.text_content import text_lines
from assets.web_of_science import tagged
from assets.web_of_science.addresses import Authors, bracketed, people
from assets.web_of_science.delimited import Rows, header_of, layout_of
from assets.web_of_science.record import Fields
from tests.wos_exports import accepted, read, recognised

DROPS = ("wos-ble-2019", "wos-ble-2023", "wos-genai-2024", "iot-2017-wos")
_HOME_NATIONS = dict.fromkeys(("ENGLAND", "SCOTLAND", "WALES", "NORTH IRELAND"), "UNITED KINGDOM")


@pytest.fixture(scope="module")
def drops(real_landing: Path) -> dict[str, list[DeliveredRecord]]:
    """Every record of each drop; none may be rejected."""
    return {
        name: [item for path in sorted((real_landing / name).iterdir()) for item in accepted(read(path))]
        for name in DROPS
    }


def _countries(record: Record) -> set[str | None]:
    labels = {place.country for place in record.institutions}
    return {_HOME_NATIONS.get(label or "", label) for label in labels}


def _links(record: Record) -> str:
    bases = set(record.author_basis)
    if not record.institutions:
        return "no address"
    if "linked" not in bases:
        return "no link"
    return "partly" if "shared" in bases else "all"


def test_every_record_is_accepted_once(drops: dict[str, list[DeliveredRecord]]) -> None:
    assert {name: len(items) for name, items in drops.items()} == {
        "wos-ble-2019": 1313,
        "wos-ble-2023": 3054,
        "wos-genai-2024": 469,
        "iot-2017-wos": 125,
    }
    for items in drops.values():
        assert len({item.record.work_id for item in items}) == len(items)
        assert all(item.record.publication_year for item in items)
    exported = {name: {item.updated_date for item in items} for name, items in drops.items()}
    assert exported == {
        "wos-ble-2019": {datetime(2019, 3, 21)},
        "wos-ble-2023": {datetime(2023, 6, 19)},
        "wos-genai-2024": {datetime(2024, 5, 31)},
        "iot-2017-wos": {datetime(2017, 11, 27)},
    }


def test_formats_are_recognised(real_landing: Path) -> None:
    found = {name: {recognised(path) for path in (real_landing / name).iterdir()} for name in DROPS}
    assert found == {name: {"wos-tagged" if "genai" in name else "wos-tab"} for name in DROPS}
    assert {recognised(path) for path in (real_landing / "iot-2017-scopus").iterdir()} == {None}


def test_two_pulls_of_one_search_share_1294_works(drops: dict[str, list[DeliveredRecord]]) -> None:
    earlier, later = (
        {item.record.work_id for item in drops[name]} for name in ("wos-ble-2019", "wos-ble-2023")
    )
    assert (len(earlier & later), len(earlier - later)) == (1294, 19)


def test_works_with_two_or_more_countries(drops: dict[str, list[DeliveredRecord]]) -> None:
    found = {name: sum(len(_countries(item.record)) > 1 for item in items) for name, items in drops.items()}
    # Counted by hand, wos-ble-2023 has 564: Puerto Rico, here a country of its own, was part of the USA.
    assert found == {
        "wos-ble-2019": 192,
        "wos-ble-2023": 565,
        "wos-genai-2024": 140,
        "iot-2017-wos": 32,
    }


def test_links_of_authors_to_addresses(drops: dict[str, list[DeliveredRecord]]) -> None:
    found = {name: Counter(_links(item.record) for item in items) for name, items in drops.items()}
    # Counted by hand, 43 works of wos-ble-2023 are partly linked: without the one whose only author without
    # a link is a group.
    assert found == {
        "wos-ble-2019": {"all": 1269, "partly": 22, "no link": 6, "no address": 16},
        "wos-ble-2023": {"all": 2967, "partly": 44, "no link": 6, "no address": 37},
        "wos-genai-2024": {"all": 432, "partly": 8, "no link": 1, "no address": 28},
        "iot-2017-wos": {"all": 121, "partly": 2, "no address": 2},
    }


def test_works_without_authors_are_anonymous_or_name_those_of_the_book(
    drops: dict[str, list[DeliveredRecord]],
) -> None:
    found = {name: sum(not item.record.author_basis for item in items) for name, items in drops.items()}
    assert found == {"wos-ble-2019": 6, "wos-ble-2023": 22, "wos-genai-2024": 5, "iot-2017-wos": 0}


def test_every_name_in_brackets_is_an_authors(real_landing: Path) -> None:
    names = Counter(
        bool(authors.places(name))
        for drop in DROPS
        for path in (real_landing / drop).iterdir()
        for fields in _fields(path)
        for authors in [Authors(people(fields.AF), fields.AU, people(fields.CA))]
        for address in bracketed(fields.C1, authors)
        for name in address.names
    )
    assert names == {True: 21_757}


def _fields(path: Path) -> list[Fields]:
    lines = list(text_lines(content_blocks(path, Meter())))
    layout = layout_of(lines)
    if layout is None:
        found = [tagged.values(record.lines) for record in tagged.record_lines(lines)]
        return [Fields._make(values.get(tag, "") for tag in Fields._fields) for values in found]
    table = [layout.cells(row.text) for row in Rows(layout, lines)]
    header = header_of(table[0])
    assert header is not None
    return [Fields._make(header.pick([*cells[: len(header.tags)], ""])) for cells in table[1:]]
