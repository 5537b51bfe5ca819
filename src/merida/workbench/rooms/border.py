"""The border: a map of its crossings, and a page of each with its lanes and officers as sliders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter
from fastapi import Request as Call
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from merida.answers import Answer
from merida.answers.border.common import Mode
from merida.answers.border.crossings import AskCrossings, CrossingLine, CrossingList
from merida.answers.border.staff import AskStaff, Staffed
from merida.answers.fields import Whole, option
from merida.answers.registry import question
from merida.answers.request import Request
from merida.document.blocks import Table
from merida.document.web import render
from merida.errors import BorderError, MeridaError
from merida.words import Words
from merida.workbench import border_map, pages
from merida.workbench.bench import Bench, given, here, owner_of, together, words_of
from merida.workbench.hours import Panel, panel
from merida.workbench.rooms.questions import far, page_of_run
from merida.workbench.runs import Run

LANES = ("general", "ready", "sentri", "fast")
PARTS = {
    "waits": ("border.waits", "crossing"),
    "now": ("border.now", "crossing"),
    "roster": ("border.plan-lanes", "crossing"),
    "gain": ("border.invest", "port"),
    "finance": ("border.finance", "port"),
}
"""What is said of a crossing beside its sliders: the question, and the option that names the crossing."""
HOURS = tuple(f"{hour}" if hour % 6 == 0 or hour == 23 else "" for hour in range(24))


class MapView(Request):
    """The map: of which traffic, and which part of the border."""

    question = "border"
    mode: Mode = option("cli.border_invest.mode_finance", "cars")
    part: Literal["all", "west", "paso", "valley"] = option("workbench_border.part", "all")


class CrossingView(Request):
    """A crossing's sliders: the most lanes of each class, officers, the month and the day."""

    question = "border.at"
    crossing: str = option("cli.border_delay.crossing")
    mode: Mode | None = option("cli.border_invest.mode", None)
    officers: Whole | None = option("cli.border_staffing.officers", None, ge=1, le=2000)
    month: Whole | None = option("cli.border_staff.month", None, ge=1, le=12)
    weekday: Whole | None = option("cli.border_delay.weekday", None, ge=1, le=7)
    general: Whole | None = option("cli.border_staff.lanes", None, ge=1, le=100)
    ready: Whole | None = option("cli.border_staff.lanes", None, ge=1, le=100)
    sentri: Whole | None = option("cli.border_staff.lanes", None, ge=1, le=100)
    fast: Whole | None = option("cli.border_staff.lanes", None, ge=1, le=100)


@dataclass(frozen=True)
class Slider:
    """One slider: its name in the address, its least and most, where it stands and where today's is."""

    name: str
    least: int
    most: int
    value: int
    today: int


def router(bench: Bench) -> APIRouter:
    """Return the addresses of the map and of the crossings."""
    routes = APIRouter()

    @routes.get("/border")
    @routes.get("/border.json")
    async def every(call: Call) -> Response:
        return await bench.page(call, lambda: map_page(bench, call))

    @routes.get("/border/at/{crossing}")
    async def one(call: Call, crossing: str) -> Response:
        return await bench.page(call, lambda: crossing_page(bench, call, crossing))

    @routes.get("/border/at/{crossing}/{part}")
    async def more(call: Call, crossing: str, part: str) -> Response:
        return await run_in_threadpool(part_page, bench, call, crossing, part)

    return routes


def listed(bench: Bench, call: Call) -> Answer[AskCrossings, CrossingList]:
    """Return the list of crossings."""
    return bench.at_once(AskCrossings(), owner_of(call))


def map_page(bench: Bench, call: Call) -> Response:
    """Return the map of crossings and their list."""
    view, said, found = MapView.of(given(call)), words_of(call), listed(bench, call)
    if call.url.path.endswith(".json"):
        return together({"crossings": found})
    lines = [line for line in found.payload.crossings if line.mode == view.mode]
    page = pages.page(
        "border.html.j2",
        said,
        here(call),
        title=said.text("workbench_border.title"),
        view=view,
        drawn=border_map.drawn(found.context.facts, lines, view.part),
        lines=lines,
        answer=pages.cited(found),
    )
    return HTMLResponse(page)


def of_crossing(bench: Bench, call: Call, crossing: str) -> dict[str, CrossingLine]:
    """Return what is on record of a crossing, by mode.

    Raises
    ------
    BorderError
        If there is no such crossing.
    """
    found = {line.mode: line for line in listed(bench, call).payload.crossings if line.crossing == crossing}
    if not found:
        close = "/border"
        raise BorderError("border_unknown_place", found=crossing[:40], nearest=close)
    order = ("cars", "trucks", "pedestrians")
    return {mode: found[mode] for mode in order if mode in found}


