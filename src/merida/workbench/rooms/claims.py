"""The memo's statements with their verdicts, figures and queries; one of them with every way of counting it.

The page takes the options of the question ``claims``, so that ``/claims.json`` is the answer that it shows.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from merida.answers import Answer
from merida.answers.claims import (
    VERDICTS,
    Checked,
    CheckedAll,
    Claims,
    Counted,
    advice_blocks,
    found_figure,
    memo_figure,
    verdict,
)
from merida.answers.facts import Sql
from merida.claims.claims import TOPICS, Claim, find
from merida.document.values import written
from merida.document.web import render
from merida.errors import MeridaError
from merida.words import Words
from merida.workbench import asked, pages
from merida.workbench.bench import Bench, context_of, here, words_of
from merida.workbench.rooms.questions import page_of_run
from merida.workbench.runs import Run

QUESTION = Claims.question


def router(bench: Bench) -> APIRouter:
    """Return the address of the memo's statements."""
    routes = APIRouter()

    @routes.get("/claims")
    async def claims(call: Request) -> Response:
        return await bench.page(call, lambda: page(bench, call))

    return routes


def page(bench: Bench, call: Request) -> Response:
    """Return the page of the statements, how far the run is that checks them, or why its options cannot be taken."""
    said = words_of(call)
    found, error = checked(bench, call)
    values: dict[str, Any] = {"answer": {}, "topics": [], "tally": [], "one": None, "advice": ""}
    run = None
    if isinstance(found, Answer):
        values |= filled(found, said)
    else:
        run = found
    shown = pages.page(
        "claims.html.j2",
        said,
        here(call),
        title=pages.named(QUESTION, said),
        about=said.text(f"questions.{QUESTION}"),
        error=error,
        given=dict(parse_qsl(call.url.query)),
        **pages.at_work(run, said),
        **values,
    )
    return HTMLResponse(shown, status_code=400) if error else page_of_run(shown, run)


def checked(bench: Bench, call: Request) -> tuple[Answer[Any, Any] | Run | None, str]:
    """Return what there is of the statements: one alone is checked at once, all of them and advice in a run."""
    try:
        request = asked.read(QUESTION, call.url.query)
        assert isinstance(request, Claims)
        if request.claim is not None and isinstance(find(request.claim), Claim):
            return bench.quick(request, context_of(request.as_of, "merida")), ""
    except MeridaError as error:
        return None, error.message(words_of(call).language)
    return bench.asked(call, QUESTION)


def filled(found: Answer[Claims, CheckedAll], said: Words) -> dict[str, Any]:
    """Return what the page shows of an answer."""
    held, request = found.payload, found.request
    answer = pages.shown(found, said)
    items = [item(one, request, said) for one in held.claims]
    if request.claim is not None:
        one = items[0] | {"counts": counts(held.claims[0], request, said)} if items else None
        return {"answer": answer, "one": one}
    named = [(one, said.text(f"claims.topics.{one}")) for one in TOPICS]
    return {
        "answer": answer,
        "topics": [
            (name, held_of) for topic, name in named if (held_of := [one for one in items if one["topic"] == topic])
        ],
        "tally": [(name, sum(one.verdict == name for one in held.claims)) for name in VERDICTS],
        "advice": render(advice_blocks(held.recommendations), said),
    }  # fmt: skip


def item(claim: Checked, request: Claims, said: Words) -> dict[str, Any]:
    """Return one statement as the page shows it."""
    first = claim.first
    return {
        "topic": claim.topic,
        "said": claim.said.to(said.language),
        "url": request.with_options(claim=claim.claim).url(),
        "verdict": claim.verdict,
        "verdict_said": written(verdict(claim), said),
        "memo": written(memo_figure(claim), said) if claim.memo else "",
        "found": figure(first, first.value, said) if first else "",
        "query": query(first, request) if first else "",
        "about": first.about.to(said.language) if first else "",
        "reason": claim.reason.to(said.language) if claim.reason else "",
    }


def counts(claim: Checked, request: Claims, said: Words) -> list[dict[str, str]]:
    """Return each way of counting a statement, with the address of its query."""
    return [
        {
            "about": one.about.to(said.language),
            "reading": said.text(f"claims.readings.{one.reading}"),
            "found": figure(one, one.value, said),
            "query": query(one, request),
            "sql": one.sql,
        }
        for one in claim.definitions
    ]


def figure(one: Counted, value: float | None, said: Words) -> str:
    """Return the number that a way of counting gives, with its unit."""
    text = written(found_figure(one, value), said)
    return text if value is None or one.unit == "year" else f"{text} {said.unit(one.unit, text)}"


def query(one: Counted, request: Claims) -> str:
    """Return the address of the query that gives a number again."""
    return Sql(query=one.sql, as_of=request.as_of).url()
