"""Runs: asking again, stopping, how far one is as it goes, and whether the worker is ready."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from merida.errors import RequestError
from merida.words import Words
from merida.workbench import asked, briefs, pages
from merida.workbench.bench import Bench, only, owner_of, words_of
from merida.workbench.runs import LIVE
from merida.workbench.safety import Refused, local

LOOK_SECONDS = 0.1  # between two looks at the table
WATCH_SECONDS = 0.5  # between two words to the table that somebody looks


def router(bench: Bench) -> APIRouter:
    """Return the addresses of runs."""
    routes = APIRouter()

    @routes.get("/ready.json")
    async def ready(call: Request) -> Response:
        only(call)
        return JSONResponse({"pages": True, "worker": bench.runs.is_warm()})

    @routes.post("/runs")
    async def again(call: Request) -> Response:
        form = dict(parse_qsl((await call.body()).decode("utf-8", "replace")))
        request = briefs.read(form.get("request", ""))
        if request.question not in (briefs.WriteBrief.question, *asked.open_questions()):
            raise RequestError("workbench_not_here", question=request.question.replace(".", " "))
        asked.check(request)
        bench.begin(request, owner_of(call))
        return RedirectResponse(local(form.get("back", "")) or request.url(), status_code=303)

    @routes.post("/runs/{identity}/cancel")
    async def cancel(call: Request, identity: str) -> Response:
        form = dict(parse_qsl((await call.body()).decode("utf-8", "replace")))
        run = bench.runs.of(identity)
        bench.runs.cancel(identity)
        own = briefs.read(run.request).url() if run else "/"
        return RedirectResponse(local(form.get("back", "")) or own, status_code=303)

    @routes.get("/runs/{identity}/events")
    async def events(call: Request, identity: str) -> Response:
        only(call)
        if bench.runs.of(identity) is None:
            raise Refused(404, "nothing")
        told = follow(bench, call, identity, words_of(call))
        return StreamingResponse(told, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return routes


async def follow(bench: Bench, call: Request, identity: str, said: Words) -> AsyncIterator[str]:
    """Yield how far a run is whenever that changes, then that it ended; tell the table that somebody looks, or left."""
    last, watched = "", 0.0
    try:
        while not await call.is_disconnected():
            run = await run_in_threadpool(bench.runs.of, identity)
            if run is None or run.state not in LIVE:
                yield "event: ended\ndata: .\n\n"
                return
            if time.monotonic() - watched > WATCH_SECONDS:
                await run_in_threadpool(bench.runs.watch, identity)
                watched = time.monotonic()
            now = pages.run_step(run, said)
            if now != last:
                last = now
                yield "event: step\n" + "".join(f"data: {line}\n" for line in now.splitlines()) + "\n"
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        bench.runs.watch(identity, left=True)
