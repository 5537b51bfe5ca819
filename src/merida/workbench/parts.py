"""A part of a page that shows several answers: its question, and its answer, its run, or why neither is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request as Call

from merida.answers import Answer
from merida.answers.request import Request
from merida.words import Words
from merida.workbench import pages
from merida.workbench.bench import Bench
from merida.workbench.kept_pages import note_change
from merida.workbench.runs import LIVE, Run
from merida.workbench.safety import Refused


@dataclass(frozen=True)
class Part:
    """A part of a page.

    Parameters
    ----------
    name : str
        What the page calls it.
    refused : str
        Why no run was begun, in the reader's words.
    """

    name: str
    request: Request
    answered: Answer[Any, Any] | None = None
    run: Run | None = None
    refused: str = ""

    @property
    def live(self) -> bool:
        """Whether its answer is being computed."""
        return self.run is not None and self.run.state in LIVE

    def waiting(self, said: Words) -> dict[str, Any]:
        """Return what the template shows of a part without an answer: how far its run is, or why there is none."""
        run = self.run
        return {
            "answer": None,
            "step": pages.step(run, said) if run else "",
            "failure": pages.failure(run, said) if run else self.refused,
        }


def part(bench: Bench, call: Call, name: str, request: Request, said: Words, begin: bool = True) -> Part:
    """Return one part of a page; its run is begun where it is to, and the page is not led to by another site."""
    try:
        found = bench.of(call, request, begin)
    except Refused as refused:
        note_change()
        return Part(name, request, refused=said.text(f"workbench.refused.{refused.reason}"))
    if isinstance(found, Answer):
        return Part(name, request, answered=found)
    return Part(name, request, run=found)
