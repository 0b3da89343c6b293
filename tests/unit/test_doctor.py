"""The doctor looks at everything there is, whatever state it is in, and each of its words is explained."""

import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from assets.health import turns
from assets.health.findings import Code, Finding
from assets.health.look import Look
from assets.pipeline import Pipeline
from orchestration import doctor
from orchestration.terminal import Terminal
from tests.sound_stores import with_free

pytest_plugins = ("tests.sound_store_fixtures",)

_OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def _environment(pipeline: Pipeline, **more: str) -> dict[str, str]:
    return {"COLLAB_STORE": str(pipeline.store.root), "COLLAB_LANDING": str(pipeline.landing), **more}


def _codes(environment: dict[str, str]) -> dict[Code, Finding]:
    return {item.code: item for item in doctor.examine(environment) if item.code is not None}


@pytest.mark.parametrize(
    ("content", "fragment"), [('{"format_version": 1}', "has format 1"), ("{", "has format unknown")]
)
def test_a_store_of_another_format_is_not_looked_into(
    pipeline: Pipeline, content: str, fragment: str
) -> None:
    pipeline.store.format_file.write_text(content)
    (finding,) = _codes(_environment(pipeline)).values()
    assert (finding.code, fragment in finding.what) == (Code.STORE_FORMAT, True)


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "something else"])
def test_where_there_is_no_store_none_is_made(tmp_path: Path, there: str) -> None:
    root = tmp_path / "store"
    if there != "nothing":
        root.mkdir()
    if there == "something else":
        (root / "thesis.docx").touch()
    before = sorted(tmp_path.rglob("*"))
    (finding,) = _codes({"COLLAB_STORE": str(root)}).values()
    assert finding.code is Code.STORE_MISSING
    assert ("something, but no store" in finding.what) is (there == "something else")
    assert sorted(tmp_path.rglob("*")) == before


def test_wrong_settings_are_told_and_the_rest_is_looked_at(pipeline: Pipeline) -> None:
    found = list(doctor.examine(_environment(pipeline, COLLAB_START_YEAR="soon")))
    assert (found[0].code, "COLLAB_START_YEAR" in found[0].what) == (Code.SETTINGS_WRONG, True)
    assert len(found) > 15


@pytest.mark.parametrize("harm", [b"SQLite format 3", b"", None])
def test_a_damaged_ledger_is_told_of_and_hides_nothing_else(pipeline: Pipeline, harm: bytes | None) -> None:
    if harm is None:
        content = bytearray(pipeline.store.ledger_file.read_bytes())
        content[4096:] = b"\x55" * (len(content) - 4096)
        harm = bytes(content)
    pipeline.store.ledger_file.write_bytes(harm)
    found = list(doctor.examine(_environment(pipeline)))
    codes = {item.code for item in found}
    # SQLite takes an empty file for an empty database.
    assert (Code.LEDGER_DAMAGED in codes) is (harm != b"")
    assert "writer" in {item.subject for item in found}
    assert pipeline.store.ledger_file.read_bytes() == harm


def test_a_check_that_fails_itself_hides_no_other(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Look) -> list[Finding]:
        raise RuntimeError("no\nreason")

    monkeypatch.setattr(doctor, "_OF_THE_STORE", (broken, turns.writer))
    found = list(doctor.examine(_environment(pipeline)))
    (finding,) = [item for item in found if item.code is Code.CHECK_BROKEN]
    assert (finding.subject, "RuntimeError: no reason" in finding.what) == ("broken", True)
    assert "writer" in {item.subject for item in found}


@pytest.mark.parametrize(("is_missing", "status"), [(True, 1), (False, 0)])
def test_the_exit_status_says_whether_there_is_an_alarm_and_json_says_it_to_scripts(
    pipeline: Pipeline,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_missing: bool,
    status: int,
) -> None:
    with_free(monkeypatch, 10**12)
    environment = _environment(pipeline)
    if is_missing:
        environment["COLLAB_STORE"] = str(tmp_path / "elsewhere")
    shown = tmp_path / "shown.txt"
    texts = []
    for as_json in (True, False):
        with shown.open("w", encoding="utf-8") as out, redirect_stdout(out), Terminal() as terminal:
            found = doctor.show_health(as_json=as_json, terminal=terminal, environment=environment)
        assert found == status
        texts.append(shown.read_text("utf-8"))
    told = json.loads(texts[0])
    assert {"subject", "level", "what", "next", "code"} == set(told[0])
    assert ("alarm" in {item["level"] for item in told}) is is_missing
    assert ("[store-missing]" in texts[1]) is is_missing
    assert ("docs/operations.md tells of each." in texts[1]) is is_missing or "warn" in texts[1]


# What is written of them


def _sections() -> dict[str, str]:
    """Code to the first words of its section."""
    text = _OPERATIONS.read_text("utf-8")
    return dict(re.findall(r"^### `([a-z-]+)`\n\n(.+)$", text, re.MULTILINE))


def _given(kind: str) -> set[str]:
    """The codes that the checks give as warnings, or as alarms."""
    checkout = _OPERATIONS.parents[1]
    sources = [*(checkout / "assets" / "health").glob("*.py")]
    sources += [checkout / "orchestration" / name for name in ("doctor.py", "instance_health.py")]
    found = re.findall(
        rf"\b{kind}\(\s*[^,()]+,\s*(?:Code\.([A-Z_]+)|(died)),",
        "".join(path.read_text("utf-8") for path in sources),
    )
    names = {name for name, _ in found if name}
    return {Code[name].value for name in names}


def test_each_code_has_a_section_and_each_section_a_code() -> None:
    assert set(_sections()) == {code.value for code in Code}


def test_alarms_and_no_warnings_are_told_in_italics() -> None:
    alarms = {code for code, text in _sections().items() if text.startswith("*")}
    assert alarms == _given("alarm")
    assert _given("warning") & alarms == set()
    assert _given("warning") | alarms | {"writer-died", "pull-died"} == {code.value for code in Code}
