"""Pulls from the API in a process that is killed, and what the next run makes of what they left."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assets.pull.api_request import ApiSearch
from assets.pull.technology_searches import Wanted
from tests.api_server import KEY, running
from tests.api_workplace import SINGLE, THIRD, WORKS, Workplace, made_up_works

# A pull in a process of its own, which kills itself where it is told to.
PROCESS = """
import json, os, signal, sys
from datetime import date
from pathlib import Path
from assets.pull import api, api_drop
from assets.pull.api_request import ApiRequest, ApiSearch

address, landing, state, point, filters = sys.argv[1:]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def with_death(call, *, after):
    def wrapped(*arguments, **more):
        if not after:
            die()
        call(*arguments, **more)
        die()
    return wrapped

def remove_some(folder):
    next(Path(folder).rglob("page-*")).unlink()
    die()

landing_of = api_drop.Landing
if point in ("before noting", "after noting"):
    landing_of._note = with_death(landing_of._note, after=point == "after noting")
if point == "after renaming":
    Path.rename = with_death(Path.rename, after=True)
if point == "while tidying":
    api_drop.shutil.rmtree = remove_some
api.pull_api(
    ApiRequest(tuple(map(ApiSearch, json.loads(filters))), api_key=os.environ["KEY"], base_url=address),
    Path(landing), Path(state), lambda _: None, lambda _: None, today=lambda: date(2026, 5, 4),
)
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with running(made_up_works()) as server:
        yield Workplace(server, tmp_path / "landing", tmp_path / "state")


def start(
    place: Workplace, point: str = "", filters: Sequence[str] = ("publication_year:2019",)
) -> subprocess.Popen[bytes]:
    arguments = [place.server.address, str(place.landing), str(place.state), point, json.dumps(filters)]
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, *arguments],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"KEY": KEY},
    )


def test_a_killed_pull_is_gone_on_with_as_if_nothing_had_happened(place: Workplace, tmp_path: Path) -> None:
    place.pull()
    undisturbed = place.contents()

    place.landing = tmp_path / "other"
    for wait_for in (THIRD, SINGLE - 2):
        place.server.hold_at = len(place.server.requests) + wait_for
        with start(place) as process:
            assert place.server.held.wait(30)
            process.send_signal(signal.SIGKILL)
        place.server.release.set()
        assert process.returncode == -signal.SIGKILL
        assert all(path.name.startswith(".") for path in place.landing.iterdir())
        place.server.held.clear()
        place.server.release.clear()
    place.server.hold_at = None

    asked = len(place.server.requests)
    place.pull()
    assert place.server.asked[asked:] == ["W150"]
    assert place.contents() == undisturbed
    assert place.left_behind == []


def test_killed_searches_are_gone_on_with_where_they_were(place: Workplace, tmp_path: Path) -> None:
    filters = ("publication_year:2019", "title_and_abstract.search.exact:( coupling)", "topics.id:T12965")
    request = place.request_for(Wanted(tuple(map(ApiSearch, filters))))
    place.pull(request)
    undisturbed = place.contents()

    place.landing = tmp_path / "other"
    # While works are counted, at the second page of the first search, of the second, and at the single work.
    for wait_for in (2, 3 + 2, 1 + 3 + 2, 1 + 3 + 4 + 1):
        place.server.hold_at = len(place.server.requests) + wait_for
        with start(place, filters=filters) as process:
            assert place.server.held.wait(30)
            process.send_signal(signal.SIGKILL)
        place.server.release.set()
        assert process.returncode == -signal.SIGKILL
        place.server.held.clear()
        place.server.release.clear()
    place.server.hold_at = None

    asked = len(place.server.requests)
    pull = place.pull(request)
    assert place.server.asked[asked:] == ["W150"]
    assert place.contents() == undisturbed
    assert (pull.tally.works, pull.tally.delivered) == (WORKS, 3 * WORKS)
    assert place.left_behind == []


@pytest.mark.parametrize("point", ["before noting", "after noting", "after renaming", "while tidying"])
def test_a_pull_killed_while_it_lands_is_landed_once(place: Workplace, tmp_path: Path, point: str) -> None:
    place.pull()
    undisturbed = place.contents()

    place.landing = tmp_path / "other"
    with start(place, point) as process:
        process.wait()
    assert process.returncode == -signal.SIGKILL
    asked = len(place.server.requests)
    assert place.pull().tally.works == WORKS
    assert len(place.server.requests) == asked
    assert place.contents() == undisturbed
    assert place.left_behind == []


def test_a_name_taken_before_the_drop_is_in_place_is_left_alone(place: Workplace) -> None:
    with start(place, "after noting") as process:
        process.wait()
    (record,) = place.state.iterdir()
    taken = place.landing / json.loads(record.read_bytes())["name"]
    taken.mkdir()
    pull = place.pull()
    assert pull.drop == taken.with_name(f"{taken.name}-2")
    assert list(taken.iterdir()) == []
