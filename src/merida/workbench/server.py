"""The server: every address is a question with its options, as a page, as JSON, as a table or as a picture."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from merida.errors import MeridaError
from merida.words import LANGUAGES
from merida.workbench import pages
from merida.workbench.bench import Bench, failed, known, only, words_of
from merida.workbench.described import described
from merida.workbench.rooms import ROOMS
from merida.workbench.runs import Runs
from merida.workbench.safety import Guard, Refused, check, local


def application(runs: Runs) -> FastAPI:
    """Return the application around a table of runs."""
    bench = Bench(runs)
    app = FastAPI(title="Mérida", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.bench = bench
    app.add_middleware(Guard)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)

    @app.middleware("http")
    async def guarded(call: Request, go_on: Any) -> Response:
        try:
            check(dict(call.headers), call.method, str(call.url))
            response: Response = await go_on(call)
        except Refused as refused:
            return failed(call, words_of(call).text(f"workbench.refused.{refused.reason}"), refused.status)
        return response if call.url.path.startswith("/static/") else known(call, response)

    @app.exception_handler(Refused)
    async def refuse(call: Request, refused: Refused) -> Response:
        return failed(call, words_of(call).text(f"workbench.refused.{refused.reason}"), refused.status)

    @app.exception_handler(MeridaError)
    async def told(call: Request, error: MeridaError) -> Response:
        return failed(call, error.message(words_of(call).language), 400)

    @app.exception_handler(HTTPException)
    async def unreadable(call: Request, error: HTTPException) -> Response:
        reason = {404: "nothing", 405: "method", 413: "body"}.get(error.status_code, "unreadable")
        return failed(call, words_of(call).text(f"workbench.refused.{reason}"), error.status_code)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody reads it

    @app.exception_handler(Exception)
    async def fault(call: Request, _: Exception) -> Response:
        return failed(call, words_of(call).text("errors.workbench_fault"), 500)

    @app.get("/static/{digest}/{name}")
    async def static(call: Request) -> Response:
        only(call)
        held = pages.assets().get(call.url.path)
        if held is None:
            return failed(call, words_of(call).text("workbench.refused.nothing"), 404)
        return Response(
            held[0], media_type=held[1], headers={"Cache-Control": "public, max-age=31536000, immutable"}
        )

    @app.get("/favicon.ico")
    async def icon() -> Response:
        return RedirectResponse(pages.asset("icon.svg"), status_code=308)

    @app.get("/openapi.json")
    async def openapi(call: Request) -> Response:
        only(call)
        return JSONResponse(await run_in_threadpool(described))

    @app.get("/language/{language}")
    async def language(call: Request, language: str, back: str = "/") -> Response:
        only(call, "back")
        response = RedirectResponse(local(back) or "/", status_code=303)
        if language in LANGUAGES:
            response.set_cookie("language", language, max_age=31_536_000, samesite="lax", httponly=True)
        return response

    for room in ROOMS:
        app.include_router(room(bench))
    return app
