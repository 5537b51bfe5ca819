"""The one list of questions, by path; a room's questions are read when one of them is asked."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from merida.errors import RequestError, nearest

if TYPE_CHECKING:  # the list itself is read at every start of the command line, and needs none of this
    from merida.answers.questions import Question
    from merida.answers.request import Request

QUESTIONS: dict[str, str] = {
    "facts.list": "facts",
    "facts.show": "facts",
    "facts.sql": "facts",
    "facts.why": "facts",
    "facts.check": "fact_checks",
    "facts.template": "add_facts",
    "facts.add": "add_facts",
    "facts.diff": "own_facts",
    "facts.export": "own_facts",
    "facts.remove": "own_facts",
    "facts.status": "freshness",
    "facts.convert": "money",
    "counterpart": "plans.counterpart",
    "plan.show": "plans.plan",
    "plan.diff": "plans.plan",
    "plan.check": "plans.plan",
    "framework.show": "plans.plan",
    "framework.check": "plans.plan",
    "simulate": "plans.simulate",
    "compare": "plans.simulate",
    "reproduce": "plans.reproduce",
    "allocate": "plans.allocate",
    "rank": "plans.rank",
    "robust": "plans.robust",
    "triage": "plans.triage",
    "fit": "plans.fit",
    "welfare": "plans.welfare",
    "voi": "plans.voi",
    "discover": "plans.discover",
    "frontier": "plans.frontier",
    "hindcast": "plans.hindcast",
    "border.delay": "border.delay",
    "border.waits": "border.waits",
    "border.score": "border.score",
    "border.officers": "border.officers",
    "border.plan-lanes": "border.plan_lanes",
    "border.now": "border.now",
    "border.staff": "border.staff",
    "border.list": "border.crossings",
    "border.simulate": "border.simulate",
    "border.queue": "border.queue",
    "border.invest": "border.invest",
    "border.create": "border.create",
    "border.finance": "border.finance",
    "evidence.list": "evidence.studies",
    "evidence.show": "evidence.known",
    "evidence.gaps": "evidence.gaps",
    "evidence.pool": "evidence.pool",
    "evidence.weigh": "evidence.weigh",
    "violence.monitor": "violence.monitor",
    "violence.forecast": "violence.forecast",
    "violence.backtest": "violence.backtest",
    "violence.places": "violence.everywhere",
    "violence.ahead": "violence.everywhere",
    "violence.missed": "violence.missed",
    "claims": "claims",
    "scorecard": "scorecard.card",
    "scorecard.template": "scorecard.own",
    "scorecard.add": "scorecard.own",
    "scorecard.remove": "scorecard.own",
    "questions": "catalogue",
    "doctor": "doctor",
    "cache.list": "kept",
    "cache.clear": "kept",
}
"""The module under ``merida.answers`` in which each question is; there its `QUESTIONS` holds it."""


def question(name: str) -> Question[Any, Any]:
    """Return the question at a path.

    Raises
    ------
    RequestError
        If there is none; the message names the nearest.
    """
    if name not in QUESTIONS:
        raise RequestError("question_unknown", found=name[:60], nearest=nearest(name[:60], QUESTIONS))
    module = import_module(f"merida.answers.{QUESTIONS[name]}")
    found: Question[Any, Any] = next(one for one in module.QUESTIONS if one.name == name)
    return found


def from_json(text: str) -> Request:
    """Return the request that a line of JSON holds."""
    from merida.answers.request import read_json

    name, values = read_json(text)
    return request_of(name, values)


def from_url(url: str) -> Request:
    """Return the request of an address; an option that it does not know, or that is there twice, is an error."""
    from merida.answers.request import of_lists, read_url

    name, values = read_url(url)
    kind: type[Request] = question(name).request
    return of_lists(kind, values)


def from_python(text: str) -> Request:
    """Return the request that a call of a `Lab` stands for; nothing in the text is run."""
    from merida.answers.request import read_python

    name, values = read_python(text)
    return request_of(name, values)


def from_command(command: str) -> Request:
    """Return the request that a command line stands for."""
    from merida.answers.command_line import read_command

    name, values = read_command(command)
    return request_of(name, values)


def request_of(name: str, values: Mapping[str, Any]) -> Request:
    """Return the request of a question with these options."""
    kind: type[Request] = question(name).request
    return kind.of(values)
