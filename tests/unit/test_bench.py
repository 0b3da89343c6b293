"""The benchmarks' arithmetic and wording. Nothing is timed here: a test never asserts a time."""

import json
import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from assets.technologies.catalogue import Technology
from assets.technologies.matcher import Matcher
from assets.technologies.query_language import parse
from tests.bench import cli
from tests.bench.bench_sample import bench_sample, warnings
from tests.bench.ground import Ground
from tests.bench.lines import HEADER, Goal, Line, Spread, table
from tests.bench.machine import Machine, this_machine
from tests.bench.many_queries import ten_times
from tests.bench.timing import Cost, Work, compared, cost, in_turns
from tests.bench.volume import Volume


def machine(load: float) -> Machine:
    return Machine("a processor", 2, 8.0, "Linux", load, {"python": "3.11"})


def line(measured: float, baseline: float | None = None, goal: Goal | None = None) -> Line:
    against = Spread((baseline,)) if baseline else None
    return Line("reading", "s", Spread((measured,)), "zcat", against, goal=goal)


def test_a_spread_gives_the_middle_and_both_ends_of_its_rounds() -> None:
    spread = Spread((4.0, 1.0, 2.0, 9.0))
    assert (spread.median, spread.low, spread.high) == (3.0, 1.0, 9.0)


def test_a_ratio_is_one_of_medians() -> None:
    found = Line("ours", "s", Spread((9.0, 4.0, 5.0)), "theirs", Spread((2.0, 2.0, 80.0)))
    assert found.ratio == 2.5


@pytest.mark.parametrize(("measured", "reached"), [(5.0, True), (5.1, False)])
def test_a_goal_for_a_ratio_is_compared_with_the_ratio(measured: float, reached: bool) -> None:
    assert line(measured, baseline=2.0, goal=Goal(most=2.5)).reached is reached


@pytest.mark.parametrize(("measured", "reached"), [(2.0, True), (2.01, False)])
def test_a_goal_without_a_baseline_is_compared_with_the_median(measured: float, reached: bool) -> None:
    assert line(measured, goal=Goal(most=2.0)).reached is reached


def test_a_line_without_a_goal_is_neither_reached_nor_missed() -> None:
    assert line(1.0).reached is None
    assert line(1.0).cells()[-1] == ""


@pytest.mark.parametrize(
    ("goal", "text"),
    [(Goal(most=2.5), "<= 2.5"), (Goal(least=5_000), ">= 5,000"), (Goal(0.9, 1.1), "0.9 to 1.1")],
)
def test_a_goal_says_its_range(goal: Goal, text: str) -> None:
    assert str(goal) == text


def test_a_line_shows_spread_baseline_ratio_and_verdict() -> None:
    measured, baseline = Spread((5.0, 4.0, 7.5)), Spread((2.0,))
    found = Line("reading", "s", measured, "zcat", baseline, 2.25, Goal(most=2.5))
    assert found.cells() == (
        "reading",
        "5.00 s (4.00-7.50)",
        "zcat 2.00 s",
        "2.50",
        "2.25",
        "<= 2.5",
        "reached",
    )


def test_a_missed_goal_stands_out() -> None:
    assert line(9.0, baseline=2.0, goal=Goal(most=2.5)).cells()[-1] == "NOT reached"


def test_large_figures_have_no_decimals() -> None:
    found = Line("JSON a work", "B", Spread((15_007.3,)), "real", Spread((14_237.0,)))
    assert found.cells()[1:3] == ("15,007 B", "real 14,237 B")


def test_figures_of_a_table_end_in_the_same_column() -> None:
    header, short, long = table([line(1.0), line(1_234.0, baseline=2.0, goal=Goal(most=2.5))])
    assert header.startswith(HEADER[0])
    assert short.index("1.00 s") + len("1.00 s") == long.index("1,234 s") + len("1,234 s")


def test_works_are_timed_in_turns() -> None:
    done: list[str] = []
    works = [Work(name, partial(done.append, name)) for name in "abc"]
    costs = in_turns(works, 3, lambda _: None)
    assert "".join(done) == "abcabcabc"
    assert [len(found) for found in costs] == [3, 3, 3]


def test_a_comparison_is_by_the_clock_and_by_the_processor() -> None:
    costs = [[Cost(6.0, 3.0), Cost(8.0, 3.0)], [Cost(2.0, 2.0), Cost(2.0, 2.0)]]
    found = compared(Work("ours", list), Work("theirs", list), costs, Goal(most=4.0))
    assert (found.ratio, found.processor_ratio, found.reached) == (3.5, 1.5, True)


