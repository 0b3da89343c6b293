"""Catalogue files are checked one by one, and the catalogue that comes along keeps its own promises."""

import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.errors import CollaborationError
from assets.technologies.catalogue import Catalogue
from assets.technologies.catalogue_files import CATALOGUE_FOLDER
from assets.technologies.matcher import Matcher

Write = Callable[..., Path]
_ENTRY = {
    "id": '"{stem}"',
    "name": '"Name of {stem}"',
    "category": '"Quantum"',
    "version": "1",
    "query": "'''TS=(alpha OR \"beta gamma\")'''",
    "means": '"What it means."',
    "does_not_mean": '"What it does not."',
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a good file, with some keys replaced (TOML text) or left out (None)."""

    def write_file(stem: str, **changes: str | None) -> Path:
        entry = {key: value for key, value in (_ENTRY | changes).items() if value is not None}
        path = tmp_path / f"{stem}.toml"
        path.write_text("\n".join(f"{key} = {value.replace('{stem}', stem)}" for key, value in entry.items()))
        return path

    return write_file


def _message(folder: Path) -> str:
    with pytest.raises(CollaborationError) as caught:
        Catalogue.load(folder)
    return str(caught.value)


def test_a_file_gives_a_technology(write: Write, tmp_path: Path) -> None:
    write("a-1", topics='["T10"]', should_match='["Alpha"]', should_not_match='["Gamma"]')
    (technology,) = Catalogue.load(tmp_path).technologies
    assert (technology.id, technology.name, technology.category) == ("a-1", "Name of a-1", "Quantum")
    assert (technology.topics, technology.should_match) == (("T10",), ("Alpha",))
    assert str(technology.expression) == '(TS="alpha" OR TS="beta gamma")'


def test_technologies_come_in_the_order_of_their_ids(write: Write, tmp_path: Path) -> None:
    for stem in ("b", "a", "c"):
        write(stem)
    assert [one.id for one in Catalogue.load(tmp_path).technologies] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": '"other"'}, "its id is 'other'"),
        ({"querry": '"x"'}, "unknown field `querry`"),
        ({"query": None}, "neither a query nor topics"),
        ({"name": None}, "required field `name`"),
        ({"means": '""'}, "length >= 1"),
        ({"version": "0"}, "`int` >= 1"),
        ({"topics": '["10"]'}, "matching regex"),
        ({"query": '"TS=(alpha"'}, "character 4 of the query: line 1, column 4"),
        ({"query": '"unclosed'}, "mend the file"),
    ],
)
def test_a_bad_file_is_named_with_its_fault(
    write: Write, tmp_path: Path, changes: dict[str, str | None], words: str
) -> None:
    write("a", **changes)
    message = _message(tmp_path)
    assert "1 of 1 technologies" in message
    assert re.search(rf"^a\.toml: .*{re.escape(words)}", message, re.MULTILINE)


@pytest.mark.parametrize("stem", ["Alpha", "a--b", "a_b", "all", "critical"])
def test_an_id_that_cannot_be_one_is_refused(write: Write, tmp_path: Path, stem: str) -> None:
    write(stem)
    assert f"the id {stem!r}" in _message(tmp_path)


def test_a_copied_file_is_refused_for_its_id_and_a_name_given_twice_for_itself(
    write: Write, tmp_path: Path
) -> None:
    write("a")
    write("a copy", id='"a"')
    write("b", name='"name of A"')
    message = _message(tmp_path)
    assert "a copy.toml: its id is 'a': id and file name must be the same" in message
    assert "b.toml: the name 'name of A' is that of a, too" in message


def test_all_bad_files_are_named_at_once_and_the_rest_goes_on_only_if_asked(
    write: Write, tmp_path: Path
) -> None:
    bad = ["(a", 'a OR \\"\\"', "a OR *", "a NEAR/2 (b AND c)", "x OR " * 10_000 + "y", "abc*def*ghi"]
    for number, query in enumerate(bad):
        write(f"bad-{number}", query=f'"{query}"')
    write("good")
    message = _message(tmp_path)
    assert "6 of 7 technologies" in message
    assert all(message.count(f"bad-{number}.toml: ") == 1 for number in range(6))
    catalogue = Catalogue.load(tmp_path, skip_bad=True)
    assert [one.id for one in catalogue.technologies] == ["good"]
    assert [problem.partition(":")[0] for problem in catalogue.problems] == [
        f"bad-{number}.toml" for number in range(6)
    ]


def test_a_folder_without_usable_files_is_no_catalogue(write: Write, tmp_path: Path) -> None:
    assert "it has no *.toml file" in _message(tmp_path)
    write("a", query='"*"')
    with pytest.raises(CollaborationError, match=r"none of its files can be used\na\.toml: the wildcard"):
        Catalogue.load(tmp_path, skip_bad=True)


def test_a_byte_order_mark_is_no_part_of_the_file(write: Write, tmp_path: Path) -> None:
    path = write("a")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert Catalogue.load(tmp_path).technologies[0].id == "a"


def test_a_technology_by_topics_alone_needs_no_query(write: Write, tmp_path: Path) -> None:
    write("a", query=None, topics='["T1"]')
    (technology,) = Catalogue.load(tmp_path).technologies
    assert technology.expression is None
    assert [match.how for match in Matcher([technology]).matches("alpha", None, [], ["T1"])] == ["topic"]


def _digest(write: Write, folder: Path, **changes: str | None) -> str:
    write("a", **changes)
    return Catalogue.load(folder).technologies[0].digest


@pytest.mark.parametrize(
    "changes",
    [
        {"query": "'''  \"Beta-Gamma\"\n OR alpha OR alpha'''"},
        {"version": "2"},
        {"name": '"Other"'},
        {"should_match": '["Alpha"]'},
        {"topics": "[]"},
    ],
)
def test_what_cannot_change_a_match_leaves_the_digest(
    write: Write, tmp_path: Path, changes: dict[str, str | None]
) -> None:
    assert _digest(write, tmp_path, **changes) == _digest(write, tmp_path)


def test_every_other_meaning_has_another_digest(write: Write, tmp_path: Path) -> None:
    queries = ["alpha", "alpha beta", '"alpha beta"', "alpha NEAR/1 beta", "alpha NEAR/2 beta", "TI=alpha"]
    digests = [_digest(write, tmp_path, query=f"'{query}'") for query in queries]
    digests += [_digest(write, tmp_path, query="'alpha'", topics=topics) for topics in ('["T1"]', '["T2"]')]
    assert len(set(digests)) == 8


def test_a_technology_goes_to_another_process(write: Write, tmp_path: Path) -> None:
    write("a")
    catalogue = Catalogue.load(tmp_path)
    assert pickle.loads(pickle.dumps(catalogue)) == catalogue


@pytest.fixture(scope="module")
def own() -> Catalogue:
    """The catalogue that comes with the project."""
    if not CATALOGUE_FOLDER.is_dir():
        pytest.skip("the catalogue has no files yet")
    return Catalogue.load()


def test_the_catalogue_s_own_examples_hold(own: Catalogue) -> None:
    matcher = Matcher(own.technologies)
    wrong: list[str] = []
    for technology in own.technologies:
        for expected, titles in ((True, technology.should_match), (False, technology.should_not_match)):
            for title in titles:
                found = any(match.technology == technology.id for match in matcher.matches(title, None))
                if found != expected:
                    wrong.append(f"{technology.id} {'misses' if expected else 'matches'} {title!r}")
    assert wrong == []
