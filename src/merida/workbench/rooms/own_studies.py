"""A table of studies that a reader pastes or uploads: pooled and shown, its faults beside their lines, nothing kept."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from fastapi import APIRouter
from fastapi import Request as Call
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import UploadFile

from merida.answers import Answer
from merida.answers.evidence.pool import Interval, Measure, Method, Pool
from merida.answers.registry import question
from merida.errors import MeridaError, RequestError
from merida.progress import Work
from merida.words import Words
from merida.workbench import pages
from merida.workbench.bench import Bench, context_of, here, only, owner_of, words_of
from merida.workbench.safety import MOST_BODY
from merida.workbench.uploads import plain_name

NAME = "table.csv"  # what a table that was pasted is called
MOST_ROWS = 2000  # studies that are pooled while a page waits
CHOICES: dict[str, tuple[str, ...]] = {
    "measure": ("", *get_args(Measure)),
    "method": get_args(Method),
    "interval": get_args(Interval),
}
OPTIONS = (*CHOICES, "columns", "moderators", "cluster", "bias")
EXAMPLE = "trial,tpos,tneg,cpos,cneg\n1,4,119,11,128\n2,6,300,29,274\n3,3,228,11,209\n4,62,13536,248,12619\n"


def router(bench: Bench) -> APIRouter:
    """Return the addresses of the reader's own table."""
    routes = APIRouter()

    @routes.get("/evidence/table")
    async def empty(call: Call) -> Response:
        only(call)
        return HTMLResponse(shown(words_of(call), call, {}, ""))

    @routes.post("/evidence/table")
    @routes.post("/evidence/table.json")
    async def pooled(call: Call) -> Response:
        only(call)
        bench.rate.take(owner_of(call))
        async with call.form(max_files=1, max_fields=len(OPTIONS) + 1, max_part_size=MOST_BODY) as form:
            given = {name: value for name, value in form.items() if isinstance(value, str)}
            file = form.get("file")
            content, name = given.pop("table", "").replace("\r\n", "\n").encode(), NAME
            if isinstance(file, UploadFile) and file.filename:
                content, name = await file.read(), plain_name(file.filename)
        return await run_in_threadpool(pooled_page, call, given, content, name)

    return routes


def pooled_page(call: Call, given: Mapping[str, str], content: bytes, name: str) -> Response:
    """Return the meta-analysis of a table, or its faults, each beside its line."""
    said, form = words_of(call), call.url.path.endswith(".json")
    options = {option: value.strip() for option, value in given.items() if value.strip()}
    table = "" if b"\0" in content else content.decode("utf-8", "replace")  # a workbook has no text to show
    try:
        found = pool(content, name, options)
    except MeridaError as error:
        if form:
            raise
        faults = fault_lines(error, name, said)
        told = {
            "error": "" if faults else plain_message(error, name, said),
            "faults": faults,
            "lines": [(at, line, at in faults) for at, line in enumerate(table.splitlines(), 1)],
        }
        return HTMLResponse(shown(said, call, options, table, **told), status_code=400)
    if form:
        return Response(found.json(), media_type="application/json")
    return HTMLResponse(shown(said, call, options, table, answer=pages.shown(found, said)))


def pool(content: bytes, name: str, options: Mapping[str, str]) -> Answer[Any, Any]:
    """Return the meta-analysis of a table; it stands in a file of its own only while it is read.

    Raises
    ------
    MeridaError
        If an option is not known, there is no table, or something in it is not as it must be.
    """
    for option in options:
        if option not in OPTIONS:
            raise RequestError(
                "request_unknown_option", found=option[:40], question="evidence pool", nearest="–"
            )
    if not content.strip():
        raise RequestError("workbench_no_table")
    if content.count(b"\n") > MOST_ROWS:
        raise RequestError("workbench_table_long", most=MOST_ROWS, found=content.count(b"\n"))
    asked = question("evidence.pool")
    with tempfile.TemporaryDirectory(prefix="merida-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        payload: Any = asked.ask(Pool.of({**options, "file": str(path)}), context_of(None, "merida"), Work())
    request = Pool.of({**options, "file": name})
    return Answer(asked, request, replace(payload, file=name), context_of(None, "merida"))


def plain_message(error: MeridaError, name: str, said: Words) -> str:
    """Return an error without the place where the table stood for a moment."""
    values = {key: name if key == "file" else value for key, value in error.values.items()}
    return type(error)(error.key, **values).message(said.language)


def fault_lines(error: MeridaError, name: str, said: Words) -> dict[int, list[tuple[str, str]]]:
    """Return the faults of a table by line, each with its column and what is wrong; empty where none says its line."""
    faults = error.values.get("faults", (error,))
    found: dict[int, list[tuple[str, str]]] = {}
    for fault in faults if isinstance(faults, list | tuple) else ():
        line = fault.values.get("line")
        if isinstance(line, int):
            column = str(fault.values.get("column", ""))
            found.setdefault(line, []).append((column, plain_message(fault, name, said)))
    return found


def shown(said: Words, call: Call, options: Mapping[str, str], table: str, **values: Any) -> str:
    """Return the page of the reader's own table."""
    empty: dict[str, Any] = {"answer": None, "error": "", "lines": [], "faults": {}}
    return pages.page(
        "evidence_table.html.j2",
        said,
        here(call),
        title=said.text("workbench_evidence.own"),
        options=options,
        table=table,
        example=EXAMPLE,
        choices=CHOICES,
        **(empty | values),
    )
