"""A page for the nation, a state or a municipality; any two of them side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from fastapi import APIRouter
from fastapi import Request as Call
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from markupsafe import Markup

from merida.answers import Answer
from merida.answers.fields import Text, option
from merida.answers.plans.fit import Fit
from merida.answers.request import Dated, Request
from merida.answers.violence.everywhere import Places
from merida.answers.violence.forecast import USUAL, Forecast, Forecasted
from merida.answers.violence.monitor import Monitor, MonitorOf
from merida.charts.bands import MEASURES
from merida.document.blocks import Cell
from merida.document.values import written
from merida.facts import Facts
from merida.places import Place, find_place
from merida.statistics import Interval
from merida.words import Words
from merida.workbench import atlas, pages
from merida.workbench.asked import read_as
from merida.workbench.bench import Bench, context_of, together, words_of
from merida.workbench.parts import Part, part
from merida.workbench.rooms.places import NO_BAND, painted
from merida.workbench.rooms.questions import far

FIT_DRAWS = 200
PICTURES = {"forecast": ("chart", "monthly"), "monitor": (), "fit": ()}  # shown; the monitor's draws it anew


class View(Dated):
    """What the page of a place shows."""

    question: ClassVar[str] = "places"
    beside: Text = option("workbench_place.options.beside", "")


@dataclass(frozen=True)
class Side:
    """One place of the page with its parts."""

    place: Place
    name: str
    parts: dict[str, Part]


def router(bench: Bench) -> APIRouter:
    """Return the addresses of a place's page."""
    routes = APIRouter()

    @routes.get("/places/{code}.json")
    async def as_json(call: Call, code: str) -> Response:
        return await run_in_threadpool(place_answers, bench, call, code)

    @routes.get("/places/{code}")
    async def page(call: Call, code: str) -> Response:
        return await bench.page(call, lambda: place_page(bench, call, code))

    return routes


def place_answers(bench: Bench, call: Call, code: str) -> Response:
    """Return the answers of a place's page as JSON; how far the first run is that is not done."""
    view = read_as(View, call.url.query)
    facts, said = context_of(view.as_of, "merida").facts, words_of(call)
    sides = [side(bench, call, find_place(facts, one), view, said) for one in (code, view.beside) if one]
    parts = {f"{name}:{one.place.code}": part for one in sides for name, part in one.parts.items()}
    answers = {name: part.answered for name, part in parts.items() if part.answered is not None}
    if all(one.answered for one in parts.values()):
        return together(answers)
    refused = next((part.refused for part in parts.values() if part.refused), "")
    if refused:
        return JSONResponse({"error": {"status": 429, "message": refused}}, status_code=429)
    return far(next((part.run for part in parts.values() if part.run is not None), None), said)


def place_page(bench: Bench, call: Call, code: str) -> Response:
    """Return the page of a place, or for htmx one of its parts that was not there yet."""
    view, said = read_as(View, call.url.query), words_of(call)
    facts = context_of(view.as_of, "merida").facts
    place = find_place(facts, code)
    other = find_place(facts, view.beside) if view.beside else None
    here = view.with_options(beside=other.code if other else "")
    address = here.url().replace("/places", f"/places/{place.code}", 1)
    if place.code != code or (other is not None and other.code != view.beside):
        return RedirectResponse(address, status_code=303)
    wanted = call.headers.get("hx-target", "") if "hx-request" in call.headers else ""
    sides = [side(bench, call, one, view, said, wanted) for one in (place, other) if one is not None]
    live = any(part.live for one in sides for part in one.parts.values())
    page = pages.page(
        "place.html.j2",
        said,
        address,
        title=" · ".join(one.name for one in sides),
        sides=sides,
        view=view,
        address=address,
        trail=list(trail(facts, place, said)),
        figures=figures(sides, said),
        note=place.note(said) or "",
        picture=None if wanted else map_of(bench, call, place, view, said),
        part_of=lambda part: shown(part, said),
        live=live,
    )
    came = bool(wanted) and not live  # a part that was waited for: the figures and the map come with it
    headers = {"HX-Refresh": "true"} if came else {}
    return HTMLResponse(page, status_code=202 if live and not wanted else 200, headers=headers)