def test_work_of_this_process_and_of_those_it_started_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(
        [os.times_result((1.0, 2.0, 3.0, 4.0, 500.0)), os.times_result((1.5, 2.25, 5.0, 5.0, 900.0))]
    )
    monkeypatch.setattr("tests.bench.timing.os.times", lambda: next(times))
    assert cost(lambda: None).processor_seconds == 3.75


def technology(id_: str, query: str, *topics: str) -> Technology:
    return Technology(id_, id_, "", 1, "", "", query, parse(query).expression, topics)


def test_ten_times_the_queries_are_as_many_others_of_the_same_shape() -> None:
    originals = [
        technology("dots", '"quantum dot*" AND (laser NEAR/3 *oxide)', "T1"),
        technology("soils", "TI=soil$ NOT TS=(paddy OR wom?n)"),
    ]
    many = ten_times(originals)
    assert len({item.id for item in many}) == len({item.expression for item in many}) == 20
    assert str(many[2].expression) == '(TS="quantum dotqa*" AND (TS="laserqa" NEAR/3 TS="*oxideqa"))'
    assert str(many[19].expression) == '(TI="soil$qi" NOT (TS="paddyqi" OR TS="wom?nqi"))'
    found = Matcher(many).matches("Quantum dots, laser oxide", None, (), ["T1"])
    assert {match.technology for match in found} == {"dots"}
    other = Matcher(many).matches("Quantum dotqc, laserqc oxideqc", None)
    assert {match.technology for match in other} == {"dots-qc"}


def sized(ground: Ground, json_bytes: int) -> Ground:
    ground.folder.mkdir(parents=True)
    ground.volume_file.write_text(
        json.dumps({"records": 100, "json_bytes": json_bytes, "gzip_bytes": json_bytes // 5})
    )
    return ground


@pytest.mark.parametrize(("json_bytes", "warned"), [(100_000, False), (120_000, True)])
def test_works_unlike_real_ones_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, json_bytes: int, warned: bool
) -> None:
    real = Volume(50, 40_000, 8_000) + Volume(50, 60_000, 12_000)
    monkeypatch.setattr("tests.bench.bench_sample.real_volume", lambda: real)
    monkeypatch.setattr("tests.bench.bench_sample.works_a_second", lambda *_: 6_000.0)
    found = warnings(bench_sample(sized(Ground(tmp_path / "ground", 100), json_bytes)))
    assert [("bytes" in text, "gzip" in text) for text in found] == [(True, False)] * warned


def test_a_machine_at_work_is_busy() -> None:
    assert machine(load=1.5).busy
    assert not machine(load=0.2).busy


def test_this_machine_says_what_it_has() -> None:
    here = this_machine()
    assert here.cores >= 1
    assert here.processor
    assert here.versions.keys() >= {"dagster", "dbt-core", "duckdb"}


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing is generated or timed: one benchmark gives a line, another fails to run."""

    def broken(_: Ground) -> list[Line]:
        raise RuntimeError("no disk left")

    benches = {
        "broken": cli.Bench(broken),
        "good": cli.Bench(lambda _: [line(9.0, baseline=1.0, goal=Goal(most=4.0))]),
    }
    monkeypatch.setattr(cli, "BENCHES", benches)
    monkeypatch.setattr(cli, "prepare", lambda works: Ground(tmp_path, works))
    monkeypatch.setattr(cli, "this_machine", lambda: machine(load=0.0))
    return tmp_path / "found.json"


def test_a_missed_goal_is_no_failure(quiet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--only", "good"]) == 0
    assert "NOT reached" in capsys.readouterr().out


def test_one_failure_does_not_stop_the_others(quiet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--works", "7", "--json", str(quiet)]) == 1
    assert "FAILED: broken: RuntimeError: no disk left" in capsys.readouterr().out
    found = json.loads(quiet.read_text())
    assert found["works"] == 7
    assert [(item["ratio"], item["reached"]) for item in found["lines"]] == [(9.0, False)]
    assert found["failures"] == ["broken: RuntimeError: no disk left"]
    assert found["machine"]["cores"] == 2


def test_a_store_is_filled_once_for_all_that_need_it(
    quiet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    filled: list[Ground] = []

    def fill(ground: Ground) -> Line:
        filled.append(ground)
        return line(1.0)

    monkeypatch.setattr(cli, "fill_store", fill)
    on_store = cli.Bench(lambda _: [line(2.0)], on_store=True)
    monkeypatch.setattr(cli, "BENCHES", {"noop": on_store, "refresh": on_store})
    assert cli.main([]) == 0
    assert len(filled) == 1
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_a_disk_too_full_is_said_before_anything_is_generated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=2_000_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    monkeypatch.setattr("tests.bench.ground.CACHE", tmp_path)
    assert cli.main(["--works", "1000000"]) == 1
    assert "has 2.0 GB left and 6.0 GB are needed; make room first" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
