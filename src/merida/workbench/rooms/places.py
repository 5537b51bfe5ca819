"""Places: every municipality on a map, in a cartogram and in a list; and a page for nation, state and municipality."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

from fastapi import APIRouter
from fastapi import Request as Call
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from merida.answers import Answer
from merida.answers.fields import Text, option
from merida.answers.request import Dated, Request
from merida.answers.violence.everywhere import AheadRequest, Places, span_of
from merida.charts.bands import MEASURES, Measure
from merida.places.gazetteer import simplified
from merida.words import Words
from merida.workbench import atlas, pages
from merida.workbench.asked import read_as
from merida.workbench.bench import Bench, context_of, states, together, words_of
from merida.workbench.rooms.questions import far
from merida.workbench.runs import LIVE, Run

By = Literal["rate", "change", "clusters", "missing", "forecast", "bad_year"]
Sort = Literal[
    "value", "-value", "name", "-name", "deaths", "-deaths", "rate", "-rate", "people", "-people"
]  # fmt: skip
SHOWN = 50  # rows of the list, unless all are asked for
WAITING = "waiting"  # the part of a page that asks again
NO_BAND = "none"  # the class of a place of which the record holds nothing


class View(Dated):
    """What the page of all places shows."""

    question: ClassVar[str] = "places"
    by: By = option("workbench_places.options.by", "rate")
    state: Text = option("workbench_places.options.state", "")
    q: Text = option("workbench_places.options.q", "")
    sort: Sort = option("workbench_places.options.sort", "value")
    size: Literal["residents", "deaths"] = option("workbench_places.options.size", "residents")
    all: bool = option("workbench_places.options.all", False)

    def asks(self) -> Request:
        """Return the question that the page shows."""
        if self.by in ("forecast", "bad_year"):
            return AheadRequest.of({"by": self.by, "as_of": self.as_of})
        return Places.of({"by": self.by, "as_of": self.as_of})

    def address(self, **values: Any) -> str:
        """Return the address of this view with some of it changed."""
        return self.with_options(**values).url()


def router(bench: Bench) -> APIRouter:
    """Return the addresses of the map of all places and of each place."""
    routes = APIRouter()

    @routes.get("/places")
    async def every(call: Call) -> Response:
        return await bench.page(call, lambda: every_page(bench, call))

    @routes.get("/places.json")
    async def every_json(call: Call) -> Response:
        return await run_in_threadpool(every_answer, bench, call)

    return routes


def every_answer(bench: Bench, call: Call) -> Response:
    """Return the answer that the page shows, as JSON; how far its run is, where it is not there yet."""
    request = read_as(View, call.url.query).asks()
    found = bench.of(call, request)
    return together({"places": found}) if isinstance(found, Answer) else far(found, words_of(call))


def every_page(bench: Bench, call: Call) -> Response:
    """Return the page of all places: whole, or for htmx its list and legend alone, which also colour the map."""
    said, view = words_of(call), read_as(View, call.url.query)
    found = bench.of(call, view.asks())
    partial = "hx-request" in call.headers
    answered = found if isinstance(found, Answer) else None
    run = found if isinstance(found, Run) else None
    measure = MEASURES[view.by]
    values: dict[str, Any] = {
        "view": view,
        "measures": tuple(MEASURES),
        "states": states(context_of(view.as_of, "merida")),
        "partial": partial,
        "run": run,
        "step": pages.step(run, said) if run else "",
        "failure": pages.failure(run, said) if run else "",
        "live": run is not None and run.state in LIVE,
        "paint": None,
        "window": " ".join(map(str, atlas.view_of(view.state or "MX"))),
    }
    if answered is not None:
        values |= listed(view, answered, measure, said) | {"cited": pages.cited(answered)}
        values["paint"] = paint = painted(answered, measure, said)
        if not partial:
            values |= drawings(view, answered, paint)
    title = said.text("workbench_places.title")
    page = pages.page("places.html.j2", said, view.url(), title=title, **values)
    headers = {"HX-Push-Url": view.url()} if partial else {}
    if answered is not None and call.headers.get("hx-trigger") == WAITING:
        headers = {"HX-Refresh": "true"}  # the page that waited has no drawings yet
    return HTMLResponse(page, status_code=202 if values["live"] and not partial else 200, headers=headers)


@dataclass(frozen=True)
class Paint:
    """How the map is coloured: by code the class, and what is said of the place; the legend."""

    classes: dict[str, str]
    titles: dict[str, str]
    values: dict[str, str]
    legend: list[tuple[str, str]]
    unit: str


def painted(answered: Answer[Any, Any], measure: Measure, said: Words) -> Paint:
    """Return how an answer colours the map."""
    classes, titles, values = {}, {}, {}
    for line in answered.payload.units:
        band = measure.band(line)
        classes[line.municipality] = NO_BAND if band is None else f"{measure.scale}-{band}"
        values[line.municipality] = shown_value(line, measure, said)
        titles[line.municipality] = f"{line.name}: {values[line.municipality]}"
    legend = [(f"{measure.scale}-{at}", name) for at, name in enumerate(measure.names(said))]
    if NO_BAND in classes.values():
        legend.append((NO_BAND, said.text("workbench_places.no_value")))
    unit = said.text(measure.unit, **span_of(answered.payload, said))
    return Paint(classes, titles, values, legend, unit)


def shown_value(line: Any, measure: Measure, said: Words) -> str:
    """Return a municipality's value as the map and the list say it."""
    value = getattr(line, measure.column)
    if value is None:
        return said.text("workbench_places.no_value")
    if measure.decimals is None:
        return said.text(f"charts.monitor_clusters.{value}")
    sign = "+" if measure.column == "change_percent" and value > 0 else ""
    end = " %" if measure.column in ("change_percent", "bad_year") else ""
    return f"{sign}{said.number(value * measure.factor, measure.decimals)}{end}"


