"""The record: its tables and how fresh they are, each with the origin of its columns, queries, and files of one's own.

``/data.json`` holds the answers ``facts.list`` and ``facts.status``; ``/data/tables/NAME.json`` is ``facts.show``,
``/data/sql.json`` is ``facts.sql``, and ``/data/incoming/TOKEN.json`` what is read of a file that was sent.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from merida.answers import Answer, answer
from merida.answers.add_facts import AddFacts, marked_file
from merida.answers.facts import ListTables, ShowTable, Sql
from merida.answers.freshness import ShowStatus
from merida.answers.own_facts import DiffOwn, RemoveOwn
from merida.errors import MeridaError, RequestError
from merida.facts.own.shelf import Addition, additions
from merida.facts.schema import tables
from merida.workbench import asked, pages, uploads
from merida.workbench.bench import Bench, context_of, here, only, owner_of, together, words_of
from merida.workbench.safety import Refused

OPTIONS = ("table", "available_from", "skip_bad", "sheet", "separator", "decimal")
"""What a reader may say of a file that was sent."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_FIELD = 2_000  # bytes of one field beside the file


def router(bench: Bench) -> APIRouter:  # an address each
    """Return the addresses of the record."""
    routes = APIRouter()

    @routes.get("/data")
    async def everything(call: Request) -> Response:
        return await bench.page(call, lambda: overview(bench, call))

    @routes.get("/data.json")
    async def everything_json(call: Request) -> Response:
        only(call)
        given = (bench.answered(one, owner_of(call), True) for one in (ListTables(), ShowStatus()))
        held = await run_in_threadpool(
            lambda: {one.question.name: one for one in given if isinstance(one, Answer)}
        )
        return together(held)

    @routes.get("/data/tables/{name}.json")
    async def one_table_json(call: Request, name: str) -> Response:
        return RedirectResponse(with_query("/facts/show.json", {"table": name, **options(call)}), 307)

    @routes.get("/data/tables/{name}")
    async def one_table(call: Request, name: str) -> Response:
        return await bench.page(call, lambda: table(bench, call, name))

    @routes.get("/data/sql")
    async def sql(call: Request) -> Response:
        return await run_in_threadpool(query, bench, call)

    @routes.get("/data/sql.json")
    async def sql_json(call: Request) -> Response:
        return RedirectResponse(with_query("/facts/sql.json", options(call)), 307)

    @routes.post("/data/add")
    async def send(call: Request) -> Response:
        only(call)
        bench.rate.take(owner_of(call))
        async with call.form(max_files=1, max_fields=len(OPTIONS), max_part_size=MOST_FIELD) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise RequestError("workbench_no_upload")
            said_of_it = {name: str(form[name]) for name in OPTIONS if form.get(name)}
            token = await run_in_threadpool(uploads.keep, file.file, file.filename)
        return RedirectResponse(with_query(f"/data/incoming/{token}", said_of_it), 303)

    @routes.get("/data/incoming/{token}.json")
    async def dry_json(call: Request, token: str) -> Response:
        return await run_in_threadpool(incoming_json, bench, call, token)

    @routes.get("/data/incoming/{token}/marked.xlsx")
    async def marked(call: Request, token: str) -> Response:
        return await run_in_threadpool(marked_response, bench, call, token)

    @routes.get("/data/incoming/{token}")
    async def dry(call: Request, token: str) -> Response:
        return await run_in_threadpool(incoming, bench, call, token)

    @routes.post("/data/incoming/{token}")
    async def add(call: Request, token: str) -> Response:
        form = dict(parse_qsl((await call.body()).decode("utf-8", "replace")))
        return await run_in_threadpool(added, bench, call, token, form)

    @routes.get("/data/own/{identity}.json")
    async def one_own_json(call: Request, identity: str) -> Response:
        return RedirectResponse(with_query("/facts/diff.json", {"id": identity, **options(call)}), 307)

    @routes.get("/data/own/{identity}")
    async def one_own(call: Request, identity: str) -> Response:
        return await run_in_threadpool(own, bench, call, identity)

    @routes.post("/data/own/{identity}/remove")
    async def remove(call: Request, identity: str) -> Response:
        only(call)
        await run_in_threadpool(answer, RemoveOwn.of({"id": identity}))
        return RedirectResponse("/data#own", 303)

    return routes


def with_query(path: str, values: dict[str, str]) -> str:
    """Return an address with its options."""
    return path + ("?" + urlencode(values) if values else "")


def options(call: Request) -> dict[str, str]:
    """Return the options of an address that are not blank."""
    return {name: value for name, value in parse_qsl(call.url.query, keep_blank_values=True) if value}


def got(bench: Bench, request: Any, call: Request) -> Answer[Any, Any]:
    """Return the answer to a question that takes no run."""
    asked.check(request)
    return bench.at_once(request, owner_of(call))


def overview(bench: Bench, call: Request) -> Response:
    """Return the page of all tables."""
    only(call)
    said = words_of(call)
    listed, fresh = got(bench, ListTables(), call), bench.ready(ShowStatus())
    states = {one.table: one for one in fresh.payload.tables} if fresh else {}
    rooms: dict[str, list[dict[str, Any]]] = {}
    for line in listed.payload.tables:
        state = states.get(line.table)
        rooms.setdefault(tables()[line.table].room, []).append(
            {
                "name": line.table,
                "title": line.title.to(said.language),
                "institution": line.institution.to(said.language),
                "period": line.period.to(said.language),
                "state": state.state if state else "",
                "last": (state.last if state else "") or "",
            }
        )
    page = pages.page(
        "data.html.j2", said, here(call), title=said.text("workbench_data.title"), rooms=rooms, own=additions(),
        known=sorted(tables()), fresh=pages.shown(fresh, said) if fresh else None, sample=Sql.example["query"],
    )  # fmt: skip
    return HTMLResponse(page)


