"""What of an OpenAlex work becomes a record, in every vintage and however it is delivered."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.openalex.work import abstract_text, works
from assets.quarantine import Rejected
from assets.records import DeliveredRecord, Institution, content_hash, normalised_doi
from tests.delivered_works import (
    Json,
    as_gzip,
    author,
    institution,
    lines,
    read,
    read_content,
    work,
    write_parquet,
)


def _outcome(fields: Any) -> DeliveredRecord | Rejected:
    (outcome,) = works([(1, json.dumps(fields).encode())])
    return outcome


def _delivered(**changes: Any) -> DeliveredRecord:
    outcome = _outcome(work(**changes))
    assert isinstance(outcome, DeliveredRecord), outcome
    return outcome


def _rejected(fields: Any) -> Rejected:
    outcome = _outcome(fields)
    assert isinstance(outcome, Rejected), outcome
    return outcome


def test_a_work_becomes_a_record() -> None:
    delivered = _delivered()
    record = delivered.record
    assert record.source == "openalex"
    assert record.work_id == "W1"
    assert record.doi == "10.1234/work.1"
    assert record.abstract == "We couple what We decouple"
    assert record.publication_year == 2019
    assert record.document_types == ["article"]
    assert record.keywords == ["Coupling"]
    assert record.topics == ["T12965"]
    assert record.institutions == [Institution("I11", "Monash University", "AU")]
    assert record.author_countries == [["AU"], ["US"], []]
    assert record.author_basis == ["institution", "string", "none"]
    assert record.author_institutions == [[0], [], []]
    assert delivered.updated_date == datetime(2025, 11, 6, 11, 47, 29, 123456)


def test_a_work_of_2023_has_other_fields() -> None:
    old_author = {
        "author": {"id": None},
        "institutions": [institution(11, "Monash University", None)],
        "raw_affiliation_string": "Monash University, Melbourne, Australia",
    }
    record = _delivered(
        authorships=[old_author, {"institutions": None}, {}],
        keywords=[{"keyword": "coupling", "score": 0.5}],
        type="journal-article",
        is_paratext=None,
        is_xpac=...,
        topics=...,
        concepts=[{"score": "0.5"}],
    ).record
    assert record.author_basis == ["none", "none", "none"]
    assert record.author_countries == [[], [], []]
    assert record.institutions == [Institution("I11", "Monash University", None)]
    assert record.author_institutions == [[0], [], []]
    assert record.keywords == ["coupling"]
    assert record.document_types == ["journal-article"]
    assert (record.is_paratext, record.is_xpac, record.topics) == (False, False, [])


def test_countries_come_from_institutions_before_the_country_field() -> None:
    record = _delivered(
        authorships=[
            author(
                institution(2, "B", "us"),
                institution(1, "A", " CN "),
                institution(3, "C", "US"),
                countries=["DE"],
            ),
            author(institution(4, "D", None), institution(5, "E", ""), countries=["fr", "", "DE"]),
        ]
    ).record
    assert record.author_countries == [["CN", "US"], ["DE", "FR"]]
    assert record.author_basis == ["institution", "string"]


def test_codes_are_neither_folded_nor_validated() -> None:
    record = _delivered(authorships=[author(institution(1, "A", "HK"), institution(2, "B", "XX"))])
    assert record.record.author_countries == [["HK", "XX"]]


def test_authors_keep_their_order_and_repetitions() -> None:
    first, second = institution(1, "A", "AU"), institution(2, "B", "NZ")
    record = _delivered(authorships=[author(second, first, second), author(first), author(first)])
    assert record.record.author_institutions == [[0, 1], [1], [1]]
    assert record.record.author_countries == [["AU", "NZ"], ["AU"], ["AU"]]
    assert [found.id for found in record.record.institutions] == ["I2", "I1"]


@pytest.mark.parametrize("authors", [None, []])
def test_a_work_without_authors_is_a_record(authors: list[Json] | None) -> None:
    assert _delivered(authorships=authors).record.author_basis == []


def test_an_author_list_of_5000_is_read_whole() -> None:
    many = [author(institution(n, f"I {n}", "AU" if n % 2 else "NZ")) for n in range(5000)]
    record = _delivered(authorships=many).record
    assert len(record.author_countries) == len(record.institutions) == 5000
    assert record.author_institutions[-1] == [4999]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": None}, "Coupling of systems 1"),
        ({"title": ...}, "Coupling of systems 1"),
        ({"title": None, "display_name": None}, None),
        ({"title": "", "display_name": ""}, None),
        ({"title": "a\u2028b\u0000c\td"}, "a\u2028b\u0000c\td"),
    ],
)
def test_the_title_or_the_display_name_is_the_title(changes: Json, expected: str | None) -> None:
    assert _delivered(**changes).record.title == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"abstract_inverted_index": None}, None),
        ({"abstract_inverted_index": {}}, None),
        ({"abstract_inverted_index": {"a": []}}, None),
        ({"abstract_inverted_index": None, "abstract": "Plain text."}, "Plain text."),
        ({"abstract_inverted_index": ..., "abstract": ""}, None),
        ({"abstract": "Plain text."}, "We couple what We decouple"),
        ({"abstract_inverted_index": '{"b": [1], "a": [0]}'}, "a b"),
        ({"abstract_inverted_index": " "}, None),
        ({"abstract_inverted_index": "null"}, None),
        ({"abstract_inverted_index": {"IndexLength": 2, "InvertedIndex": {"a": [0, 1]}}}, "a a"),
        (
            {"abstract_inverted_index": '{"IndexLength":2,"InvertedIndex":{"b":[1],"a":[0]}}'},
            "a b",
        ),
        (
            {"abstract_inverted_index": {"InvertedIndex": [0], "IndexLength": [1]}},
            "InvertedIndex IndexLength",
        ),
    ],
)
def test_the_abstract_is_rebuilt_from_any_form(changes: Json, expected: str | None) -> None:
    assert _delivered(**changes).record.abstract == expected


@given(st.lists(st.text('ab\u2028"', max_size=3), max_size=30), st.randoms())
def test_an_abstract_does_not_depend_on_the_order_of_its_words(words: list[str], random: Any) -> None:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    shuffled = list(places.items())
    random.shuffle(shuffled)
    assert abstract_text({**dict(shuffled)}) == (" ".join(words) or None)


def test_an_abstract_with_gaps_and_shared_positions_keeps_all_words() -> None:
    assert abstract_text({"far": [10**12], "b": [3], "a": [3], "first": [1]}) == "first a b far"


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2023-03-16T18:30:28.896423", datetime(2023, 3, 16, 18, 30, 28, 896423)),
        ("2025-09-01", datetime(2025, 9, 1)),
        ("2025-09-01T10:00:00Z", datetime(2025, 9, 1, 10)),
        ("2025-09-01T10:00:00+02:00", datetime(2025, 9, 1, 8)),
        ("", None),
        (None, None),
        (..., None),
    ],
)
def test_the_date_of_a_record_is_read_in_every_form(date: Any, expected: datetime | None) -> None:
    assert _delivered(updated_date=date).updated_date == expected


@pytest.mark.parametrize("year", [0, 2202, -1, None, 2**31 - 1])
def test_any_year_is_a_record(year: int | None) -> None:
    assert _delivered(publication_year=year).record.publication_year == year


@pytest.mark.parametrize("short", ["W1", "https://openalex.org/W1", "http://openalex.org/W1"])
def test_an_id_may_be_short_or_full(short: str) -> None:
    assert _delivered(id=short).record.work_id == "W1"


@pytest.mark.parametrize(
    ("doi", "expected"),
    [
        ("https://doi.org/10.1/AbC", "10.1/abc"),
        (" HTTP://DX.DOI.ORG/10.1/a ", "10.1/a"),
        ("doi: 10.1/a", "10.1/a"),
        ("doi.org/10.1/a", "10.1/a"),
        ("DOI 10.1/a", "10.1/a"),
        ("doi  10.1/a.", "10.1/a"),
        ("10.1/a.b; ", "10.1/a.b"),
        ("https://doi.org/10.1/a .,", "10.1/a"),
        ("DOI", "doi"),
        (" ;", None),
        ("10.1/doi.org/a", "10.1/doi.org/a"),
        ("https://doi.org/", None),
        (" ", None),
        (None, None),
    ],
)
def test_a_doi_is_normalised(doi: str | None, expected: str | None) -> None:
    assert normalised_doi(doi) == expected


@pytest.mark.parametrize(
    ("fields", "reason", "detail"),
    [
        (work(id=...), "missing_id", "it has no field `id`"),
        (work(id=None), "missing_id", "its `id` is null"),
        (work(id="10.1/a"), "missing_id", "its `id` is not one of an OpenAlex work: '10.1/a'"),
        (work(id="W\u0663"), "missing_id", "its `id` is not one of an OpenAlex work: 'W\u0663'"),
        (work(publication_year=...), "missing_year", "it has no field `publication_year`"),
        (work(authorships=...), "missing_authors", "it has no field `authorships`"),
        (work(id=1), "wrong_type", "Expected `str | null`, got `int` - at `$.id`"),
        (
            work(publication_year="2019"),
            "wrong_type",
            "Expected `int | null`, got `str` - at `$.publication_year`",
        ),
        (
            work(publication_year=2**31),
            "wrong_type",
            "Expected `int` <= 2147483647 - at `$.publication_year`",
        ),
        (
            work(authorships=[author(institution(1, "A", 5))]),  # type: ignore[arg-type]
            "wrong_type",
            "Expected `str | null`, got `int` - at `$.authorships[0].institutions[0].country_code`",
        ),
        (work(is_retracted="no"), "wrong_type", "Expected `bool | null`, got `str` - at `$.is_ret"),
        (work(updated_date="soon"), "wrong_type", "Expected an ISO 8601 date, got 'soon' - at `$."),
        (
            work(abstract_inverted_index={"a": 5}),
            "wrong_type",
            "Expected `array` of positions for the word 'a' - at `$.abstract_inverted_index`",
        ),
        (work(abstract_inverted_index="[1]"), "wrong_type", "The text is no index of words: "),
        ([1], "not_a_work", "Expected `object`, got `array`"),
        (3, "not_a_work", "Expected `object`, got `int`"),
        ({"a": 1}, "not_a_work", "an object with none of the fields of a work"),
        (
            {"id": "https://openalex.org/A5023", "works_count": 1, "topics": []},
            "not_a_work",
            "the id of an OpenAlex work begins with W, this is A5023",
        ),
    ],
)
def test_what_is_no_work_is_rejected_with_its_reason(fields: Any, reason: str, detail: str) -> None:
    rejected = _rejected(fields)
    assert rejected.reason == reason
    assert rejected.detail.startswith(detail)
    assert json.loads(rejected.raw) == fields


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id": "https://openalex.org/W1", "publ',
        b"not json",
        b'{"title": "\xff"}',
        b'{"title": "raw \x01 control"}',
        b'{"title": NaN}',
        b'{"x": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_json_is_rejected_as_such(raw: bytes) -> None:
    (rejected,) = works([(4, raw)])
    assert isinstance(rejected, Rejected)
    assert (rejected.position, rejected.reason, rejected.raw) == (4, "invalid_json", raw)


def test_the_content_hash_is_of_content_alone() -> None:
    base = content_hash(_delivered().record)
    same = work(updated_date="2026-01-01", referenced_works=[], new_key={"a": 1})
    (outcome,) = works([(77, json.dumps(dict(reversed(same.items()))).encode())])
    assert isinstance(outcome, DeliveredRecord)
    assert content_hash(outcome.record) == base
    others: list[Json] = [
        {"title": "Another"},
        {"publication_year": 2018},
        {"publication_year": None},
        {"is_retracted": True},
        {"is_xpac": True},
        {"cited_by_count": 8},
        {"authorships": work()["authorships"][::-1]},
        {"authorships": work()["authorships"][:2]},
        {"abstract_inverted_index": None},
        {"topics": []},
        {"keywords": []},
        {"doi": None},
        {"type": "review"},
    ]
    hashes = {content_hash(_delivered(**changes).record) for changes in others}
    assert len(hashes - {base}) == len(others)
    assert all(-(2**63) <= value < 2**63 for value in hashes)


def _varied_works() -> list[Json]:
    return [
        work(1),
        work(2, abstract_inverted_index=None, doi=None, publication_year=None, title=None),
        work(3, authorships=[], keywords=[], topics=[], updated_date=None, cited_by_count=None),
        work(4, title='Control \u0000\u0001, line \u2028 and "quotes"', publication_year=0),
        work(5, authorships=None, type=None, is_paratext=None, display_name=None),
        work(6, authorships=[author(institution(n, "Ünï", "xx")) for n in range(300)]),
    ]


_PACKED: dict[str, bytes] = {
    "works.jsonl": lines(_varied_works()),
    "blank lines and no last end": b"\n \r\n" + lines(_varied_works()).rstrip(b"\n"),
    "carriage returns": lines(_varied_works()).replace(b"\n", b"\r\n"),
    "a byte order mark": b"\xef\xbb\xbf" + lines(_varied_works()),
    "part_000.gz": as_gzip(lines(_varied_works())),
    "gzip in two members": as_gzip(lines(_varied_works()[:2])) + as_gzip(lines(_varied_works()[2:])),
    "gzip padded": as_gzip(lines(_varied_works())) + b"\0" * 512,
    "array": json.dumps(_varied_works()).encode(),
    "array with indents": json.dumps(_varied_works(), indent=2, ensure_ascii=False).encode(),
    "array.gz": as_gzip(json.dumps(_varied_works()).encode()),
    "page": json.dumps({"meta": {"count": 6}, "results": _varied_works(), "group_by": []}).encode(),
    "page.gz": as_gzip(json.dumps({"results": _varied_works(), "meta": {}}).encode()),
    "pages, one a line": lines({"meta": {}, "results": _varied_works()[at : at + 2]} for at in (0, 2, 4)),
}


@pytest.fixture(scope="module")
def expected_rows(tmp_path_factory: pytest.TempPathFactory) -> list[Json]:
    root = tmp_path_factory.mktemp("expected") / "drop"
    return _bare(read_content(root, lines(_varied_works())).rows)


def _bare(rows: list[Json]) -> list[Json]:
    dropped = {"file", "position"}
    bare = [{name: row[name] for name in row if name not in dropped} for row in rows]
    return sorted(bare, key=lambda row: str(row["work_id"]))


@pytest.mark.parametrize("packed", _PACKED)
def test_the_same_records_give_the_same_rows_in_every_json_format(
    tmp_path: Path, packed: str, expected_rows: list[Json]
) -> None:
    reading = read_content(tmp_path / "drop", _PACKED[packed], listed=6)
    assert reading.reasons == {}
    assert reading.summary.warnings == ()
    assert _bare(reading.rows) == expected_rows


@pytest.mark.parametrize("index", ["struct", "map", "string"])
def test_the_same_records_give_the_same_rows_from_parquet(
    tmp_path: Path, index: str, expected_rows: list[Json]
) -> None:
    root = tmp_path / "drop"
    root.mkdir()
    write_parquet(root / "part_0000.parquet", _varied_works(), index)
    reading = read(root)
    assert reading.reasons == {}
    assert _bare(reading.rows) == expected_rows
    assert [row["position"] for row in reading.rows] == [1, 2, 3, 4, 5, 6]
