"""Options and the table of the faults tier."""

from collections import Counter

import pytest

_SEED = 20260302


def pytest_addoption(parser: pytest.Parser) -> None:
    """The seed of everything that is done at random."""
    parser.addoption("--fault-seed", type=int, default=_SEED, help="another seed, other points to kill at")


@pytest.fixture(scope="session")
def fault_seed(request: pytest.FixtureRequest) -> int:
    """What random points are drawn with; shown at the end, so that they can be drawn again."""
    return int(request.config.getoption("--fault-seed"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What was killed how often, and how often the next run ended like an undisturbed one."""
    kills: Counter[str] = Counter()
    recovered: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            # What a test noted stands in the report of its end, too.
            if getattr(report, "when", None) != "call":
                continue
            for name, value in getattr(report, "user_properties", []):
                if name == "kills":
                    stage, killed, whole = value
                    kills[stage] += killed
                    recovered[stage] += whole
    if kills:
        terminalreporter.section(f"kills at random points, seed {config.getoption('--fault-seed')}")
        width = max(map(len, kills))
        for stage, number in kills.items():
            terminalreporter.line(f"{stage:{width}}  {number:3} killed  {recovered[stage]:3} recovered")
        terminalreporter.line(
            f"{'together':{width}}  {kills.total():3} killed  {recovered.total():3} recovered"
        )
