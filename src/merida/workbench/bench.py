"""What the pages share: the record of a date, the table of runs, who asks, and the language they read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from secrets import token_hex
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from merida.answers import Answer, answer, store
from merida.answers import Request as Asked
from merida.answers.context import Context
from merida.answers.registry import question
from merida.words import LANGUAGES, Words, words
from merida.workbench import pages
from merida.workbench.runs import Run, Runs
from merida.workbench.safety import Rate, Refused

MOST_RUNS = 8  # of one browser, queued or running
BROWSER = "browser"  # the cookie by which a browser's runs are known; it says nothing of its reader


@lru_cache(maxsize=4)
def context_of(as_of: str | None, framework: str) -> Context:
    """Return the record and framework of a date, made once and shared by all pages."""
    return Context(as_of, framework)


class Bench:
    """What the pages share: the table of runs, and how often each browser asks."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.rate = Rate()

    def answered(self, request: Asked, owner: str, begin: bool) -> Answer[Any, Any] | Run | None:
        """Return the answer to a request, or the run that works on it; None where none does and none is to begin."""
        context = context_of(getattr(request, "as_of", None), getattr(request, "framework", "merida"))
        found = question(request.question)
        if not found.kept:
            return answer(request, context)
        payload = store.load(store.key(request, context), found)
        if payload is not None:
            return Answer(found, request, payload, context)
        last = self.runs.last(request)
        if last is not None and last.state != "done":
            return last
        if not begin:
            return None
        return self.begin(request, owner)

    def begin(self, request: Asked, owner: str) -> Run:
        """Queue a run, unless its browser has too many."""
        if self.runs.waiting(owner) >= MOST_RUNS:
            raise Refused(429, "too_many_runs")
        return self.runs.ask(request, owner)


def owner_of(call: Request) -> str:
    """Return whose browser asks: its cookie, or its address where it takes none."""
    return call.cookies.get(BROWSER, "")[:32] or (call.client.host if call.client else "")


def known(call: Request, response: Response) -> Response:
    """Give a browser that comes for the first time the cookie by which its runs are known."""
    if not call.cookies.get(BROWSER):
        response.set_cookie(BROWSER, token_hex(16), max_age=31_536_000, samesite="lax", httponly=True)
    return response


def words_of(call: Request) -> Words:
    """Return the words of the reader's language: the switch, else what the browser prefers."""
    chosen = call.cookies.get("language", "")
    if chosen not in LANGUAGES:
        chosen = call.headers.get("accept-language", "")[:2].lower()
    return words(chosen if chosen in LANGUAGES else None)


def failed(call: Request, message: str, status: int) -> Response:
    """Return an error in the one body that all have: JSON where that was asked for, a page otherwise."""
    if call.url.path.endswith(".json") or "text/html" not in call.headers.get("accept", "text/html"):
        return JSONResponse({"error": {"status": status, "message": message}}, status_code=status)
    said = words_of(call)
    page = pages.page("error.html.j2", said, "/", title=said.text("workbench.error"), error=message)
    return HTMLResponse(page, status_code=status)


def together(answers: Mapping[str, Answer[Any, Any]]) -> Response:
    """Return the answers that a page shows, by their names on it, as JSON."""
    return JSONResponse({name: json.loads(one.json()) for name, one in answers.items()})
