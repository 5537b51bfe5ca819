"""The command line: ``merida …``. A command is its Request; this room parses, asks and renders."""

from __future__ import annotations

from merida.cli.leaving import (
    leave,
    stopped,
    watch,
)  # before all others, so that Ctrl-C ends their import too

# isort: split
import os
import sys
from typing import NoReturn

from merida.cli.terminal import asked_language, complain, settle
from merida.errors import MeridaError
from merida.words import DamagedWordsError, words


def main() -> None:
    """Run the command line; a user's error prints one message, without a traceback, and exits 2."""
    watch()
    try:
        ended()
    except DamagedWordsError as error:
        complain(str(error))
        leave(2)


def ended() -> NoReturn:
    """Run the command line and end the process."""
    try:
        code = run(sys.argv[1:])
        leave(settle(code))
    except MeridaError as error:
        complain(error.message(asked_language()))
        leave(2)
    except SystemExit as wanted:
        leave(wanted.code if isinstance(wanted.code, int) else int(wanted.code is not None))
    except BaseException as error:
        if isinstance(error, DamagedWordsError) or not stopped():
            raise
        complain(words(asked_language()).text("cli.stopped"))
        leave(130)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    import click

    from merida.answers.command_line import usage
    from merida.cli.commands import program

    if asked := os.environ.get("_MERIDA_COMPLETE"):  # a shell asks, and not the user
        from click.shell_completion import shell_complete

        return shell_complete(program(), {}, "merida", "_MERIDA_COMPLETE", asked)
    try:
        code = program().main(arguments, prog_name="merida", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        complain(error.format_message())
        return 2
    except click.Abort:  # as Click names Ctrl-C
        raise KeyboardInterrupt from None
    except click.UsageError as error:
        raise usage(error, error.ctx.command_path if error.ctx else "merida") from None
    return code if isinstance(code, int) else 0