def side(bench: Bench, call: Call, place: Place, view: View, said: Words, wanted: str = "") -> Side:
    """Return a place with its parts; `wanted` is the one part that is asked for, as the page names it."""
    shared = {"place": place.text, "as_of": view.as_of}
    requests: dict[str, Request] = {
        "monitor": Monitor.of(shared),
        "forecast": Forecast.of({**shared, **USUAL}),
        "fit": Fit.of(shared | {"draws": FIT_DRAWS}),
    }
    asked = {name: one for name, one in requests.items() if wanted in ("", f"{name}-{place.code}")}
    parts = {name: part(bench, call, name, request, said) for name, request in asked.items()}
    return Side(place, place.called(said.language), parts)


def shown(one: Part, said: Words) -> dict[str, Any]:
    """Return a part as the template shows it: pictures, blocks and where else it can be had; or how far its run is."""
    if one.answered is None:
        return one.waiting(said)
    found = pages.shown(one.answered, said, PICTURES[one.name])
    return {"answer": found}


def trail(facts: Facts, place: Place, said: Words) -> Iterator[tuple[str, str]]:
    """Yield the places that hold a place, from the nation down, by code and name."""
    yield "MX", said.text("places.nation")
    if place.state is not None:
        yield place.state, find_place(facts, place.state).name
    if place.kind == "municipality":
        yield place.code, place.name.partition(",")[0]


def figures(sides: list[Side], said: Words) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the figures that are held side by side: what each is, and for each place its text and its question."""
    columns = [dict(figures_of(one)) for one in sides]
    names = list(dict.fromkeys(name for column in columns for name in column))
    return [
        (
            said.text(f"workbench_place.figures.{name.partition('/')[0]}", year=name.partition("/")[2]),
            [
                (written(column[name][0], said, column[name][1]), column[name][2])
                if name in column
                else ("–", "")
                for column in columns
            ],
        )
        for name in names
    ]


def figures_of(one: Side) -> Iterator[tuple[str, tuple[Cell, int | None, str]]]:
    """Yield a place's figures by name (with its year behind a stroke): the cell, its decimals, its question."""
    watched, ahead = one.parts.get("monitor"), one.parts.get("forecast")
    if watched is not None and watched.answered is not None:
        found: MonitorOf = watched.answered.payload
        link = watched.request.url()
        yield f"deaths/{found.year}", (found.level.deaths, 0, link)
        yield f"people/{found.year}", (found.level.people, 0, link)
        yield f"rate/{found.year}", (found.level.rate, 1, link)
        yield f"underlying/{found.year}", (found.level.underlying, 1, link)
        for moved in found.moved:
            yield f"change/{moved.year}", (moved.change, 0, link)
        if found.missing is not None and found.missing.years:
            last = found.missing.years[-1]
            yield f"missing/{last.year}", (last.registered, 0, link)
    if ahead is not None and ahead.answered is not None:
        likely: Forecasted = ahead.answered.payload
        link = ahead.request.url()
        for row in likely.years[:2]:
            yield f"expected/{row.period}", (Interval(row.q05, row.q50, row.q95), 0, link)
        if "rise" in likely.events:
            yield f"rise/{likely.last_year}", (100 * float(likely.events["rise"]["probability"]), 0, link)


def map_of(bench: Bench, call: Call, place: Place, view: View, said: Words) -> dict[str, Any]:
    """Return the map of the nation, or of a place's state, coloured by rate where that is at hand, and its legend."""
    request = Places.of({"as_of": view.as_of})
    found = part(bench, call, "map", request, said).answered
    if not isinstance(found, Answer):
        return {}
    paint = painted(found, MEASURES["rate"], said)
    own = {code: f"{name} here own" if code == place.code else name for code, name in paint.classes.items()}
    return {
        "map": Markup(atlas.municipal_map(own, paint.titles, place.code, only=True)),
        "legend": [one for one in paint.legend if one[0] != NO_BAND],
        "unit": paint.unit,
        "url": request.url(),
    }
