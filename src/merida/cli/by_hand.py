"""The commands that are no question: they write documents and schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from merida.cli import guide
from merida.cli.terminal import asked_language, say


class Schema(click.Command):
    """``merida schema QUESTION``: what an answer's JSON holds."""

    def __init__(self) -> None:
        super().__init__(
            "schema",
            params=[click.Argument(["question"], nargs=-1, required=True, metavar="QUESTION")],
            callback=self.show,
        )

    def show(self, question: tuple[str, ...]) -> None:
        """Print the schema."""
        from merida.answers import question as found

        say(json.dumps(found(".".join(question)).schema(), ensure_ascii=False, indent=1))

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the command."""
        return guide.of_hand(ctx.command_path, "schema", ("QUESTION",), (), asked_language())


BY_HAND: dict[str, Callable[[], Any]] = {"schema": Schema}
"""By path, what makes the command."""
