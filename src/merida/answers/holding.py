"""What a request holds at a number: ``--set PATH=VALUE``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from merida.answers.request import Settable
from merida.document.blocks import AnswerBlock, Sentence

if TYPE_CHECKING:
    from merida.priors import Priors


def priors_of(request: Settable, *files: str) -> Priors:
    """Return every prior with what the request holds of those in some files.

    Raises
    ------
    ModelError
        If a path does not exist or has no part in the answer, or its number lies outside its bounds.
    """
    from merida.parameters.registry import settings

    return settings(dict(request.held), None, files)


def held_lines(request: Settable) -> Iterator[AnswerBlock]:
    """Yield a line for each prior that the request holds at a number."""
    for path, number in request.held:
        yield Sentence("cli.held", {"path": path, "value": f"{number:g}"})
