"""The server: every address is a question with its options, as a page, as JSON, as a table or as a picture."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from merida.answers import Answer, answer, store
from merida.answers import Request as Asked
from merida.answers.context import Context
from merida.answers.registry import QUESTIONS, from_json, question
from merida.charts.theme import svg
from merida.document.frames import WRITERS
from merida.errors import MeridaError, RequestError
from merida.words import LANGUAGES, Words, words
from merida.workbench import asked, pages
from merida.workbench.described import described
from merida.workbench.runs import LIVE, Run, Runs
from merida.workbench.safety import Guard, Rate, Refused, check, is_foreign

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
FORMS = ("json", "svg", *WRITERS)
MOST_RUNS = 8  # of one browser, queued or running


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


def application(runs: Runs) -> FastAPI:
    """Return the application around a table of runs."""
    bench = Bench(runs)
    app = FastAPI(title="Mérida", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)

    @app.middleware("http")
    async def guarded(call: Request, go_on: Any) -> Response:
        try:
            check(dict(call.headers), call.method, str(call.url))
            if not call.url.path.startswith("/static/"):
                bench.rate.take(owner_of(call))
            response: Response = await go_on(call)
        except Refused as refused:
            return failed(call, words_of(call).text(f"workbench.refused.{refused.reason}"), refused.status)
        return response

    @app.exception_handler(Refused)
    async def refuse(call: Request, refused: Refused) -> Response:
        return failed(call, words_of(call).text(f"workbench.refused.{refused.reason}"), refused.status)

    @app.exception_handler(MeridaError)
    async def told(call: Request, error: MeridaError) -> Response:
        return failed(call, error.message(words_of(call).language), 400)

    @app.exception_handler(Exception)
    async def fault(call: Request, _: Exception) -> Response:
        return failed(call, words_of(call).text("errors.workbench_fault"), 500)

    @app.get("/static/{digest}/{name}")
    async def static(call: Request) -> Response:
        held = pages.assets().get(call.url.path)
        if held is None:
            return failed(call, words_of(call).text("workbench.refused.nothing"), 404)
        return Response(
            held[0], media_type=held[1], headers={"Cache-Control": "public, max-age=31536000, immutable"}
        )

    @app.get("/openapi.json")
    async def openapi() -> Response:
        return JSONResponse(described())

    @app.get("/language/{language}")
    async def language(call: Request, language: str, back: str = "/") -> Response:
        here = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
        response = RedirectResponse(here, status_code=303)
        if language in LANGUAGES:
            response.set_cookie("language", language, max_age=31_536_000, samesite="lax", httponly=True)
        return response

    @app.get("/")
    async def home(call: Request) -> Response:
        return HTMLResponse(
            pages.page("home.html.j2", words_of(call), "/", title="Mérida", found=None, wanted="")
        )

    @app.get("/find")
    async def find(call: Request, q: str = "") -> Response:
        said = words_of(call)
        found = await run_in_threadpool(pages.find, q, said, context_of(None, "merida"))
        here = str(call.url.path) + ("?" + call.url.query if call.url.query else "")
        return HTMLResponse(
            pages.page("home.html.j2", said, here, title=said.text("workbench.find"), found=found, wanted=q)
        )

    @app.post("/runs")
    async def again(call: Request) -> Response:
        form = dict(parse_qsl((await call.body()).decode("utf-8", "replace")))
        request = from_json(form.get("request", ""))
        if request.question not in set(asked.open_questions()):
            raise RequestError("workbench_not_here", question=request.question.replace(".", " "))
        asked.check(request)
        bench.begin(request, owner_of(call))
        return RedirectResponse(request.url(), status_code=303)

    @app.post("/runs/{identity}/cancel")
    async def cancel(identity: str) -> Response:
        run = bench.runs.of(identity)
        bench.runs.cancel(identity)
        return RedirectResponse(from_json(run.request).url() if run else "/", status_code=303)

    @app.get("/{path:path}")
    async def ask(call: Request, path: str) -> Response:
        return await run_in_threadpool(answer_page, bench, call, path)

    return app


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
        found = bench.answered(request, owner_of(call), not is_foreign(dict(call.headers)))
        return (
            file_of(found, form, words_of(call)) if isinstance(found, Answer) else far(found, words_of(call))
        )
    return asked_page(bench, call, asking, f"/{path}")


def asked_page(bench: Bench, call: Request, path: str, here: str) -> Response:
    """Return the page of a question: what was asked, and its answer, its error or how far its run is."""
    said, query = words_of(call), call.url.query
    here += "?" + query if query else ""
    given = several(query)
    if not query and not ready(path):
        return HTMLResponse(pages.asked_page(path, said, here, given))
    try:
        request = asked.read(path, query)
        found = bench.answered(request, owner_of(call), not is_foreign(dict(call.headers)))
    except MeridaError as error:
        message = error.message(said.language)
        return HTMLResponse(pages.asked_page(path, said, here, given, error=message), status_code=400)
    if isinstance(found, Answer):
        return HTMLResponse(pages.asked_page(path, said, here, given, found))
    live = found is not None and found.state in LIVE
    page = pages.asked_page(path, said, here, given, run=found)
    return HTMLResponse(page, status_code=202 if live else 200, headers={"Refresh": "1"} if live else {})


def file_of(found: Answer[Any, Any], form: str, said: Words) -> Response:
    """Return an answer as JSON, as a picture, or its main table as a file."""
    if form == "json":
        return Response(found.json(), media_type="application/json")
    if form == "svg":
        return Response(svg(found.specification("", said.language)), media_type="image/svg+xml")
    if not found.tables():
        raise RequestError("no_csv", question=found.question.name.replace(".", " "))
    named = f'attachment; filename="{found.question.name.replace(".", "-")}.{form}"'
    body = WRITERS[form](found.table())
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


def owner_of(call: Request) -> str:
    """Return whose browser asks: there are no accounts on a loopback address, so its address is all."""
    return call.client.host if call.client else ""


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
