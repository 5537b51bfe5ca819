"""The brief: chosen, written by the worker, read online and taken away in four writings.

``/brief.json`` says what there is of the brief that an address asks for: how far its run is, or its files.
"""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from merida.errors import MeridaError, RequestError
from merida.framework import Framework
from merida.words import Words
from merida.workbench import briefs, pages
from merida.workbench.bench import Bench, context_for, context_of, here, owner_of, words_of
from merida.workbench.briefs import WRITINGS, WriteBrief
from merida.workbench.kept_pages import note_change
from merida.workbench.rooms.questions import far, page_of_run
from merida.workbench.runs import Run
from merida.workbench.safety import Refused, is_foreign

TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown; charset=utf-8",
    "zip": "application/zip",
}
STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)


def router(bench: Bench) -> APIRouter:
    """Return the addresses of the brief."""
    routes = APIRouter()

    @routes.get("/brief")
    async def brief(call: Request) -> Response:
        return await bench.page(call, lambda: page(bench, call))

    @routes.get("/brief.json")
    async def brief_json(call: Request) -> Response:
        return await run_in_threadpool(as_json, bench, call)

    @routes.get("/brief/read")
    async def online(call: Request) -> Response:
        return await run_in_threadpool(file, call, "html", False)

    @routes.get("/brief/files/{ending}")
    async def taken(call: Request, ending: str) -> Response:
        return await run_in_threadpool(file, call, ending, True)

    return routes


def asked(call: Request) -> WriteBrief:
    """Return the brief that an address asks for; what a form left blank is not given."""
    pairs = [
        (name, value) for name, value in parse_qsl(call.url.query, keep_blank_values=True) if value.strip()
    ]
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise RequestError("request_twice", option=name)
    return briefs.brief_of(dict(pairs))


def found(bench: Bench, call: Request, request: WriteBrief) -> bytes | Run | None:
    """Return a brief's archive, or the run that writes it; None where another site's page asked for it."""
    note_change()  # the cache may let go of its files
    archive = briefs.written(request, context_for(request))
    if archive is not None:
        return archive
    last = bench.runs.last(request)
    if last is not None and last.state != "done":
        return last
    return None if is_foreign(dict(call.headers)) else bench.begin(request, owner_of(call))


def page(bench: Bench, call: Request) -> Response:
    """Return the page of the brief: its form, and its files, its run or the error."""
    said, query = words_of(call), call.url.query
    archive: bytes | None = None
    run: Run | None = None
    request, error = None, ""
    try:
        if query:
            request = asked(call)
            held = found(bench, call, request)
            archive, run = (held, None) if isinstance(held, bytes) else (None, held)
    except MeridaError as failure:
        error = failure.message(said.language)
    address = request.url().partition("?")[2] if request else ""
    given = dict(parse_qsl(query))
    shown = pages.page(
        "brief.html.j2", said, here(call), title=said.text("workbench_brief.title"),
        given=given, readers=list(readers(given, said)), error=error, address=address, request=request,
        writings=sizes(archive, said) if archive else [], **pages.at_work(run, said),
    )  # fmt: skip
    if error:
        return Response(shown, status_code=400, media_type=TYPES["html"])
    return page_of_run(shown, run)


def readers(given: dict[str, str], said: Words) -> list[tuple[str, str]]:
    """Return readers that the form offers, each as it is written and by name: pillars, programmes and plans."""
    name = given.get("framework") if given.get("framework") in ("merida", "bicentennial") else "merida"
    framework: Framework = context_of(None, name or "merida").framework
    return [
        *((f"pillar:{code}", getattr(one.title, said.language)) for code, one in framework.pillars.items()),
        *(
            (f"programme:{code}", getattr(one.title, said.language))
            for code, one in framework.programmes.items()
        ),
        *((f"plan:{plan}", plan) for plan in (*framework.plans, "continuation")),
    ]


def sizes(archive: bytes, said: Words) -> list[tuple[str, str]]:
    """Return the endings of a brief's files with the size of each, in kilobytes."""
    held = briefs.files(archive)
    sized = {name.rpartition(".")[2]: len(content) for name, content in held.items() if "/" not in name}
    sized["zip"] = len(archive)
    return [(ending, said.number(sized[ending] / 1e3)) for ending in (*WRITINGS, "zip") if ending in sized]


def as_json(bench: Bench, call: Request) -> Response:
    """Return what there is of the brief that an address asks for."""
    if not call.url.query:
        return JSONResponse({"question": "brief", "options": WriteBrief.model_json_schema()["properties"]})
    request = asked(call)
    held = found(bench, call, request)
    if not isinstance(held, bytes):
        return far(held, words_of(call))
    query = request.url().partition("?")[2]
    links = {ending: f"/brief/files/{ending}?{query}" for ending in (*WRITINGS, "zip")}
    return JSONResponse({"question": "brief", "request": request.data(), "state": "done", "files": links})


def file(call: Request, ending: str, taken: bool) -> Response:
    """Return one file of a brief that is written."""
    if ending not in TYPES:
        raise Refused(404, "nothing")
    request = asked(call)
    archive = briefs.written(request, context_for(request))
    if archive is None:
        raise Refused(404, "no_brief")
    named, content = f"brief.{request.language}.zip", archive
    if ending != "zip":
        named, content = next(
            (name, held)
            for name, held in briefs.files(archive).items()
            if "/" not in name and name.endswith(f".{ending}")
        )
    headers = {"Content-Disposition": f'attachment; filename="{named}"'} if taken else {}
    if ending == "html":
        headers["Content-Security-Policy"] = policy(content)
    return Response(content, media_type=TYPES[ending], headers=headers)


def policy(content: bytes) -> str:
    """Return what a brief's page may load: its own styles by their hashes, and the letters and maps that stand in it."""
    sums = (base64.b64encode(hashlib.sha256(style).digest()).decode() for style in STYLE.findall(content))
    styles = " ".join(f"'sha256-{one}'" for one in sums)
    return (
        f"default-src 'none'; style-src {styles}; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
