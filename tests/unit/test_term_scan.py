"""Compiled terms are kept for the next time, and whatever is wrong with what was kept, the scan answers."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.technologies import term_scan
from assets.technologies.term_scan import TermScan

TERMS = [("quantum", "dot$"), ("*oxide",), ("β",), ("laser",)]
TEXT = " a quantum dot of peroxide and β ".encode()


def compile_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(patterns: list[bytes]) -> None:
        raise AssertionError("terms were compiled")

    monkeypatch.setattr(term_scan, "_compiled", fail)


def test_terms_are_told_by_their_places() -> None:
    assert sorted(TermScan(TERMS)(TEXT)) == [0, 1, 2]


def test_no_terms_are_found_nowhere(tmp_path: Path) -> None:
    assert TermScan([], tmp_path)(TEXT) == []


def test_a_term_that_occurs_often_is_told_once() -> None:
    assert TermScan(TERMS)(b" laser laser and laser ") == [3]


def test_kept_terms_are_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TermScan(TERMS, tmp_path / "work" / "terms")
    compile_nothing(monkeypatch)
    assert sorted(TermScan(TERMS, tmp_path / "work" / "terms")(TEXT)) == [0, 1, 2]


@pytest.mark.parametrize("terms", [TERMS[::-1], TERMS[:3], [*TERMS, ("maser",)]])
def test_other_terms_are_not_taken_for_those_kept(tmp_path: Path, terms: list[tuple[str, ...]]) -> None:
    TermScan(TERMS, tmp_path)
    assert sorted(TermScan(terms, tmp_path)(TEXT)) == sorted(TermScan(terms)(TEXT))
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:-1],
        lambda whole: whole[:4] + b"\xff" + whole[5:],
        lambda whole: whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
        lambda whole: b"no database",
    ],
    ids=["empty", "cut off", "of another version", "one bit turned", "other content"],
)
def test_what_is_damaged_is_made_anew(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    TermScan(TERMS, tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert sorted(TermScan(TERMS, tmp_path)(TEXT)) == [0, 1, 2]
    assert kept.read_bytes() == whole


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "terms").write_text("a file where the folder should be")
    assert sorted(TermScan(TERMS, tmp_path / "terms")(TEXT)) == [0, 1, 2]
    assert (tmp_path / "terms").read_text() == "a file where the folder should be"


def test_the_oldest_files_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_scan, "_KEPT_FILES", 2)
    for age, word in ((300, "first"), (200, "second"), (100, "third")):
        TermScan([(word,)], tmp_path)
        written = max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(written, (time.time() - age,) * 2)
    assert len(list(tmp_path.iterdir())) == 2
    compile_nothing(monkeypatch)
    assert TermScan([("third",)], tmp_path)(b" third ") == [0]
