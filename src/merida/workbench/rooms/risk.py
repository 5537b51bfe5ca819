"""Risk: whether plans hold up in every scenario, when one fails, what to find out first, which are efficient."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from merida.answers import Answer
from merida.answers.fields import Text, Texts, Whole, option
from merida.answers.plans.discover import Discover
from merida.answers.plans.frontier import Frontier
from merida.answers.plans.robust import Robust
from merida.answers.plans.triage import Triage
from merida.answers.plans.voi import Voi
from merida.answers.request import Dated
from merida.answers.request import Request as Asked
from merida.errors import MeridaError
from merida.workbench import pages, planning
from merida.workbench.asked import read_as
from merida.workbench.bench import Bench, context_for, together, words_of
from merida.workbench.planning import Planned
from merida.workbench.rooms.questions import far
from merida.workbench.runs import LIVE, Run

VIEWS: dict[str, type[Asked]] = {
    "regret": Robust,
    "discovery": Discover,
    "information": Voi,
    "frontier": Frontier,
    "triage": Triage,
}
"""The views of the page, each with its question."""
OUTCOMES = ("discovery", "information")  # views that judge by one outcome


class Risk(Dated):
    """What the page of risk shows: one view of a plan, of others beside it, or of a programme's places."""

    question: ClassVar[str] = "risk"
    view: Literal["regret", "discovery", "information", "frontier", "triage"] = option(
        "workbench_risk.view", "regret"
    )
    plan: Text = option("cli.runs.plan", "memo", metavar="PLAN", file=True)
    versus: Text = option("cli.runs.versus", "continuation", metavar="PLAN", file=True)
    beside: Texts = option("cli.runs.beside", (), metavar="PLAN", file=True)
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")
    draws: Whole = option("cli.runs.draws", 200, metavar="N", ge=16, unit="draws")
    outcome: Text = option("cli.decide.outcome", "homicides", metavar="OUTCOME")
    programme: Text = option("cli.runs.triage_programme", "focused_deterrence", metavar="PROGRAMME")
    best: Whole = option("cli.runs.triage_best", 20, metavar="N", ge=1)

    def asked(self) -> Asked:
        """Return the question of the view."""
        given: dict[str, Any] = {"as_of": self.as_of, "framework": self.framework, "draws": self.draws}
        if self.view == "triage":
            given |= {"programme": self.programme, "best": self.best}
        elif self.view == "discovery":
            given |= {"plan": self.plan, "versus": self.versus, "outcome": self.outcome}
        else:
            given["plans"] = tuple(dict.fromkeys((self.plan, self.versus, *self.beside)))
            if self.view in OUTCOMES:
                given["outcome"] = self.outcome
        return VIEWS[self.view].of(given)


def router(bench: Bench) -> APIRouter:
    """Return the addresses of risk."""
    routes = APIRouter()

    @routes.get("/risk")
    async def risk(call: Request) -> Response:
        return await bench.page(call, lambda: risk_page(bench, call))

    @routes.get("/risk.json")
    async def as_json(call: Request) -> Response:
        return await run_in_threadpool(risk_json, bench, call)

    return routes


def answered(bench: Bench, call: Request, page: Risk) -> Answer[Any, Any] | Run | None:
    """Return the view's answer, or the run at work; a page that asks for nothing in particular begins none."""
    return bench.of(call, page.asked(), bool(call.url.query))


def risk_page(bench: Bench, call: Request) -> Response:
    """Return the page of one view."""
    said = words_of(call)
    page, error, found = Risk(), "", None
    called: list[str] = []
    try:
        page = read_as(Risk, call.url.query)
        called = planning.called([page.plan, page.versus, *page.beside], context_for(page), said, False)
        found = answered(bench, call, page)
    except MeridaError as failed:
        error = failed.message(said.language)
    run = found if isinstance(found, Run) else None
    answer = found if isinstance(found, Answer) else None
    framework = context_for(page).framework
    live = run is not None and run.state in LIVE
    shared = {"as_of": page.as_of, "framework": page.framework, "versus": page.versus, "beside": page.beside}
    body = pages.page(
        "risk.html.j2",
        said,
        page.url() if call.url.query else "/risk",
        title=said.text("workbench_risk.title"),
        page=page,
        views=[(view, page.with_options(view=view).url()) for view in VIEWS],
        called=called,
        plan_url=Planned.of(shared | {"plan": page.plan}).url(),
        outcomes=("homicides", "us_overdose_deaths", "border_delay") if page.view in OUTCOMES else (),
        programmes=planning.titled(framework, "municipality") if page.view == "triage" else (),
        error=error,
        **pages.at_work(run, said),
        answer=pages.shown(answer, said) if answer is not None else {},
    )
    return HTMLResponse(body, status_code=400 if error else 202 if live else 200)


def risk_json(bench: Bench, call: Request) -> Response:
    """Return the view's answer as JSON, or how far its run is."""
    page = read_as(Risk, call.url.query)
    found = answered(bench, call, page)
    if isinstance(found, Answer):
        return together({page.view: found})
    return far(found, words_of(call))
