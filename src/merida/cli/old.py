"""The command line: ``merida …``."""

from __future__ import annotations

from merida.cli.leaving import (
    leave,
    stopped,
    watch,
)  # before all others, so that Ctrl-C ends their import too

# isort: split
import typer

from merida.cli.border.delay import border_delay, border_score, border_waits
from merida.cli.border.queueing import border_app
from merida.cli.output import asked, err, say, visible
from merida.errors import MeridaError

# no_args_is_help exits 2 like every other bad input; locals never appear in a message to a user.
app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=say("cli.merida")
)
app.add_typer(border_app, name="border")
for delay_command in (border_delay, border_waits, border_score):
    name = delay_command.__name__.removeprefix("border_")
    border_app.command(name, help=say(f"cli.border_delay.{name}"))(delay_command)


def main() -> None:
    """Run the command line; a user's error prints one message, without a traceback, and exits 2."""
    watch()
    try:
        app()
    except MeridaError as error:
        err.print(visible(error.message(asked[0])), style="red", markup=False)
        leave(2)
    except SystemExit as ended:
        leave(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
    except BaseException:
        if not stopped():
            raise
        leave(130)
