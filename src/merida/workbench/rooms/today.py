"""Today: where violence stands and is heading, what is new in the record, where the last forecast was wrong.

What is at hand is shown at once; what the record itself answers comes after the first paint, and what takes the worker
some seconds when it is done. The search for a plan, which takes minutes, is begun only when the reader asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import Any, ClassVar, Literal

from fastapi import APIRouter
from fastapi import Request as Call
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from merida.answers.fields import option
from merida.answers.freshness import ShowStatus, Status
from merida.answers.plans.usual import search_of
from merida.answers.request import Dated, Request
from merida.answers.scorecard.card import Scorecard
from merida.answers.violence.forecast import USUAL, Forecast, Forecasted
from merida.answers.violence.missed import Missed
from merida.document.blocks import Table
from merida.document.values import written
from merida.document.web import render
from merida.facts.schema import tables
from merida.statistics import Interval
from merida.words import Words
from merida.workbench import pages
from merida.workbench.asked import read_as
from merida.workbench.bench import Bench, context_of, together, words_of
from merida.workbench.parts import Part, part

Name = Literal["", "record", "targets", "plan"]
LATER = ("record", "targets")  # which the record answers by itself, in seconds
SLOW = "plan"  # which takes minutes: computed when it is asked for
NEWEST = 6  # tables listed


class View(Dated):
    """What the first page shows; ``compute`` is the part whose run the reader asked for, or whose answer."""

    question: ClassVar[str] = ""
    compute: Name = option("workbench_today.options.compute", "")


def requests(as_of: str | None) -> dict[str, Request]:
    """Return the questions of the page, by the name of the part that shows each."""
    shared, context = {"as_of": as_of}, context_of(as_of, "merida")
    return {
        "ahead": Forecast.of({**shared, **USUAL}),
        "missed": Missed(),
        "record": ShowStatus(),
        "targets": Scorecard.of(shared),
        "plan": search_of(context.framework, context.facts, shared | {"framework": "merida", "seed": 0}),
    }


def router(bench: Bench) -> APIRouter:
    """Return the address of the first page."""
    routes = APIRouter()

    @routes.get("/")
    async def today(call: Call) -> Response:
        return await bench.page(call, lambda: first_page(bench, call))

    @routes.get("/today.json")
    async def as_json(call: Call) -> Response:
        return await run_in_threadpool(held, bench, call)

    return routes


def held(bench: Bench, call: Call) -> Response:
    """Return as JSON what is at hand of the page."""
    view = read_as(View, call.url.query)
    parts = parts_of(bench, call, view, words_of(call), LATER)
    return together({one.name: one.answered for one in parts if one.answered is not None})


def parts_of(bench: Bench, call: Call, view: View, said: Words, later: tuple[str, ...] = ()) -> list[Part]:
    """Return the parts of the page, of those that the record answers by itself only `later`."""
    wanted = call.headers.get("hx-target", "") if "hx-request" in call.headers else ""
    found = []
    for name, request in requests(view.as_of).items():
        if wanted not in ("", name):
            continue
        if name in LATER and name not in (*later, wanted, view.compute):
            found.append(Part(name, request))
            continue
        found.append(part(bench, call, name, request, said, name != SLOW or view.compute == SLOW))
    return found


def first_page(bench: Bench, call: Call) -> Response:
    """Return the first page, or for htmx one of its parts."""
    said, view = words_of(call), read_as(View, call.url.query)
    parts = parts_of(bench, call, view, said)
    page = pages.page(
        "today.html.j2",
        said,
        view.url(),
        title="Mérida",
        parts=parts,
        view=view,
        shown=lambda one: shown(one, said),
        live=any(one.live for one in parts),
        later=LATER,
    )
    return HTMLResponse(page)


def shown(one: Part, said: Words) -> dict[str, Any]:
    """Return a part as the template shows it."""
    if one.answered is None:
        return one.waiting(said)
    pictures = {"ahead": ("chart",)}.get(one.name, ())
    first = takewhile(lambda block: not isinstance(block, Table), one.answered.blocks())
    found: dict[str, Any] = {
        "answer": pages.shown(one.answered, said, pictures),
        "lead": render(first, said),
    }
    told = SHOWN.get(one.name)
    return found | told(one.answered.payload, said) if told else found


def ahead(found: Forecasted, said: Words) -> dict[str, Any]:
    """Return the figures of where violence stands and is heading."""
    first = found.years[0]
    return {
        "tiles": [
            (said.text("workbench_today.deaths", year=found.last_year), said.number(found.deaths_last_year)),
            (
                said.text("workbench_today.expected", year=first.period),
                written(Interval(first.q05, first.q50, first.q95), said, 0),
            ),
            (
                said.text("workbench_today.fall", year=found.last_year),
                f"{said.number(100 * float(found.events['fall']['probability']))} %",
            ),
            (
                said.text("workbench_today.rise", year=found.last_year),
                f"{said.number(100 * float(found.events['rise']['probability']))} %",
            ),
        ]
    }


def record(found: Status, said: Words) -> dict[str, Any]:
    """Return what was published last, and what is most overdue."""
    newest = [one for one in found.tables if one.published and one.state in ("current", "behind")]
    newest = sorted(newest, key=lambda one: str(one.published), reverse=True)[:NEWEST]
    overdue = sorted((one for one in found.tables if one.due), key=lambda one: -(one.late_months or 0))[
        :NEWEST
    ]
    return {
        "newest": [(one.table, title(one.table, said), one.last, one.published) for one in newest],
        "overdue": [
            (one.table, title(one.table, said), ", ".join(map(str, one.due[:3])), one.late_months)
            for one in overdue
        ],
    }


def title(table: str, said: Words) -> str:
    """Return the title of a table."""
    return tables()[table].title.to(said.language)


SHOWN: dict[str, Callable[[Any, Words], dict[str, Any]]] = {"ahead": ahead, "record": record}
"""What a part shows besides its answer, by its name."""
