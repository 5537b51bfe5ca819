"""The command line: ``merida …``."""

from __future__ import annotations

import sys

import typer

from merida.cli.border import border_app
from merida.cli.brief import brief
from merida.cli.facts import facts_app
from merida.cli.output import err, say
from merida.errors import MeridaError

# no_args_is_help exits 2 like every other bad input; locals never appear in a message to a user.
app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=say("cli.merida")
)
app.add_typer(facts_app, name="facts")
app.add_typer(border_app, name="border")
app.command("brief", help=say("cli.brief.help"))(brief)


def main() -> None:
    """Run the command line; a user's error prints one message, without a traceback, and exits 2."""
    try:
        app()
    except MeridaError as error:
        err.print(error.message(), style="red", markup=False)
        sys.exit(2)
