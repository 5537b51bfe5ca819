"""The only way to an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from merida.answers import store
from merida.answers.context import Context
from merida.answers.questions import Answer
from merida.answers.registry import question
from merida.answers.request import Request
from merida.progress import Cancel, Progress, Work


def answer(
    request: Request,
    context: Context | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    cancel: Cancel | None = None,
) -> Answer[Any, Any]:
    """Return the answer to a request, from the store where it was answered before.

    Parameters
    ----------
    request : Request
    context : Context, optional
        Of the request's date and framework; by default made anew.
    progress : callable
        Called with a `Progress` between the steps of the work.
    cancel : Cancel, optional
        The token by which another thread stops the work.

    Raises
    ------
    MeridaError
        If the request asks for what is not there.
    Cancelled
        If the token was set.
    """
    context = context or Context.of(request)
    asked = question(request.question)
    key = store.key(request, context) if asked.kept else None
    if key is not None and (payload := store.load(key, asked)) is not None:
        return Answer(asked, request, payload, context)
    given = asked.ask(request, context, Work(progress, cancel or Cancel()))
    payload, held = given if isinstance(given, tuple) else (given, None)
    if key is not None:  # as it will be read back, where a number may have become one with decimals
        payload = store.save(key, asked, payload, request)
    return Answer(asked, request, payload, context, held)