def crossing_page(bench: Bench, call: Call, crossing: str) -> Response:
    """Return a crossing's sliders with their answer; the answer alone where a slider asks for it."""
    crossing, _, form = crossing.partition(".")
    said, lines = words_of(call), of_crossing(bench, call, crossing)
    view = CrossingView.of(given(call) | {"crossing": crossing})
    mode: str = view.mode or next(
        (name for name, line in lines.items() if line.by_the_hour), next(iter(lines))
    )
    base = {"crossing": crossing, "mode": mode, "month": view.month, "weekday": view.weekday}
    try:
        today = bench.at_once(AskStaff.of(base), owner_of(call))
    except BorderError as error:  # no waits are posted there: the page says so, and what else there is
        if form:
            raise
        return HTMLResponse(frame(said, call, lines, mode, "", error=error.message(said.language)))
    sliders = list(slid(view, today.payload))
    moved = {one.name: one.value for one in sliders if one.value != one.today}
    lanes = ",".join(f"{name}={moved[name]}" for name in LANES if name in moved)
    asked = AskStaff.of(base | {"officers": moved.get("officers"), "lanes": lanes or None})
    found = bench.at_once(asked, owner_of(call)) if moved else today
    if form:
        return together({"staff": found})
    values = {"found": found.payload, "panels": panels(found.payload), **parts_of(found, said)}
    if call.headers.get("hx-target") == "tried":
        page = pages.page("border_tried.html.j2", said, here(call), **values)
        return HTMLResponse(page, headers={"Vary": "HX-Target"})
    return HTMLResponse(frame(said, call, lines, mode, "", view=view, sliders=sliders, **values))


def frame(
    said: Words,
    call: Call,
    lines: Mapping[str, CrossingLine],
    mode: str,
    part: str,
    error: str = "",
    **values: Any,
) -> str:
    """Return the page of a crossing, whatever part of it is shown."""
    line = lines.get(mode) or next(iter(lines.values()))
    return pages.page(
        "border_crossing.html.j2",
        said,
        here(call),
        title=said.text("border.named", name=line.name, number=line.crossing),
        line=line,
        modes=list(lines),
        mode=mode,
        part=part,
        parts=["", *PARTS],
        error=error,
        **({"view": None, "sliders": [], "run": None, "answer": None} | values),
    )


def slid(view: CrossingView, today: Staffed) -> Iterator[Slider]:
    """Yield the sliders: officers, and the most lanes of each class."""
    officers = round(today.officers_today)
    yield Slider(
        "officers",
        max(officers // 2, 1),
        max(2 * officers, officers + 4),
        view.officers or officers,
        officers,
    )
    for one in today.lanes:
        yield Slider(
            one.lane, 1, max(2 * one.most_seen, 6), getattr(view, one.lane) or one.most_seen, one.most_seen
        )


def panels(found: Staffed) -> list[tuple[str, Panel]]:
    """Return the pictures of a crossing's classes."""
    drawn = []
    for one in found.lanes:
        waits = [wait for wait in found.waits if wait.lane == one.lane]
        columns = (
            [getattr(wait, name) for wait in waits] for name in ("low", "median", "high", "today", "posted")
        )
        drawn.append((one.lane, panel(*columns, labels=HOURS)))
    return drawn


def parts_of(found: Answer[AskStaff, Staffed], said: Words) -> dict[str, Any]:
    """Return the answer of the sliders as their page shows it: first how a week fares, then the hours as tables."""
    blocks = found.blocks()
    by_hour = [block for block in blocks if isinstance(block, Table)][2:]
    return {
        "blocks": render([block for block in blocks if block not in by_hour], said),
        "hours": render(by_hour, said),
        "answer": pages.cited(found),
    }


def part_page(bench: Bench, call: Call, crossing: str, part: str) -> Response:
    """Return what else is said of a crossing: a question about it with its answer, or how far its run is."""
    part, _, form = part.partition(".")
    said, lines = words_of(call), of_crossing(bench, call, crossing)
    if part not in PARTS:
        raise BorderError("border_unknown_place", found=part[:40], nearest=", ".join(PARTS))
    path, name = PARTS[part]
    options = given(call)
    mode = options.get("mode", next(iter(lines)))
    request = question(path).request.of(options | {"mode": mode, name: crossing})
    try:
        found = bench.of(call, request)
    except MeridaError as error:
        if form:
            raise
        page = frame(said, call, lines, mode, part, error=error.message(said.language))
        return HTMLResponse(page, status_code=400)
    if form:
        return together({part: found}) if isinstance(found, Answer) else far(found, said)
    if isinstance(found, Answer):
        return HTMLResponse(frame(said, call, lines, mode, part, answer=pages.shown(found, said)))
    return running(said, call, lines, mode, part, found)


def running(
    said: Words, call: Call, lines: Mapping[str, CrossingLine], mode: str, part: str, run: Run | None
) -> Response:
    """Return the page of a part whose run is at work, failed, or did not begin."""
    return page_of_run(frame(said, call, lines, mode, part, **pages.at_work(run, said)), run)
