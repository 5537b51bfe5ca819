"""Every question as a form with its answer: as a page, as JSON, as a table, as a picture."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from merida.answers import Answer
from merida.answers.registry import QUESTIONS, question
from merida.charts.theme import svg
from merida.document.frames import WRITERS
from merida.errors import RequestError
from merida.words import Words
from merida.workbench import asked, finding, pages
from merida.workbench.bench import Bench, context_of, here, only, words_of
from merida.workbench.runs import LIVE, Run
from merida.workbench.safety import Refused

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
FORMS = ("json", "svg", *WRITERS)


def router(bench: Bench) -> APIRouter:
    """Return the addresses of the list of questions, of the search, and of every question."""
    routes = APIRouter()

    @routes.get("/questions")
    async def every(call: Request) -> Response:
        only(call)
        said = words_of(call)
        title = said.text("workbench.title")
        return await bench.page(
            call,
            lambda: HTMLResponse(
                pages.page("questions.html.j2", said, "/questions", title=title, rooms=pages.rooms(said))
            ),
        )

    @routes.get("/find")
    async def find(call: Request, q: str = "") -> Response:
        only(call, "q")
        said = words_of(call)
        found = await run_in_threadpool(finding.find, q, said, context_of(None, "merida"))
        template = "found.html.j2" if call.headers.get("hx-request") else "find.html.j2"
        title = said.text("workbench.find")
        return HTMLResponse(pages.page(template, said, here(call), title=title, found=found, wanted=q))

    @routes.get("/find.json")
    async def find_json(call: Request, q: str = "") -> Response:
        only(call, "q")
        found = await run_in_threadpool(finding.find, q, words_of(call), context_of(None, "merida"))
        return JSONResponse({"found": [asdict(one) for one in found]})

    @routes.get("/{path:path}")
    async def ask(call: Request, path: str) -> Response:
        if path.rpartition(".")[2] in FORMS:
            return await run_in_threadpool(answer_page, bench, call, path)
        return await bench.page(call, lambda: answer_page(bench, call, path))

    return routes


def answer_page(bench: Bench, call: Request, path: str) -> Response:
    """Return what an address asks for, in the form that its ending names."""
    name, _, form = path.rpartition(".") if path.rpartition(".")[2] in FORMS else (path, "", "")
    asking = name.strip("/").replace("/", ".")
    if asking not in set(asked.open_questions()):
        if asking in QUESTIONS:
            raise RequestError("workbench_not_here", question=asking.replace(".", " "))
        raise Refused(404, "nothing")
    if form:
        request = asked.read(asking, call.url.query)
        found = bench.of(call, request)
        return (
            file_of(found, form, words_of(call)) if isinstance(found, Answer) else far(found, words_of(call))
        )
    return asked_page(bench, call, asking)


def asked_page(bench: Bench, call: Request, path: str) -> Response:
    """Return the page of a question: what was asked, and its answer, its error or how far its run is."""
    said, query, address = words_of(call), call.url.query, here(call)
    given = several(query)
    if not query and not ready(path):
        return HTMLResponse(pages.asked_page(path, said, address, given))
    found, error = bench.asked(call, path)
    if error:
        return HTMLResponse(pages.asked_page(path, said, address, given, error=error), status_code=400)
    if isinstance(found, Answer):
        return HTMLResponse(pages.asked_page(path, said, address, given, found))
    return page_of_run(pages.asked_page(path, said, address, given, run=found), found)


def page_of_run(page: str, run: Run | None) -> Response:
    """Return a page that says how far a run is: 202 while it is at work."""
    return HTMLResponse(page, status_code=202 if run is not None and run.state in LIVE else 200)


def file_of(found: Answer[Any, Any], form: str, said: Words) -> Response:
    """Return an answer as JSON, as a picture, or its main table as a file."""
    if form == "json":
        return Response(found.json(), media_type="application/json")
    if form == "svg":
        return Response(svg(found.specification("", said.language)), media_type="image/svg+xml")
    if not found.tables():
        raise RequestError("no_csv", question=found.question.name.replace(".", " "))
    named = f'attachment; filename="{found.question.name.replace(".", "-")}.{form}"'
    own = found.question.writers.get(form)
    body = own(found) if own else WRITERS[form](found.table())
    return Response(body, media_type=TYPES[form], headers={"Content-Disposition": named})


def far(run: Run | None, said: Words) -> Response:
    """Return how far a run is, as JSON: 202 while it is at work, 409 where it ended without an answer or none began."""
    if run is None:
        return JSONResponse({"state": "not begun", "done": 0, "total": 0, "error": ""}, status_code=409)
    body = {"state": run.state, "done": run.done, "total": run.total, "error": pages.failure(run, said)}
    return JSONResponse(body, status_code=202 if run.state in LIVE else 409)


def ready(path: str) -> bool:
    """Tell whether a question is answered without any option, and at once."""
    found = question(path)
    return not found.kept and not any(field.is_required() for field in found.request.model_fields.values())


def several(query: str) -> dict[str, Any]:
    """Return the options of a query, as a form shows them: an option that is repeated is a tuple."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found[name] = (*found[name], value) if isinstance(found.get(name), tuple) else (value,)
    return found
