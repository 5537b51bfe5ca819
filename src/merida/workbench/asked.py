"""What may be asked in the browser, and how a request is read from an address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import TypeVar
from urllib.parse import parse_qsl

from merida.answers.facts import Sql
from merida.answers.fields import option_of
from merida.answers.registry import QUESTIONS, question
from merida.answers.request import Request, of_lists, several
from merida.errors import RequestError
from merida.framework.framework import SHIPPED

R = TypeVar("R", bound=Request)
NOT_HERE = (
    "facts.add",
    "facts.remove",
    "cache.",
    "reproduce",
    "plan.check",
    "framework.check",
    "border.score",
    "scorecard.",
)
"""Questions that write, or that read a file of the user's: no address reaches the file system."""

MOST_SQL_SECONDS = 30.0
PLAN_FILES = (".toml", ".csv")  # what `merida.framework.plan_of` takes for a file


def open_questions() -> Iterator[str]:
    """Yield the paths of the questions that may be asked in the browser, in their order."""
    return (path for path in QUESTIONS if not path.startswith(NOT_HERE))


def read(path: str, query: str) -> Request:
    """Return the request of a question's path and an address's query; fields that a form left blank are not given.

    Raises
    ------
    RequestError
        If there is no such question here, an option is not as it must be, or an option names a file.
    """
    kind: type[Request] = question(path).request
    return read_as(kind, query)


def read_as(kind: type[R], query: str) -> R:
    """Return a request of a kind from an address's query; see `read`. A page that shows several answers is a kind too."""
    fields = kind.model_fields
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        lines = value.splitlines() if name in fields and several(fields[name]) else [value]
        for line in lines:
            if line.strip() or name not in fields:
                values.setdefault(name, []).append(line.strip())
    request = of_lists(kind, values)
    check(request)
    return request


def check(request: Request) -> None:
    """Refuse options that name a file: plans come by their names or as their own JSON, frameworks by their names.

    A query in SQL has less time here than on the command line.
    """
    if isinstance(request, Sql) and request.seconds > MOST_SQL_SECONDS:
        raise RequestError("workbench_seconds", found=request.seconds, most=MOST_SQL_SECONDS)
    for name, value in request:
        about = option_of(type(request).model_fields[name])
        given = [str(one) for one in (value if isinstance(value, tuple) else (value,)) if one is not None]
        if name == "framework":
            refused = [one for one in given if one not in SHIPPED]
        elif about.file and about.metavar == "FILE":
            refused = given
        else:
            refused = [one for one in given if about.file and PurePath(one).suffix.lower() in PLAN_FILES]
        if refused:
            raise RequestError("workbench_no_files", option=name, found=refused[0][:80])
