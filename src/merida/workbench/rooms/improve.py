"""Improving a plan: the best division of its money that a search finds, offered as a plan that can be opened."""

from __future__ import annotations

from typing import ClassVar

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from merida.answers import Answer
from merida.answers.fields import Number, Text, Texts, option
from merida.answers.plans.allocate import MOST_USD, Allocate
from merida.answers.request import Dated
from merida.errors import MeridaError
from merida.workbench import pages
from merida.workbench.asked import read_as
from merida.workbench.bench import Bench, context_for, together, words_of
from merida.workbench.planning import Planned, in_address
from merida.workbench.rooms.questions import far
from merida.workbench.runs import LIVE, Run

QUICK = {"draws": 200, "training_draws": 16, "steps": 8, "starts": 4, "beliefs": 0}


class Improve(Dated):
    """What the page of improving asks."""

    question: ClassVar[str] = "plan.improve"
    plan: Text = option("cli.runs.plan", "memo", metavar="PLAN", file=True)
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")
    objective: Text = option("cli.runs.objective", "homicides", metavar="OUTCOME[=W],…")
    budget_usd: Number | None = option("cli.runs.budget", None, metavar="USD", ge=1, le=MOST_USD)
    constraint: Texts = option("cli.runs.constraint", (), metavar="LINE|FILE", file=True)
    by_year: bool = option("cli.runs.by_year", False)
    municipalities: bool = option("cli.runs.municipalities", False)
    thorough: bool = option("workbench_plan.thorough_help", False)
    go: bool = option("workbench_plan.go", False)

    def asked(self) -> Allocate:
        """Return the question: the search, with this plan judged beside what it finds."""
        own = {name: value for name, value in self if name not in ("plan", "thorough", "go")}
        beside = () if self.plan == "continuation" else (self.plan,)
        return Allocate.of(own | {"beside": beside} | ({} if self.thorough else QUICK))


def improve_page(bench: Bench, call: Request) -> Response:
    """Return the page on which a plan is improved."""
    said = words_of(call)
    page, error, found, open_url = Improve(), "", None, ""
    try:
        page = read_as(Improve, call.url.query)
        context_for(page).plan(page.plan)
        if page.go:
            found = bench.of(call, page.asked())
    except MeridaError as failed:
        error = failed.message(said.language)
    run = found if isinstance(found, Run) else None
    answer = found if isinstance(found, Answer) else None
    if answer is not None:
        best = in_address(answer.payload.plan, context_for(page))
        shared = {"as_of": page.as_of, "framework": page.framework}
        open_url = Planned.of(shared | {"plan": best, "versus": page.plan}).url()
    live = run is not None and run.state in LIVE
    body = pages.page(
        "plan_improve.html.j2",
        said,
        page.url() if call.url.query else "/plan/improve",
        title=said.text("workbench_plan.improve_title"),
        page=page,
        error=error,
        **pages.at_work(run, said),
        answer=pages.shown(answer, said) if answer is not None else {},
        open_url=open_url,
        back=Planned.of({"as_of": page.as_of, "framework": page.framework, "plan": page.plan}).url(),
    )
    return HTMLResponse(body, status_code=400 if error else 202 if live else 200)


def improve_json(bench: Bench, call: Request) -> Response:
    """Return what the search found as JSON, or how far it is; an address that does not say ``go`` begins none."""
    page = read_as(Improve, call.url.query)
    context_for(page).plan(page.plan)
    found = bench.of(call, page.asked(), page.go)
    return together({"improve": found}) if isinstance(found, Answer) else far(found, words_of(call))
