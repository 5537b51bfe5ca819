"""A table of studies that a reader pastes or uploads: pooled and shown, its faults beside their lines, nothing kept."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qsl

from fastapi import APIRouter
from fastapi import Request as Call
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from merida.answers import Answer
from merida.answers.evidence.pool import Interval, Measure, Method, Pool
from merida.answers.registry import question
from merida.errors import MeridaError, RequestError
from merida.progress import Work
from merida.words import Words
from merida.workbench import pages
from merida.workbench.bench import Bench, context_of, words_of
from merida.workbench.rooms.border import here

NAME = "table.csv"  # what the reader's table is called on the page and in the command
MOST_ROWS = 2000  # studies that are pooled while a page waits
CHOICES: dict[str, tuple[str, ...]] = {
    "measure": ("", *get_args(Measure)),
    "method": get_args(Method),
    "interval": get_args(Interval),
}
OPTIONS = (*CHOICES, "columns", "moderators", "cluster", "bias")
EXAMPLE = "trial,tpos,tneg,cpos,cneg\n1,4,119,11,128\n2,6,300,29,274\n3,3,228,11,209\n4,62,13536,248,12619\n"


def router(_: Bench) -> APIRouter:
    """Return the addresses of the reader's own table."""
    routes = APIRouter()

    @routes.get("/evidence/table")
    async def empty(call: Call) -> Response:
        if call.url.query:
            raise RequestError("workbench_no_query", found=call.url.query[:60])
        return HTMLResponse(shown(words_of(call), call, {}, ""))

    @routes.post("/evidence/table")
    @routes.post("/evidence/table.json")
    async def pooled(call: Call) -> Response:
        text = (await call.body()).decode("utf-8", "replace")
        given = dict(parse_qsl(text, keep_blank_values=True))
        return await run_in_threadpool(pooled_page, call, given)

    return routes


def pooled_page(call: Call, given: Mapping[str, str]) -> Response:
    """Return the meta-analysis of a table, or its faults, each beside its line."""
    said, table = words_of(call), given.get("table", "").replace("\r\n", "\n")
    form = call.url.path.endswith(".json")
    options = {name: value.strip() for name, value in given.items() if name != "table" and value.strip()}
    try:
        found = pool(table, options)
    except MeridaError as error:
        if form:
            raise
        lines = fault_lines(error, said)
        message = "" if lines else plain_message(error, said)
        page = shown(said, call, options, table, error=message, lines=marked(table, lines), faults=lines)
        return HTMLResponse(page, status_code=400)
    if form:
        return Response(found.json(), media_type="application/json")
    return HTMLResponse(shown(said, call, options, table, answer=pages.shown(found, said)))


def pool(table: str, options: Mapping[str, str]) -> Answer[Any, Any]:
    """Return the meta-analysis of a table as text; it stands in a file of its own only while it is read.

    Raises
    ------
    MeridaError
        If an option is not known, there is no table, or something in it is not as it must be.
    """
    for name in options:
        if name not in OPTIONS:
            raise RequestError(
                "request_unknown_option", found=name[:40], question="evidence pool", nearest="–"
            )
    if not table.strip():
        raise RequestError("workbench_no_table")
    if table.count("\n") > MOST_ROWS:
        raise RequestError("workbench_table_long", most=MOST_ROWS, found=table.count("\n"))
    asked = question("evidence.pool")
    with tempfile.TemporaryDirectory(prefix="merida-") as folder:
        path = Path(folder) / NAME
        path.write_text(table, encoding="utf-8")
        payload: Any = asked.ask(Pool.of({**options, "file": str(path)}), context_of(None, "merida"), Work())
    request = Pool.of({**options, "file": NAME})
    return Answer(asked, request, replace(payload, file=NAME), context_of(None, "merida"))


def plain_message(error: MeridaError, said: Words) -> str:
    """Return an error without the place where the table stood for a moment."""
    values = {name: NAME if name == "file" else value for name, value in error.values.items()}
    return type(error)(error.key, **values).message(said.language)


def fault_lines(error: MeridaError, said: Words) -> dict[int, list[tuple[str, str]]]:
    """Return the faults of a table by line, each with its column and what is wrong; empty where none says its line."""
    faults = error.values.get("faults", (error,))
    found: dict[int, list[tuple[str, str]]] = {}
    for fault in faults if isinstance(faults, list | tuple) else ():
        line = fault.values.get("line")
        if isinstance(line, int):
            column = str(fault.values.get("column", ""))
            found.setdefault(line, []).append((column, plain_message(fault, said)))
    return found


def marked(table: str, faults: Mapping[int, list[tuple[str, str]]]) -> list[tuple[int, str, bool]]:
    """Return the lines of a table with their numbers, and whether something is wrong there."""
    return [(at, line, at in faults) for at, line in enumerate(table.splitlines(), 1)] if faults else []


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
