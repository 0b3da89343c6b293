"""Each stored record is matched once by each query, whatever came first, and from the store alone."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets.build import connect, prepare_build
from assets.errors import CollaborationError
from assets.ingest import ingest, withdraw
from assets.landing import ready_drops
from assets.ledger_facts import StoredMatches
from assets.pipeline import Pipeline
from assets.technologies import catalogue, catalogue_files
from assets.technology_matches import MatchUpdate, unmatched_versions, update_matches
from orchestration.technologies import catalogue_rows
from tests.catalogues import Entries, write_catalogue
from tests.delivered_works import Json, work
from tests.ledgers import deliver
from tests.pipelines import make_pipeline, with_options

QUERIES: Entries = {"radar": ("radar", ()), "sonar": ("sonar", ()), "by-topic": (None, ("T1",))}


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """A pipeline over a small catalogue, with one drop of three works taken in."""
    catalogue = write_catalogue(tmp_path / "catalogue", QUERIES)
    pipeline = with_options(make_pipeline(tmp_path), catalogue=catalogue)
    _land(pipeline, "base", work(1, title="Radar and sonar"), work(2, title="Radar"), work(3, title="Lidar"))
    return pipeline


def _land(pipeline: Pipeline, name: str, *records: Json) -> None:
    deliver(pipeline.landing / name, *records)
    for drop in ready_drops(pipeline):
        ingest(pipeline, drop, lambda _: None)


def _update(pipeline: Pipeline) -> MatchUpdate:
    return update_matches(pipeline, lambda _, __: None)


def _counts(update: MatchUpdate) -> dict[str, dict[str, int]]:
    return {item.version.drop_id: item.summary.matches_by_technology for item in update.versions}


def _stored(pipeline: Pipeline) -> set[tuple[str, str, int]]:
    """Drop version, technology and position of every match that counts."""
    found = set()
    for item in _with_rows(pipeline):
        table = pq.read_table(pipeline.store.matches / item.file)
        found |= {
            (item.drop_version.partition("-")[0], item.technology, row["position"])
            for row in table.to_pylist()
            if row["technology"] == item.technology
        }
    return found


def _with_rows(pipeline: Pipeline) -> list[StoredMatches]:
    return [item for item in pipeline.ledger.matches() if item.file]


def _files(pipeline: Pipeline) -> set[str]:
    return {
        str(path.relative_to(pipeline.store.matches)) for path in pipeline.store.matches.rglob("*.parquet")
    }


def test_a_drop_is_matched_once_by_the_whole_catalogue(pipeline: Pipeline) -> None:
    assert [version.drop_id for version in unmatched_versions(pipeline)] == ["base"]
    assert _counts(_update(pipeline)) == {"base": {"by-topic": 0, "radar": 2, "sonar": 1}}
    assert _stored(pipeline) == {("base", "radar", 1), ("base", "sonar", 1), ("base", "radar", 2)}
    assert unmatched_versions(pipeline) == []
    assert _update(pipeline).versions == ()


def test_a_new_drop_is_matched_alone(pipeline: Pipeline) -> None:
    _update(pipeline)
    _land(pipeline, "later", work(4, title="Sonar"))
    assert [version.drop_id for version in unmatched_versions(pipeline)] == ["later"]
    assert _counts(_update(pipeline)) == {"later": {"by-topic": 0, "radar": 0, "sonar": 1}}


def test_a_changed_query_is_matched_alone_and_without_the_raw_files(pipeline: Pipeline) -> None:
    _update(pipeline)
    before = _files(pipeline)
    shutil.rmtree(pipeline.landing)
    write_catalogue(pipeline.options.catalogue, {**QUERIES, "radar": ("radar OR lidar", ())})
    assert _counts(_update(pipeline)) == {"base": {"radar": 3}}
    assert ("base", "radar", 3) in _stored(pipeline)
    assert before < _files(pipeline)


def test_a_description_asks_for_no_match(pipeline: Pipeline) -> None:
    _update(pipeline)
    path = pipeline.options.catalogue / "radar.toml"
    path.write_text(path.read_text().replace('means = "radar"', 'means = "echoes of radio"'))
    assert _update(pipeline).versions == ()
    assert pipeline.ledger.catalogue().stamp == pipeline.catalogue_stamp()


def test_what_no_technology_needs_any_more_is_removed(pipeline: Pipeline) -> None:
    _update(pipeline)
    write_catalogue(pipeline.options.catalogue, {"radar": ("radars", ()), "sonar": ("sonars", ())})
    update = _update(pipeline)
    assert _counts(update) == {"base": {"radar": 0, "sonar": 0}}
    assert {item.technology for item in pipeline.ledger.matches()} == {"radar", "sonar"}
    assert _files(pipeline) == {item.file for item in _with_rows(pipeline)}


def test_a_technology_that_comes_back_is_matched_again(pipeline: Pipeline) -> None:
    _update(pipeline)
    write_catalogue(pipeline.options.catalogue, {"sonar": ("sonar", ())})
    _update(pipeline)
    write_catalogue(pipeline.options.catalogue, QUERIES)
    assert _counts(_update(pipeline)) == {"base": {"by-topic": 0, "radar": 2}}


def test_the_records_of_all_technologies_are_known_once_each_drop_is_matched(pipeline: Pipeline) -> None:
    _land(pipeline, "later", work(4, title="Sonar"))
    assert _update(pipeline).records == {"by-topic": 0, "radar": 2, "sonar": 2}
    withdraw(pipeline, "base")
    assert _update(pipeline).records == {"by-topic": 0, "radar": 0, "sonar": 1}


def test_the_catalogue_is_listed_with_what_is_not_known_yet(pipeline: Pipeline) -> None:
    _update(pipeline)
    write_catalogue(pipeline.options.catalogue, {**QUERIES, "radar": ("radar OR lidar", ())})
    found = {technology: records for technology, _, records in catalogue_rows(pipeline)}
    assert found == {"by-topic": "0", "radar": "not matched yet", "sonar": "1"}
    # One drop of two, matched by the query of before, says nothing about all.
    _update(pipeline)
    _land(pipeline, "later", work(4, title="Sonar"))
    assert {records for _, _, records in catalogue_rows(pipeline)} == {"not matched yet"}


def test_a_title_that_matches_alone_is_stored_and_counts_for_nothing(pipeline: Pipeline) -> None:
    write_catalogue(pipeline.options.catalogue, {"lidar": ('TI=lidar NOT AB="coupled"', ())})
    _land(pipeline, "later", work(4, title="Lidar", abstract_inverted_index={"Coupled": [0]}))
    update = _update(pipeline)
    assert _counts(update)["later"] == {"lidar": 0}
    assert ("later", "lidar", 1) in _stored(pipeline)
    assert update.records == {"lidar": 1}
    prepare_build(pipeline)
    with connect(pipeline.store.build_file) as connection:
        loaded = connection.execute("select drop_version from control.match_files").fetchall()
    assert {version.partition("-")[0] for (version,) in loaded} == {"base", "later"}


def test_matches_without_any_row_leave_no_file(pipeline: Pipeline) -> None:
    write_catalogue(pipeline.options.catalogue, {"sonar": ("ultrasound", ())})
    assert _counts(_update(pipeline)) == {"base": {"sonar": 0}}
    assert _files(pipeline) == set()
    assert _update(pipeline).versions == ()


def test_a_matcher_that_says_more_matches_every_drop_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (catalogue, catalogue_files):
        monkeypatch.setattr(module, "MATCHER_VERSION", 1)
    _update(pipeline)
    before = _files(pipeline)
    monkeypatch.undo()
    assert pipeline.ledger.catalogue().stamp != pipeline.catalogue_stamp()
    assert _counts(_update(pipeline)) == {"base": {"by-topic": 0, "radar": 2, "sonar": 1}}
    assert len(_files(pipeline) - before) == 1
    assert not _files(pipeline) & before


def test_a_withdrawn_drop_is_not_matched(pipeline: Pipeline) -> None:
    withdraw(pipeline, "base")
    assert _update(pipeline).versions == ()
    assert unmatched_versions(pipeline) == []


def test_a_bad_query_stops_all_and_says_how_to_go_on(pipeline: Pipeline) -> None:
    write_catalogue(pipeline.options.catalogue, {**QUERIES, "bad": ("(radar", ())})
    with pytest.raises(CollaborationError) as refusal:
        _update(pipeline)
    message = str(refusal.value)
    assert "bad.toml" in message
    assert "COLLAB_BAD_TECHNOLOGIES=skip goes on without them" in message
    assert pipeline.ledger.matches() == []


def test_the_rest_goes_on_when_the_user_says_so_and_the_bad_one_is_named(pipeline: Pipeline) -> None:
    _update(pipeline)
    write_catalogue(pipeline.options.catalogue, {**QUERIES, "sonar": ("sonar AND", ())})
    skipping = with_options(pipeline, skip_bad_technologies=True)
    update = _update(skipping)
    assert [problem.partition(":")[0] for problem in update.problems] == ["sonar.toml"]
    assert pipeline.ledger.catalogue().problems == update.problems
    assert {technology for _, technology, _ in _stored(skipping)} == {"radar"}


def test_breaking_off_keeps_the_drops_that_were_done(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _land(pipeline, "later", work(4, title="Sonar"))
    record = pipeline.ledger.record_matches
    recorded: list[bool] = []

    def record_one(matches: object) -> None:
        if recorded:
            raise KeyboardInterrupt
        recorded.append(True)
        record(matches)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline.ledger, "record_matches", record_one)
    with pytest.raises(KeyboardInterrupt):
        _update(pipeline)
    monkeypatch.undo()
    assert len({item.drop_version for item in pipeline.ledger.matches()}) == 1
    assert len(_counts(_update(pipeline))) == 1
    assert _files(pipeline) == {item.file for item in _with_rows(pipeline)}
