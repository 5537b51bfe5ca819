"""What the pages share: the record of a date, the table of runs, who asks, and the language they read."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from merida.answers import Answer, answer, store
from merida.answers import Request as Asked
from merida.answers.context import Context
from merida.answers.freshness import ShowStatus
from merida.answers.registry import question
from merida.answers.scorecard.card import Scorecard
from merida.errors import MeridaError, RequestError
from merida.places import Gazetteer
from merida.words import LANGUAGES, Words, words
from merida.workbench import asked, pages
from merida.workbench.contexts import Own, own_now
from merida.workbench.contexts import context_of as context_of  # noqa: PLC0414  # rooms take it from here
from merida.workbench.kept_pages import KeptPages, note_change, note_missing
from merida.workbench.runs import Run, Runs
from merida.workbench.safety import Rate, Refused, is_foreign

LOST_SECONDS = (
    60.0  # an answer that is gone so soon was never kept: to ask again at once would go on for ever
)
MOST_RUNS = 8  # of one browser, queued or running
MOST_HELD = 24  # answers that pages share in memory
OF_THE_MOMENT = ("doctor",)
NOT_HELD = ("facts.show", "facts.export", *OF_THE_MOMENT)  # large, or of the moment
NO_DAY = date.min  # of answers that the store keeps: they say the same on every day
SQL = "facts.sql"
PLACES, WAIT_SECONDS = 2, 10.0  # queries and files at once, and how long one waits for a place
BROWSER = "browser"  # the cookie by which a browser's runs are known; it says nothing of its reader


def context_for(request: Asked) -> Context:
    """Return the record and framework that a request asks for."""
    return context_of(getattr(request, "as_of", None), getattr(request, "framework", "merida"))


class Bench:
    """What the pages share: the table of runs, how often each browser asks, and the answers that were asked for last."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.rate = Rate()
        self.held: OrderedDict[tuple[Asked, Own, date], Answer[Any, Any]] = OrderedDict()
        self.pages = KeptPages(self.is_missing)
        self.holding = threading.Lock()
        self.behind = threading.Lock()
        self.places = threading.BoundedSemaphore(PLACES)

    def answered(
        self, request: Asked, owner: str, begin: bool, watched: bool = False
    ) -> Answer[Any, Any] | Run | None:
        """Return the answer to a request, or the run that works on it; None where none does and none is to begin.

        Parameters
        ----------
        watched : bool
            Whether a run ends when its reader leaves, and begins anew when one comes back (`merida.workbench.runs`).
        """
        if not question(request.question).kept:
            return self.at_once(request, owner)
        found: Answer[Any, Any] | Run | None = self.kept(request)
        if found is None:
            found = self.run_of(request, watched)
        if found is None and begin:
            found = self.begin(request, owner, watched)
        if found is None:
            note_missing(request)
        elif isinstance(found, Run):
            note_change()
        return found

    def run_of(self, request: Asked, watched: bool) -> Answer[Any, Any] | Run | None:
        """Return the last run of a request, or what came of it; None where it is to begin anew."""
        last = self.runs.last(request)
        if last is None or (watched and last.state == "cancelled"):
            return None
        if last.state == "done":
            if (kept := self.kept(request)) is not None:
                return kept  # it ended between two looks
            lost = time.time() - last.heard < LOST_SECONDS
            return replace(last, state="failed", error='{"key": "workbench_not_kept"}') if lost else None
        if watched:
            self.runs.watch(last.id)
        return last

    def is_missing(self, request: Asked) -> bool:
        """Tell whether a request has neither an answer nor a run."""
        return self.kept(request) is None and self.runs.last(request) is None

    async def page(self, call: Request, make: Callable[[], Response], also: Hashable = ()) -> Response:
        """Return a page of a question, as it was made where it still stands (`merida.workbench.kept_pages`)."""
        return await self.pages.page(call, words_of(call).language, make, also)

    def of(
        self, call: Request, request: Asked, begin: bool = True, watched: bool = False
    ) -> Answer[Any, Any] | Run | None:
        """Return what `answered` does for whoever asks; a page that another site leads to begins nothing."""
        return self.answered(request, owner_of(call), begin and not is_foreign(dict(call.headers)), watched)

    def kept(self, request: Asked) -> Answer[Any, Any] | None:
        """Return the answer that the store holds to a request, or None."""
        key = (request, own_now(), NO_DAY)
        if (held := self.remembered(key)) is not None:
            return held
        context, found = context_for(request), question(request.question)
        payload = store.load(store.key(request, context), found)
        if payload is None:
            return None
        return self.remember(key, Answer(found, request, payload, context))

    def at_once(self, request: Asked, owner: str) -> Answer[Any, Any]:
        """Return an answer that takes no run; a query waits for one of the few places."""
        if request.question != SQL:
            return self.quick(request, context_for(request))
        self.rate.take(owner)
        note_change()  # every query is counted
        with self.turn():
            return answer(request, context_for(request))

    def quick(self, request: Asked, context: Context) -> Answer[Any, Any]:
        """Return an answer that takes no run, from memory where it was asked for lately on the same record."""
        key = (request, own_now(), date.today())
        if (held := self.remembered(key)) is not None:
            return held
        made = answer(request, context)
        if request.question in OF_THE_MOMENT:
            note_change()
        return made if request.question in NOT_HELD else self.remember(key, made)

    def remembered(self, key: tuple[Asked, Own, date]) -> Answer[Any, Any] | None:
        """Return an answer that is in memory, or None."""
        with self.holding:
            if key in self.held:
                self.held.move_to_end(key)
            return self.held.get(key)

    def remember(self, key: tuple[Asked, Own, date], made: Answer[Any, Any]) -> Answer[Any, Any]:
        """Keep an answer in memory, in place of what was not asked for the longest, and return it."""
        with self.holding:
            self.held[key] = made
            while len(self.held) > MOST_HELD:
                self.held.popitem(last=False)
        return made

    def warm(self) -> None:
        """Have ready what the first pages show: which tables are behind, and the scorecard."""
        for request in (Scorecard(), ShowStatus()):
            with suppress(MeridaError):  # a record that cannot be read is told to who asks
                self.quick(request, context_for(request))

    def ready(self, request: Asked) -> Answer[Any, Any] | None:
        """Return an answer that is in memory; otherwise None, and a thread works on it for who comes next."""
        held = self.remembered((request, own_now(), date.today()))
        if held is None:
            note_change()
        if held is None and self.behind.acquire(blocking=False):

            def work() -> None:
                try:
                    self.quick(request, context_for(request))
                finally:
                    self.behind.release()

            threading.Thread(target=work, daemon=True).start()
        return held

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the few places for what takes much memory: a query, a file that is read."""
        if not self.places.acquire(timeout=WAIT_SECONDS):
            raise Refused(429, "busy")
        try:
            yield
        finally:
            self.places.release()

    def asked(self, call: Request, path: str) -> tuple[Answer[Any, Any] | Run | None, str]:
        """Return what there is of the question that an address asks, or why it cannot be asked."""
        try:
            return self.of(call, asked.read(path, call.url.query)), ""
        except MeridaError as error:
            return None, error.message(words_of(call).language)

    def begin(self, request: Asked, owner: str, watched: bool = False) -> Run:
        """Queue a run, unless its browser has too many."""
        self.rate.take(owner)
        if self.runs.waiting(owner) >= MOST_RUNS:
            raise Refused(429, "too_many_runs")
        return self.runs.ask(request, owner, watched)


def only(call: Request, *names: str) -> None:
    """Refuse every option of an address but those that it takes.

    Raises
    ------
    RequestError
        Which names the option.
    """
    for name, _ in parse_qsl(call.url.query, keep_blank_values=True):
        if name not in names:
            near = ", ".join(names) or "–"
            raise RequestError("request_unknown_option", found=name, question=call.url.path, nearest=near)


def given(call: Request) -> dict[str, str]:
    """Return the options of an address that are not blank."""
    return {name: value for name, value in parse_qsl(call.url.query, keep_blank_values=True) if value.strip()}


def here(call: Request) -> str:
    """Return a page's own address, as the switch of languages comes back to it."""
    return call.url.path + ("?" + call.url.query if call.url.query else "")


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


def states(context: Context) -> list[tuple[str, str]]:
    """Return the states by code and name, in the order of their codes."""
    entries = Gazetteer.of(context.facts).entries
    return sorted((one.code, one.name) for one in entries if one.kind == "state")


def together(answers: Mapping[str, Answer[Any, Any]]) -> Response:
    """Return the answers that a page shows, by their names on it, as JSON."""
    return JSONResponse({name: json.loads(one.json()) for name, one in answers.items()})