def drawings(view: View, answered: Answer[Any, Any], paint: Paint) -> dict[str, Any]:
    """Return the map and the cartogram."""
    sizes = {
        line.municipality: float(line.people or 0) if view.size == "residents" else float(deaths_of(line))
        for line in answered.payload.units
    }
    return {
        "map": atlas.municipal_map(paint.classes, paint.titles, view.state or "MX"),
        "cartogram": atlas.circles(sizes, paint.classes, paint.titles),
    }


def deaths_of(line: Any) -> int:
    """Return the deaths of the last year known."""
    return cast(int, line.deaths if hasattr(line, "deaths") else line.recent)


def listed(view: View, answered: Answer[Any, Any], measure: Measure, said: Words) -> dict[str, Any]:
    """Return the list: the columns, and the rows that are looked for, in the order asked for."""
    typed = simplified(view.q)
    lines = [
        line
        for line in answered.payload.units
        if line.state.startswith(view.state) and typed in simplified(line.name)
    ]
    ahead = hasattr(answered.payload.units[0], "recent")

    def value(line: Any) -> Any:
        of = getattr(line, measure.column)
        return (
            of
            if not isinstance(of, str)
            else -list(measure.names(said)).index(shown_value(line, measure, said))
        )

    keys: dict[str, Callable[[Any], Any]] = {
        "value": value,
        "name": lambda line: simplified(line.name),
        "deaths": deaths_of,
        "rate": lambda line: line.rate_per_100k,
        "people": lambda line: line.people,
    }
    name = view.sort.lstrip("-")
    downward = (name == "name") == view.sort.startswith("-")  # numbers begin with the highest, names with A
    key = keys[name]
    order = sorted(
        (line for line in lines if key(line) is not None),
        key=lambda line: (key(line), deaths_of(line)) if name != "name" else (key(line), 0),
        reverse=downward,
    )
    order += [line for line in lines if key(line) is None]
    rows = order if view.all else order[:SHOWN]

    def interval(line: Any) -> str:
        low, middle, high, decimals = (
            (line.low, line.median, line.high, 0) if ahead else (line.low, line.rate_per_100k, line.high, 1)
        )
        return f"{said.number(middle, decimals)} ({said.interval(low, high, decimals)})"

    columns: list[tuple[str, Callable[[Any], str]]] = [
        ("deaths", lambda line: said.number(deaths_of(line))),
        ("people", lambda line: "–" if line.people is None else said.number(line.people)),
        ("expected" if ahead else "rate", interval),
        ("value", lambda line: shown_value(line, measure, said)),
    ]
    if view.by == "rate":
        columns.pop()
    return {
        "columns": [column for column, _ in columns],
        "rows": [(line.municipality, line.name, [cell(line) for _, cell in columns]) for line in rows],
        "count": len(lines),
        "more": len(order) - len(rows),
    }
