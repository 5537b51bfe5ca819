"""What a brief is written of: one record, one framework, and the questions asked of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from merida.answers import Answer, Context, Request, answer
from merida.facts import Facts
from merida.framework import Framework
from merida.one_line import OneLine
from merida.progress import Progress


@dataclass(frozen=True, repr=False)
class Portrait(OneLine):
    """A record and framework, with the answers that the sections ask for; each question is asked once.

    Parameters
    ----------
    context : Context
    seed : int
        Of every draw.
    progress : callable
        Called with a `Progress` while an answer is computed.
    """

    context: Context
    seed: int = 0
    progress: Callable[[Progress], None] = lambda _: None
    asked: dict[Request, Answer[Any, Any]] = field(default_factory=dict)

    @property
    def facts(self) -> Facts:
        """The record."""
        return self.context.facts

    @property
    def framework(self) -> Framework:
        """The framework."""
        return self.context.framework

    @property
    def shared(self) -> dict[str, Any]:
        """The date and seed that every question of the brief has."""
        return {"as_of": self.context.as_of, "seed": self.seed}

    def ask(self, request: Request) -> Answer[Any, Any]:
        """Return the answer to a question."""
        if request not in self.asked:
            self.asked[request] = answer(request, self.context, self.progress)
        return self.asked[request]
