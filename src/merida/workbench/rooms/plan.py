"""Plans: what one does beside others, changed while its answer grows; saved, shared, improved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from merida.answers import Answer
from merida.answers.plans.plan import ShowPlan
from merida.answers.request import Request as Asked
from merida.errors import MeridaError
from merida.framework import names
from merida.workbench import pages, planning
from merida.workbench.asked import read_as
from merida.workbench.bench import Bench, context_for, owner_of, states, together, words_of
from merida.workbench.planning import Planned
from merida.workbench.rooms.improve import improve_json, improve_page
from merida.workbench.rooms.questions import far
from merida.workbench.runs import LIVE, Run
from merida.workbench.safety import Refused, local
from merida.workbench.saved import Saved

FILES = {"toml": "application/toml; charset=utf-8", "csv": "text/csv; charset=utf-8"}


def router(bench: Bench) -> APIRouter:
    """Return the addresses of plans."""
    routes = APIRouter()
    saved = Saved(bench.runs.path)

    @routes.get("/plan")
    async def plan(call: Request) -> Response:
        mine = (tuple(saved.of(owner_of(call))), bench.runs.is_warm())
        return await bench.page(call, lambda: plan_page(bench, saved, call), mine)

    @routes.get("/plan.json")
    async def as_json(call: Request) -> Response:
        return await run_in_threadpool(plan_json, bench, call)

    @routes.get("/plan/edit")
    async def edit(call: Request) -> Response:
        return await run_in_threadpool(edited, bench, saved, call)

    @routes.get("/plan/improve")
    async def improve(call: Request) -> Response:
        return await run_in_threadpool(improve_page, bench, call)

    @routes.get("/plan/improve.json")
    async def improved(call: Request) -> Response:
        return await run_in_threadpool(improve_json, bench, call)

    @routes.get("/plan/plan.{form}")
    async def file(call: Request, form: str) -> Response:
        return await run_in_threadpool(plan_file, call, form)

    @routes.post("/plan/save")
    async def save(call: Request) -> Response:
        form = dict(parse_qsl((await call.body()).decode("utf-8", "replace")))
        address, name = local(form.get("address", "")), form.get("name", "").strip()
        if address.partition("?")[0] == "/plan" and name:
            await run_in_threadpool(saved.save, owner_of(call), name, address)
        return RedirectResponse(address or "/plan", status_code=303)

    @routes.post("/plan/forget")
    async def forget(call: Request) -> Response:
        form = dict(parse_qsl((await call.body()).decode("utf-8", "replace")))
        await run_in_threadpool(saved.remove, owner_of(call), form.get("id", ""))
        return RedirectResponse(local(form.get("address", "")) or "/plan", status_code=303)

    return routes


def plan_page(bench: Bench, saved: Saved, call: Request) -> Response:
    """Return the page of a plan."""
    try:
        page = read_as(Planned, call.url.query)
        steps = page.steps()
    except MeridaError as error:
        page = Planned()
        told = error.message(words_of(call).language)
        return drawn(bench, saved, call, page, error=told)
    return drawn(bench, saved, call, page, steps)


def edited(bench: Bench, saved: Saved, call: Request) -> Response:
    """Return where the plan stands that a form says; or the form again, with what is wrong."""
    page, typed = planning.read_form(call.url.query)
    context = context_for(page)
    try:
        plan = planning.changed(page, typed, context)
    except MeridaError as error:
        told = error.message(words_of(call).language)
        return drawn(bench, saved, call, page, error=told, typed=typed)
    return RedirectResponse(page.with_options(plan=planning.in_address(plan, context)).url(), status_code=303)


def best_so_far(
    bench: Bench, call: Request, steps: Sequence[Asked]
) -> tuple[Answer[Any, Any] | None, Run | None]:
    """Return the answer of most draws that there is, and the run of the next step; nothing begins for another site."""
    found: Answer[Any, Any] | None = None
    held = [bench.kept(step) for step in steps]
    last = max((at for at, one in enumerate(held) if one is not None), default=-1)
    if last >= 0:
        found = held[last]
    for step in steps[last + 1 :]:
        given = bench.of(call, step, watched=True)
        if not isinstance(given, Answer):
            return found, given
        found = given
    return found, None


def drawn(
    bench: Bench,
    saved: Saved,
    call: Request,
    page: Planned,
    steps: Sequence[Asked] = (),
    error: str = "",
    typed: dict[str, list[str]] | None = None,
) -> Response:
    """Return the page with its form, and the answer as far as it is."""
    said, context = words_of(call), context_for(page)
    found = run = None
    here = page.url()
    framework = context.framework
    try:
        plan = context.plan(page.plan, page.as_given)
        found, run = best_so_far(bench, call, steps)
        shown_plan = bench.answered(
            ShowPlan(plan=page.plan, as_of=page.as_of, framework=page.framework, as_given=page.as_given),
            owner_of(call),
            True,
        )
        called = planning.called([page.plan, page.versus, *page.beside], context, said, page.as_given)
    except MeridaError as failed:  # a plan in the address is not one
        error = error or failed.message(said.language)
        page = Planned(as_of=page.as_of, framework=page.framework)
        plan, shown_plan = context.plan(page.plan), None
        called = planning.called([page.plan, page.versus], context, said, False)
    start, end = planning.first_row(context)
    live = run is not None and run.state in LIVE
    body = pages.page(
        "plan.html.j2",
        said,
        here,
        title=said.text("workbench_plan.title"),
        page=page,
        kept={
            name: value for name, value in page.stated().items() if name not in ("plan", "versus", "beside")
        },
        lines=planning.typed_lines(typed, context) if typed else planning.lines(plan, context),
        whole=len(plan.rows) > planning.MOST_ROWS and not typed,
        called=called,
        ready_plans=[(name, said.text(f"plan_names.{name}")) for name in names(framework)],
        programmes=planning.titled(framework),
        accounts=tuple(framework.accounts),
        states=states(context),
        start=start,
        end=end,
        base_year=framework.base_year,
        totals=shown_plan.payload.totals if isinstance(shown_plan, Answer) else (),
        show_url=shown_plan.request.url() if isinstance(shown_plan, Answer) else "",
        answer=pages.shown(found, said) if found is not None else {},
        draws=found.request.draws if found is not None else 0,
        **pages.at_work(run, said),
        stopped=page.with_options(draws=found.request.draws).url() if found is not None else False,
        warm=bench.runs.is_warm(),
        error=error,
        saved=saved.of(owner_of(call)),
        brief=brief_of(page, said.language),
        query=urlencode([(name, value) for name, value in parse_qsl(here.partition("?")[2])]),
    )
    headers = {"HX-Push-Url": "false"} if error else {}
    return HTMLResponse(
        body, status_code=400 if error else 202 if live and found is None else 200, headers=headers
    )


def brief_of(page: Planned, language: str) -> str:
    """Return the query of the brief for the reader of a page's plan."""
    given = {"reader": f"plan:{page.plan}", "language": language, "framework": page.framework}
    return urlencode(given | ({"as_of": page.as_of} if page.as_of else {}))


def plan_json(bench: Bench, call: Request) -> Response:
    """Return what the page shows as JSON: the answer as far as it is, or how far its run is."""
    page = read_as(Planned, call.url.query)
    found, run = best_so_far(bench, call, page.steps())
    if found is None:
        return far(run, words_of(call))
    return together({"plan": found})


def plan_file(call: Request, form: str) -> Response:
    """Return the plan as a file."""
    if form not in FILES:
        raise Refused(404, "nothing")
    page = read_as(Planned, call.url.query)
    plan = context_for(page).plan(page.plan, page.as_given)
    body = plan.as_toml() if form == "toml" else plan.as_csv()
    named = f'attachment; filename="plan.{form}"'
    return Response(body, media_type=FILES[form], headers={"Content-Disposition": named})
