"""The command line as a spelling of requests: Click's parameters made of a request's fields, and back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import click

from merida.answers.fields import option_of
from merida.answers.request import PROGRAM, Request, bare, flag, several
from merida.errors import MeridaError, RequestError, nearest


def parameters(kind: type[Request]) -> list[click.Parameter]:
    """Return the arguments and options of a request; all are taken as text, which the request's own gate reads."""
    made: list[click.Parameter] = []
    for name, field in kind.model_fields.items():
        about = option_of(field)
        if about.argument:
            nargs = -1 if several(field) else 1
            made.append(
                click.Argument(
                    [name], nargs=nargs, required=field.is_required(), metavar=about.metavar or None
                )
            )
        elif bare(field) is bool:
            made.append(click.Option([flag(name, about), name], is_flag=True))
        else:
            made.append(
                click.Option(
                    [flag(name, about), name], multiple=several(field), metavar=about.metavar or None
                )
            )
    return made


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the command line stated, without what it left to the defaults."""
    return {
        name: value
        for name, value in values.items()
        if value is not None and value != () and value is not False
    }


def read_command(command: str) -> tuple[str, dict[str, Any]]:
    """Return the question and the options of a command line such as ``merida border delay --draws 12``."""
    from merida.answers.registry import QUESTIONS, question

    try:
        words = shlex.split(command)
    except ValueError:
        raise RequestError("request_not_command", found=command[:60]) from None
    if words[:1] == [PROGRAM]:
        words = words[1:]
    for length in (2, 1):
        name = ".".join(words[:length])
        if len(words) >= length and name in QUESTIONS:
            return name, options(question(name).request, words[length:])
    raise RequestError(
        "question_unknown", found=" ".join(words[:2])[:60], nearest=nearest(".".join(words[:2]), QUESTIONS)
    )


def options(kind: type[Request], words: Sequence[str]) -> dict[str, Any]:
    """Return the options that words of a command line state for a request."""
    name = f"{PROGRAM} {kind.question.replace('.', ' ')}"
    command = click.Command(name, params=parameters(kind), add_help_option=False)
    try:
        return given(command.make_context(name, list(words)).params)
    except click.UsageError as error:
        raise usage(error, name) from None


def usage(error: click.UsageError, command: str) -> MeridaError:
    """Return what Click finds wrong with a command line in the user's language."""
    where = {"command": command}
    if isinstance(error, click.NoSuchOption):
        close = ", ".join(error.possibilities or ()) or "–"
        return RequestError("usage_no_such_option", found=error.option_name, nearest=close, **where)
    if isinstance(error, click.MissingParameter):
        param = error.param
        shown = (
            ""
            if param is None
            else param.opts[0]
            if isinstance(param, click.Option)
            else param.make_metavar(click.Context(click.Command("")))
        )
        return RequestError("request_missing", option=shown, question=command.removeprefix(f"{PROGRAM} "))
    if isinstance(error, click.BadOptionUsage):
        return RequestError("usage_option_value", option=error.option_name, **where)
    extra = re.search(
        r"\((.*)\)", error.format_message(), re.DOTALL
    )  # what is too much, in Click's own words
    return RequestError("usage_extra", found=extra[1] if extra else error.format_message(), **where)
