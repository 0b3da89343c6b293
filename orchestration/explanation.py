"""What `explain` says: the papers behind a number, a line or two each, and their sum.

Only wording and order belong here; the papers and the sum come from `assets.explain`.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict

from assets.explain import Explanation, Paper, explain
from assets.pipeline import Pipeline
from assets.question import Question
from orchestration.conclusion import ExitStatus
from orchestration.terminal import Terminal

_POPULATIONS = {"all": "all works", "critical": "works of any critical technology"}


def show_explanation(pipeline: Pipeline, options: argparse.Namespace, terminal: Terminal) -> ExitStatus:
    """Answer what the command line asks; CHECK_FAILED when the papers do not add up to the number."""
    question = Question(options.country, options.partner, options.year, options.technology)
    # What a script reads is the answer and nothing else.
    announce = terminal.aside if options.json else terminal.line
    explanation = explain(pipeline.store, pipeline.ledger, question, options.limit, announce)
    if options.json:
        terminal.line(json.dumps(asdict(explanation), indent=2, ensure_ascii=False))
    else:
        for line in lines(explanation):
            terminal.line(line)
    return ExitStatus.OK if explanation.agrees else ExitStatus.CHECK_FAILED


def lines(explanation: Explanation) -> Iterator[str]:
    """The explanation, line by line; contributions in the unit of the number, to six decimals."""
    question = explanation.question
    of = question.country if question.partner is None else f"{question.country} with {question.partner}"
    population = _POPULATIONS.get(question.technology, question.technology)
    synthetic = " (SYNTHETIC)" if explanation.synthetic else ""
    yield f"{question.measure.capitalize()} of {of} in {question.year}, {population}"
    yield f"Vintage {explanation.vintage}{synthetic}"
    yield ""
    width = len(f"{explanation.total:,.6f}")
    for paper in explanation.shown:
        yield f"{paper.contribution:>{width},.6f}  {_title(paper)}"
        yield f"{'':{width}}  {_details(paper)}"
    rest = explanation.papers - len(explanation.shown)
    if rest:
        more = " more" if explanation.shown else ""
        yield f"{explanation.rest:>{width},.6f}  {_counted(rest, 'paper')}{more}"
    papers = _counted(explanation.papers, "paper")
    yield f"{explanation.total:>{width},.6f}  from {papers}, {_verdict(explanation)}"
    if explanation.disagreement:
        yield explanation.disagreement


def _title(paper: Paper) -> str:
    """The title on one line, without what would steer a terminal."""
    printable = "".join(character if character.isprintable() else " " for character in paper.title or "")
    return " ".join(printable.split()) or "(no title)"


def _details(paper: Paper) -> str:
    citations = None if paper.citations is None else _counted(paper.citations, "citation")
    parts = [
        f"{paper.source} {paper.work_id}",
        paper.link,
        _counted(paper.authors, "author"),
        citations,
        ", ".join(paper.technologies),
    ]
    return " · ".join(part for part in parts if part)


def _counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


def _verdict(explanation: Explanation) -> str:
    name = f"the published {explanation.question.measure}"
    if explanation.agrees:
        return f"which is {name}"
    papers = _counted(explanation.published_papers, "paper")
    return f"but {name} is {explanation.published:,.6f} from {papers}"