def table(bench: Bench, call: Request, name: str) -> Response:
    """Return the page of one table."""
    said = words_of(call)
    shown = got(bench, ShowTable.of({**options(call), "table": name}), call)
    whole = shown.request.with_options(rows=max(shown.payload.rows_in_all, 1)).url().partition("?")[2]
    page = pages.page(
        "data_table.html.j2", said, here(call), title=name, name=name, answer=pages.shown(shown, said), whole=whole,
        about=shown.payload.table["title"][said.language], count=shown.payload.rows_in_all,
        own=[one for one in additions() if one.table == name], query=f"select * from {name} limit 20",
        as_of=shown.request.as_of or "",
    )  # fmt: skip
    return HTMLResponse(page)


def query(bench: Bench, call: Request) -> Response:
    """Return the page of a query: the rows, or what is wrong with it."""
    said, given = words_of(call), options(call)
    found, error = None, ""
    if given:
        try:
            found = got(bench, Sql.of(given), call)
        except MeridaError as failure:
            error = failure.message(said.language)
    page = pages.page(
        "data_sql.html.j2", said, here(call), title=said.text("workbench_data.sql"), query=given.get("query", ""),
        as_of=given.get("as_of", ""), known=sorted(tables()), answer=pages.shown(found, said) if found else {},
        error=error, sample=Sql.example["query"],
    )  # fmt: skip
    return HTMLResponse(page, status_code=400 if error else 200)


def reading_of(token: str, said_of_it: dict[str, str], dry: bool = True) -> AddFacts:
    """Return the question how a file that was sent fits the record."""
    for name in said_of_it:
        if name not in OPTIONS:
            near = ", ".join(OPTIONS)
            raise RequestError("request_unknown_option", found=name, question="facts.add", nearest=near)
    return AddFacts.of({**said_of_it, "file": str(uploads.path_of(token)), "dry_run": dry})


def without_folder(text: str, token: str) -> str:
    """Return a message in which a file that was sent goes by its name."""
    return text.replace(f"{uploads.folder() / token}/", "")


def read(bench: Bench, call: Request, request: AddFacts) -> Answer[Any, Any]:
    """Read a file that was sent, in one of the few places for that."""
    bench.rate.take(owner_of(call))
    with bench.turn():
        return answer(request, context_of(None, "merida"))


def incoming(bench: Bench, call: Request, token: str, status: int = 200) -> Response:
    """Return the page of a file that was sent: what adding it would change, or its faults in place."""
    said, given = words_of(call), options(call)
    path = uploads.path_of(token)
    shown: dict[str, Any] = {}
    faults: list[str] = []
    try:
        shown = pages.shown(read(bench, call, reading_of(token, given)), said)
    except MeridaError as error:
        faults = without_folder(error.message(said.language), token).splitlines()
        status = 400
    page = pages.page(
        "data_incoming.html.j2", said, here(call), title=path.name, token=token, given=given, answer=shown,
        faults=faults, known=sorted(tables()), query=urlencode(given),
    )  # fmt: skip
    return HTMLResponse(page, status_code=status)


def incoming_json(bench: Bench, call: Request, token: str) -> Response:
    """Return what is read of a file that was sent, as JSON that names the file and no folder."""
    try:
        held = read(bench, call, reading_of(token, options(call)))
    except MeridaError as error:
        message = without_folder(error.message(words_of(call).language), token)
        return JSONResponse({"error": {"status": 400, "message": message}}, status_code=400)
    body = json.loads(held.json())
    body["request"]["file"] = held.payload.file
    return JSONResponse(body)


def marked_response(bench: Bench, call: Request, token: str) -> Response:
    """Return a file that was sent as a workbook in which the wrong cells are coloured."""
    request = reading_of(token, options(call))
    bench.rate.take(owner_of(call))
    with bench.turn():
        content = marked_file(request, context_of(None, "merida"), words_of(call).language)
    if content is None:
        raise Refused(404, "no_faults")
    return Response(
        content, media_type=XLSX, headers={"Content-Disposition": 'attachment; filename="marked.xlsx"'}
    )


def added(bench: Bench, call: Request, token: str, form: dict[str, str]) -> Response:
    """Add a file that was sent to the record, and lead to what that changed."""
    held = read(bench, call, reading_of(token, form, dry=False))
    uploads.drop(token)
    return RedirectResponse(f"/data/own/{held.payload.id}", 303)


def own(bench: Bench, call: Request, identity: str) -> Response:
    """Return the page of one addition: what it changes, its rows, and how to remove it."""
    said = words_of(call)
    changed = got(bench, DiffOwn.of({**options(call), "id": identity}), call)
    about: Addition = next(one for one in additions() if one.id == identity)
    page = pages.page(
        "data_own.html.j2", said, here(call), title=identity, about=about, answer=pages.shown(changed, said)
    )
    return HTMLResponse(page)
