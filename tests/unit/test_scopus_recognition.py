"""Scopus exports are known by their content, and unsuitable ones by what they lack."""

import re
from pathlib import Path
from typing import Any

import pytest

from assets.errors import UnsuitableExportError
from assets.scopus import recognise
from assets.text_content import HEAD_BYTES
from tests.scopus_exports import Author, Work, new_bibtex, new_csv, old_bibtex, old_csv, records

WORKS = [Work(1), Work(2)]


def _recognised(text: str, encoding: str = "utf-8-sig") -> str | None:
    return recognise(text.encode(encoding), Path("whatever.name"))


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        (old_csv(WORKS), "scopus-csv"),
        (new_csv(WORKS), "scopus-csv"),
        (new_csv(WORKS).replace('","', '";"'), "scopus-csv"),
        (old_csv([]), "scopus-csv"),
        (old_bibtex(WORKS), "scopus-bibtex"),
        (new_bibtex(WORKS), "scopus-bibtex"),
    ],
)
def test_each_format_is_recognised(text: str, format_: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert _recognised(text, encoding) == format_
    assert _recognised(text[:1500]) == format_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n" * 10_000,
        "Authors,Title,Year\nOy A.,Coupling,2017\n",
        "PT\tAU\tTI\tSO\tUT\nJ\tOy, A\tCoupling\tJournal\tWOS:1\n",
        '{"id": "https://openalex.org/W1", "title": "Scopus"}',
        "@article{ WOS:1,\nAuthor = {Oy, A},\nAffiliation = {Oy, A, Turku.},\nUnique-ID = {WOS:1},\n}\n",
        "TY  - JOUR\nAU  - Oy, A.\nN1  - Export Date: 2 July 2024\nDB  - Scopus\nER  -\n",
        "PAR1\x00\x80\xff",
    ],
)
def test_what_scopus_did_not_write_is_left_to_others(text: str) -> None:
    assert _recognised(text, "utf-8") is None


@pytest.mark.parametrize(
    ("text", "lack"),
    [
        (new_csv(WORKS).replace("Authors with affiliations", "x"), "CSV export without Affiliations."),
        (new_csv(WORKS).replace("Document Type", "x"), "CSV export without Source & document type."),
        (
            old_csv(WORKS).replace(",Year,", ",x,").replace(",EID", ",x").replace(",Link", ",x"),
            "CSV export without Year and EID.",
        ),
        (new_bibtex(WORKS).replace("affiliations =", "x ="), "BibTeX export without Affiliations."),
        (old_bibtex(WORKS).replace("document_type=", "x="), "BibTeX export without Source & document type."),
        (
            "Scopus\nEXPORT DATE: 02 July 2024\n\nOy A.\nCoupling\n(2017) Journal, 1\n",
            "plain text export, which is not read.",
        ),
    ],
)
def test_an_unsuitable_export_is_refused_with_what_to_choose(text: str, lack: str) -> None:
    said = re.escape(
        f"'whatever.name' is a Scopus {lack} Export these documents from Scopus again: choose CSV, tick "
    )
    with pytest.raises(UnsuitableExportError, match=said):
        _recognised(text)


@pytest.mark.parametrize("export", [old_bibtex, new_bibtex])
def test_a_first_entry_that_is_larger_than_what_is_looked_at_is_no_fault(export: Any) -> None:
    authors = tuple(
        Author("Oy", "J.", "Jo", (f"Institute {number}, {'x' * 60}, Turku, Finland",))
        for number in range(3000)
    )
    head = export([Work(1, authors=authors), Work(2)]).encode()[:HEAD_BYTES]
    assert len(head) == HEAD_BYTES
    assert recognise(head, Path("whatever.name")) == "scopus-bibtex"


def test_a_large_export_without_affiliations_is_still_refused() -> None:
    head = new_bibtex([Work(1, abstract="Long. " * 100)] * 900).replace("affiliations =", "x =").encode()
    with pytest.raises(UnsuitableExportError, match="without Affiliations"):
        recognise(head[:HEAD_BYTES], Path("whatever.name"))


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_line_that_names_the_delimiter_is_passed_over(tmp_path: Path, delimiter: str) -> None:
    text = f"sep={delimiter}\r\n" + new_csv([Work()]).replace('","', f'"{delimiter}"')
    assert _recognised(text) == "scopus-csv"
    assert records(tmp_path / "a", text) == records(tmp_path / "b", new_csv([Work()]))
